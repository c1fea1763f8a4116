#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/os/file_watch.hpp"
#include "cli/project_run.hpp"
#include "cli/rows.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

constexpr char kAbout[] =
    "Calls a handler, or, if none is named, runs the scenarios; and again whenever the project, a\n"
    "script, what it requires, an overlay or the file of INPUT changes. Of scenarios that have\n"
    "passed, those alone are run again that depend on the change. Errors are shown, and the watch\n"
    "goes on. What the scripts keep in variables stays over a change, if they can be moved to the\n"
    "new scripts (docs/upgrade.md). No state is written. Ctrl-C ends it.\n"
    "\n"
    "Exit codes: 0 after --runs; 2 the request is wrong.";

constexpr PlainWord kWords[] = {{"PROJECT", WordKind::Project},
                                {"HANDLER", WordKind::Handler, true},
                                {"INPUT", WordKind::Text, true}};
constexpr OptionRow kOptions[] = {
    {"--scenario", "GLOB", "of the scenarios only those whose names match", WordKind::Scenario},
    {"--strict", "", "of scenarios: mocks that are left over are failures"},
    {"--runs", "N", "end after so many runs", WordKind::Count},
    kOverlayOption,
    kSetOption,
    kTimeoutOption,
};

// Time for an editor to finish what it does.
constexpr std::int64_t kQuietMs = 50;

// A file that is not there yet can be watched if its folder is there.
bool has_folder(const std::string& file) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  return folder.empty() || std::filesystem::is_directory(folder, error);
}

class Watch {
 public:
  explicit Watch(const Arguments& arguments) : arguments_(arguments) {}

  int go() {
    if (!has_folder(arguments_.words[0])) {
      return refuse("cannot watch " + arguments_.words[0] + ": its folder is not there");
    }
    const std::uint64_t runs = number_of(arguments_, "--runs").value_or(UINT64_MAX);
    for (std::uint64_t n = 1;; ++n) {
      // First, so that what changes during the run is not missed.
      auto watch = os::FileWatch::make(files());
      if (!watch) return refuse("cannot watch files: " + os::error_text(watch.error()));
      if (n == 1)
        std::fprintf(stderr, "moonlet: watching %zu file%s\n", files().size(),
                     files().size() == 1 ? "" : "s");
      run_once();
      if (n == runs) return kDone;
      const std::vector<std::string> changed = (*watch)->wait(-1, kQuietMs);
      std::string names;
      for (const std::string& file : changed) names += " " + file;
      std::fprintf(stderr, "moonlet: changed:%s\n", names.c_str());
    }
  }

 private:
  // All that a run depends on, as far as it is known.
  std::vector<std::string> files() {
    std::vector<std::string> list = {arguments_.words[0]};
    if (auto project = project::load_project(arguments_.words[0])) {
      if (const auto engine = shared_engine()) {
        for (std::string& file : project::files_of_scripts(*engine, *project)) {
          if (has_folder(file)) list.push_back(std::move(file));
        }
      }
      known_ = list;
    } else if (!known_.empty()) {
      list = known_;
    }
    for (std::string& overlay : arguments_.values("--config-overlay")) list.push_back(overlay);
    if (const std::string input = arguments_.word(2); input.starts_with("@")) {
      list.push_back(input.substr(1));
    }
    return list;
  }

  void run_once() {
    if (arguments_.words.size() == 1) {
      run_affected_tests(arguments_, passed_);
      return;
    }
    ProjectRun run(arguments_);
    run.write_no_states();
    if (auto done = run.load(arguments_.words[0]); !done) {
      refuse(done.error());
      return;
    }
    // What was kept under another configuration would go on showing that.
    if (!(run.config() == config_)) kept_.reset();
    config_ = run.config();
    // Another run gets what this one leaves; one that could not begin leaves what there was.
    std::optional<Vm> vm = std::exchange(kept_, std::nullopt);
    if (auto done = run.start(arguments_.words[1], arguments_.word(2, "{}"), vm); !done) {
      refuse(done.error());
      kept_ = std::move(vm);
      return;
    }
    run.run();
    kept_ = run.take_vm();
  }

  const Arguments& arguments_;
  std::vector<std::string> known_;  // files, when the project could last be read
  std::optional<Vm> kept_;
  Value config_;
  PassedScenarios passed_;
};

int run(const Arguments& arguments) { return Watch(arguments).go(); }

}  // namespace

const CommandRow kWatchRow = {
    "watch", "", "call a handler, or run scenarios, at each change", kAbout, kWords, kOptions, run};

}  // namespace moonlet::cli
