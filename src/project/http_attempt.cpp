// By the curl program, which brings TLS, proxies and the certificates of the system: see
// docs/decisions/0008-http-by-curl.md.
#include <charconv>

#include "base/os/file.hpp"
#include "base/os/process.hpp"
#include "base/os/subprocess.hpp"
#include "project/attempt.hpp"

namespace moonlet::project {

namespace os = base::os;

namespace {

// Behind what the server sent, on a line of its own.
constexpr std::string_view kStatusFormat = "\\n%{http_code}";
constexpr int kNoSuchProgram = 127;
constexpr int kCurlTimedOut = 28;
constexpr int kCurlBadUrl = 3;
// A little more than curl's own, so that it is curl that says what was slow.
constexpr std::int64_t kGraceMs = 2000;

std::expected<std::string, std::string> variable(const std::string& name,
                                                 const CallSettings& settings) {
  if (!name.starts_with("config.")) {
    auto value = os::environment_variable(name);
    if (!value) return std::unexpected("the environment has no variable " + name);
    return std::move(*value);
  }
  const auto path = parse_path(std::string_view(name).substr(7));
  const Value* value =
      path && settings.config != nullptr ? value_at(*settings.config, *path) : nullptr;
  if (value == nullptr || value->is_nil()) return std::unexpected("there is no " + name);
  if (value->string() != nullptr) return *value->string();
  auto text = to_json(*value);
  if (!text) return std::unexpected(name + " is no text");
  return std::move(*text);
}

// With ${NAME} and ${config.path} replaced.
std::expected<std::string, std::string> expanded(const std::string& text,
                                                 const CallSettings& settings) {
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const std::size_t mark = text.find("${", at);
    const std::size_t end = mark == std::string::npos ? mark : text.find('}', mark);
    if (end == std::string::npos) return out + text.substr(at);
    out += text.substr(at, mark - at);
    auto value = variable(text.substr(mark + 2, end - mark - 2), settings);
    if (!value) return value;
    if (has_line_break(*value)) {
      return std::unexpected(text.substr(mark, end + 1 - mark) + " has more than one line");
    }
    out += *value;
    at = end + 1;
  }
}

// A line of curl's configuration.
void add_line(std::string& lines, std::string_view option, std::string_view value) {
  lines += std::string(option) + " = \"";
  for (const char c : value) {
    if (c == '"' || c == '\\') lines += '\\';
    lines += c;
  }
  lines += "\"\n";
}

std::string seconds_text(std::int64_t ms) {
  std::string rest = std::to_string(ms % 1000);
  rest.insert(0, 3 - rest.size(), '0');
  return std::to_string(ms / 1000) + "." + rest;
}

std::expected<std::string, std::string> curl_lines(const HostFunction& function,
                                                   const HttpRequest& request,
                                                   const Invocation& invocation,
                                                   const CallSettings& settings) {
  // It may come from a state, and ends up between lines of curl's.
  if (has_line_break(invocation.id)) return std::unexpected("the Command's id has several lines");
  std::string lines = "silent\nshow-error\ngloboff\nproto = \"=http,https\"\n";
  auto url = expanded(request.url, settings);
  if (!url) return std::unexpected("url: " + url.error());
  add_line(lines, "url", *url);
  add_line(lines, "request", request.method);
  add_line(lines, "max-time", seconds_text(function.timeout_ms));
  lines += "write-out = \"" + std::string(kStatusFormat) + "\"\n";
  add_line(lines, "header", "Idempotency-Key: " + invocation.id);
  add_line(lines, "header", "Accept: application/json");
  if (request.method != "GET") {
    add_line(lines, "header", "Content-Type: application/json");
    add_line(lines, "header", "Expect:");
    add_line(lines, "data-binary", "@-");
  }
  for (const auto& [name, text] : request.headers) {
    auto value = expanded(text, settings);
    if (!value) return std::unexpected("headers." + name + ": " + value.error());
    add_line(lines, "header", name + ": " + *value);
  }
  return lines;
}

Attempt final_error(std::string what) { return {std::unexpected(std::move(what)), {}, true}; }

Attempt attempt_of(const HostFunction& function, const os::CommandResult& result) {
  const std::string before = function.name + ": ";
  if (result.kind == os::CommandResult::Kind::TooLong) {
    return final_error(before + "more than " + std::to_string(kAnswerBytesMax) +
                       " bytes of answer");
  }
  if (result.kind == os::CommandResult::Kind::Abandoned) return final_error(before + "abandoned");
  const bool has_ended = result.kind == os::CommandResult::Kind::Exited;
  if (result.kind == os::CommandResult::Kind::NotStarted) {
    return final_error(before + "curl did not start: " + os::error_text(result.code));
  }
  if (has_ended && result.code == kNoSuchProgram) {
    return final_error(before + "requests need the program curl, which is not installed");
  }
  if (!has_ended || result.code == kCurlTimedOut) {
    return {
        std::unexpected(before + "no answer within " + std::to_string(function.timeout_ms) + " ms"),
        {},
        false};
  }
  if (result.code != 0) {
    const std::string message = trimmed(result.errors);
    return {std::unexpected(before + (message.empty() ? "curl failed" : message)),
            {},
            result.code == kCurlBadUrl};
  }
  const std::size_t line = result.output.rfind('\n');
  const std::string body = result.output.substr(0, line);
  std::int64_t status = 0;
  const char* digits = result.output.data() + line + 1;
  std::from_chars(digits, result.output.data() + result.output.size(), status);
  if (status < 200 || status > 299) {
    const std::string text = trimmed(body);
    return {std::unexpected(before + "HTTP " + std::to_string(status) +
                            (text.empty() ? "" : ": " + text.substr(0, 500))),
            status, false};
  }
  if (trimmed(body).empty()) return {Value(), status, true};
  auto value = from_json(body);
  if (value) return {std::move(*value), status, true};
  return {std::unexpected(before + "the answer is no JSON: " + value.error() + "; it begins " +
                          beginning_of(body)),
          status, true};
}

}  // namespace

Attempt run_http_request(const HostFunction& function, const HttpRequest& request,
                         const Invocation& invocation, const CallSettings& settings) {
  auto input = to_json(invocation.payload);
  if (!input) return final_error(function.name + ": payload" + input.error());
  auto lines = curl_lines(function, request, invocation, settings);
  if (!lines) return final_error(function.name + ": " + lines.error());
  os::CommandRequest command;
  // Headers may be secret, so they are in no command line.
  command.command = "exec curl -q --config /dev/fd/3 3<<MOONLET\n$MOONLET_REQUEST\nMOONLET\n";
  command.folder = settings.folder;
  command.environment = {{"MOONLET_REQUEST", *lines}};
  command.input = *input;
  command.timeout_ms = function.timeout_ms + kGraceMs;
  command.output_bytes_max = kAnswerBytesMax;
  command.is_abandoned = settings.is_abandoned;
  command.ends_with_us = true;
  return attempt_of(function, os::run_with_input(command));
}

}  // namespace moonlet::project
