// A collection can be stopped in the middle: by an interrupt, by kill, by a clock; what is frozen
// there goes on as if nothing had happened.
#include <gtest/gtest.h>

#include "tests/support/one_function.hpp"

namespace moonlet {
namespace {

// Ephemerons, finalizers, coroutines and garbage; then a collection that was asked for.
constexpr const char* kCollecting =
    "local weak, heap = setmetatable({}, {__mode = 'k'}), {} "
    "local log = 0 "
    "local finalized = {__gc = function() log = log + 1 end} "
    "for i = 1, 6000 do "
    "  local key = {} weak[key] = {i} "
    "  if i % 2 == 0 then heap[#heap + 1] = key end "
    "  if i % 7 == 0 then setmetatable(key, finalized) end "
    "  if i % 100 == 0 then heap[#heap + 1] = coroutine.create(function() return heap, i end) end "
    "end "
    "collectgarbage() collectgarbage() "
    "local count, sum = 0, 0 "
    "for _, value in pairs(weak) do count, sum = count + 1, sum + value[1] end "
    "return count .. ' ' .. sum .. ' ' .. log";

// Interrupted as often as possible, and what `between` does to it then. How often that was.
template <typename Between>
std::string run_interrupted(Vm& vm, int& stops, Between between) {
  for (stops = 0; stops < 1'000'000; ++stops) {
    vm.interrupt();
    const Outcome outcome = vm.run();
    if (!std::holds_alternative<Preempted>(outcome)) return describe(outcome);
    between();
  }
  return "no end";
}

TEST(CollectionStop, InterruptsComeThrough) {
  const Image image = image_of(kCollecting);
  Vm plain = started(image);
  const std::string expected = describe(plain.run());
  ASSERT_EQ(expected.substr(0, 9), "finished:");
  Vm vm = started(image);
  int stops;
  EXPECT_EQ(run_interrupted(vm, stops, [] {}), expected);
  // Both collections look at more than 20,000 objects.
  std::string without(kCollecting);
  for (int n = 0; n < 2; ++n) without.erase(without.find("collectgarbage()"), 16);
  Vm other = started(image_of(without));
  int stops_without;
  (void)run_interrupted(other, stops_without, [] {});
  EXPECT_GT(stops, stops_without + 40);
}

TEST(CollectionStop, StatesFrozenInTheMiddleGoOn) {
  const Image image = image_of(kCollecting);
  Vm plain = started(image);
  const std::string expected = describe(plain.run());
  Vm vm = started(image);
  int stops;
  int countdown = 0;
  const auto trip = [&] {
    if (++countdown % 17 != 0) return;
    const auto state = vm.trip(TripCheck::SameBytes);
    ASSERT_TRUE(state.has_value()) << state.error();
  };
  EXPECT_EQ(run_interrupted(vm, stops, trip), expected);
  EXPECT_GT(stops, 34);
}

TEST(CollectionStop, KillAndClocksComeThrough) {
  const Image image = image_of(std::string(kCollecting) +
                               " .. (function() while true do "
                               "collectgarbage() end end)()");
  for (const int stops : {100, 200, 301, 402}) {
    Vm vm = started(image);
    for (int n = 0; n < stops; ++n) {
      vm.interrupt();
      ASSERT_EQ(describe(vm.run()), "preempted");
    }
    vm.kill();
    EXPECT_EQ(describe(vm.run()), "killed");
  }
}

// When finalizers run, what is left in weak tables, and the fuel: as without stops.
TEST(CollectionStop, NothingThatAScriptSeesDependsOnStops) {
  const Image image = image_of(
      "local sum, runs, i = 0, 0, 0 "
      "local finalized = {__gc = function() runs = runs + 1 sum = (sum * 31 + i) % 1000003 end} "
      "local weak, heap = setmetatable({}, {__mode = 'k'}), {} "
      "while i < 15000 do i = i + 1 "
      "  local key = {} weak[key] = {i} heap[i % 900 + 1] = key "
      "  if i % 5 == 0 then setmetatable({key}, finalized) end "
      "  if i % 1000 == 0 then for _, v in pairs(weak) do sum = (sum * 7 + v[1]) % 1000003 end end "
      "end return runs .. ' ' .. sum");
  Vm plain = started(image);
  const std::string expected = describe(plain.run());
  ASSERT_NE(expected, "finished: \"0 0\"");
  Vm vm = started(image);
  int stops;
  EXPECT_EQ(run_interrupted(vm, stops, [] {}), expected);
  EXPECT_GT(stops, 100);
  EXPECT_EQ(vm.usage().fuel, plain.usage().fuel);
  EXPECT_EQ(vm.usage().memory_bytes, plain.usage().memory_bytes);
}

// At the memory limit: the collection that comes before the error.
TEST(CollectionStop, AtTheMemoryLimit) {
  const Image image = image_of(
      "local heap = {} for i = 1, 20000 do heap[i] = {i} end "
      "local ok, message = pcall(function() while true do heap[#heap + 1] = {} end end) "
      "local kept = #heap heap = nil local t = {} for i = 1, 5000 do t[i] = {} end "
      "return tostring(ok) .. ' ' .. tostring(message) .. ' ' .. kept");
  ForkOptions options;
  options.limits.memory_bytes = 4'000'000;
  Vm plain = started(image, options);
  const std::string expected = describe(plain.run());
  EXPECT_NE(expected.find("not enough memory"), std::string::npos) << expected;
  Vm vm = started(image, options);
  int stops;
  EXPECT_EQ(run_interrupted(vm, stops, [] {}), expected);
  EXPECT_GT(stops, 100);
  EXPECT_EQ(vm.usage().fuel, plain.usage().fuel);
}

}  // namespace
}  // namespace moonlet
