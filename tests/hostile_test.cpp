// Programs that never end (tests/hostile/*.lua), one for each place in which a Vm could be kept
// busy: whatever a host stops them by, stops them. bench/safepoints measures how soon.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

namespace fs = std::filesystem;

class ClockHost : public Host {
 public:
  std::int64_t time_ns() override { return time += 1'000'000; }
  std::int64_t steady_ns() override { return steady += 1'000'000; }
  void write(std::string_view) override {}
  std::int64_t time = 0;
  std::int64_t steady = 0;
};

std::set<std::string> names() {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(MOONLET_SOURCE_DIR "/tests/hostile")) {
    found.insert(entry.path().stem().string());
  }
  return found;
}

class Hostile : public testing::TestWithParam<std::string> {
 protected:
  Image image() {
    std::ifstream file(MOONLET_SOURCE_DIR "/tests/hostile/" + GetParam() + ".lua");
    std::ostringstream text;
    text << file.rdbuf();
    static const Engine engine = *Engine::make();
    ImageOptions options;
    options.sources = {{"m", "return {main = function()\n" + text.str() + "\nend}", "m.lua"}};
    auto made = Image::compile(engine, options);
    EXPECT_TRUE(made.has_value()) << made.error();
    return *made;
  }

  Vm started(const ForkOptions& options = {}) {
    Vm vm = *image().fork(options);
    EXPECT_TRUE(vm.start("m", {"main"}, {}).has_value());
    return vm;
  }

  static bool is_preempted(const Outcome& outcome) {
    return std::holds_alternative<Preempted>(outcome);
  }
  static bool hits(const Outcome& outcome, LimitKind limit) {
    const auto* hit = std::get_if<LimitHit>(&outcome);
    return hit != nullptr && hit->limit == limit;
  }
  static std::string told(const Outcome& outcome) {
    const auto* failed = std::get_if<Failed>(&outcome);
    return failed == nullptr ? "outcome " + std::to_string(outcome.index()) : failed->message;
  }
};

constexpr std::uint64_t kFuel = 30'000;
// What one step may use beyond its fuel: growth of a table is charged when it is done.
constexpr std::uint64_t kStep = 600'000;

TEST_P(Hostile, EndsWithItsFuel) {
  Vm vm = started();
  RunOptions options;
  options.fuel = kFuel;
  for (int n = 0; n < 3; ++n) {
    const std::uint64_t before = vm.usage().fuel;
    const Outcome outcome = vm.run(options);
    ASSERT_TRUE(is_preempted(outcome)) << told(outcome);
    EXPECT_LE(vm.usage().fuel - before, kFuel + kStep);
    EXPECT_GE(vm.usage().fuel - before, kFuel) << "stops without a reason";
  }
  EXPECT_EQ(vm.find_damage(), "");
}

TEST_P(Hostile, EndsAtItsLimits) {
  ForkOptions options;
  options.limits.fuel = 3 * kFuel;
  Vm of_fuel = started(options);
  EXPECT_TRUE(hits(of_fuel.run(), LimitKind::Fuel));

  ClockHost host;
  options.host = &host;
  options.limits = {};
  options.limits.run_time_ns = 100'000'000;
  Vm of_time = started(options);
  EXPECT_TRUE(hits(of_time.run(), LimitKind::Time));

  options.limits = {};
  options.limits.deadline_ns = 100'000'000;
  Vm of_deadline = started(options);
  EXPECT_TRUE(hits(of_deadline.run(), LimitKind::Deadline));
}

TEST_P(Hostile, EndsWhenItIsTold) {
  Vm vm = started();
  RunOptions options;
  options.fuel = kFuel;
  ASSERT_TRUE(is_preempted(vm.run(options)));
  vm.interrupt();
  EXPECT_TRUE(is_preempted(vm.run()));
  vm.kill();
  EXPECT_TRUE(std::holds_alternative<Killed>(vm.run()));
}

// At any stop it can be cancelled, and something else be done.
TEST_P(Hostile, GivesWayToOthers) {
  Vm vm = started();
  RunOptions options;
  options.fuel = kFuel;
  ASSERT_TRUE(is_preempted(vm.run(options)));
  ASSERT_TRUE(vm.cancel().has_value());
  ASSERT_TRUE(vm.start("m", {"main"}, {}).has_value());
  EXPECT_TRUE(is_preempted(vm.run(options)));
}

INSTANTIATE_TEST_SUITE_P(All, Hostile, testing::ValuesIn(names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace moonlet
