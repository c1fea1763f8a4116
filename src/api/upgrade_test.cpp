#include "moonlet/upgrade.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>

#include "examples/types/entity.hpp"
#include "moonlet/moonlet.hpp"

namespace moonlet {

static void PrintTo(const UpgradeProblem& problem, std::ostream* out) {
  *out << problem.path << ": " << problem.reason;
}

namespace {

Engine make_engine() { return *Engine::make({}); }

Image compile(const Engine& engine, const std::string& text, const ImageOptions& base = {}) {
  ImageOptions options = base;
  options.sources.push_back({"m", text, "m.lua"});
  auto image = Image::compile(engine, options);
  EXPECT_TRUE(image.has_value()) << (image ? "" : image.error());
  return *image;
}

Vm fork_of(const Image& image) {
  ForkOptions options;
  options.id = "a";
  options.seed = 3;
  return *image.fork(options);
}

// What m.<name> answers, as JSON; or its error.
std::string call(Vm& vm, const std::string& name, const std::vector<Value>& arguments = {}) {
  std::vector<std::string> path;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    path.push_back(name.substr(at, dot - at));
    at = dot + 1;
  }
  if (auto done = vm.start("m", path, arguments); !done) return done.error();
  const Outcome outcome = vm.run();
  if (const Failed* failed = error_of(outcome)) return failed->message;
  return *to_json(Value(std::get<Finished>(outcome).values));
}

UpgradeReport must(std::expected<UpgradeReport, UpgradeRefusal> answer) {
  EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().message);
  return answer ? *answer : UpgradeReport();
}

using Problems = std::vector<UpgradeProblem>;
using Names = std::vector<std::string>;

// Nothing has changed: the Vm is frozen to the same bytes.
Problems refusal_of(Vm& vm, const Image& newer) {
  const std::string before = *vm.freeze();
  auto answer = vm.upgrade(newer);
  EXPECT_FALSE(answer.has_value());
  EXPECT_EQ(*vm.freeze(), before);
  EXPECT_EQ(vm.find_damage(), "");
  return answer ? Problems() : answer.error().problems;
}

// A Vm of the new image in every respect.
void expect_sound(Vm& vm, const Image& image) {
  EXPECT_EQ(vm.find_damage(), "");
  const std::string state = *vm.freeze();
  EXPECT_EQ(*Vm::image_hash(state), image.hash());
  Vm thawed = *Vm::thaw(image, state);
  EXPECT_EQ(thawed.find_damage(), "");
  EXPECT_EQ(*thawed.freeze(), state);
  EXPECT_TRUE(vm.trip(TripCheck::SameBytes).has_value());
}

constexpr const char* kCounter = R"(
  local M, count = {}, 0
  local function step() return 1 end
  function M.add() count = count + step() return count end
  function M.get() return count end
  return M)";

TEST(Upgrade, CodeChangesAndDataStay) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, R"(
      -- The order is another, and so are the lines.
      local count, M = 100, {}
      local function step() return 10 end
      function M.get() return count, "new" end
      function M.add() count = count + step() return count end
      return M)");
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "add"), "[1]");
  const UpgradeReport report = must(vm.upgrade(newer));
  EXPECT_EQ(report.functions, 3u);
  EXPECT_EQ(report.added, Names());
  expect_sound(vm, newer);
  EXPECT_EQ(call(vm, "add"), "[11]");
  EXPECT_EQ(call(vm, "get"), "[11,\"new\"]");
}

TEST(Upgrade, ToTheSameProgramChangesNothing) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, std::string("\n\n") + kCounter);
  ASSERT_NE(older.hash(), newer.hash());
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "add"), "[1]");
  const std::size_t size = vm.freeze()->size();
  // The main thread of the call that has ended is that of the image again.
  must(vm.upgrade(newer));
  must(vm.upgrade(older));
  const std::string state = *vm.freeze();
  EXPECT_LE(state.size(), size);
  for (int round = 0; round < 3; ++round) {
    must(vm.upgrade(newer));
    EXPECT_EQ(vm.freeze()->size(), state.size());
    must(vm.upgrade(older));
    EXPECT_EQ(*vm.freeze(), state);
  }
}

TEST(Upgrade, ItIsADifferenceToTheNewImage) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, std::string(kCounter).insert(0, "local unused = {}\n"));
  Vm vm = fork_of(older);
  must(vm.upgrade(newer));
  Vm born = fork_of(newer);
  EXPECT_LE(vm.freeze()->size(), born.freeze()->size() + 16);
}

