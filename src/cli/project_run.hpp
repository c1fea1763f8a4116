// What the commands that run a project's handlers share: project, configuration, engine, image,
// the place for states, and one Vm.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "cli/command_row.hpp"
#include "moonlet/moonlet.hpp"
#include "project/project.hpp"
#include "project/session.hpp"
#include "store/state_store.hpp"

namespace moonlet::cli {

// Rows of options that several commands have.
inline constexpr OptionRow kStateOption = {
    "--state", "PATH",
    "a file, a folder (it is one, or PATH ends with /), or - for\n"
    "the standard output or input; by default what the project's\n\"state\" says",
    WordKind::File};
inline constexpr OptionRow kOverlayOption = {
    "--config-overlay", "FILE", "JSON that is laid over the project's \"config\"; may be repeated",
    WordKind::File};
inline constexpr OptionRow kSetOption = {
    "--set", "PATH=VALUE",
    "one member of the configuration, as in --set api.url=http://x;\n"
    "the value is JSON, or else a string; may be repeated"};
inline constexpr OptionRow kImagesOption = {
    "--images", "DIR",
    "where the compiled scripts are kept that states need; by\n"
    "default .moonlet/images in the project's folder",
    WordKind::File};
inline constexpr OptionRow kAfterOption = {
    "--dehydrate-after", "N", "after the N-th call of a host function, write the state and end",
    WordKind::Calls};
inline constexpr OptionRow kTimeoutOption = {
    "--timeout", "MS", "milliseconds that all of this may take, host functions included",
    WordKind::Milliseconds};
inline constexpr OptionRow kSleepOption = {"--sleep-max", "SECONDS",
                                           "before a longer sys.sleep, write the state and end",
                                           WordKind::Number};

// Loads a project and shows its notes; all errors are shown but the last, which is the answer.
[[nodiscard]] std::expected<project::Project, std::string> open_project(const std::string& path);

// JSON in an argument: as it stands there, @FILE, or - for the standard input.
[[nodiscard]] std::expected<Value, std::string> read_json(const std::string& what,
                                                          const std::string& text);

// As in 2020-01-31T12:00:00Z, rounded up.
std::string utc_text(double seconds);

// Where states go and come from: --state, or else the project's; nullptr: neither says.
[[nodiscard]] std::unique_ptr<store::StateStore> open_store(const project::Project& project,
                                                            const std::optional<std::string>& path);

// One for the whole process, so that a Vm may outlive the run that made it.
[[nodiscard]] std::expected<Engine, std::string> shared_engine();
project::ScriptHost& shared_host();

class ProjectRun {
 public:
  explicit ProjectRun(const Arguments& arguments) : arguments_(arguments) {}

  // First of all.
  [[nodiscard]] std::expected<void, std::string> load(const std::string& path);
  // Calls a handler in a new Vm, or in `kept`, which was taken from another run: if it can move to
  // these scripts, what it has built stays; else a note says why not. What was not used stays in
  // `kept`.
  [[nodiscard]] std::expected<void, std::string> start(const std::string& handler,
                                                       const std::string& input,
                                                       std::optional<Vm>& kept);
  [[nodiscard]] std::expected<void, std::string> start(const std::string& handler,
                                                       const std::string& input) {
    std::optional<Vm> none;
    return start(handler, input, none);
  }
  // `verb`: what cannot be done with a state that is wrong.
  [[nodiscard]] std::expected<void, std::string> thaw(const char* verb = "resume");
  // The same, for who goes on with it: nobody else can until this run ends.
  [[nodiscard]] std::expected<void, std::string> take_over();
  // Gives --result or --error to the thawed program.
  [[nodiscard]] std::expected<void, std::string> answer();
  // Runs until it ends or is frozen, says what came out, and answers the exit code.
  int run();
  // Before start(): nothing is dehydrated, and a program that waits is left.
  void write_no_states() { writes_states_ = false; }

  const project::Project& project() const { return project_; }
  store::StateStore* states() { return store_.get(); }
  Vm& vm() { return *vm_; }
  const Image& image() const { return *image_; }
  // For another run. Nothing: there is none that could be called.
  std::optional<Vm> take_vm();
  const Value& config() const { return config_; }
  const std::string& state_name() const { return state_name_; }
  const std::string& state_bytes() const { return state_; }

 private:
  std::expected<void, std::string> compile();
  std::expected<void, std::string> make_vm(std::optional<Vm>& kept);
  std::expected<void, std::string> choose_state();
  std::expected<void, std::string> thaw_chosen(const char* verb);
  std::expected<void, std::string> find_image(const std::string& hash);
  std::expected<void, std::string> keep_image();
  ForkOptions fork_options();
  int show_result(const Value& result) const;
  int wait();
  int wait_for_time(double until);
  int leave(const std::string& what, const char* why);
  int write_state(const std::string& what, int code);

  const Arguments& arguments_;
  project::Project project_;
  Value config_;
  std::unique_ptr<store::StateStore> store_;
  std::optional<ImageStore> images_;
  std::optional<Image> image_;
  std::optional<Vm> vm_;
  std::optional<std::uint64_t> calls_max_;
  std::optional<std::uint64_t> timeout_ms_;
  bool writes_states_ = true;
  std::string state_name_;  // in the store, of what was thawed
  std::unique_ptr<store::StateLock> lock_;
  std::string state_;
};

}  // namespace moonlet::cli
