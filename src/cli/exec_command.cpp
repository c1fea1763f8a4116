#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>

#include "base/os/process.hpp"
#include "base/os/terminal.hpp"
#include "cli/commands.hpp"
#include "cli/exec_launch.hpp"
#include "cli/exec_options.hpp"
#include "cli/exec_sweep.hpp"
#include "cli/line_editor.hpp"
#include "moonlet/moonlet.hpp"
#include "moonlet/version.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

// ---- Interruption from the keyboard: the first one is an error in the script, a second one ends
// the process.

Vm* interrupted_vm = nullptr;

void on_interrupt(int) {
  std::signal(SIGINT, SIG_DFL);
  if (interrupted_vm != nullptr) interrupted_vm->interrupt();
}

class Session {
 public:
  explicit Session(ExecOptions options) : options_(std::move(options)) {}

  int run() {
    const bool is_person = os::is_terminal(os::kStandardInput);
    const bool has_work =
        options_.script || options_.has_code || (options_.shows_version && !options_.converses);
    const bool converses = options_.converses || (!has_work && is_person);
    dialogue_ = {converses, !has_work && !converses, converses && is_person};
    if (options_.shows_version || (converses && !has_work)) show_version();
    if (!make_vm()) return 1;
    interrupted_vm = &*vm_;
    std::signal(SIGINT, on_interrupt);
    int code = go_on();
    close(code);
    interrupted_vm = nullptr;
    report();
    return code;
  }

 private:
  static void show_version() {
    std::printf("Moonlet %s, for Lua 5.4 as defined by Lua.org, PUC-Rio\n", kVersion);
    std::fflush(stdout);
  }

  bool fail(const std::string& message) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", options_.program.c_str(), message.c_str());
    return false;
  }

  bool make_vm() {
    auto engine = Engine::make();
    if (!engine) return fail(engine.error());
    auto vm = launch(*engine, options_, dialogue_);
    if (!vm) return fail(vm.error());
    vm_ = std::move(*vm);
    vm_->set_stress(
        {options_.collects_always, options_.failing_allocation, options_.failing_count});
    return true;
  }

  // Runs to the end. The exit code.
  int go_on() {
    for (;;) {
      const Outcome outcome = vm_->run({.trip_every = options_.trip_every});
      if (const Preempted* stop = std::get_if<Preempted>(&outcome)) {
        if (!after_stop(stop->reason)) return 1;
      } else if (const Suspended* asked = std::get_if<Suspended>(&outcome)) {
        answer(asked->command);
      } else if (const Exited* exited = std::get_if<Exited>(&outcome)) {
        exited_ = true;
        closes_ = exited->closes;
        return exited->code;
      } else {
        closes_ = true;
        return ended(outcome);
      }
    }
  }

  int ended(const Outcome& outcome) {
    if (const Failed* failed = std::get_if<Failed>(&outcome)) {
      fail(failed->message);
      return 1;
    }
    const Finished* finished = std::get_if<Finished>(&outcome);
    if (finished == nullptr || finished->values.empty()) return finished == nullptr ? 1 : 0;
    const bool* is_well = finished->values[0].boolean();
    return is_well != nullptr && !*is_well ? 1 : 0;
  }

  bool after_stop(PreemptReason reason) {
    if (reason == PreemptReason::Interrupt) {
      vm_->raise("interrupted!");
      return true;
    }
    if (reason != PreemptReason::Trip) return true;
    static const bool kChecks = os::environment_variable("MOONLET_CHECK").has_value();
    const auto size = vm_->trip(kChecks ? TripCheck::SameBytes : TripCheck::None);
    if (!size) {
      ++refusals_[size.error()];
      ++refusal_count_;
      if (!options_.reports_trips) return fail("no trip: " + size.error());
      return true;
    }
    ++trips_;
    bytes_ += *size;
    bytes_max_ = std::max(bytes_max_, *size);
    return true;
  }

  void answer(const Command& command) {
    std::vector<Value> values;
    if (command.name == "read_line") {
      std::signal(SIGINT, SIG_DFL);
      if (auto line = editor().read(*command.arguments[0].string())) values.emplace_back(*line);
      std::signal(SIGINT, on_interrupt);
    } else if (command.name == "remember") {
      editor().remember(*command.arguments[0].string());
    }
    if (auto done = vm_->resume(command.id, values); !done) fail(done.error());
  }

  LineEditor& editor() {
    if (!editor_) {
      editor_.emplace([this](std::string_view text) { return vm_->completions(text); });
    }
    return *editor_;
  }

  // Pending variables and finalizers; a script that exits in one of them goes on with the next.
  void close(int& code) {
    while (closes_) {
      closes_ = false;
      if (!vm_->begin_close()) break;
      exited_ = false;
      const int new_code = go_on();
      if (exited_) code = new_code;
      closes_ = closes_ && exited_;
    }
    safepoints_ = vm_->usage().safepoints;
    if (options_.collects_always || options_.failing_allocation > 0) {
      if (const std::string damage = vm_->find_damage(); !damage.empty()) {
        fail("internal error: broken memory: " + damage);
        code = 70;
      }
    }
    editor_.reset();
    vm_.reset();
    std::fflush(stdout);
  }

  void report() const {
    if (!options_.reports_trips) return;
    std::fprintf(
        stderr, "safepoints %llu, trips %llu, bytes %llu (largest state %llu), refusals %llu\n",
        static_cast<unsigned long long>(safepoints_), static_cast<unsigned long long>(trips_),
        static_cast<unsigned long long>(bytes_), static_cast<unsigned long long>(bytes_max_),
        static_cast<unsigned long long>(refusal_count_));
    for (const auto& [reason, count] : refusals_) {
      std::fprintf(stderr, "  refused %llu times: %s\n", static_cast<unsigned long long>(count),
                   reason.c_str());
    }
  }

  ExecOptions options_;
  Dialogue dialogue_;
  bool closes_ = false;
  bool exited_ = false;  // by os.exit
  std::optional<Vm> vm_;
  std::optional<LineEditor> editor_;
  std::uint64_t safepoints_ = 0;
  std::uint64_t trips_ = 0;
  std::uint64_t refusal_count_ = 0;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_ = 0;
  std::map<std::string, std::uint64_t> refusals_;
};

}  // namespace

int exec_command(const std::vector<std::string>& words, std::size_t first) {
  ExecOptions options = parse_exec(words, first);
  if (!options.bad_option.empty()) {
    const std::string& bad = options.bad_option;
    const bool lacks_text = bad[1] == 'e' || bad[1] == 'l';
    std::fprintf(stderr, "%s: %s\n%s", options.program.c_str(),
                 lacks_text ? ("'" + bad + "' needs argument").c_str()
                            : ("unrecognized option '" + bad + "'").c_str(),
                 exec_usage(options.program).c_str());
    return 1;
  }
  if (options.shows_help) {
    std::printf("%s%s", exec_usage(options.program + " exec").c_str(), kExecHelp);
    return 0;
  }
  if (options.sweep_work > 0) return sweep(options);
  return Session(std::move(options)).run();
}

}  // namespace moonlet::cli