TEST(Upgrade, LimitsIdAndSequenceStay) {
  const Engine engine = make_engine();
  const std::string body =
      "return {ask = function() return sys.invoke('f') end, "
      "chance = function() return math.random(1 << 30) end}";
  const Image older = compile(engine, body);
  const Image newer = compile(engine, "\n" + body);
  Vm vm = fork_of(older);
  Vm other = fork_of(older);
  for (Vm* each : {&vm, &other}) {
    Limits limits;
    limits.fuel = 100'000;
    ASSERT_TRUE(each->set_limits(limits).has_value());
    ASSERT_TRUE(each->start("m", {"ask"}, {}).has_value());
    const CommandId id = std::get<Suspended>(each->run()).command.id;
    EXPECT_EQ(id.sequence, 0u);
    ASSERT_TRUE(each->resume(id, {1}).has_value());
    ASSERT_TRUE(std::holds_alternative<Finished>(each->run()));
  }
  int context = 0;
  vm.set_context(&context);
  must(vm.upgrade(newer));
  EXPECT_EQ(vm.id(), "a");
  EXPECT_EQ(vm.context<int>(), &context);
  EXPECT_EQ(vm.limits(), other.limits());
  EXPECT_EQ(vm.usage().fuel, other.usage().fuel);
  EXPECT_EQ(call(vm, "chance"), call(other, "chance"));
  ASSERT_TRUE(vm.start("m", {"ask"}, {}).has_value());
  EXPECT_EQ(std::get<Suspended>(vm.run()).command.id, (CommandId{"a", 1}));
}

TEST(Upgrade, WhatIsNewIsAdded) {
  const Engine engine = make_engine();
  const Image older = compile(engine, R"(
      local M = {handlers = {}, log = {}}
      function M.handlers.a() log = (log or 0) + 1 return log end
      function M.forget() M.handlers.gone = nil M.log = {1} end
      function M.handlers.gone() end
      return M)");
  const Image newer = compile(engine, R"(
      local M = {handlers = {}, log = {new = true}, version = 2}
      local limit = 5
      local function check(n) return n <= limit end
      function M.handlers.a() log = (log or 0) + 1 return log, check(log), helper() end
      function M.handlers.b() limit = limit - 4 return check(log), M.version end
      function M.forget() M.handlers.gone = nil M.log = {1} end
      function M.handlers.gone() end
      function helper() return "help" end
      return M)");
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "handlers.a"), "[1]");
  EXPECT_EQ(call(vm, "forget"), "[]");
  const UpgradeReport report = must(vm.upgrade(newer));
  EXPECT_EQ(report.added, (Names{"_G.helper", "m.version", "m.handlers.b", "m/check"}));
  expect_sound(vm, newer);
  EXPECT_EQ(call(vm, "handlers.a"), "[2,true,\"help\"]");
  // The added function and the old one share the added variable.
  EXPECT_EQ(call(vm, "handlers.b"), "[false,2]");
  EXPECT_EQ(call(vm, "handlers.a"), "[3,false,\"help\"]");
  // What the program has taken away itself stays away.
  EXPECT_EQ(call(vm, "handlers.gone"), "there is no function m.handlers.gone");
}

TEST(Upgrade, AddedFunctionsShareTheVariablesThatAreThere) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  std::string text = kCounter;
  text.replace(text.find("return M"), 8, "function M.reset() count = 0 step() end return M");
  const Image newer = compile(engine, text);
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "add"), "[1]");
  EXPECT_EQ(call(vm, "add"), "[2]");
  EXPECT_EQ(must(vm.upgrade(newer)).added, Names{"m.reset"});
  EXPECT_EQ(call(vm, "reset"), "[]");
  EXPECT_EQ(call(vm, "add"), "[1]");
  expect_sound(vm, newer);
}

TEST(Upgrade, CapturesAreFoundByName) {
  const Engine engine = make_engine();
  const Image older = compile(engine, R"(
      local a, b, c = 1, 2, 3
      return {f = function() a = a + 1 return a, b end, g = function() c = c + 1 return c end})");
  // Another order, one fewer, one that a sibling has, and the globals, which f did not use.
  const Image newer = compile(engine, R"(
      local a, b, c = 0, 0, 0
      return {f = function() c = c + 1 return c, tostring(a) end,
              g = function() c = c + 1 return c end})");
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "f"), "[2,2]");
  EXPECT_EQ(must(vm.upgrade(newer)).added, Names());
  EXPECT_EQ(call(vm, "f"), "[4,\"2\"]");
  EXPECT_EQ(call(vm, "g"), "[5]");
  expect_sound(vm, newer);
}

