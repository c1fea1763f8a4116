#include "cli/exec_launch.hpp"

#include <map>
#include <utility>

#include "base/os/process.hpp"
#include "base/os/terminal.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

// Paths of libraries come from the environment when a Vm is made.
class HiddenPaths {
 public:
  explicit HiddenPaths(bool hides) {
    if (!hides) return;
    for (const char* name : {"LUA_PATH", "LUA_PATH_5_4", "LUA_CPATH", "LUA_CPATH_5_4"}) {
      const auto value = os::environment_variable(name);
      if (!value) continue;
      hidden_[name] = *value;
      os::set_environment_variable(name, std::nullopt);
    }
  }
  ~HiddenPaths() {
    for (const auto& [name, value] : hidden_) os::set_environment_variable(name, value);
  }
  HiddenPaths(const HiddenPaths&) = delete;
  HiddenPaths& operator=(const HiddenPaths&) = delete;

 private:
  std::map<std::string, std::string> hidden_;
};

Value argument_table(const ExecOptions& options) {
  // Positions may be negative, so this is a list and the place of the script.
  Value::Array words;
  for (const std::string& word : options.words) words.emplace_back(word);
  return Value(std::move(words));
}

bool reads_standard_input(const ExecOptions& options) {
  return options.script && options.words[*options.script] == "-" &&
         options.words[*options.script - 1] != "--";
}

void add_init(Value::Object& o) {
  for (const char* name : {"LUA_INIT_5_4", "LUA_INIT"}) {
    const auto init = os::environment_variable(name);
    if (!init) continue;
    o.push_back({"init", *init});
    o.push_back({"init_name", std::string("=") + name});
    return;
  }
}

Value interpreter_options(const ExecOptions& options, const Dialogue& dialogue) {
  Value::Object o;
  o.push_back({"program", options.program});
  o.push_back({"words", argument_table(options)});
  o.push_back({"script_place", static_cast<std::int64_t>(options.script.value_or(0))});
  Value::Array actions;
  for (const ExecOptions::Action& action : options.actions) {
    actions.push_back(Value::Object{{"kind", std::string(1, action.kind)}, {"text", action.text}});
  }
  o.push_back({"actions", std::move(actions)});
  o.push_back({"has_script", options.script.has_value()});
  if (options.script && !reads_standard_input(options)) {
    o.push_back({"script", options.words[*options.script]});
  }
  o.push_back({"converses", dialogue.converses});
  o.push_back({"reads_input", dialogue.reads_input});
  o.push_back({"edits", dialogue.edits});
  o.push_back({"shows_results", options.shows_results});
  o.push_back({"has_test_helpers", options.has_test_helpers});
  if (!options.ignores_environment) add_init(o);
  return o;
}

std::expected<Image, std::string> make_image(const Engine& engine, const ExecOptions& options) {
  const HiddenPaths hidden(options.ignores_environment);
  return Image::standalone(engine, {dialect_of(options), options.is_sandboxed});
}

}  // namespace

std::expected<Vm, std::string> launch(const Engine& engine, const ExecOptions& options,
                                      const Dialogue& dialogue, const ForkOptions& fork) {
  auto image = make_image(engine, options);
  if (!image) return std::unexpected(image.error());
  auto vm = image->fork(fork);
  if (!vm) return vm;
  if (auto started = vm->start("", {}, {interpreter_options(options, dialogue)}); !started) {
    return std::unexpected(started.error());
  }
  return vm;
}

std::expected<Vm, std::string> thaw(const Engine& engine, const ExecOptions& options,
                                    std::string_view state, const ForkOptions& fork) {
  auto image = make_image(engine, options);
  if (!image) return std::unexpected(image.error());
  return Vm::thaw(*image, state, fork);
}

}  // namespace moonlet::cli
