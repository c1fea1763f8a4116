#include "cli/exec_sweep.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include "base/os/file.hpp"
#include "cli/exec_launch.hpp"
#include "cli/still_host.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

constexpr std::uint64_t kUnitsPerWork = 1'000'000;
constexpr std::uint64_t kUnitsPerStart = 20'000;  // about what making a Vm is worth
constexpr std::uint64_t kLeastRuns = 100;
constexpr int kProblemsShown = 10;

// Keeps what a run writes, and notes what it had written before memory ran out.
class Recorder final : public StillHost {
 public:
  void watch(const Vm* vm) { vm_ = vm; }
  void write(std::string_view text) override {
    if (undisturbed_ == std::string::npos && vm_ != nullptr && vm_->usage().memory_errors > 0) {
      undisturbed_ = output_.size();
    }
    output_ += text;
  }
  void write_error(std::string_view) override {}
  void flush() override {}
  void warn(std::string_view, bool) override {}

  const std::string& output() const { return output_; }
  std::string_view undisturbed() const { return std::string_view(output_).substr(0, undisturbed_); }

 private:
  const Vm* vm_ = nullptr;
  std::string output_;
  std::size_t undisturbed_ = std::string::npos;
};

struct Trial {
  std::string problem;  // empty: none
  std::string output;
  std::string undisturbed;  // the part of the output before the first memory error
  int code = 0;
  bool has_closed = true;  // false: there was no memory to begin with it
  Usage usage;
};

class Sweep {
 public:
  Sweep(const Engine& engine, const ExecOptions& options) : engine_(engine), options_(options) {}

  int run() {
    normal_ = attempt({});
    if (!normal_.problem.empty()) {
      std::printf("sweep: undisturbed, %s\n", normal_.problem.c_str());
      return 1;
    }
    fuel_max_ = 10 * normal_.usage.fuel + 10 * kUnitsPerWork;
    const std::uint64_t runs =
        std::max(kLeastRuns,
                 options_.sweep_work * kUnitsPerWork / (3 * (normal_.usage.fuel + kUnitsPerStart)));
    try_all("", 1, runs);
    try_all("x2", 2, runs);
    try_all("+", INT64_MAX, runs);
    return problems_ == 0 ? 0 : 1;
  }

 private:
  // Half of the runs try the first allocations, each of them; the others are spread.
  void try_all(const char* suffix, std::int64_t count, std::uint64_t runs_max) {
    const std::uint64_t all = normal_.usage.allocations;
    const std::uint64_t dense = all <= runs_max ? all : runs_max / 2;
    const std::uint64_t stride =
        dense == all ? 1 : (all - dense + runs_max - dense - 1) / (runs_max - dense);
    std::uint64_t runs = 0;
    std::uint64_t errors = 0;
    for (std::uint64_t n = 1; n <= all; n += n < dense ? 1 : stride, ++runs) {
      const Trial trial =
          attempt({.failing_allocation = static_cast<std::int64_t>(n), .failing_count = count});
      if (trial.usage.memory_errors > 0) ++errors;
      if (const std::string problem = complaint(trial, count); !problem.empty()) {
        if (++problems_ <= kProblemsShown) {
          std::printf("fail-alloc=%llu%s: %s\n", static_cast<unsigned long long>(n), suffix,
                      problem.c_str());
        }
      }
    }
    std::printf("fail-alloc=N%s: %llu allocations, %llu runs", suffix,
                static_cast<unsigned long long>(all), static_cast<unsigned long long>(runs));
    if (stride > 1) {
      std::printf(" (each of the first %llu, then one of %llu: a run takes %llu units of fuel)",
                  static_cast<unsigned long long>(dense), static_cast<unsigned long long>(stride),
                  static_cast<unsigned long long>(normal_.usage.fuel));
    }
    std::printf(", %llu with memory errors\n", static_cast<unsigned long long>(errors));
    std::fflush(stdout);
  }

  std::string complaint(const Trial& trial, std::int64_t count) const {
    if (!trial.problem.empty()) return trial.problem;
    const bool is_same = trial.output == normal_.output && trial.code == normal_.code;
    if (trial.usage.memory_errors == 0 && trial.has_closed) {
      return is_same ? "" : "no error, and another result:\n" + difference(trial.output);
    }
    if (count == 1) return "a memory error, though a collection would have helped";
    if (!normal_.output.starts_with(trial.undisturbed)) {
      return "another result before the memory error:\n" + difference(trial.undisturbed);
    }
    return "";
  }

  // Where the output begins to differ.
  std::string difference(const std::string& output) const {
    const auto [a, b] =
        std::mismatch(normal_.output.begin(), normal_.output.end(), output.begin(), output.end());
    const auto line = std::count(output.begin(), b, '\n') + 1;
    const auto rest = [](auto from, auto end) {
      return std::string(from, std::min(end, from + std::min<std::ptrdiff_t>(end - from, 60)));
    };
    return "  line " + std::to_string(line) + ": wanted '" + rest(a, normal_.output.end()) +
           "', got '" + rest(b, output.end()) + "'";
  }

  Trial attempt(const Stress& stress) {
    Trial trial;
    Recorder host;
    // Every run reads the same, if it is a file.
    static_cast<void>(os::seek_file(os::kStandardInput, 0, os::SeekFrom::Start));
    auto vm = launch(engine_, options_, {}, still_fork(host));
    if (!vm) {
      trial.problem = vm.error();
      return trial;
    }
    host.watch(&*vm);
    const std::uint64_t before = vm->usage().allocations;
    vm->set_stress(stress);
    finish(*vm, trial);
    trial.usage = vm->usage();
    trial.usage.allocations -= before;
    if (trial.problem.empty()) trial.problem = vm->find_damage();
    host.watch(nullptr);
    trial.output = host.output();
    trial.undisturbed = host.undisturbed();
    return trial;
  }

  // Runs to the end, finalizers included.
  void finish(Vm& vm, Trial& trial) {
    bool is_closing = false;
    for (bool goes_on = true; goes_on;) {
      bool closes = !is_closing;
      const Outcome outcome = vm.run({.fuel = fuel_max_});
      if (std::holds_alternative<Preempted>(outcome)) {
        trial.problem = "does not end";
        return;
      }
      trial.problem = vm.find_damage();
      if (!trial.problem.empty()) return;
      if (const Exited* exited = std::get_if<Exited>(&outcome)) {
        trial.code = exited->code;
        closes = closes && exited->closes;
      } else if (const Finished* finished = std::get_if<Finished>(&outcome)) {
        if (!is_closing && !finished->values.empty() && finished->values[0] == Value(false)) {
          trial.code = 1;
        }
      } else if (error_of(outcome) == nullptr) {
        trial.problem = "stopped for something else than an error";
        return;
      } else if (!is_closing) {
        trial.code = 1;
      }
      goes_on = closes && vm.begin_close().has_value();
      if (closes && !goes_on) trial.has_closed = false;
      is_closing = true;
    }
  }

  const Engine& engine_;
  const ExecOptions& options_;
  Trial normal_;
  std::uint64_t fuel_max_ = UINT64_MAX;
  int problems_ = 0;
};

}  // namespace

int sweep(const ExecOptions& options) {
  auto engine = Engine::make();
  if (!engine) {
    std::fprintf(stderr, "%s: %s\n", options.program.c_str(), engine.error().c_str());
    return 1;
  }
  return Sweep(*engine, options).run();
}

}  // namespace moonlet::cli
