#include "cli/exec_session.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "base/os/file.hpp"
#include "base/os/process.hpp"
#include "base/os/terminal.hpp"
#include "cli/exec_launch.hpp"
#include "cli/line_editor.hpp"
#include "cli/still_host.hpp"
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

// Processor time of the processes before this one counts.
class ProgramHost final : public Host {
 public:
  explicit ProgramHost(double clock_seconds) : before_(clock_seconds) {}
  double clock_seconds() override { return before_ + Host::clock_seconds(); }

 private:
  double before_;
};

// The exit code of what is wrong with Moonlet itself.
constexpr int kDamage = 70;

class Session {
 public:
  Session(const ExecOptions& options, Luggage& luggage)
      : options_(options), luggage_(luggage), host_(luggage.clock_seconds) {}

  void run() {
    if (make_vm()) {
      interrupted_vm = &*vm_;
      std::signal(SIGINT, on_interrupt);
      run_phases();
      interrupted_vm = nullptr;
      end();
    } else {
      luggage_.code = 1;
      luggage_.has_ended = true;
    }
    std::fflush(stdout);
  }

 private:
  // What a run up to the end of a phase came to.
  enum class Phase : std::uint8_t { Ended, Exited, ExitedClosing, Left };

  Dialogue find_work() const {
    const bool is_person = os::is_terminal(os::kStandardInput);
    const bool has_work =
        options_.script || options_.has_code || (options_.shows_version && !options_.converses);
    const bool converses = options_.converses || (!has_work && is_person);
    if (options_.shows_version || (converses && !has_work)) show_version();
    return {converses, !has_work && !converses, converses && is_person};
  }

  void show_version() const {
    if (dialect_of(options_) == Dialect::Luau) {
      std::printf("Moonlet %s, for Luau\n", kVersion);
    } else {
      std::printf("Moonlet %s, for Lua 5.4 as defined by Lua.org, PUC-Rio\n", kVersion);
    }
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
    ForkOptions fork;
    fork.host = &host_;
    if (!options_.dump_folder.empty()) fork = still_fork(still_host_);
    fork.limits.memory_bytes = options_.memory_bytes_max;
    const bool begins = luggage_.state.empty();
    auto vm = begins ? launch(*engine, options_, find_work(), fork)
                     : thaw(*engine, options_, luggage_.state, fork);
    if (!vm) return fail(vm.error());
    vm_ = std::move(*vm);
    if (options_.stack_slots_max != 0) {
      Limits limits = vm_->limits();
      limits.stack_slots = options_.stack_slots_max;
      if (auto set = vm_->set_limits(limits); !set) return fail(set.error());
    }
    vm_->give_unread_input(luggage_.unread_input);
    luggage_.state.clear();
    luggage_.unread_input.clear();
    vm_->set_stress({options_.collects_always, begins ? options_.failing_allocation : 0,
                     options_.failing_count});
    return true;
  }

  // The program, then pending variables and finalizers; a script that exits in one of these goes on
  // with the next.
  void run_phases() {
    for (;;) {
      const Phase phase = run_phase();
      if (phase == Phase::Left) return;
      const bool closes =
          luggage_.is_closing ? phase == Phase::ExitedClosing : phase != Phase::Exited;
      if (!closes || !vm_->begin_close()) break;
      luggage_.is_closing = true;
    }
    luggage_.has_ended = true;
  }

  Phase run_phase() {
    for (;;) {
      const Outcome outcome = vm_->run({.trip_every = options_.trip_every});
      if (const Preempted* stop = std::get_if<Preempted>(&outcome)) {
        if (stop->reason == PreemptReason::Interrupt) vm_->raise("interrupted!");
        if (stop->reason == PreemptReason::Trip && !trip()) {
          luggage_.code = 1;
          return Phase::Exited;
        }
        if (!luggage_.state.empty()) return Phase::Left;
      } else if (const Suspended* asked = std::get_if<Suspended>(&outcome)) {
        answer(asked->command);
      } else if (const Exited* exited = std::get_if<Exited>(&outcome)) {
        luggage_.code = exited->code;
        return exited->closes ? Phase::ExitedClosing : Phase::Exited;
      } else {
        const int code = code_of(outcome);
        if (!luggage_.is_closing) luggage_.code = code;
        return Phase::Ended;
      }
    }
  }

  int code_of(const Outcome& outcome) {
    if (const Failed* failed = error_of(outcome)) {
      fail(failed->message);
      return 1;
    }
    const Finished* finished = std::get_if<Finished>(&outcome);
    if (finished == nullptr || finished->values.empty()) return finished == nullptr ? 1 : 0;
    const bool* is_well = finished->values[0].boolean();
    return is_well != nullptr && !*is_well ? 1 : 0;
  }

  // False: the program is to end.
  bool trip() {
    auto state = options_.trips_to_processes ? vm_->freeze() : trip_here();
    if (!state) {
      ++luggage_.report.refusals[state.error()];
      return options_.reports_trips || fail("no trip: " + state.error());
    }
    luggage_.report.add_trip(state->size());
    if (!options_.dump_folder.empty() && !dump(*state)) return false;
    if (options_.trips_to_processes) leave(std::move(*state));
    return true;
  }

  std::expected<std::string, std::string> trip_here() {
    static const bool kChecks = os::environment_variable("MOONLET_CHECK").has_value();
    return vm_->trip(kChecks ? TripCheck::SameBytes : TripCheck::None);
  }

  void leave(std::string state) {
    luggage_.state = std::move(state);
    luggage_.unread_input = vm_->take_unread_input();
    luggage_.clock_seconds = host_.clock_seconds();
  }

  // Files are named for their safepoint, with as many digits as sort them.
  bool dump(const std::string& state) {
    constexpr std::size_t kDigits = 12;
    const std::string number = std::to_string(vm_->usage().safepoints);
    const std::string zeros(kDigits - std::min(number.size(), kDigits), '0');
    const std::string path = options_.dump_folder + "/" + zeros + number + ".state";
    const auto file = os::open_file(path, {.can_write = true, .creates = true, .truncates = true});
    int error = file ? os::write_file(*file, state.data(), state.size()) : file.error();
    if (file) {
      const int closing = os::close_file(*file);
      if (error == 0) error = closing;
    }
    return error == 0 || fail("cannot write " + path + ": " + os::error_text(error));
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

  void end() {
    luggage_.report.safepoints = vm_->usage().safepoints;
    if (options_.collects_always || options_.failing_allocation > 0) {
      if (const std::string damage = vm_->find_damage(); !damage.empty()) {
        fail("internal error: broken memory: " + damage);
        luggage_.code = kDamage;
        luggage_.has_ended = true;
      }
    }
    editor_.reset();
    vm_.reset();
  }

  const ExecOptions& options_;
  Luggage& luggage_;
  ProgramHost host_;
  StillHost still_host_;
  std::optional<Vm> vm_;
  std::optional<LineEditor> editor_;
};

}  // namespace

int run_session(const ExecOptions& options) {
  Luggage luggage;
  run_session(options, luggage);
  if (options.reports_trips) luggage.report.print();
  return luggage.code;
}

void run_session(const ExecOptions& options, Luggage& luggage) { Session(options, luggage).run(); }

}  // namespace moonlet::cli
