#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/os/file.hpp"
#include "base/os/held_program.hpp"
#include "store/state_store.hpp"

namespace moonlet::store {

namespace os = base::os;

namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

class ProgramStateLock final : public StateLock {
 public:
  explicit ProgramStateLock(std::shared_ptr<os::HeldProgram> program)
      : program_(std::move(program)) {}

 private:
  std::shared_ptr<os::HeldProgram> program_;
};

class CommandStore final : public StateStore {
 public:
  explicit CommandStore(StateCommands commands) : commands_(std::move(commands)) {}

  // Of programs nobody knows whether their put can be made to depend on what is there, so it is
  // looked at before; what happens in between is for `lock` to prevent.
  std::expected<void, std::string> put(const std::string& name, std::string_view state) override {
    if (const auto before = read_.find(name); before != read_.end()) {
      const auto left = [&](const std::string& why) {
        return std::unexpected(why + "; what is in the store as " + name + " was left as it is");
      };
      if (const auto lock = locks_.find(name); lock != locks_.end()) {
        const auto program = lock->second.lock();
        if (program != nullptr && !program->is_running()) {
          return left("the lock is lost: lock (" + commands_.lock + ") has ended");
        }
      }
      auto present = get_bytes(name);
      if (!present) return left(present.error());
      if (*present != before->second) {
        return left("another process has gone on with " + name + " since it was read");
      }
    }
    auto done = run("put", commands_.put, name, state);
    if (!done) return std::unexpected(done.error());
    return {};
  }

  std::expected<std::string, std::string> get(const std::string& name) override {
    auto state = get_bytes(name);
    if (state) read_.insert_or_assign(name, *state);
    return state;
  }

  std::expected<std::unique_ptr<StateLock>, std::string> lock(const std::string& name) override {
    if (commands_.lock.empty()) return nullptr;
    if (auto problem = problem_with_name(name); !problem.empty()) return std::unexpected(problem);
    auto program = os::HeldProgram::start(request(commands_.lock, name));
    if (!program) {
      return std::unexpected("there is no lock on " + name +
                             ", another process may be going on with it: " +
                             problem_with("lock", commands_.lock, program.error())
                                 .value_or("lock (" + commands_.lock + ") wrote no line"));
    }
    std::shared_ptr<os::HeldProgram> held = std::move(*program);
    locks_.insert_or_assign(name, held);
    return std::make_unique<ProgramStateLock>(std::move(held));
  }

  std::expected<std::vector<std::string>, std::string> list() override {
    if (commands_.list.empty()) {
      return std::unexpected("states cannot be listed: the project's \"state\" has no \"list\"");
    }
    auto text = run("list", commands_.list, "", {});
    if (!text) return std::unexpected(text.error());
    std::vector<std::string> names;
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      std::string name = trimmed(text->substr(at, end - at));
      if (!name.empty()) names.push_back(std::move(name));
      at = end + 1;
    }
    return names;
  }

  std::string place_of(const std::string& name) const override { return "the store, as " + name; }

 private:
  std::expected<std::string, std::string> get_bytes(const std::string& name) {
    auto state = run("get", commands_.get, name, {});
    if (state && state->empty()) {
      return std::unexpected("there is no state " + name + ": get (" + commands_.get +
                             ") wrote nothing");
    }
    return state;
  }

  std::expected<std::string, std::string> run(const char* verb, const std::string& command,
                                              const std::string& name, std::string_view input) {
    if (!name.empty()) {
      if (auto problem = problem_with_name(name); !problem.empty()) {
        return std::unexpected(problem);
      }
    }
    os::CommandRequest wanted = request(command, name);
    wanted.input = input;
    os::CommandResult result = os::run_with_input(wanted);
    if (auto problem = problem_with(verb, command, result)) return std::unexpected(*problem);
    return std::move(result.output);
  }

  os::CommandRequest request(const std::string& command, const std::string& name) const {
    os::CommandRequest wanted;
    wanted.command = command;
    wanted.folder = commands_.folder;
    wanted.environment = {{"MOONLET_STATE", name}};
    wanted.timeout_ms = commands_.timeout_ms;
    return wanted;
  }

  // Nothing: it has done what it was to do.
  std::optional<std::string> problem_with(const char* verb, const std::string& command,
                                          const os::CommandResult& result) const {
    using Kind = os::CommandResult::Kind;
    const std::string failed = std::string(verb) + " (" + command + ") failed: ";
    switch (result.kind) {
      case Kind::Exited:
        break;
      case Kind::TimedOut:
        return failed + "it took more than " + std::to_string(commands_.timeout_ms) + " ms";
      case Kind::Signaled:
        return failed + "it was ended by signal " + std::to_string(result.code);
      case Kind::NotStarted:
        return failed + "it did not start: " + os::error_text(result.code);
      case Kind::TooLong:    // There is no bound,
      case Kind::Abandoned:  // and nobody who would abandon it.
        return failed + "it was given up";
    }
    if (result.code == 0) return std::nullopt;
    const std::string said = trimmed(result.errors);
    return failed + (said.empty() ? "exit code " + std::to_string(result.code) : said);
  }

  StateCommands commands_;
  std::map<std::string, std::string> read_;  // name: what was there
  std::map<std::string, std::weak_ptr<os::HeldProgram>> locks_;
};

}  // namespace

std::unique_ptr<StateStore> make_command_store(StateCommands commands) {
  return std::make_unique<CommandStore>(std::move(commands));
}

}  // namespace moonlet::store
