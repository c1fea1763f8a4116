// Calls host functions as the project says: checked arguments, attempts, checked answers.
#pragma once

#include <atomic>
#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "project/host_function.hpp"

namespace moonlet::project {

// What a script asks of a host function. The id is the same when it asks again.
struct Invocation {
  std::string name;
  Value payload;
  std::string id;
};

// The error is what the script sees.
using Answer = std::expected<Value, std::string>;

// Against `args` and `returns`; both may turn empty objects into lists.
[[nodiscard]] std::expected<void, std::string> fit_arguments(const HostFunction& function,
                                                             Value& payload);
[[nodiscard]] std::expected<void, std::string> fit_answer(const HostFunction& function,
                                                          Value& answer);

// Where and with what programs run.
struct CallSettings {
  std::string folder;
  const Value* config = nullptr;  // for ${config...}
  std::optional<std::chrono::steady_clock::time_point> deadline;
  const std::atomic<bool>* is_abandoned = nullptr;  // set: nobody wants the answer any more
};
// Tries, as often as `retry` says. REQUIRES: function.is_answered_here().
[[nodiscard]] Answer call_host_function(const HostFunction& function, const Invocation& invocation,
                                        const CallSettings& settings);

}  // namespace moonlet::project
