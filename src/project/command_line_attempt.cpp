#include <cstdio>

#include "base/os/file.hpp"
#include "base/os/subprocess.hpp"
#include "project/attempt.hpp"

namespace moonlet::project {

namespace os = base::os;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

std::string beginning_of(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string shown = "\"";
  for (const char c : text.substr(0, text.find('\n')).substr(0, kShown)) {
    shown += c >= ' ' && c <= '~' ? c : '?';
  }
  return shown + '"';
}

namespace {

Attempt failed(const std::string& what, std::optional<std::int64_t> code = std::nullopt) {
  return {std::unexpected(what), code, false};
}

Attempt attempt_of(const HostFunction& function, const os::CommandResult& result) {
  const std::string& name = function.name;
  switch (result.kind) {
    case os::CommandResult::Kind::NotStarted:
      return {std::unexpected(name + ": the program did not start: " + os::error_text(result.code)),
              {},
              true};
    case os::CommandResult::Kind::TimedOut:
      return failed(name + ": no answer within " + std::to_string(function.timeout_ms) + " ms");
    case os::CommandResult::Kind::TooLong:
      return {std::unexpected(name + ": more than " + std::to_string(kAnswerBytesMax) +
                              " bytes of output"),
              {},
              true};
    case os::CommandResult::Kind::Abandoned:
      return {std::unexpected(name + ": abandoned"), {}, true};
    case os::CommandResult::Kind::Signaled:
      return failed(name + ": ended by signal " + std::to_string(result.code));
    case os::CommandResult::Kind::Exited:
      break;
  }
  if (result.code != 0) {
    const std::string message = trimmed(result.errors);
    return failed(message.empty() ? name + ": exit code " + std::to_string(result.code) : message,
                  result.code);
  }
  std::fputs(result.errors.c_str(), stderr);
  if (trimmed(result.output).empty()) return {Value(), 0, true};
  auto value = from_json(result.output);
  if (value) return {std::move(*value), 0, true};
  return {std::unexpected(name + ": its output is no JSON: " + value.error() + "; it begins " +
                          beginning_of(result.output)),
          0, true};
}

}  // namespace

Attempt run_command_line(const HostFunction& function, const CommandLine& command,
                         const Invocation& invocation, const CallSettings& settings) {
  auto input = to_json(invocation.payload);
  if (!input) {
    return {std::unexpected(function.name + ": payload" + input.error()), std::nullopt, true};
  }
  os::CommandRequest request;
  request.command = command.exec;
  request.folder = settings.folder;
  request.environment = {{"MOONLET_COMMAND_ID", invocation.id}};
  request.input = *input;
  request.timeout_ms = function.timeout_ms;
  request.output_bytes_max = kAnswerBytesMax;
  request.is_abandoned = settings.is_abandoned;
  request.ends_with_us = true;
  return attempt_of(function, os::run_with_input(request));
}

}  // namespace moonlet::project
