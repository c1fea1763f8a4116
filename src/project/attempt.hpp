// One attempt to have a host function answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "project/host_call.hpp"

namespace moonlet::project {

struct Attempt {
  Answer answer;
  std::optional<std::int64_t> code;  // exit code or status, if it came to one
  bool is_final = false;             // another attempt cannot come to anything else
};

[[nodiscard]] Attempt run_command_line(const HostFunction& function, const CommandLine& command,
                                       const Invocation& invocation, const CallSettings& settings);
[[nodiscard]] Attempt run_http_request(const HostFunction& function, const HttpRequest& request,
                                       const Invocation& invocation, const CallSettings& settings);

// For messages: without line breaks at the end; so much of a text that one knows it again.
std::string trimmed(std::string text);
std::string beginning_of(std::string_view text);
// An answer has to fit into memory, several times over.
inline constexpr std::size_t kAnswerBytesMax = 64 << 20;

}  // namespace moonlet::project
