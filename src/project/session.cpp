#include "project/session.hpp"

#include <cstdio>

#include "base/os/subprocess.hpp"

namespace moonlet::project {

namespace os = base::os;

namespace {

using Answer = std::expected<Value, std::string>;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

// Of what a program wrote, so much that one knows it again.
std::string beginning(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string shown = "\"";
  for (const char c : text.substr(0, text.find('\n')).substr(0, kShown)) {
    shown += c >= ' ' && c <= '~' ? c : '?';
  }
  return shown + '"';
}

// An answer has to fit into memory, several times over.
constexpr std::size_t kOutputBytesMax = 64 << 20;

Answer answer_of(const HostProgram& program, const os::CommandResult& result) {
  const auto fail = [&](const std::string& what) {
    return std::unexpected(program.name + ": " + what);
  };
  switch (result.kind) {
    case os::CommandResult::Kind::NotStarted:
      return fail("the program did not start");
    case os::CommandResult::Kind::TimedOut:
      return fail("no answer within " + std::to_string(program.timeout_ms) + " ms");
    case os::CommandResult::Kind::TooLong:
      return fail("more than " + std::to_string(kOutputBytesMax) + " bytes of output");
    case os::CommandResult::Kind::Signaled:
      return fail("ended by signal " + std::to_string(result.code));
    case os::CommandResult::Kind::Exited:
      break;
  }
  if (result.code != 0) {
    std::string message = trimmed(result.errors);
    if (message.empty()) return fail("exit code " + std::to_string(result.code));
    return std::unexpected(std::move(message));
  }
  std::fputs(result.errors.c_str(), stderr);
  if (trimmed(result.output).empty()) return Value();
  auto value = from_json(result.output);
  if (!value) {
    return fail("its output is no JSON: " + value.error() + "; it begins " +
                beginning(result.output));
  }
  return *value;
}

Answer call_program(const Project& project, const HostProgram& program, const Command& command) {
  auto input = to_json(command.arguments.empty() ? Value() : command.arguments[0]);
  if (!input) return std::unexpected(program.name + ": payload" + input.error());
  os::CommandRequest request;
  request.command = program.exec;
  request.folder = project.folder;
  request.environment = {{"MOONLET_COMMAND_ID", command.id.text()}};
  request.input = *input;
  request.timeout_ms = program.timeout_ms;
  request.output_bytes_max = kOutputBytesMax;
  return answer_of(program, os::run_with_input(request));
}

std::string plain_text(const Value& value) {
  if (const std::string* text = value.string()) return *text;
  return to_json(value).value_or("?");
}

void show_log(const Command& command) {
  std::string line = "[" + command.name + "]";
  for (const Value& value : command.arguments) line += " " + plain_text(value);
  std::fprintf(stderr, "%s\n", line.c_str());
}

void show_event(const Command& command) {
  const Value payload = command.arguments.empty() ? Value() : command.arguments[0];
  std::fprintf(stderr, "emit %s %s\n", command.name.c_str(), plain_text(payload).c_str());
}

// What becomes of a Command.
enum class Handled : std::uint8_t { Quietly, ByCall, NotHere };

class Session {
 public:
  Session(const Project& project, Vm& vm, std::optional<std::uint64_t> calls_max)
      : project_(project), vm_(vm), calls_max_(calls_max) {}

  SessionReport run() {
    std::uint64_t calls = 0;
    for (;;) {
      const Outcome outcome = vm_.run();
      const Suspended* suspended = std::get_if<Suspended>(&outcome);
      if (suspended == nullptr) return end(outcome);
      switch (handle(suspended->command)) {
        case Handled::Quietly:
          break;
        case Handled::NotHere:
          return {SessionEnd::Waiting, {}, {}};
        case Handled::ByCall:
          if (++calls == calls_max_) return {SessionEnd::Frozen, {}, {}};
      }
    }
  }

 private:
  Handled handle(const Command& command) {
    if (command.kind == CommandKind::Log || command.kind == CommandKind::Emit) {
      command.kind == CommandKind::Log ? show_log(command) : show_event(command);
      static_cast<void>(vm_.resume(command.id, {}));
      return Handled::Quietly;
    }
    const HostProgram* program = project_.find_host_function(command.name);
    if (program == nullptr) {
      static_cast<void>(vm_.resume_with_error(
          command.id, Value("there is no host function \"" + command.name + "\" in the project")));
      return Handled::Quietly;
    }
    if (program->exec.empty()) return Handled::NotHere;
    const Answer answer = call_program(project_, *program, command);
    const auto done = answer ? vm_.resume(command.id, {*answer})
                             : vm_.resume_with_error(command.id, Value(answer.error()));
    if (!done) static_cast<void>(vm_.resume_with_error(command.id, Value(done.error())));
    return Handled::ByCall;
  }

  // An error that is data says more than that it is a table.
  static std::string error_text(const Failed& failed) {
    const bool is_data = failed.error.object() != nullptr || failed.error.array() != nullptr;
    return is_data ? to_json(failed.error).value_or(failed.message) : failed.message;
  }

  static SessionReport end(const Outcome& outcome) {
    if (const Finished* finished = std::get_if<Finished>(&outcome)) {
      return {SessionEnd::Finished, finished->values.empty() ? Value() : finished->values[0], {}};
    }
    if (const Failed* failed = error_of(outcome)) {
      const std::string more = failed->traceback.empty() ? "" : "\n" + failed->traceback;
      return {SessionEnd::Failed, {}, error_text(*failed) + more};
    }
    return {SessionEnd::Failed, {}, "the program ended in an unexpected way"};
  }

  const Project& project_;
  Vm& vm_;
  std::optional<std::uint64_t> calls_max_;
};

}  // namespace

void ScriptHost::write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

SessionReport run_session(const Project& project, Vm& vm, std::optional<std::uint64_t> calls_max) {
  return Session(project, vm, calls_max).run();
}

}  // namespace moonlet::project
