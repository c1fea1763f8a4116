// sys.all, sys.settle, sys.race, sys.sleep, and require, through the public API.
#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

const Engine& engine() {
  static const Engine made = *Engine::make();
  return made;
}

Image image_of(const std::string& body) {
  ImageOptions options;
  options.sources = {{"m", "return {main = function() " + body + "\nend}", "m.lua"}};
  auto image = Image::compile(engine(), options);
  EXPECT_TRUE(image) << image.error();
  return *image;
}

Vm started(const Image& image) {
  ForkOptions fork;
  fork.id = "vm";
  Vm vm = *image.fork(fork);
  EXPECT_TRUE(vm.start("m", {"main"}, {}));
  return vm;
}

Vm tripped(const Image& image, Vm& vm) { return *Vm::thaw(image, *vm.freeze()); }

std::string as_text(const Outcome& outcome) {
  if (const Failed* failed = error_of(outcome)) return "error: " + failed->message;
  if (const auto* finished = std::get_if<Finished>(&outcome)) {
    return *to_json(Value(finished->values));
  }
  const Command& command = std::get<Suspended>(outcome).command;
  return command.name + " " + command.id.text() + " " + *to_json(Value(command.arguments));
}

// Answers number `n`; `ok`: with n * 10.
void answer(Vm& vm, int n, bool ok = true) {
  ASSERT_TRUE(vm.resume(
      vm.pending()->id,
      {Value(n), Value(ok), ok ? Value(n * 10) : Value("no " + std::to_string(n)), Value(0)}));
}

TEST(AgentRequests, AllWaitsForEachAndSurvivesTrips) {
  const Image image = image_of("return sys.all{{'a', 1}, {'b', {x = 2}}, {'c'}}");
  Vm vm = started(image);
  EXPECT_EQ(as_text(vm.run()),
            R"(all vm:0 [[{"n":1,"name":"a","payload":1},{"n":2,"name":"b","payload":{"x":2}},)"
            R"({"n":3,"name":"c"}],null])");
  EXPECT_EQ(vm.pending()->kind, CommandKind::Await);
  Vm second = tripped(image, vm);
  answer(second, 2);
  EXPECT_EQ(as_text(second.run()),
            R"(all vm:1 [[{"n":1,"name":"a","payload":1},{"n":3,"name":"c"}],0])");
  Vm third = tripped(image, second);
  answer(third, 3);
  static_cast<void>(third.run());
  answer(third, 1);
  EXPECT_EQ(as_text(third.run()), "[[10,20,30]]");
}

TEST(AgentRequests, AllRaisesTheFirstErrorWhenAllHaveEnded) {
  const Image image = image_of("local ok, e = pcall(sys.all, {x = {'a'}, y = {'b'}}) return ok, e");
  Vm vm = started(image);
  static_cast<void>(vm.run());
  answer(vm, 2, false);
  static_cast<void>(vm.run());
  answer(vm, 1, false);
  EXPECT_EQ(as_text(vm.run()), R"([false,"[x] no 1"])");
}

TEST(AgentRequests, SettleHasResultsAndErrors) {
  const Image image = image_of("return sys.settle{x = {'a'}, y = {'b'}}");
  Vm vm = started(image);
  static_cast<void>(vm.run());
  answer(vm, 2, false);
  static_cast<void>(vm.run());
  answer(vm, 1);
  EXPECT_EQ(as_text(vm.run()), R"([{"y":{"ok":false,"error":"no 2"},"x":{"ok":true,"value":10}}])");
}

TEST(AgentRequests, RaceIsOverWithTheFirst) {
  const Image image = image_of("return sys.race{x = {'a'}, y = {'b'}}");
  Vm vm = started(image);
  static_cast<void>(vm.run());
  answer(vm, 2);
  EXPECT_EQ(as_text(vm.run()), R"([20,"y"])");
  Vm other = started(image);
  static_cast<void>(other.run());
  answer(other, 1, false);
  EXPECT_EQ(as_text(other.run()), "error: m.lua:1: [x] no 1");
}

TEST(AgentRequests, WrongCallsAreErrors) {
  const auto run = [](const std::string& body) {
    Vm vm = started(image_of(body));
    return as_text(vm.run());
  };
  EXPECT_EQ(run("return sys.all{}"), "[{}]");
  EXPECT_EQ(run("sys.race{}"), "error: m.lua:1: bad argument #1 to 'race' (no call)");
  EXPECT_EQ(run("sys.all(3)"),
            "error: m.lua:1: bad argument #1 to 'all' (table expected, got number)");
  EXPECT_EQ(run("sys.all{{'a'}, {}}"),
            "error: m.lua:1: bad argument #1 to 'all' ([2] is no {name, payload})");
  EXPECT_EQ(run("local t = {} for i = 1, 1001 do t[i] = {'a'} end sys.all(t)"),
            "error: m.lua:1: bad argument #1 to 'all' (more than 1000 calls)");
  EXPECT_EQ(run("sys.sleep(-1)"),
            "error: m.lua:1: bad argument #1 to 'sleep' (not a number of seconds from 0 to 1e9)");
  EXPECT_EQ(run("sys.sleep(0/0)"),
            "error: m.lua:1: bad argument #1 to 'sleep' (not a number of seconds from 0 to 1e9)");
}

