// Scenarios: a handler, what its host answers, and what is to come of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "moonlet/moonlet.hpp"
#include "project/json_path.hpp"

namespace moonlet::project {

// One answer of a host function.
struct Mock {
  std::optional<Value> returns;  // neither: nil
  std::optional<std::string> error;
  double delay_ms = 0;  // by the scenario's own clock; nobody waits
};

struct ExpectedCalls {
  std::optional<std::int64_t> count;
  std::optional<std::vector<Value>> arguments;  // of each call, in order
};

struct ExpectedEvent {
  std::string name;
  std::optional<Value> payload;
};

struct ExpectedLog {
  std::optional<std::string> level;
  std::optional<std::string> contains;  // some text of the line
};

struct Expected {
  std::optional<Value> result;
  std::optional<std::string> error;  // contained in the message
  std::vector<std::pair<std::string, ExpectedCalls>> calls;
  std::optional<std::vector<std::string>> order;  // names of all calls
  std::optional<std::vector<ExpectedEvent>> events;
  std::optional<std::vector<ExpectedLog>> logs;
};

struct Scenario {
  std::string name;  // with its row, "order [vip]"
  std::string handler;
  Value input;
  Value config;  // laid over the project's
  std::optional<std::uint64_t> dehydrate_after;
  std::optional<std::uint64_t> dehydrate_every;
  std::vector<std::pair<std::string, std::vector<Mock>>> mocks;
  Expected expected;
  Path path;  // in the project file
};

}  // namespace moonlet::project