TEST(Upgrade, AllProblemsAreListedAtOnce) {
  const Engine engine = make_engine();
  const Image older = compile(engine, R"(
      local M = {}
      function M.gone() end
      local function outer() return function() return "inner" end end
      M.inner = outer()
      M.list = {function() end, function() end}
      local function make(x) return function() return 1 end end
      M.made = make(5)
      for i = 1, 2 do local n = i M["f" .. i] = function() n = n + 1 return n end end
      function M.counts() end
      function M.fine() return 1 end
      return M)");
  const Image newer = compile(engine, R"(
      local M = {}
      M.list = {function() end, function() end, function() end}
      local function make(x) return function() return x end end
      M.made = make(5)
      for i = 1, 2 do local n = i M["f" .. i] = function() n = n + 1 return n end end
      local n
      function M.counts() return n end
      function M.fine() return 2 end
      return M)");
  Vm vm = fork_of(older);
  const char* none = "the newer image has no such function";
  const char* number = "the newer image has another number of functions of this name here";
  Problems expected = {{"m/M.counts", "it captures 'n', of which the Vm has several"},
                       {"m/M.gone", none},
                       {"m/M.list[]", number},
                       {"m/M.list[]#2", number},
                       {"m/make/()", "it captures 'x', a variable of a call that is over"},
                       {"m/outer/()", none}};
  Problems found = refusal_of(vm, newer);
  std::sort(found.begin(), found.end(),
            [](const UpgradeProblem& a, const UpgradeProblem& b) { return a.path < b.path; });
  EXPECT_EQ(found, expected);
  EXPECT_EQ(call(vm, "fine"), "[1]");
}

TEST(Upgrade, EachOfManyFunctionsMoves) {
  const Engine engine = make_engine();
  const Image older = compile(engine, R"(
      local M, made = {}, {}
      local function make(n) return {add = function(by) n = n + by return n end,
                                     get = function() return n end} end
      function M.make(n) made[#made + 1] = make(n) return #made end
      function M.add(i, by) return made[i].add(by) end
      function M.get(i) return made[i].get() end
      return M)");
  const Image newer = compile(engine, R"(
      local made, M = {}, {}
      local function make(n) return {add = function(by) n = n + 2 * by return n end,
                                     get = function() return -n end} end
      function M.make(n) made[#made + 1] = make(n) return #made end
      function M.add(i, by) return made[i].add(by) end
      function M.get(i) return made[i].get() end
      return M)");
  Vm vm = fork_of(older);
  for (int n = 1; n <= 50; ++n) call(vm, "make", {n});
  EXPECT_EQ(call(vm, "add", {7, 1}), "[8]");
  EXPECT_EQ(must(vm.upgrade(newer)).functions, 104u);
  EXPECT_EQ(call(vm, "add", {7, 1}), "[10]");
  EXPECT_EQ(call(vm, "get", {7}), "[-10]");
  EXPECT_EQ(call(vm, "get", {8}), "[-8]");
  expect_sound(vm, newer);
}

TEST(Upgrade, OfRunningAndKilledOnesIsRefused) {
  const Engine engine = make_engine();
  const std::string text = "return {f = function() sys.emit('e') return 1 end}";
  const Image older = compile(engine, text);
  const Image newer = compile(engine, "\n" + text);
  Vm vm = fork_of(older);
  ASSERT_TRUE(vm.start("m", {"f"}, {}).has_value());
  for (int round = 0; round < 2; ++round) {
    const auto answer = vm.upgrade(newer);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().message, "a call is under way in this Vm; it ends on its own image");
    EXPECT_TRUE(answer.error().problems.empty());
    if (round == 0) {
      ASSERT_TRUE(std::holds_alternative<Suspended>(vm.run()));
    }
  }
  const CommandId id = vm.pending()->id;
  ASSERT_TRUE(vm.resume(id, {}).has_value());
  ASSERT_TRUE(std::holds_alternative<Finished>(vm.run()));
  must(vm.upgrade(newer));
  vm.kill();
  const auto answer = vm.upgrade(older);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message, "the Vm was killed");
}

TEST(Upgrade, CoroutinesInTheProgramAreListed) {
  const Engine engine = make_engine();
  const std::string text = R"(
      local M = {}
      local function work(n) while true do n = n + coroutine.yield(n) end end
      function M.start() worker = coroutine.create(work) return coroutine.resume(worker, 1) end
      function M.stop() coroutine.close(worker) return coroutine.status(worker) end
      function M.fail() worker = coroutine.create(function() error("no") end)
                        return coroutine.resume(worker) end
      function M.fresh() worker = coroutine.create(work) end
      function M.resume(n) return coroutine.resume(worker, n) end
      return M)";
  const Image older = compile(engine, text);
  const Image newer = compile(engine, "\n" + text);
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "start"), "[true,1]");
  EXPECT_EQ(refusal_of(vm, newer),
            (Problems{{"globals.worker", "a coroutine that stands in m/work"}}));
  EXPECT_EQ(call(vm, "resume", {4}), "[true,5]");
  EXPECT_EQ(call(vm, "stop"), "[\"dead\"]");
  must(vm.upgrade(newer));
  EXPECT_EQ(call(vm, "fail"), "[false,\"m.lua:7: no\"]");
  EXPECT_EQ(refusal_of(vm, older),
            (Problems{{"globals.worker",
                       "a coroutine that has failed and is not closed, in m/M.fail/worker"}}));
  EXPECT_EQ(call(vm, "fresh"), "[]");
  must(vm.upgrade(older));
  EXPECT_EQ(call(vm, "resume", {9}), "[true,9]");
}

