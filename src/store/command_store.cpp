#include <algorithm>

#include "base/os/subprocess.hpp"
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

class CommandStore final : public StateStore {
 public:
  explicit CommandStore(StateCommands commands) : commands_(std::move(commands)) {}

  std::expected<void, std::string> put(const std::string& name, std::string_view state) override {
    auto done = run("put", commands_.put, name, state);
    if (!done) return std::unexpected(done.error());
    return {};
  }

  std::expected<std::string, std::string> get(const std::string& name) override {
    auto state = run("get", commands_.get, name, {});
    if (state && state->empty()) {
      return std::unexpected("there is no state " + name + ": get (" + commands_.get +
                             ") wrote nothing");
    }
    return state;
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
  std::expected<std::string, std::string> run(const char* verb, const std::string& command,
                                              const std::string& name, std::string_view input) {
    if (!name.empty()) {
      if (auto problem = problem_with_name(name); !problem.empty()) {
        return std::unexpected(problem);
      }
    }
    os::CommandRequest request;
    request.command = command;
    request.folder = commands_.folder;
    request.environment = {{"MOONLET_STATE", name}};
    request.input = input;
    request.timeout_ms = commands_.timeout_ms;
    os::CommandResult result = os::run_with_input(request);
    using Kind = os::CommandResult::Kind;
    const std::string failed = std::string(verb) + " (" + command + ") failed: ";
    switch (result.kind) {
      case Kind::Exited:
        break;
      case Kind::TimedOut:
        return std::unexpected(failed + "it took more than " +
                               std::to_string(commands_.timeout_ms) + " ms");
      case Kind::Signaled:
        return std::unexpected(failed + "it was ended by signal " + std::to_string(result.code));
      case Kind::TooLong:
        return std::unexpected(failed + "it wrote too much");
      case Kind::NotStarted:
      case Kind::Abandoned:
        return std::unexpected(failed + "it did not start");
    }
    if (result.code == 0) return std::move(result.output);
    const std::string said = trimmed(std::move(result.errors));
    return std::unexpected(failed +
                           (said.empty() ? "exit code " + std::to_string(result.code) : said));
  }

  StateCommands commands_;
};

}  // namespace

std::unique_ptr<StateStore> make_command_store(StateCommands commands) {
  return std::make_unique<CommandStore>(std::move(commands));
}

}  // namespace moonlet::store
