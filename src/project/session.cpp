#include "project/session.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "project/nearest_name.hpp"
#include "project/readable_text.hpp"

namespace moonlet::project {

namespace {

std::string plain_text(const Value& value) {
  if (const std::string* text = value.string()) return *text;
  return to_json(value).value_or("?");
}

using Clock = std::chrono::steady_clock;

// Between two looks at the clock, where there is a deadline: a few milliseconds.
constexpr std::uint64_t kSliceFuel = 1'000'000;

std::string no_function(const Project& project, const std::string& name) {
  return "there is no host function \"" + name + "\" in the project" +
         hint_for(name, project.host_function_names());
}

// ---- Commands of several invocations. Their arguments come from a state, hence from anywhere.

const Value::Array& calls_out(const Command& command) {
  static const Value::Array kNone;
  const bool has_list = !command.arguments.empty() && command.arguments[0].array() != nullptr;
  return has_list ? *command.arguments[0].array() : kNone;
}

std::int64_t origin_of(const Command& command) {
  const std::int64_t* origin =
      command.arguments.size() > 1 ? command.arguments[1].integer() : nullptr;
  return origin != nullptr ? *origin : static_cast<std::int64_t>(command.id.sequence);
}

Asked read_call(const Command& command, const Value& call) {
  Asked asked;
  const Value* number = call.find("n");
  const Value* name = call.find("name");
  const Value* payload = call.find("payload");
  if (number != nullptr && number->integer() != nullptr) asked.number = *number->integer();
  if (name != nullptr && name->string() != nullptr) asked.invocation.name = *name->string();
  if (payload != nullptr) asked.invocation.payload = *payload;
  asked.invocation.id =
      command.id.vm + ":" + std::to_string(origin_of(command)) + "." + std::to_string(asked.number);
  return asked;
}

// Gives the Vm the end of one of them.
std::expected<void, std::string> deliver(Vm& vm, const Command& command, const Asked& call,
                                         Answer answer) {
  if (answer && call.function != nullptr) {
    if (auto done = fit_answer(*call.function, *answer); !done) {
      answer = std::unexpected(done.error());
    }
  }
  const bool ok = answer.has_value();
  const auto give = [&](bool is_good, Value value) {
    return vm.resume(command.id, {Value(call.number), Value(is_good), std::move(value),
                                  Value(origin_of(command))});
  };
  auto done = give(ok, ok ? *answer : Value(answer.error()));
  if (done) return done;
  return give(false, Value(done.error()));
}

// A number among the arguments; else 0.
double amount_of(const Command& command, std::size_t n) {
  if (n >= command.arguments.size()) return 0;
  const Value& value = command.arguments[n];
  if (value.integer() != nullptr) return static_cast<double>(*value.integer());
  return value.number() != nullptr ? *value.number() : 0;
}

// Limits that stop a program and are no error in it.
bool stops(LimitKind limit) {
  return limit == LimitKind::Fuel || limit == LimitKind::Time || limit == LimitKind::Deadline;
}

double seconds_until(double time) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return time - now.count();
}

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
                {},
                0};
      }
      const Outcome outcome = vm_.run(slice);
      if (std::holds_alternative<Preempted>(outcome)) continue;
      const Suspended* suspended = std::get_if<Suspended>(&outcome);
      if (suspended == nullptr) return end(outcome);
      switch (handle(suspended->command)) {
        case Handled::Quietly:
          break;
        case Handled::NotHere:
          return {SessionEnd::Waiting, {}, {}, {}, 0};
        case Handled::TooLong:
          return {SessionEnd::Sleeping, {}, {}, {}, until_};
        case Handled::ByCall:
          if (++calls_ == options_.calls_max) return {SessionEnd::Frozen, {}, {}, {}, 0};
      }
    }
  }

 private:
  // What becomes of a Command.
  enum class Handled : std::uint8_t { Quietly, ByCall, NotHere, TooLong };

  Handled handle(const Command& command) {
    if (command.kind == CommandKind::Log || command.kind == CommandKind::Emit) {
      command.kind == CommandKind::Log ? responder_.log(command) : responder_.emit(command);
      static_cast<void>(vm_.resume(command.id, {}));
      return Handled::Quietly;
    }
    if (command.kind == CommandKind::Await) return handle_await(command);
    if (command.kind == CommandKind::Sleep) return handle_sleep(command);
    const HostFunction* function = project_.find_host_function(command.name);
    if (function == nullptr) {
      return refuse(command, no_function(project_, command.name));
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

  // Several invocations: the first that ends is the answer.
  Handled handle_await(const Command& command) {
    std::vector<Asked> asked;
    for (const Value& call : calls_out(command)) {
      Asked one = read_call(command, call);
      one.function = project_.find_host_function(one.invocation.name);
      if (one.function == nullptr) {
        return end_call(command, one, std::unexpected(no_function(project_, one.invocation.name)));
      }
      if (auto done = fit_arguments(*one.function, one.invocation.payload); !done) {
        return end_call(command, one, std::unexpected(done.error()));
      }
      asked.push_back(std::move(one));
    }
    if (asked.empty()) return refuse(command, "nothing is out");
    std::optional<Ended> ended = responder_.await(asked);
    if (!ended) return Handled::NotHere;
    const auto one = std::find_if(asked.begin(), asked.end(),
                                  [&](const Asked& a) { return a.number == ended->number; });
    if (command.name == "race") responder_.abandon();
    end_call(command, *one, std::move(ended->answer));
    return Handled::ByCall;
  }

  Handled end_call(const Command& command, const Asked& call, Answer answer) {
    if (auto done = deliver(vm_, command, call, std::move(answer)); !done) {
      return refuse(command, done.error());
    }
    return Handled::Quietly;
  }

  Handled handle_sleep(const Command& command) {
    const double seconds = amount_of(command, 0);
    until_ = amount_of(command, 1);
    if (options_.sleep_max && seconds > static_cast<double>(*options_.sleep_max) &&
        seconds_until(until_) > static_cast<double>(*options_.sleep_max)) {
      return Handled::TooLong;
    }
    responder_.sleep(seconds, until_);
    static_cast<void>(vm_.resume(command.id, {}));
    return Handled::Quietly;
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
    if (const LimitHit* hit = std::get_if<LimitHit>(&outcome);
        hit != nullptr && stops(hit->limit)) {
      return {SessionEnd::Failed,
              {},
              "it has hit its " + std::string(text_of(hit->limit)) + ", which no pcall catches",
              {},
              0};
    }
    if (const Failed* failed = error_of(outcome)) {
      return {SessionEnd::Failed, {}, error_text(*failed), failed->traceback, 0};
    }
    return {SessionEnd::Failed, {}, "the program ended in an unexpected way", {}, 0};
  }

  const Project& project_;
  Vm& vm_;
  Responder& responder_;
  const SessionOptions& options_;
  std::optional<Clock::time_point> deadline_;
  std::uint64_t calls_ = 0;
  double until_ = 0;
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

std::optional<Ended> ProjectResponder::await(const std::vector<Asked>& asked) {
  bool is_any_here = false;
  for (const Asked& call : asked) {
    if (!call.function->is_answered_here()) continue;
    is_any_here = true;
    if (!calls_.knows(call.invocation.id)) {
      calls_.begin(*call.function, call.invocation, settings_);
    }
  }
  if (!is_any_here) return std::nullopt;
  CallPool::Ended ended = calls_.take();
  for (const Asked& call : asked) {
    if (call.invocation.id == ended.id) return Ended{call.number, std::move(ended.answer)};
  }
  // Of calls that a script has given up: somebody else asks now.
  return await(asked);
}

void ProjectResponder::sleep(double seconds, double until) {
  // A clock that was set back makes no sleep longer.
  const double left = std::min(seconds, seconds_until(until));
  if (!(left > 0)) return;
  auto end = Clock::now() +
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(left));
  if (settings_.deadline) end = std::min(end, *settings_.deadline);
  std::this_thread::sleep_until(end);
}

namespace {

// A line of JSON on the standard error.
void write_record(const Command& command, Value::Object members) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count();
  members.push_back({"time", Value(static_cast<std::int64_t>(ms))});
  members.push_back({"vm", Value(readable_text(command.id.vm))});
  std::fprintf(stderr, "%s\n", to_json(Value(std::move(members))).value_or("{}").c_str());
}

}  // namespace