// Coroutines and callbacks of the library's own functions stand in no code of the image.
TEST(Upgrade, ACoroutineInTheLibraryMoves) {
  const Engine engine = make_engine();
  const std::string text = R"(
      local M = {}
      function M.start() co = coroutine.wrap(coroutine.yield) return co(5) end
      function M.go(x) return co(x) end
      return M)";
  Vm vm = fork_of(compile(engine, text));
  EXPECT_EQ(call(vm, "start"), "[5]");
  must(vm.upgrade(compile(engine, "\n" + text)));
  EXPECT_EQ(call(vm, "go", {6}), "[6]");
}

TEST(Upgrade, AFailedCallIsForgotten) {
  const Engine engine = make_engine();
  const std::string text =
      "local n = 0 return {f = function(x) local y = {} "
      "g = function() y[1] = n return #y end n = n + 1 error('no') end, "
      "h = function() return g(), n end}";
  Vm vm = fork_of(compile(engine, text));
  EXPECT_EQ(call(vm, "f"), "m.lua:1: no");
  must(vm.upgrade(compile(engine, "\n" + text)));
  EXPECT_EQ(call(vm, "h"), "[1,1]");
  EXPECT_EQ(call(vm, "f"), "m.lua:2: no");
}

TEST(Upgrade, AtRestItStaysAtRest) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, std::string("\n") + kCounter);
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "add"), "[1]");
  ASSERT_TRUE(vm.rest().has_value());
  must(vm.upgrade(newer));
  EXPECT_TRUE(vm.is_resting());
  EXPECT_EQ(*Vm::image_hash(*vm.freeze()), newer.hash());
  EXPECT_EQ(call(vm, "add"), "[2]");
  // One that was never used.
  Vm newborn = fork_of(older);
  must(newborn.upgrade(newer));
  EXPECT_EQ(call(newborn, "add"), "[1]");
}

TEST(Upgrade, AFrozenOneIsThawedUpgradedFrozen) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, std::string("\n") + kCounter);
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "add"), "[1]");
  std::string state = *vm.freeze();
  {
    Vm thawed = *Vm::thaw(older, state);
    must(thawed.upgrade(newer));
    state = *thawed.freeze();
  }
  Vm thawed = *Vm::thaw(newer, state);
  EXPECT_EQ(call(thawed, "add"), "[2]");
}

TEST(Upgrade, NeedsItsOldImageNoMore) {
  const Engine engine = make_engine();
  std::optional<Vm> vm;
  std::optional<Image> newer;
  std::optional<Snapshot> kept;
  {
    const Image older = compile(engine, std::string("long_text = ('x'):rep(1000) .. 'of old'\n"
                                                    "shared = {only_here = 'a key of old'}\n") +
                                            kCounter);
    vm = fork_of(older);
    kept = *vm->snapshot();
    newer = compile(engine, kCounter);
    must(vm->upgrade(*newer));
  }
  expect_sound(*vm, *newer);
  EXPECT_EQ(call(*vm, "add"), "[1]");
  const auto back = vm->restore(*kept);
  ASSERT_FALSE(back.has_value());
  EXPECT_NE(back.error().find("the snapshot belongs to image"), std::string::npos);
}

TEST(Upgrade, ManyTimes) {
  const Engine engine = make_engine();
  std::vector<Image> images;
  for (int n = 0; n < 5; ++n) {
    images.push_back(
        compile(engine, std::string("local pad" + std::to_string(n) + " = {}\n") + kCounter));
  }
  Vm vm = fork_of(images[0]);
  std::size_t size = 0;
  for (int round = 1; round <= 50; ++round) {
    must(vm.upgrade(images[static_cast<std::size_t>(round % 5)]));
    EXPECT_EQ(call(vm, "add"), "[" + std::to_string(round) + "]");
    if (round == 10) size = vm.freeze()->size();
  }
  EXPECT_LE(vm.freeze()->size(), size + 8);
  expect_sound(vm, images[0]);
}

