#include "project/session.hpp"

#include <chrono>
#include <cstdio>

#include "project/nearest_name.hpp"

namespace moonlet::project {

namespace {

std::string plain_text(const Value& value) {
  if (const std::string* text = value.string()) return *text;
  return to_json(value).value_or("?");
}

using Clock = std::chrono::steady_clock;

// Between two looks at the clock, where there is a deadline: a few milliseconds.
constexpr std::uint64_t kSliceFuel = 1'000'000;

class Session {
 public:
  Session(const Project& project, Vm& vm, Responder& responder, const SessionOptions& options)
      : project_(project), vm_(vm), responder_(responder), options_(options) {
    if (!options.timeout_ms) return;
    deadline_ = Clock::now() + std::chrono::milliseconds(*options.timeout_ms);
    responder.set_deadline(*deadline_);
  }

  SessionReport run() {
    RunOptions slice;
    if (deadline_) slice.fuel = kSliceFuel;
    for (;;) {
      if (deadline_ && Clock::now() >= *deadline_) {
        return {SessionEnd::Failed,
                {},
                "out of time: --timeout " + std::to_string(*options_.timeout_ms),
                {}};
      }
      const Outcome outcome = vm_.run(slice);
      if (std::holds_alternative<Preempted>(outcome)) continue;
      const Suspended* suspended = std::get_if<Suspended>(&outcome);
      if (suspended == nullptr) return end(outcome);
      switch (handle(suspended->command)) {
        case Handled::Quietly:
          break;
        case Handled::NotHere:
          return {SessionEnd::Waiting, {}, {}, {}};
        case Handled::ByCall:
          if (++calls_ == options_.calls_max) return {SessionEnd::Frozen, {}, {}, {}};
      }
    }
  }

 private:
  // What becomes of a Command.
  enum class Handled : std::uint8_t { Quietly, ByCall, NotHere };

  Handled handle(const Command& command) {
    if (command.kind == CommandKind::Log || command.kind == CommandKind::Emit) {
      command.kind == CommandKind::Log ? responder_.log(command) : responder_.emit(command);
      static_cast<void>(vm_.resume(command.id, {}));
      return Handled::Quietly;
    }
    const HostFunction* function = project_.find_host_function(command.name);
    if (function == nullptr) {
      return refuse(command, "there is no host function \"" + command.name + "\" in the project" +
                                 hint_for(command.name, project_.host_function_names()));
    }
    Invocation invocation{command.name, Value(), command.id.text()};
    if (!command.arguments.empty()) invocation.payload = command.arguments[0];
    if (auto done = fit_arguments(*function, invocation.payload); !done) {
      return refuse(command, done.error());
    }
    std::optional<Answer> answer = responder_.call(*function, invocation);
    if (!answer) return Handled::NotHere;
    if (*answer) {
      if (auto done = fit_answer(*function, **answer); !done) {
        *answer = std::unexpected(done.error());
      }
    }
    const auto done = *answer ? vm_.resume(command.id, {**answer})
                              : vm_.resume_with_error(command.id, Value(answer->error()));
    if (!done) static_cast<void>(vm_.resume_with_error(command.id, Value(done.error())));
    return Handled::ByCall;
  }

  // A call that reaches no host is an error of the script, and counts as none.
  Handled refuse(const Command& command, const std::string& why) {
    static_cast<void>(vm_.resume_with_error(command.id, Value(why)));
    return Handled::Quietly;
  }

  // An error that is data says more than that it is a table.
  static std::string error_text(const Failed& failed) {
    const bool is_data = failed.error.object() != nullptr || failed.error.array() != nullptr;
    return is_data ? to_json(failed.error).value_or(failed.message) : failed.message;
  }

  static SessionReport end(const Outcome& outcome) {
    if (const Finished* finished = std::get_if<Finished>(&outcome)) {
      return {
          SessionEnd::Finished, finished->values.empty() ? Value() : finished->values[0], {}, {}};
    }
    if (const Failed* failed = error_of(outcome)) {
      return {SessionEnd::Failed, {}, error_text(*failed), failed->traceback};
    }
    return {SessionEnd::Failed, {}, "the program ended in an unexpected way", {}};
  }

  const Project& project_;
  Vm& vm_;
  Responder& responder_;
  const SessionOptions& options_;
  std::optional<Clock::time_point> deadline_;
  std::uint64_t calls_ = 0;
};

}  // namespace

void ScriptHost::write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

std::string text_of_log(const Command& command) {
  std::string line;
  for (const Value& value : command.arguments) {
    line += (line.empty() ? "" : " ") + plain_text(value);
  }
  return line;
}

std::optional<Answer> ProjectResponder::call(const HostFunction& function,
                                             const Invocation& invocation) {
  if (!function.is_answered_here()) return std::nullopt;
  return call_host_function(function, invocation, settings_);
}

void ProjectResponder::log(const Command& command) {
  if (project_.log.level == LogLevel::Off || log_level_of(command.name) < project_.log.level) {
    return;
  }
  const std::string line = text_of_log(command);
  if (project_.log.format == LogFormat::Json) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now().time_since_epoch())
                        .count();
    const Value record(Value::Object{{"level", Value(command.name)},
                                     {"time", Value(static_cast<std::int64_t>(ms))},
                                     {"vm", Value(command.id.vm)},
                                     {"message", Value(line)}});
    std::fprintf(stderr, "%s\n", to_json(record).value_or("?").c_str());
    return;
  }
  std::fprintf(stderr, "[%s]%s%s\n", command.name.c_str(), line.empty() ? "" : " ", line.c_str());
}

void ProjectResponder::emit(const Command& command) {
  const Value payload = command.arguments.empty() ? Value() : command.arguments[0];
  std::fprintf(stderr, "emit %s %s\n", command.name.c_str(), plain_text(payload).c_str());
}

SessionReport run_session(const Project& project, Vm& vm, Responder& responder,
                          const SessionOptions& options) {
  return Session(project, vm, responder, options).run();
}

std::expected<void, std::string> answer_from_outside(const Project& project, Vm& vm,
                                                     const Answer& answer) {
  const Command command = *vm.pending();
  if (!answer) return vm.resume_with_error(command.id, Value(answer.error()));
  Value value = *answer;
  if (const HostFunction* function = project.find_host_function(command.name)) {
    if (auto done = fit_answer(*function, value); !done) return done;
  }
  return vm.resume(command.id, {value});
}

}  // namespace moonlet::project