void ProjectResponder::log(const Command& command) {
  if (project_.log.level == LogLevel::Off || log_level_of(command.name) < project_.log.level) {
    return;
  }
  const std::string line = text_of_log(command);
  if (project_.log.format == LogFormat::Json) {
    return write_record(command, {{"level", Value(readable_text(command.name))},
                                  {"message", Value(readable_text(line))}});
  }
  std::fprintf(stderr, "[%s]%s%s\n", command.name.c_str(), line.empty() ? "" : " ", line.c_str());
}

void ProjectResponder::emit(const Command& command) {
  const Value payload = command.arguments.empty() ? Value() : command.arguments[0];
  if (project_.log.format == LogFormat::Json) {
    return write_record(
        command, {{"event", Value(readable_text(command.name))},
                  {"payload", to_json(payload) ? payload : readable_text(plain_text(payload))}});
  }
  std::fprintf(stderr, "emit %s %s\n", command.name.c_str(), plain_text(payload).c_str());
}

SessionReport run_session(const Project& project, Vm& vm, Responder& responder,
                          const SessionOptions& options) {
  return Session(project, vm, responder, options).run();
}

std::vector<Awaited> waits_for(const Project& project, const Vm& vm) {
  std::vector<Awaited> list;
  const Command* command = vm.pending();
  if (command == nullptr || command->kind == CommandKind::Sleep) return list;
  if (command->kind != CommandKind::Await) {
    return {{command->name, command->id.text(),
             command->arguments.empty() ? Value() : command->arguments[0]}};
  }
  for (const Value& call : calls_out(*command)) {
    Asked asked = read_call(*command, call);
    const HostFunction* function = project.find_host_function(asked.invocation.name);
    if (function != nullptr && function->is_answered_here()) continue;
    list.push_back({asked.invocation.name, asked.invocation.id, asked.invocation.payload});
  }
  return list;
}

