// A host function as the project file describes it: what it takes and gives, and who does it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "project/schema.hpp"

namespace moonlet::project {

// How often a call is tried, and with what pauses.
struct Retry {
  std::int64_t times = 0;         // after the first attempt
  std::int64_t backoff_ms = 200;  // before the second attempt; doubled for each further one
  std::int64_t backoff_ms_max = 30'000;
  // Exit codes, or statuses of HTTP, after which there is no other attempt.
  std::vector<std::int64_t> never;
};

// A command line for sh.
struct CommandLine {
  std::string exec;
};

// A request by the curl program. ${NAME} in the URL and the headers is a variable of the
// environment, ${config.a.b} a member of the configuration.
struct HttpRequest {
  std::string url;
  std::string method = "POST";
  std::vector<std::pair<std::string, std::string>> headers;
};

// Bytes that end a line of a request, or of what curl is told.
inline bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

struct HostFunction {
  std::string name;
  std::optional<Schema> args;
  std::optional<Schema> returns;
  // Nothing: somebody else answers.
  std::variant<std::monostate, CommandLine, HttpRequest> by;
  std::int64_t timeout_ms = 30'000;  // of one attempt
  Retry retry;

  bool is_answered_here() const { return !std::holds_alternative<std::monostate>(by); }
};

}  // namespace moonlet::project