TEST(Upgrade, OtherLibrariesAreListed) {
  const Engine engine = make_engine();
  ImageOptions fewer;
  fewer.libraries.names = {"string", "table"};
  const Image small = compile(engine, kCounter, fewer);
  fewer.libraries.names = {"string"};
  const Image smaller = compile(engine, kCounter, fewer);
  Vm vm = fork_of(small);
  Problems found = refusal_of(vm, smaller);
  ASSERT_FALSE(found.empty());
  for (const UpgradeProblem& problem : found) {
    EXPECT_EQ(problem.path.substr(0, 6), "table.");
    EXPECT_EQ(problem.reason, "the newer image does not have it in its library");
  }
  Vm other = fork_of(smaller);
  found = refusal_of(other, small);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].reason, "the library of the Vm's image does not have it");

  ImageOptions agents;
  agents.agent_namespace = "host";
  Vm third = fork_of(compile(engine, kCounter));
  found = refusal_of(third, compile(engine, kCounter, agents));
  EXPECT_EQ(found.size(), 18u);  // nine go, nine come
  ImageOptions all;
  all.libraries.set = LibrarySet::All;
  Vm fourth = fork_of(compile(engine, kCounter, all));
  EXPECT_FALSE(refusal_of(fourth, compile(engine, kCounter)).empty());
  must(fourth.upgrade(compile(engine, std::string("\n") + kCounter, all)));
  EXPECT_EQ(call(fourth, "add"), "[1]");
}

TEST(Upgrade, OtherEnginesAndKindsAreRefused) {
  const Engine engine = make_engine();
  const Engine second = make_engine();
  Vm vm = fork_of(compile(engine, kCounter));
  auto answer = vm.upgrade(compile(second, kCounter));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message,
            "the newer image belongs to another Engine; load its bytes with this one's");
  answer = vm.upgrade(*Image::standalone(engine));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message,
            "the stand-alone interpreter and an image of sources are no versions of each other");
  // The way between engines.
  must(vm.upgrade(*Image::load(engine, compile(second, kCounter).bytes())));
}

TEST(Upgrade, AnImageInMidCallIsRefused) {
  const Engine engine = make_engine();
  const Image older = compile(engine, "return {f = function() sys.emit('e') end}");
  Vm running = fork_of(older);
  ASSERT_TRUE(running.start("m", {"f"}, {}).has_value());
  ASSERT_TRUE(std::holds_alternative<Suspended>(running.run()));
  Vm vm = fork_of(older);
  EXPECT_EQ(refusal_of(vm, *running.seal()),
            (Problems{{"the newer image", "it stands in the middle of a call"}}));
}

TEST(Upgrade, SealedImagesHaveTheirModules) {
  const Engine engine = make_engine();
  Vm first = fork_of(compile(engine, kCounter));
  EXPECT_EQ(call(first, "add"), "[1]");
  const Image sealed = *first.seal();
  Vm vm = fork_of(sealed);
  EXPECT_EQ(call(vm, "add"), "[2]");
  must(vm.upgrade(compile(engine, std::string("\n") + kCounter)));
  EXPECT_EQ(call(vm, "add"), "[3]");
}

TEST(Upgrade, ModulesComeAndKeepTheirOwn) {
  const Engine engine = make_engine();
  ImageOptions one;
  one.sources = {{"n", "local x = 1 function up() x = x + 1 return x end return {}", ""}};
  ImageOptions two = one;
  two.sources.push_back({"extra", "return {hello = function() return up() end}", ""});
  Vm vm = fork_of(compile(engine, "return {f = function() return up() end}", one));
  EXPECT_EQ(call(vm, "f"), "[2]");
  const Image newer = compile(engine, "\nreturn {f = function() return up() end}", two);
  EXPECT_EQ(must(vm.upgrade(newer)).added, Names{"extra"});
  ASSERT_TRUE(vm.start("extra", {"hello"}, {}).has_value());
  EXPECT_EQ(std::get<Finished>(vm.run()).values[0], Value(3));
  EXPECT_EQ(call(vm, "f"), "[4]");
  // And they go only when nothing of them is there any more.
  const Image fewer = compile(engine, "return {f = function() return 0 end}");
  EXPECT_EQ(refusal_of(vm, fewer),
            (Problems{{"n/up", "the newer image has no such function"},
                      {"extra/hello", "the newer image has no such function"}}));
}

