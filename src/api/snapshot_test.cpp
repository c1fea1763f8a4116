#include "moonlet/snapshot.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// A program with a bit of everything: its numbers, tables, coroutines, chance, and questions.
constexpr const char* kGame = R"(
  local frames, world = 0, {names = {}}
  local walker = coroutine.wrap(function(step)
    local at = 0
    while true do at = at + step step = coroutine.yield(at) end
  end)
  local M = {}
  function M.frame(input)
    frames = frames + 1
    world.names[#world.names + 1] = input .. frames
    local at = walker(math.random(1, 100))
    local answer = sys.invoke("ask", frames)
    world[answer] = at
    return table.concat(world.names, ",") .. ":" .. at .. ":" .. tostring(answer)
  end
  function M.spin(n) local s = 0 for i = 1, n do s = s + i end return s end
  function M.fail() frames = frames + 1000 error("no") end
  function M.frames() return frames end
  return M)";

Image game(const Engine& engine) {
  ImageOptions options;
  options.sources = {{"game", kGame, "game.lua"}};
  return *Image::compile(engine, options);
}

Engine engine() { return *Engine::make({}); }

Vm seeded(const Image& image, const std::string& id) {
  ForkOptions options;
  options.id = id;
  options.seed = 7;
  return *image.fork(options);
}

void start_frame(Vm& vm, const std::string& input) {
  ASSERT_TRUE(vm.start("game", {"frame"}, {input}).has_value());
}

// One whole frame: the question is answered by its number.
std::string frame(Vm& vm, const std::string& input) {
  start_frame(vm, input);
  const Command command = std::get<Suspended>(vm.run()).command;
  EXPECT_TRUE(vm.resume(command.id, {command.arguments[0]}).has_value());
  return *std::get<Finished>(vm.run()).values[0].string();
}

TEST(Snapshot, EveryFrameCanBeGoneBackTo) {
  const Image image = game(engine());
  Vm vm = seeded(image, "a");
  std::vector<Snapshot> kept;
  std::vector<std::string> states;
  std::vector<std::string> answers;
  for (int n = 0; n < 10; ++n) {
    kept.push_back(*vm.snapshot());
    states.push_back(*vm.freeze());
    answers.push_back(frame(vm, "x"));
  }
  for (const std::size_t to : {9u, 3u, 3u, 0u, 5u}) {
    ASSERT_TRUE(vm.restore(kept[to]).has_value());
    EXPECT_EQ(vm.find_damage(), "");
    EXPECT_EQ(*vm.freeze(), states[to]);
    for (std::size_t n = to; n < 10; ++n) {
      // What follows is the same with the same points of freezing.
      EXPECT_TRUE(vm.snapshot().has_value());
      EXPECT_EQ(*vm.freeze(), states[n]);
      EXPECT_EQ(frame(vm, "x"), answers[n]);
    }
  }
  ASSERT_TRUE(vm.restore(kept[9]).has_value());
  EXPECT_NE(frame(vm, "y"), answers[9]);
}