namespace {

// Which of those that are awaited an id names.
std::expected<Awaited, std::string> choose(const std::vector<Awaited>& awaited,
                                           const std::optional<std::string>& id) {
  std::string names;
  for (const Awaited& one : awaited) {
    if (id && one.id == *id) return one;
    names += (names.empty() ? "" : ", ") + one.name + " (" + one.id + ")";
  }
  if (!id && awaited.size() == 1) return awaited[0];
  const std::string waits = "the state waits for the answer to " + names;
  return std::unexpected(id ? waits + ", not to " + *id : waits + "; say which with --command");
}

}  // namespace

std::expected<void, std::string> answer_from_outside(const Project& project, Vm& vm,
                                                     const Answer& answer,
                                                     const std::optional<std::string>& id) {
  const auto awaited = choose(waits_for(project, vm), id);
  if (!awaited) return std::unexpected(awaited.error());
  const Command command = *vm.pending();
  const HostFunction* function = project.find_host_function(awaited->name);
  Answer fitted = answer;
  if (fitted && function != nullptr) {
    if (auto done = fit_answer(*function, *fitted); !done) {
      return std::unexpected("--result is refused: " + done.error());
    }
  }
  if (command.kind == CommandKind::Await) {
    for (const Value& call : calls_out(command)) {
      Asked asked = read_call(command, call);
      if (asked.invocation.id == awaited->id) return deliver(vm, command, asked, fitted);
    }
  }
  if (!fitted) return vm.resume_with_error(command.id, Value(fitted.error()));
  return vm.resume(command.id, {*fitted});
}

}  // namespace moonlet::project