TEST(AgentRequests, AnAnswerToNoneIsAnError) {
  Vm vm = started(image_of("return sys.all{{'a'}}"));
  static_cast<void>(vm.run());
  ASSERT_TRUE(vm.resume(vm.pending()->id, {}));
  EXPECT_EQ(as_text(vm.run()), "error: m.lua:1: the host answered none of the calls that are out");
}

TEST(AgentRequests, SleepSaysHowLongAndUntilWhen) {
  class Clock final : public Host {
   public:
    std::int64_t time_seconds() override { return 1000; }
  } clock;
  const Image image = image_of("sys.sleep(2.5) return 'awake'");
  ForkOptions fork;
  fork.id = "vm";
  fork.host = &clock;
  Vm vm = *image.fork(fork);
  ASSERT_TRUE(vm.start("m", {"main"}, {}));
  EXPECT_EQ(as_text(vm.run()), "sleep vm:0 [2.5,1002.5]");
  EXPECT_EQ(vm.pending()->kind, CommandKind::Sleep);
  Vm later = tripped(image, vm);
  ASSERT_TRUE(later.resume(later.pending()->id, {}));
  EXPECT_EQ(as_text(later.run()), R"(["awake"])");
}

// ---- require.

ImageOptions with_modules(const std::string& text) {
  ImageOptions options;
  options.sources = {{"m", text, "m.lua"}};
  options.find_module = [](std::string_view name) -> std::expected<Source, std::string> {
    if (name == "shapes") {
      return Source{"", "local n = ... return {area = function(a) return a * a end, name = n}", ""};
    }
    if (name == "a") return Source{"", "return require 'b'", "a.lua"};
    if (name == "b") return Source{"", "return require 'a'", "b.lua"};
    if (name == "broken") return Source{"", "x = = 1", "broken.lua"};
    if (name == "nothing") return Source{"", "", "nothing.lua"};
    return std::unexpected("no file " + std::string(name) + ".lua");
  };
  return options;
}

std::string run_with_modules(const std::string& text) {
  const auto image = Image::compile(engine(), with_modules(text));
  if (!image) return "no image: " + image.error().substr(0, image.error().find('\n'));
  Vm vm = started(*image);
  return as_text(vm.run());
}

TEST(Require, FindsModulesWhileMainChunksRun) {
  EXPECT_EQ(run_with_modules("local s = require 'shapes' "
                             "return {main = function() return s.area(3), s.name, "
                             "require('shapes') == s, require('json') == json end}"),
            R"([9,"shapes",true,true])");
  EXPECT_EQ(run_with_modules("local n = require 'nothing' return {main = function() return n end}"),
            "[true]");
}

TEST(Require, FindsNothingLater) {
  EXPECT_EQ(run_with_modules("return {main = function() return require 'shapes' end}"),
            "error: m.lua:1: module 'shapes' is not in this image: what a program may need has to "
            "be required while its main chunks run");
}

TEST(Require, SaysWhatIsWrong) {
  EXPECT_EQ(run_with_modules("require 'missing'"),
            "no image: m.lua:1: module 'missing' not found: no file missing.lua");
  EXPECT_EQ(run_with_modules("require 'broken'"),
            "no image: m.lua:1: error loading module 'broken': broken.lua:1: unexpected symbol "
            "near '='");
  EXPECT_EQ(run_with_modules("require 'a'"), "no image: b.lua:1: module 'a' requires itself");
}

TEST(Require, IsThereOnlyWithAFinder) {
  ImageOptions options;
  options.sources = {{"m", "return {main = function() return require end}", "m.lua"}};
  Vm vm = started(*Image::compile(engine(), options));
  EXPECT_EQ(as_text(vm.run()), "[null]");
}

TEST(Require, ModulesAreSealedIn) {
  const Image image = *Image::compile(
      engine(), with_modules("local s = require 'shapes' "
                             "return {main = function() sys.invoke('f') return s.area(4) end}"));
  const Image loaded = *Image::load(engine(), image.bytes());
  Vm vm = started(loaded);
  static_cast<void>(vm.run());
  Vm later = tripped(loaded, vm);
  ASSERT_TRUE(later.resume(later.pending()->id, {}));
  EXPECT_EQ(as_text(later.run()), "[16]");
}

}  // namespace
}  // namespace moonlet
