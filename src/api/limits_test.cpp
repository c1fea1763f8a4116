// Each limit, what stops a Vm from outside, and that both survive resting and freezing.
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/one_function.hpp"

namespace moonlet {
namespace {

// Clocks that the test sets.
class ClockHost : public Host {
 public:
  std::int64_t steady_ns() override { return steady += step; }
  std::int64_t time_ns() override { return time += step; }
  std::int64_t steady = 1'000'000;
  std::int64_t time = 5'000'000'000;
  std::int64_t step = 0;
};

std::string end_of(const std::string& body, const Limits& limits) {
  ForkOptions options;
  options.limits = limits;
  return describe(started(image_of(body), options).run());
}

constexpr const char* kUncatchable =
    "local t <close> = setmetatable({}, {__close = function() while true do end end}) "
    "setmetatable({}, {__gc = function() while true do end end}) "
    "while true do pcall(function() xpcall(function() while true do "
    "coroutine.wrap(function() while true do end end)() end end, function() while true do end end) "
    "end) end";

TEST(Limits, OneOfEachIsToldFromTheOthers) {
  struct Case {
    const char* body;
    Limits limits;
    const char* end;
  };
  const auto with = [](auto set) {
    Limits limits;
    set(limits);
    return limits;
  };
  const Case cases[] = {
      {"local t = {} while true do t[#t + 1] = {} end",
       with([](Limits& l) { l.memory_bytes = 200'000; }), "memory limit"},
      {kUncatchable, with([](Limits& l) { l.fuel = 100'000; }), "fuel limit"},
      {"local function f() return 1 + f() end return f()",
       with([](Limits& l) { l.stack_slots = 5'000; }), "call depth limit"},
      {"local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] end "
       "return t.x",
       with([](Limits& l) { l.nesting = 20; }), "nesting limit"},
      {"return ('x'):rep(2000)", with([](Limits& l) { l.string_bytes = 1000; }),
       "string size limit"},
      {"local s = 'x' while true do s = s .. s end", with([](Limits& l) { l.string_bytes = 1000; }),
       "string size limit"},
      {"local t = {} for i = 1, 1e6 do t[i] = i end", with([](Limits& l) { l.table_slots = 1024; }),
       "table size limit"},
      {"local t = {} for i = 1, 1e6 do t['k' .. i] = i end",
       with([](Limits& l) { l.table_slots = 1024; }), "table size limit"},
      {"local t = {} for i = 1, 1e6 do t[i] = coroutine.create(print) end",
       with([](Limits& l) { l.coroutines = 50; }), "coroutine limit"},
  };
  for (const Case& c : cases) EXPECT_EQ(end_of(c.body, c.limits), c.end) << c.body;
  Limits source;
  source.source_bytes = 100;
  EXPECT_EQ(end_of("return select(2, load(('x = 1 '):rep(100)))", source),
            "finished: \"chunk is too large\"");
}

TEST(Limits, ErrorsCanBeCaughtUnlessTheHostForbidsIt) {
  const std::string deep = "local function f() return 1 + f() end return tostring(pcall(f))";
  const std::string large =
      "return tostring(pcall(function() local t = {} while true do "
      "t[#t + 1] = {} end end))";
  Limits limits;
  limits.stack_slots = 5'000;
  limits.memory_bytes = 300'000;
  EXPECT_EQ(end_of(deep, limits), "finished: \"false\"");
  EXPECT_EQ(end_of(large, limits), "finished: \"false\"");
  limits.catches_depth_errors = false;
  EXPECT_EQ(end_of(deep, limits), "call depth limit");
  EXPECT_EQ(end_of(large, limits), "finished: \"false\"");
  limits.catches_memory_errors = false;
  EXPECT_EQ(end_of(large, limits), "memory limit");
  EXPECT_EQ(end_of("return coroutine.wrap(function() " + large + " end)()", limits),
            "memory limit");
}

TEST(Limits, AVmWhoseCallWasEndedByALimitCanBeUsed) {
  ForkOptions options;
  options.limits.memory_bytes = 300'000;
  options.limits.catches_memory_errors = false;
  Vm vm = started(image_of("n = (n or 0) + 1 if n == 1 then local t = {} "
                           "while true do t[#t + 1] = {} end end return n"),
                  options);
  const Outcome hit = vm.run();
  ASSERT_EQ(describe(hit), "memory limit");
  EXPECT_NE(error_of(hit)->message.find("not enough memory"), std::string::npos);
  EXPECT_NE(error_of(hit)->traceback.find("m.lua"), std::string::npos);
  ASSERT_TRUE(vm.rest().has_value());
  ASSERT_TRUE(vm.start("m", {"main"}, {}).has_value());
  EXPECT_EQ(describe(vm.run()), "finished: 2");
}

TEST(Limits, OneThatWasCaughtIsForgotten) {
  const std::string deep = "local function f() return 1 + f() end pcall(f) ";
  Limits limits;
  limits.stack_slots = 5'000;
  limits.table_slots = 1'024;
  limits.memory_bytes = 1'000'000;
  EXPECT_EQ(end_of(deep + "error('plain', 0)", limits), "failed: plain");
  EXPECT_EQ(end_of("pcall(function() local t = {} for i = 1, 1e6 do t[i] = i end end) "
                   "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(10000) .. i end",
                   limits),
            "memory limit");
  // The error is the host's, and no text.
  ForkOptions options;
  options.limits = limits;
  Vm vm = started(image_of(deep + "sys.invoke('f')"), options);
  ASSERT_EQ(describe(vm.run()), "suspended");
  ASSERT_TRUE(vm.resume_with_error(vm.pending()->id, Value::Object{{"code", 7}}).has_value());
  EXPECT_EQ(describe(vm.run()).substr(0, 7), "failed:");
}

TEST(Limits, FuelThatIsRaisedLetsTheProgramGoOn) {
  ForkOptions options;
  options.limits.fuel = 10'000;
  Vm vm = started(image_of("local n = 0 for i = 1, 20000 do n = n + 1 end return n"), options);
  EXPECT_EQ(describe(vm.run()), "fuel limit");
  const std::uint64_t used = vm.usage().fuel;
  EXPECT_GE(used, 10'000u);
  EXPECT_LT(used, 10'100u);
  // Without more, it does not move.
  EXPECT_EQ(describe(vm.run()), "fuel limit");
  EXPECT_EQ(vm.usage().fuel, used);
  Vm thawed =
      *Vm::thaw(image_of("local n = 0 for i = 1, 20000 do n = n + 1 end return n"), *vm.freeze());
  EXPECT_EQ(thawed.usage().fuel, used);
  EXPECT_EQ(describe(thawed.run()), "fuel limit");
  Limits more = thawed.limits();
  EXPECT_EQ(more.fuel, 10'000u);
  more.fuel = 1'000'000;
  ASSERT_TRUE(thawed.set_limits(more).has_value());
  EXPECT_EQ(describe(thawed.run()), "finished: 20000");
}

TEST(Limits, SlicesEndAsPreemptedAndTheLimitInTheEnd) {
  ForkOptions options;
  options.limits.fuel = 50'000;
  Vm vm = started(image_of(kUncatchable), options);
  int slices = 0;
  Outcome outcome = vm.run({.fuel = 1'000});
  while (std::holds_alternative<Preempted>(outcome)) {
    if (++slices % 7 == 0) {
      EXPECT_TRUE(vm.rest().has_value());
    }
    outcome = vm.run({.fuel = 1'000});
  }
  EXPECT_EQ(describe(outcome), "fuel limit");
  EXPECT_GT(slices, 40);
  EXPECT_LT(slices, 60);
}

TEST(Limits, RunTimeIsSummedOverRunsAndStopsWhileSuspended) {
  ClockHost clock;
  ForkOptions options;
  options.host = &clock;
  options.limits.run_time_ns = 1'000;
  Vm vm = started(image_of(kUncatchable), options);
  clock.step = 100;
  EXPECT_EQ(describe(vm.run({.fuel = 5'000})), "preempted");
  const std::uint64_t used = vm.usage().run_time_ns;
  EXPECT_GT(used, 0u);
  EXPECT_LT(used, 1'000u);
  clock.steady += 1'000'000'000;  // asleep
  ASSERT_TRUE(vm.rest().has_value());
  EXPECT_EQ(vm.usage().run_time_ns, used);
  EXPECT_EQ(describe(vm.run()), "run time limit");
  EXPECT_EQ(describe(vm.run()), "run time limit");
  Limits more = vm.limits();
  more.run_time_ns = 10'000;
  ASSERT_TRUE(vm.set_limits(more).has_value());
  EXPECT_EQ(describe(vm.run({.fuel = 5'000})), "preempted");
}

TEST(Limits, ADeadlineIsTheClocksOnTheWall) {
  ClockHost clock;
  ForkOptions options;
  options.host = &clock;
  options.limits.deadline_ns = 6'000'000'000;
  Vm vm = started(image_of(kUncatchable), options);
  EXPECT_EQ(describe(vm.run({.fuel = 10'000})), "preempted");
  clock.time = 6'000'000'000;
  EXPECT_EQ(describe(vm.run()), "deadline");
  ASSERT_TRUE(vm.rest().has_value());
  EXPECT_EQ(describe(vm.run()), "deadline");
  clock.time = 5'000'000'000;  // back again
  EXPECT_EQ(describe(vm.run({.fuel = 10'000})), "preempted");
}

TEST(Limits, TheSoftOneMakesTheCollectorWorkHarder) {
  const Image image = image_of(
      "local keep = {} for i = 1, 3000 do keep[i] = {i} end local high = 0 "
      "for i = 1, 200000 do local t = {i} high = math.max(high, collectgarbage('count')) end "
      "return high");
  const auto peak = [&](std::uint64_t soft) {
    ForkOptions options;
    options.limits.memory_bytes_soft = soft;
    const Outcome outcome = started(image, options).run();
    return *std::get<Finished>(outcome).values[0].number() * 1024;
  };
  const double alone = peak(UINT64_MAX);
  const double softly = peak(400'000);
  EXPECT_LT(softly, 480'000);
  EXPECT_GT(alone, softly * 1.2);
}

TEST(Limits, MainChunksHaveThem) {
  static const Engine engine = *Engine::make();
  ImageOptions options;
  options.sources = {{"m", "while true do end", "m.lua"}};
  options.limits.fuel = 100'000;
  EXPECT_EQ(Image::compile(engine, options).error(),
            "m.lua: the main chunk has hit its fuel limit");
  options.sources = {{"m", "local t = {} while true do t[#t + 1] = {} end", "m.lua"}};
  options.limits = {};
  options.limits.memory_bytes = 1'000'000;
  EXPECT_NE(Image::compile(engine, options).error().find("not enough memory"), std::string::npos);
  options.sources = {{"m",
                      "return {main = function() local s = 0 for i = 1, 1e6 do s = s + i end "
                      "return s end}",
                      "m.lua"}};
  options.limits.fuel = 1'000;
  const Image image = *Image::compile(engine, options);
  EXPECT_EQ(image.fork()->limits(), Limits());
  EXPECT_EQ(describe(started(image, {}).run()), "finished: 500000500000");
}

// ---- From outside.

// ---- The reserve at a limit.

// What handlers do: a text of 200 bytes and more, three calls deep.
constexpr const char* kHandlers = R"(
  local kept
  local function fill() while true do kept = {next = kept} end end
  local function third(text) return text .. "!" end
  local function second(text) return third(string.rep("x", 200) .. text) .. "?" end
  local function first(text) return (second(tostring(text) .. ": ")) end
)";

Vm with_handlers(const std::string& body, const Limits& limits) {
  ForkOptions options;
  options.id = "v";
  options.seed = 1;
  options.limits = limits;
  return started(image_of(kHandlers + body), options);
}

Limits memory_limit(std::uint64_t bytes) {
  Limits limits;
  limits.memory_bytes = bytes;
  return limits;
}

TEST(Reserve, LetsWhoCatchesALackOfMemoryWork) {
  // The limit is hit at different places, some of them with the smallest piece of memory.
  for (std::uint64_t bytes = 30'000; bytes < 31'000; bytes += 88) {
    Vm caught = with_handlers("local ok, e = pcall(fill) return #first(e)", memory_limit(bytes));
    EXPECT_EQ(describe(caught.run()), "finished: 221") << bytes;
    EXPECT_GT(caught.usage().memory_bytes, bytes) << "all of it is alive";
    EXPECT_LE(caught.usage().memory_bytes, bytes + 8 * 1024);
    EXPECT_EQ(caught.usage().memory_errors, 1u);
    Vm closed = with_handlers(
        "local done local ok, e = pcall(function() "
        "local c <close> = setmetatable({}, {__close = function(_, e) done = first(e) end}) "
        "fill() end) return #done + #first(e)",
        memory_limit(bytes));
    EXPECT_EQ(describe(closed.run()), "finished: 442") << bytes;
    // As in Lua: the message handler is not called, whatever it would do.
    Vm handled = with_handlers("return select(2, xpcall(fill, first))", memory_limit(bytes));
    EXPECT_EQ(describe(handled.run()), "finished: \"not enough memory\"");
  }
}

TEST(Reserve, IsThereOnceAndComesBack) {
  // Whoever never lets go gets no more than it.
  Vm greedy = with_handlers(
      "local count = 0 for i = 1, 50 do if not pcall(fill) then count = count + 1 end end "
      "return count",
      memory_limit(50'000));
  EXPECT_EQ(describe(greedy.run()), "finished: 50");
  EXPECT_LE(greedy.usage().memory_bytes, 50'000u + 8 * 1024);
  Vm modest = with_handlers(
      "local sum = 0 for i = 1, 50 do local ok, e = pcall(fill) sum = sum + #first(e) "
      "kept = nil collectgarbage() end return sum",
      memory_limit(50'000));
  EXPECT_EQ(describe(modest.run()), "finished: 11050");
  EXPECT_LE(modest.usage().memory_bytes, 50'000u);
}

// A program in the middle of its handler, at its limit, is saved and goes on alike.
TEST(Reserve, IsPartOfTheState) {
  const std::string body = "local ok, e = pcall(fill) sys.invoke('ask') return first(e)";
  const Image image = image_of(kHandlers + body);
  for (std::uint64_t bytes = 40'000; bytes < 41'000; bytes += 88) {
    Vm vm = with_handlers(body, memory_limit(bytes));
    const Outcome outcome = vm.run();
    ASSERT_EQ(describe(outcome), "suspended") << bytes;
    const std::string state = *vm.freeze();
    EXPECT_EQ(vm.find_damage(), "");
    Vm thawed = *Vm::thaw(image, state);
    EXPECT_EQ(*thawed.freeze(), state);
    ASSERT_TRUE(vm.rest());
    for (Vm* each : {&vm, &thawed}) {
      ASSERT_TRUE(each->resume(std::get<Suspended>(outcome).command.id, {}));
      const Outcome end = each->run();
      ASSERT_TRUE(std::holds_alternative<Finished>(end)) << bytes << describe(end);
      EXPECT_EQ(std::get<Finished>(end).values[0].string()->size(), 221u);
    }
    EXPECT_EQ(vm.usage().memory_bytes, thawed.usage().memory_bytes);
    // It can still be killed, and looked at.
    vm.kill();
    EXPECT_EQ(describe(vm.run()), "killed");
    EXPECT_TRUE(vm.freeze());
  }
}

TEST(Reserve, LetsHandlersWorkAtTheStacksLimit) {
  for (const std::uint32_t slots : {256u, 1000u, 200'000u}) {
    Limits limits;
    limits.stack_slots = slots;
    const std::string deep = "local function deep() return 1 + deep() end ";
    const std::string handled =
        "local called local ok, e = xpcall(deep, function(e) called = first(e) return called end) "
        "return ok == false and e == called and #e";
    EXPECT_EQ(describe(with_handlers(deep + handled, limits).run()), "finished: 227") << slots;
    const std::string closed =
        "local done local ok, e = pcall(function() "
        "local c <close> = setmetatable({}, {__close = function(_, e) done = first(e) end}) "
        "return 1 + deep() end) return #done + #first(e)";
    EXPECT_EQ(describe(with_handlers(deep + closed, limits).run()), "finished: 454") << slots;
  }
}

TEST(MemoryLimit, FailsOnlyWhenWhatIsAliveIsOverIt) {
  // Far more than the limit, never much at a time; the collector is not asked to work.
  Vm vm = with_handlers(
      "collectgarbage('stop') for i = 1, 20000 do local t = {i, tostring(i) .. 'x', {}} end "
      "local s = '' for i = 1, 300 do s = s .. i end return #s",
      memory_limit(30'000));
  EXPECT_EQ(describe(vm.run()), "finished: 792");
  EXPECT_EQ(vm.usage().memory_errors, 0u);
}

// Asking costs nothing, and other programs do not matter.
TEST(MemoryLimit, EqualQueriesAreEqual) {
  const char* body =
      "local t = {} for i = 1, 200 do t[i] = {i} "
      "if collectgarbage('count') ~= collectgarbage('count') then return i end end "
      "return collectgarbage('count')";
  Vm alone = with_handlers(body, {});
  const std::string end = describe(alone.run());
  EXPECT_NE(end.find('.'), std::string::npos) << end;
  std::vector<Vm> others;
  for (int n = 0; n < 20; ++n) {
    others.push_back(with_handlers("fill()", memory_limit(40'000 + 1000u * n)));
    (void)others.back().run();
  }
  Vm among_others = with_handlers(body, {});
  EXPECT_EQ(describe(among_others.run()), end);
  EXPECT_EQ(among_others.usage().memory_bytes, alone.usage().memory_bytes);
}

TEST(Kill, GoesThroughEverything) {
  const Image image = image_of(kUncatchable);
  for (const std::uint64_t fuel : {1u, 100u, 5'000u, 70'000u}) {
    Vm vm = started(image, {});
    EXPECT_EQ(describe(vm.run({.fuel = fuel})), "preempted");
    vm.kill();
    vm.interrupt();
    EXPECT_EQ(describe(vm.run()), "killed");
    EXPECT_EQ(describe(vm.run()), "killed");
    EXPECT_EQ(vm.start("m", {"main"}, {}).error(), "the Vm was killed");
    Vm thawed = *Vm::thaw(image, *vm.freeze());
    EXPECT_EQ(describe(thawed.run()), "killed");
  }
}

TEST(Kill, ReachesARunOnAnotherThread) {
  const Image image = image_of(kUncatchable);
  Vm vm = started(image, {});
  std::string end;
  std::thread runner([&] { end = describe(vm.run()); });
  vm.kill();
  runner.join();
  EXPECT_EQ(end, "killed");
}

TEST(Cancel, LeavesTheRestUsable) {
  const Image image = image_of(
      "calls = (calls or 0) + 1 "
      "local held <close> = setmetatable({}, {__close = function() closed = true end}) "
      "if calls == 4 then return tostring(closed) .. counter() end "
      "local n = calls counter = function() n = n + 1 return n end "
      "local wrap = coroutine.wrap(function() pcall(function() "
      "table.sort({3, 2, 1}, function() sys.invoke('wait') while true do end end) end) end) "
      "wrap()");
  Vm vm = started(image, {});
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(describe(vm.run()), "suspended");
    if (round == 1) {
      const CommandId id = vm.pending()->id;
      ASSERT_TRUE(vm.resume(id, {}).has_value());
      EXPECT_EQ(describe(vm.run({.fuel = 10'000})), "preempted");
    }
    if (round == 2) {
      ASSERT_TRUE(vm.rest().has_value());
    }
    ASSERT_TRUE(vm.cancel().has_value());
    EXPECT_EQ(vm.pending(), nullptr);
    EXPECT_EQ(vm.find_damage(), "");
    EXPECT_EQ(describe(vm.run()).substr(0, 6), "failed");
    if (round == 0) {
      ASSERT_TRUE(vm.rest().has_value());
    }
    ASSERT_TRUE(vm.start("m", {"main"}, {}).has_value());
  }
  EXPECT_EQ(describe(vm.run()), "finished: \"nil4\"");
}

TEST(Cancel, DoesNothingToAnIdleVm) {
  Vm vm = *image_of("return 7").fork();
  ASSERT_TRUE(vm.cancel().has_value());
  ASSERT_TRUE(vm.start("m", {"main"}, {}).has_value());
  EXPECT_EQ(describe(vm.run()), "finished: 7");
  ASSERT_TRUE(vm.cancel().has_value());
  ASSERT_TRUE(vm.start("m", {"main"}, {}).has_value());
  ASSERT_TRUE(vm.cancel().has_value());
  ASSERT_TRUE(vm.start("m", {"main"}, {}).has_value());
  EXPECT_EQ(describe(vm.run()), "finished: 7");
}

}  // namespace
}  // namespace moonlet