TEST(Upgrade, LoadedCodeStaysAsItIs) {
  const Engine engine = make_engine();
  const std::string text = R"(
      local M, n = {}, 1
      local early = load("local a = ... return function() a = a + 1 return a end")(5)
      function M.load(s) late = load(s) end
      function M.call() return early(), late() end
      return M)";
  Vm vm = fork_of(compile(engine, text));
  EXPECT_EQ(call(vm, "load", {"local x = 40 return function() x = x + 1 return x end"}), "[]");
  EXPECT_EQ(call(vm, "load", {"n = (n or 0) + 1 return n"}), "[]");
  EXPECT_EQ(call(vm, "call"), "[6,1]");
  const Image newer = compile(engine, "\n" + text);
  must(vm.upgrade(newer));
  EXPECT_EQ(call(vm, "call"), "[7,2]");
  expect_sound(vm, newer);
}

TEST(Upgrade, DataOfEveryKindStay) {
  const Engine engine = make_engine();
  const std::string text = R"(
      local M = {}
      local Point = {} Point.__index = Point
      function Point.__eq(a, b) return a.x == b.x end
      function Point:sum() return self.x + self.y end
      local weak = setmetatable({}, {__mode = "k"})
      local log = {}
      function M.build()
        ring = {name = "ring"} ring.me = ring ring[ring] = ring
        points = {}
        for i = 1, 20 do points[i] = setmetatable({x = i, y = 2 * i}, Point) end
        weak[ring] = "kept" weak[{}] = "lost"
        sparse = {[1] = 1, [100] = 2, [2.5] = 3, [true] = 4, [ring] = 5}
        sparse[1] = nil
        texts = {"", "a\0b", ("long"):rep(50)}
        final = setmetatable({}, {__gc = function() log[#log + 1] = "gc" end})
        callback = function(...) return select("#", ...) end
        names = {print = print, gsub = string.gsub, m = math.sin}
        place = tostring(ring)
      end
      function M.check()
        local s = 0
        for i, p in ipairs(points) do s = s + p:sum() end
        local keys = {}
        for k, v in pairs(sparse) do keys[#keys + 1] = tostring(v) end
        local kept = 0
        for k, v in pairs(weak) do kept = kept + 1 end
        return s, ring.me == ring and ring[ring] == ring, weak[ring], table.concat(keys, " "),
               #texts[3], texts[2], callback(1, nil, nil), names.gsub("aXb", "X", "-"),
               points[1] == setmetatable({x = 1}, Point), names.print == print,
               place == tostring(ring), kept
      end
      function M.drop() final = nil collectgarbage() return #log end
      return M)";
  const Image older = compile(engine, text);
  const Image newer = compile(engine, "local before = {}\n" + text);
  Vm vm = fork_of(older);
  EXPECT_EQ(call(vm, "build"), "[]");
  ASSERT_TRUE(vm.freeze().has_value());  // collects
  const std::string before = call(vm, "check");
  EXPECT_EQ(before, "[630,true,\"kept\",\"2 3 4 5\",200,\"a\\u0000b\",3,\"a-b\",true,true,true,1]");
  must(vm.upgrade(newer));
  expect_sound(vm, newer);
  EXPECT_EQ(call(vm, "check"), before);
  EXPECT_EQ(call(vm, "drop"), "[1]");
}

// Numbers that objects have got stay, but for those that a table of the new image has.
TEST(Upgrade, ObjectsKeepTheirTextAndStayDifferent) {
  const Engine engine = make_engine();
  const std::string text = R"(
      local M = {}
      function M.name() t = t or {} return tostring(t) end
      function M.clashes() local seen, n = {}, 0
        for _, v in pairs(_G) do
          if type(v) == "table" then
            local s = tostring(v)
            if seen[s] and seen[s] ~= v then n = n + 1 end
            seen[s] = v
          end
        end
        return n end
      return M)";
  const Image older = compile(engine, text);
  int renamed = 0;
  std::string given;
  // The more objects the newer main chunk gives numbers to, the later come those of the library.
  for (int round = 0; round < 250; ++round, given += "tostring({}) ") {
    Vm vm = fork_of(older);
    const std::string name = call(vm, "name");
    EXPECT_EQ(call(vm, "clashes"), "[0]");
    must(vm.upgrade(compile(engine, given + text)));
    EXPECT_EQ(call(vm, "clashes"), "[0]");
    if (call(vm, "name") != name) ++renamed;
  }
  EXPECT_GT(renamed, 0);
  EXPECT_LT(renamed, 20);
}

TEST(Upgrade, OpenFilesAreRefused) {
  const Engine engine = make_engine();
  ImageOptions all;
  all.libraries.set = LibrarySet::All;
  const std::string text = "return {f = function() log = io.tmpfile() end}";
  Vm vm = fork_of(compile(engine, text, all));
  EXPECT_EQ(call(vm, "f"), "[]");
  const auto answer = vm.upgrade(compile(engine, "\n" + text, all));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message,
            "a FILE* at globals.log cannot be frozen: its type has no way to save itself");
}

TEST(Upgrade, HostObjectsMove) {
  World world;
  world.things[1].name = "a";
  const Engine engine =
      *Engine::make({{"give",
                      [&world](const HostCall& host) -> HostResult {
                        return results(world.give(static_cast<std::uint64_t>(*host.integer(0))));
                      }}},
                    {entity_type(world)});
  const std::string text =
      "return {take = function() held = give(1) end, "
      "name = function() return held.name end}";
  {
    Vm vm = fork_of(compile(engine, text));
    EXPECT_EQ(call(vm, "take"), "[]");
    must(vm.upgrade(compile(engine, "\n" + text)));
    EXPECT_EQ(world.things[1].uses, 1);
    EXPECT_EQ(call(vm, "name"), "[\"a\"]");
  }
  EXPECT_EQ(world.things[1].uses, 0);
}

TEST(Upgrade, WithoutMemoryNothingHasChanged) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, std::string(kCounter).insert(0, "extra = {1, 2, {3}}\n"));
  int failures = 0;
  for (std::int64_t n = 1;; ++n) {
    Vm vm = fork_of(older);
    EXPECT_EQ(call(vm, "add"), "[1]");
    const std::string before = *vm.freeze();
    vm.set_stress({.failing_allocation = n});
    const auto answer = vm.upgrade(newer);
    if (answer) {
      EXPECT_EQ(call(vm, "add"), "[2]");
      break;
    }
    ++failures;
    EXPECT_NE(answer.error().message.find("not enough memory"), std::string::npos)
        << answer.error().message;
    EXPECT_EQ(vm.find_damage(), "");
    EXPECT_EQ(*vm.freeze(), before);
    ASSERT_LT(n, 1000);
  }
  EXPECT_GT(failures, 3);
}

