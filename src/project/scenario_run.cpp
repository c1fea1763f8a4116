#include "project/scenario_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "project/config.hpp"
#include "project/coverage.hpp"
#include "project/expectations.hpp"
#include "project/mock_host.hpp"

namespace moonlet::project {

namespace {

using Clock = std::chrono::steady_clock;

class ScenarioRun {
 public:
  ScenarioRun(const ScenarioSetting& setting, const Scenario& scenario,
              const ScenarioOptions& options)
      : setting_(setting), scenario_(scenario), options_(options), host_(scenario) {}

  ScenarioResult run() {
    const Clock::time_point begin = Clock::now();
    if (auto done = start(); done) {
      finish(run_with_trips());
      if (setting_.has_coverage) collect_lines();
    } else {
      result_.failures.push_back(done.error());
    }
    if (!result_.passed()) {
      result_.place = setting_.project.document.place(scenario_.path, PlaceOf::Name);
    }
    const std::chrono::duration<double, std::milli> taken = Clock::now() - begin;
    result_.name = scenario_.name;
    result_.milliseconds = taken.count();
    result_.output = host_.output();
    return std::move(result_);
  }

 private:
  ForkOptions fork_options() {
    ForkOptions fork;
    fork.host = &host_;
    fork.config = config_;
    if (!setting_.has_coverage) fork.limits = setting_.project.limits;
    fork.id = "scenario";
    fork.seed = 0;
    return fork;
  }

  std::expected<void, std::string> start() {
    config_ = setting_.config;
    if (!scenario_.config.is_nil()) lay_over(config_, scenario_.config);
    if (auto done = check_config(setting_.project, config_); !done) return done;
    auto vm = setting_.image.fork(fork_options());
    if (!vm) return std::unexpected(vm.error());
    vm_.emplace(std::move(*vm));
    const Handler& handler = *setting_.project.find_handler(scenario_.handler);
    if (setting_.has_coverage) {
      return vm_->start(kCoverageModule, {"run"},
                        {Value(handler.script), Value(handler.entry), scenario_.input});
    }
    return vm_->start(handler.script, {"handlers", handler.entry}, {scenario_.input});
  }

  // Freezes, drops and thaws where the scenario says so.
  SessionReport run_with_trips() {
    SessionOptions session;
    session.calls_max =
        scenario_.dehydrate_every ? scenario_.dehydrate_every : scenario_.dehydrate_after;
    for (;;) {
      SessionReport report = run_session(setting_.project, *vm_, host_, session);
      if (report.end != SessionEnd::Frozen) return report;
      ++trips_;
      if (auto done = trip(); !done) return {SessionEnd::Failed, {}, done.error(), {}};
      if (!scenario_.dehydrate_every) session.calls_max.reset();
    }
  }

  std::expected<void, std::string> trip() {
    auto state = vm_->freeze();
    if (!state) return std::unexpected("the program cannot be frozen: " + state.error());
    vm_.reset();
    auto thawed = Vm::thaw(setting_.image, *state, fork_options());
    if (!thawed) return std::unexpected("the program cannot be thawed: " + thawed.error());
    vm_.emplace(std::move(*thawed));
    return {};
  }

  // A program that cannot tell has come to none.
  void collect_lines() {
    if (!vm_ || !vm_->start(kCoverageModule, {"lines"}, {})) return;
    const Outcome outcome = vm_->run();
    const Finished* finished = std::get_if<Finished>(&outcome);
    if (finished != nullptr && !finished->values.empty()) result_.lines = finished->values[0];
  }

  void finish(const SessionReport& report) {
    for (const std::string& failure : host_.failures()) result_.failures.push_back(failure);
    // What comes of a missing mock is no news.
    if (result_.passed()) result_.failures = unmet(scenario_.expected, report, host_);
    if (scenario_.dehydrate_after && trips_ == 0) {
      result_.warnings.push_back("dehydrateAfter " + std::to_string(*scenario_.dehydrate_after) +
                                 ": there were fewer calls");
    }
    std::vector<std::string> left = host_.left_over();
    std::vector<std::string>& to = options_.is_strict ? result_.failures : result_.warnings;
    if (host_.failures().empty()) to.insert(to.end(), left.begin(), left.end());
  }

  const ScenarioSetting& setting_;
  const Scenario& scenario_;
  const ScenarioOptions& options_;
  MockHost host_;
  Value config_;
  std::optional<Vm> vm_;
  std::uint64_t trips_ = 0;
  ScenarioResult result_;
};

}  // namespace

ScenarioResult run_scenario(const ScenarioSetting& setting, const Scenario& scenario,
                            const ScenarioOptions& options) {
  return ScenarioRun(setting, scenario, options).run();
}

std::vector<ScenarioResult> run_scenarios(const ScenarioSetting& setting,
                                          const std::vector<const Scenario*>& scenarios,
                                          const ScenarioOptions& options,
                                          const std::function<void(std::size_t)>& done) {
  std::vector<ScenarioResult> results(scenarios.size());
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // of what follows
  std::size_t ended = 0;
  const auto work = [&] {
    for (std::size_t n; (n = next.fetch_add(1)) < scenarios.size();) {
      results[n] = run_scenario(setting, *scenarios[n], options);
      const std::lock_guard lock(mutex);
      done(++ended);
    }
  };
  std::vector<std::jthread> helpers;
  const std::size_t count = std::min<std::size_t>(options.threads, scenarios.size());
  for (std::size_t n = 1; n < count; ++n) helpers.emplace_back(work);
  work();
  helpers.clear();
  return results;
}

}  // namespace moonlet::project