TEST(Snapshot, FuelAndLimitsComeBack) {
  const Image image = game(engine());
  Vm vm = seeded(image, "a");
  ASSERT_TRUE(vm.start("game", {"spin"}, {100'000}).has_value());
  ASSERT_TRUE(std::holds_alternative<Preempted>(vm.run({.fuel = 5'000})));
  Limits limits;
  limits.fuel = 50'000;
  ASSERT_TRUE(vm.set_limits(limits).has_value());
  const Snapshot kept = *vm.snapshot();
  const Usage used = vm.usage();
  for (int round = 0; round < 3; ++round) {
    const Outcome outcome = vm.run();
    ASSERT_TRUE(std::holds_alternative<LimitHit>(outcome));
    EXPECT_EQ(std::get<LimitHit>(outcome).limit, LimitKind::Fuel);
    EXPECT_GT(vm.usage().fuel, used.fuel);
    ASSERT_TRUE(vm.set_limits({}).has_value());
    EXPECT_EQ(std::get<Finished>(vm.run()).values[0], Value(5000050000));
    ASSERT_TRUE(vm.restore(kept).has_value());
    EXPECT_EQ(vm.limits(), limits);
    EXPECT_EQ(vm.usage().fuel, used.fuel);
    EXPECT_EQ(vm.usage().memory_bytes, used.memory_bytes);
    EXPECT_EQ(vm.usage().run_time_ns, used.run_time_ns);
  }
}

TEST(Snapshot, ACommandWaitsAgainUnderItsId) {
  const Image image = game(engine());
  Vm vm = seeded(image, "a");
  frame(vm, "first");
  start_frame(vm, "second");
  const Command command = std::get<Suspended>(vm.run()).command;
  const Snapshot kept = *vm.snapshot();
  ASSERT_TRUE(vm.resume(command.id, {"left"}).has_value());
  EXPECT_FALSE(vm.resume(command.id, {"left"}).has_value());
  const std::string left = *std::get<Finished>(vm.run()).values[0].string();
  ASSERT_TRUE(vm.restore(kept).has_value());
  ASSERT_NE(vm.pending(), nullptr);
  EXPECT_EQ(vm.pending()->id, command.id);
  ASSERT_TRUE(vm.resume(command.id, {"right"}).has_value());
  const std::string right = *std::get<Finished>(vm.run()).values[0].string();
  EXPECT_EQ(left.substr(0, left.rfind(':')), right.substr(0, right.rfind(':')));
  EXPECT_NE(left, right);
  // The next one has the number that follows in both courses.
  start_frame(vm, "third");
  EXPECT_EQ(std::get<Suspended>(vm.run()).command.id.sequence, command.id.sequence + 1);
}

TEST(Snapshot, IsTakenAndRestoredAtRest) {
  const Image image = game(engine());
  Vm vm = seeded(image, "a");
  start_frame(vm, "x");
  ASSERT_TRUE(std::holds_alternative<Suspended>(vm.run()));
  ASSERT_TRUE(vm.rest().has_value());
  const Snapshot kept = *vm.snapshot();
  EXPECT_TRUE(vm.is_resting());
  const CommandId id = vm.pending()->id;
  ASSERT_TRUE(vm.resume(id, {1}).has_value());
  const std::string answer = *std::get<Finished>(vm.run()).values[0].string();
  ASSERT_TRUE(vm.rest().has_value());
  ASSERT_TRUE(vm.restore(kept).has_value());
  EXPECT_TRUE(vm.is_resting());
  ASSERT_TRUE(vm.resume(id, {1}).has_value());
  EXPECT_EQ(*std::get<Finished>(vm.run()).values[0].string(), answer);
}

// A fork that has not been used has a seed and limits to come, which a restore makes void.
TEST(Snapshot, GoesIntoANewbornOfTheSameId) {
  const Image image = game(engine());
  Vm first = seeded(image, "a");
  frame(first, "x");
  const Snapshot kept = *first.snapshot();
  const std::string next = frame(first, "x");
  ForkOptions options;
  options.id = "a";
  options.seed = 99;
  options.limits.fuel = 1;
  Vm second = *image.fork(options);
  ASSERT_TRUE(second.restore(kept).has_value());
  EXPECT_EQ(second.limits(), Limits());
  EXPECT_EQ(frame(second, "x"), next);
}

TEST(Snapshot, ComesBackFromFailureAndKill) {
  const Image image = game(engine());
  Vm vm = seeded(image, "a");
  frame(vm, "x");
  start_frame(vm, "y");
  const CommandId id = std::get<Suspended>(vm.run()).command.id;
  const Snapshot kept = *vm.snapshot();
  ASSERT_TRUE(vm.cancel().has_value());
  ASSERT_TRUE(vm.start("game", {"fail"}, {}).has_value());
  ASSERT_TRUE(std::holds_alternative<Failed>(vm.run()));
  ASSERT_TRUE(vm.restore(kept).has_value());
  ASSERT_TRUE(vm.resume(id, {1}).has_value());
  ASSERT_TRUE(std::holds_alternative<Finished>(vm.run()));
  ASSERT_TRUE(vm.start("game", {"frames"}, {}).has_value());
  EXPECT_EQ(std::get<Finished>(vm.run()).values[0], Value(2));

  vm.kill();
  ASSERT_TRUE(std::holds_alternative<Killed>(vm.run()));
  ASSERT_TRUE(vm.restore(kept).has_value());
  ASSERT_TRUE(vm.resume(id, {1}).has_value());
  ASSERT_TRUE(std::holds_alternative<Finished>(vm.run()));

  // A kill that nobody has seen yet is not undone.
  vm.kill();
  ASSERT_TRUE(vm.restore(kept).has_value());
  ASSERT_TRUE(std::holds_alternative<Killed>(vm.run()));
}

TEST(Snapshot, DropsAnErrorThatWasToBeRaised) {
  const Image image = game(engine());
  Vm vm = seeded(image, "a");
  ASSERT_TRUE(vm.start("game", {"spin"}, {10'000}).has_value());
  ASSERT_TRUE(std::holds_alternative<Preempted>(vm.run({.fuel = 500})));
  const Snapshot kept = *vm.snapshot();
  vm.raise("now");
  ASSERT_TRUE(vm.restore(kept).has_value());
  EXPECT_TRUE(std::holds_alternative<Finished>(vm.run()));
}

TEST(Snapshot, IsOfOneVmAndImage) {
  const Engine own = engine();
  const Image image = game(own);
  Vm vm = seeded(image, "a");
  Vm other = seeded(image, "b");
  const Snapshot kept = *vm.snapshot();
  EXPECT_EQ(kept.vm_id(), "a");
  EXPECT_EQ(other.restore(kept).error(), "the snapshot is of Vm a, this is b");
  ImageOptions options;
  options.sources = {{"game", "return {}", "game.lua"}};
  const Image second = *Image::compile(own, options);
  Vm foreign = seeded(second, "a");
  const std::string before = *foreign.freeze();
  EXPECT_EQ(foreign.restore(kept).error(),
            "the snapshot belongs to image " + image.hash() + ", this Vm to " + second.hash());
  EXPECT_EQ(*foreign.freeze(), before);
}

TEST(Snapshot, OutlivesItsVmAndHandles) {
  std::optional<Snapshot> kept;
  std::string state;
  std::string answer;
  {
    const Image image = game(engine());
    Vm vm = seeded(image, "a");
    frame(vm, "x");
    kept = *vm.snapshot();
    state = *vm.freeze();
    answer = frame(vm, "x");
  }
  const Image image = game(engine());
  Vm again = seeded(image, "a");
  ASSERT_TRUE(again.restore(*kept).has_value());
  EXPECT_EQ(*again.freeze(), state);
  kept.reset();
  EXPECT_EQ(frame(again, "x"), answer);
}

TEST(Snapshot, OneServesManyThreads) {
  const Image image = game(engine());
  Vm vm = seeded(image, "a");
  frame(vm, "x");
  const Snapshot kept = *vm.snapshot();
  const std::string answer = frame(vm, "x");
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&] {
      Vm mine = seeded(image, "a");
      for (int round = 0; round < 20; ++round) {
        const Snapshot copy = kept;
        ASSERT_TRUE(mine.restore(copy).has_value());
        EXPECT_EQ(frame(mine, "x"), answer);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Snapshot, KeepsContextAndConfiguration) {
  ImageOptions options;
  options.sources = {{"m", "return {who = function() return sys.config().name end}", "m.lua"}};
  const Image image = *Image::compile(engine(), options);
  ForkOptions fork;
  fork.id = "a";
  fork.config = Value(Value::Object{{"name", "mine"}});
  Vm vm = *image.fork(fork);
  int context = 5;
  vm.set_context(&context);
  ASSERT_TRUE(vm.restore(*vm.snapshot()).has_value());
  EXPECT_EQ(vm.context<int>(), &context);
  ASSERT_TRUE(vm.start("m", {"who"}, {}).has_value());
  EXPECT_EQ(std::get<Finished>(vm.run()).values[0], Value("mine"));
}

TEST(Snapshot, OpenFilesAreRefusedByTheirPath) {
  ImageOptions options;
  options.sources = {{"m", "return {open = function() log = io.tmpfile() end}", "m.lua"}};
  options.libraries.set = LibrarySet::All;
  const Image image = *Image::compile(engine(), options);
  Vm vm = *image.fork();
  ASSERT_TRUE(vm.start("m", {"open"}, {}).has_value());
  ASSERT_TRUE(std::holds_alternative<Finished>(vm.run()));
  EXPECT_EQ(vm.snapshot().error(),
            "a FILE* at globals.log cannot be frozen: its type has no way to save itself");
}

}  // namespace
}  // namespace moonlet