// The host's memory ends at the n-th request.
class Ending final : public Allocator {
 public:
  void* allocate(std::size_t bytes) override {
    if (left_ == 0) return nullptr;
    if (left_ > 0) --left_;
    return std::malloc(bytes);
  }
  void release(void* block, std::size_t) override { std::free(block); }
  void end_after(int requests) { left_ = requests; }

 private:
  int left_ = -1;  // negative: no end
};

// Calls it with less and less of the host's memory missing, until it succeeds; before that the Vm
// stays as it is.
template <typename Do>
void expect_all_or_nothing(Ending& memory, Vm& vm, Do done) {
  const std::string before = *vm.freeze();
  int failures = 0;
  for (int requests = 0;; ++requests) {
    ASSERT_LT(requests, 1000);
    memory.end_after(requests);
    const bool is_done = done();
    memory.end_after(-1);
    EXPECT_EQ(vm.find_damage(), "");
    if (is_done) break;
    ++failures;
    ASSERT_EQ(*vm.freeze(), before);
  }
  EXPECT_GT(failures, 0);
}

TEST(Upgrade, WithoutTheHostsMemoryNothingHasChanged) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, std::string(kCounter).insert(0, "extra = {1, 2, {3}}\n"));
  Ending memory;
  ForkOptions options;
  options.allocator = &memory;
  Vm vm = *older.fork(options);
  const Snapshot kept = *vm.snapshot();
  EXPECT_EQ(call(vm, "add"), "[1]");
  expect_all_or_nothing(memory, vm, [&] { return vm.restore(kept).has_value(); });
  EXPECT_EQ(call(vm, "add"), "[1]");
  expect_all_or_nothing(memory, vm, [&] { return vm.upgrade(newer).has_value(); });
  EXPECT_EQ(call(vm, "add"), "[2]");
}

