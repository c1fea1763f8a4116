#include "project/host_call.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "project/attempt.hpp"

namespace moonlet::project {

namespace {

Attempt attempt(const HostFunction& function, const Invocation& invocation,
                const CallSettings& settings) {
  if (const auto* command = std::get_if<CommandLine>(&function.by)) {
    return run_command_line(function, *command, invocation, settings);
  }
  return run_http_request(function, std::get<HttpRequest>(function.by), invocation, settings);
}

// Rounded up, so that what has waited for so long is behind the deadline.
std::int64_t milliseconds_left(const CallSettings& settings) {
  const auto left = *settings.deadline - std::chrono::steady_clock::now();
  return std::chrono::ceil<std::chrono::milliseconds>(left).count() + 1;
}

bool is_abandoned(const CallSettings& settings) {
  return settings.is_abandoned != nullptr && settings.is_abandoned->load();
}

void pause(std::int64_t ms, const CallSettings& settings) {
  constexpr std::int64_t kLookMs = 20;
  for (; ms > 0 && !is_abandoned(settings); ms -= kLookMs) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(ms, kLookMs)));
  }
}

bool may_try_again(const Attempt& last, const Retry& retry) {
  if (last.answer || last.is_final) return false;
  return !last.code ||
         std::find(retry.never.begin(), retry.never.end(), *last.code) == retry.never.end();
}

}  // namespace

std::expected<void, std::string> fit_arguments(const HostFunction& function, Value& payload) {
  // Also where a mock, or somebody else, would take what no program and no request can be given.
  if (auto text = to_json(payload); !text) {
    constexpr std::string_view kWhole = "the value";
    const std::string& error = text.error();
    const bool is_whole = error.starts_with(kWhole);
    return std::unexpected(function.name + ": payload" +
                           (is_whole ? error.substr(kWhole.size()) : error));
  }
  if (!function.args) return {};
  auto done = function.args->fit(payload);
  if (done) return {};
  return std::unexpected(function.name + ": " + path_text("payload", done.error().path) + " " +
                         done.error().what);
}

std::expected<void, std::string> fit_answer(const HostFunction& function, Value& answer) {
  if (!function.returns) return {};
  auto done = function.returns->fit(answer);
  if (done) return {};
  return std::unexpected(function.name + ": " + path_text("answer", done.error().path) + " " +
                         done.error().what);
}

Answer call_host_function(const HostFunction& described, const Invocation& invocation,
                          const CallSettings& settings) {
  HostFunction function = described;
  const Retry& retry = function.retry;
  std::int64_t pause_ms = std::min(retry.backoff_ms, retry.backoff_ms_max);
  for (std::int64_t tries = 0;; ++tries) {
    if (settings.deadline) {
      function.timeout_ms =
          std::min(function.timeout_ms, std::max<std::int64_t>(1, milliseconds_left(settings)));
    }
    Attempt last = attempt(function, invocation, settings);
    const bool is_late = settings.deadline && milliseconds_left(settings) <= pause_ms;
    if (tries == retry.times || is_late || !may_try_again(last, retry)) {
      if (last.answer || tries == 0) return std::move(last.answer);
      return std::unexpected(last.answer.error() + " (attempt " + std::to_string(tries + 1) + ")");
    }
    pause(pause_ms, settings);
    pause_ms = std::min(pause_ms * 2, retry.backoff_ms_max);
  }
}

}  // namespace moonlet::project