TEST(Upgrade, FinalizersOfTheMainChunksMakingStay) {
  const Engine engine = make_engine();
  const Image older = compile(engine, R"(
      local M, log = {}, {}
      M.res = setmetatable({}, {__gc = function() log[#log + 1] = "res" end})
      function M.drop() M.res, M.other = nil collectgarbage() return table.concat(log, " ") end
      return M)");
  const Image newer = compile(engine, R"(
      local M, log = {}, {}
      M.other = setmetatable({}, {__gc = function() log[#log + 1] = "other" end})
      M.res = setmetatable({}, {__gc = function() log[#log + 1] = "newer res" end})
      function M.drop() M.res, M.other = nil collectgarbage() return table.concat(log, " ") end
      return M)");
  Vm vm = fork_of(older);
  EXPECT_EQ(must(vm.upgrade(newer)).added, Names{"m.other"});
  expect_sound(vm, newer);
  // Each once: what the newer main chunk has made for itself is not there.
  EXPECT_EQ(call(vm, "drop"), "[\"other newer res\"]");
  EXPECT_EQ(call(vm, "drop"), "[\"other newer res\"]");
}

TEST(Upgrade, UnderFullCollections) {
  const Engine engine = make_engine();
  const Image older = compile(engine, kCounter);
  const Image newer = compile(engine, std::string(kCounter).insert(0, "extra = {{}, {}}\n"));
  Vm vm = fork_of(older);
  vm.set_stress({.collects_always = true});
  for (int round = 1; round <= 5; ++round) {
    EXPECT_EQ(call(vm, "add"), "[" + std::to_string(round) + "]");
    must(vm.upgrade(round % 2 == 1 ? newer : older));
    EXPECT_EQ(vm.find_damage(), "");
  }
}

// An added function would have a variable of its own where the source says that it shares one.
TEST(Upgrade, AddedFunctionsDoNotGuessTheirVariables) {
  const Engine engine = make_engine();
  const std::string text =
      "local M = {} for i = 1, 2 do local n = i "
      "M['f' .. i] = function() n = n + 1 return n end end\n";
  Vm vm = fork_of(compile(engine, text + "return M"));
  EXPECT_EQ(refusal_of(vm, compile(engine, text + "local n = 0 function M.extra() return n end "
                                                  "return M")),
            (Problems{{"m/M.extra", "it captures 'n', of which there are several"}}));
  // A variable that nobody in the Vm has is no matter of doubt.
  must(vm.upgrade(compile(engine, text + "local k = 7 function M.extra() return k end return M")));
  EXPECT_EQ(call(vm, "extra"), "[7]");
  EXPECT_EQ(call(vm, "f2"), "[3]");
}

// ---- Random edits.

using Random = std::mt19937;

// A program of pieces in any order, with more or less around them, that answers the same always.
std::string random_version(Random& random) {
  std::vector<std::string> pieces = {
      "function M.add(n) total = total + n tick() return total end",
      "function M.push(n) list[#list + 1] = {n = n, f = function() total = total + n return n end} "
      "return #list end",
      "function M.fire(i) if #list == 0 then return 0 end local e = list[(i - 1) % #list + 1] "
      "return e and e.f() end",
      "function M.wrap(n) hook = wrapped(n) return hook() end",
      "function M.hook() return hook and hook() or 0 end",
      "function M.chance() return math.random(1000) end",
      "on(\"start\", function(n) total = total + n end)",
      "on(\"stop\", function(n) total = total - n end)",
      "function M.event(n) for _, name in ipairs{\"start\", \"stop\", \"start\"} do "
      "handlers[name](n) end return total, ticks end",
  };
  std::shuffle(pieces.begin(), pieces.end(), random);
  std::string text =
      "local M, total, list, ticks, handlers = {}, 0, {}, 0, {}\n"
      "local hook\n"
      "local function on(name, f) handlers[name] = f end\n"
      "local function tick() ticks = ticks + 1 end\n"
      "local function wrapped(n) local calls = 0 "
      "return function() calls = calls + 1 return calls * n end end\n";
  for (const std::string& piece : pieces) {
    text += std::string(random() % 3, '\n');
    if (random() % 3 == 0) {
      const std::string number = std::to_string(random() % 20);
      text += "local w" + number + " = " + number + " function M.noise" + number + "() return w" +
              number + ", total end M.noise" + number + " = nil\n";
    }
    text += piece + "\n";
  }
  return text + "return M";
}

TEST(Upgrade, RandomEditsChangeNoAnswer) {
  const Engine engine = make_engine();
  int upgrades = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Random random(seed);
    SCOPED_TRACE(seed);
    const Image first = compile(engine, random_version(random));
    Vm plain = fork_of(first);
    Vm moving = fork_of(first);
    for (int step = 0; step < 40; ++step) {
      static constexpr const char* kCalls[] = {"add",  "push",   "fire", "wrap",
                                               "hook", "chance", "event"};
      const std::string name = kCalls[random() % std::size(kCalls)];
      const Value argument(static_cast<int>(random() % 9 + 1));
      ASSERT_EQ(call(moving, name, {argument}), call(plain, name, {argument})) << name;
      switch (random() % 8) {
        case 0:
        case 1: {
          const Image newer = compile(engine, random_version(random));
          must(moving.upgrade(newer));
          ++upgrades;
          if (random() % 4 == 0) expect_sound(moving, newer);
          break;
        }
        case 2:
          ASSERT_TRUE(moving.rest().has_value());
          break;
        case 3:
          ASSERT_TRUE(moving.trip(TripCheck::SameBytes).has_value());
          break;
        default:
          break;
      }
    }
    EXPECT_EQ(moving.find_damage(), "");
  }
  EXPECT_GT(upgrades, 300);
}

}  // namespace
}  // namespace moonlet
