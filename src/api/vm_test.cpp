#include "moonlet/vm.hpp"

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// A module whose handler `main` is `body`.
ImageOptions script(const std::string& body) {
  ImageOptions options;
  options.sources = {{"m", "return {main = function(...) " + body + " end}", "m.lua"}};
  return options;
}

Engine engine(std::vector<HostFunction> functions = {}) {
  return *Engine::make(std::move(functions));
}

Vm started(const Image& image, const std::vector<Value>& arguments = {},
           const ForkOptions& options = {}) {
  Vm vm = *image.fork(options);
  EXPECT_TRUE(vm.start("m", {"main"}, arguments).has_value());
  return vm;
}

const Command& command_of(const Outcome& outcome) { return std::get<Suspended>(outcome).command; }
const std::vector<Value>& values_of(const Outcome& outcome) {
  return std::get<Finished>(outcome).values;
}

TEST(Vm, ArgumentsAndResultsArePlainData) {
  const Image image = *Image::compile(engine(), script("return ..."));
  const std::vector<Value> values = {Value(),
                                     true,
                                     1,
                                     1.0,
                                     "a\0b",
                                     Value::Array{1, Value::Object{{"x", 2}}},
                                     std::int64_t{9007199254740993}};
  Vm vm = started(image, values);
  EXPECT_EQ(values_of(vm.run()), values);
}

TEST(Vm, AnEntryPointFindsWhatItsPathWould) {
  const Engine one = engine();
  ImageOptions options;
  options.sources = {{"m",
                      "local m = {deep = {er = function(x) return x + 1 end}, 7}\n"
                      "m.swap = function() m.deep.er = function(x) return x + 100 end end\n"
                      "return m",
                      "m.lua"}};
  const Image image = *Image::compile(one, options);
  const EntryPoint entry(image, "m", {"deep", "er"});
  Vm vm = *image.fork();
  ASSERT_TRUE(vm.start(entry, {1}));
  EXPECT_EQ(values_of(vm.run()), (std::vector<Value>{2}));
  // What the program puts there is found.
  ASSERT_TRUE(vm.start("m", {"swap"}, {}));
  static_cast<void>(vm.run());
  ASSERT_TRUE(vm.start(entry, {1}));
  EXPECT_EQ(values_of(vm.run()), (std::vector<Value>{101}));
  // Names that the image has no string of, and functions that are not there.
  for (const EntryPoint& none :
       {EntryPoint(image, "m", {"deep", "nowhere_at_all"}), EntryPoint(image, "m", {"deep", "x"}),
        EntryPoint(image, "other", {}), EntryPoint(image, "m", {std::string(50, 'k')})}) {
    const auto refused = vm.start(none, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().substr(0, 20), "there is no function");
  }
  // In a Vm of another image it is a path.
  options.sources[0].text = "return {deep = {er = function(x) return x * 2 end}}";
  Vm other = *Image::compile(one, options)->fork();
  ASSERT_TRUE(other.start(entry, {4}));
  EXPECT_EQ(values_of(other.run()), (std::vector<Value>{8}));
}

TEST(Vm, RaiseConcernsOnlyWhatWasPreempted) {
  const Image image = *Image::compile(engine(), script("for i = 1, 1000 do end return 5"));
  Vm vm = *image.fork({});
  vm.raise("idle");
  ASSERT_TRUE(std::holds_alternative<Failed>(vm.run()));
  ASSERT_TRUE(vm.start("m", {"main"}, {}));
  vm.raise("not begun");
  ASSERT_TRUE(std::holds_alternative<Preempted>(vm.run({.fuel = 100})));
  vm.raise("under way");
  EXPECT_EQ(std::get<Failed>(vm.run()).message, "m.lua:1: under way");
  vm.raise("over");
  ASSERT_TRUE(vm.start("m", {"main"}, {}));
  EXPECT_EQ(values_of(vm.run()), (std::vector<Value>{5}));
}

TEST(Vm, ExitIsAnsweredAgain) {
  ImageOptions options = script("os.exit(3)");
  options.libraries.set = LibrarySet::All;
  const Image image = *Image::compile(engine(), options);
  Vm vm = started(image);
  EXPECT_EQ(std::get<Exited>(vm.run()).code, 3);
  EXPECT_EQ(std::get<Exited>(vm.run()).code, 3);
  Vm thawed = *Vm::thaw(image, *vm.freeze());
  EXPECT_EQ(std::get<Exited>(thawed.run()).code, 3);
}

TEST(Vm, ResultsThatAreNoDataNameThePlace) {
  const Image image = *Image::compile(engine(), script("local t = {} t.a = {t} return t"));
  Vm cycle = started(image);
  EXPECT_EQ(std::get<Failed>(cycle.run()).message, "result 1.a[1] contains itself");
  const Image other = *Image::compile(engine(), script("return {f = print}"));
  Vm function = started(other);
  EXPECT_EQ(std::get<Failed>(function.run()).message,
            "result 1.f is a function, which only this program understands");
}

TEST(Vm, AnswersQuoteTheirCommand) {
  const Image image = *Image::compile(engine(), script(R"(
      local a, b, c = sys.invoke("f", {1})
      local ok, message = pcall(sys.invoke, "g")
      return a, b, c, ok, message, (select("#", sys.invoke("h"))))"));
  Vm vm = started(image);
  const Command first = command_of(vm.run());
  EXPECT_EQ(first.kind, CommandKind::Invoke);
  EXPECT_EQ(first.name, "f");
  EXPECT_EQ(first.arguments, std::vector<Value>{Value(Value::Array{1})});
  EXPECT_EQ(command_of(vm.run()).id, first.id);  // it still waits

  EXPECT_FALSE(vm.resume({"somebody else", 0}, {}).has_value());
  ASSERT_TRUE(vm.resume(first.id, {1, Value(), "three"}).has_value());
  EXPECT_FALSE(vm.resume(first.id, {}).has_value());
  const Command second = command_of(vm.run());
  EXPECT_FALSE(vm.resume(first.id, {}).has_value());
  ASSERT_TRUE(vm.resume_with_error(second.id, Value("no g")).has_value());
  const Command third = command_of(vm.run());
  ASSERT_TRUE(vm.resume(third.id, {}).has_value());
  const std::vector<Value> expected = {1, Value(), "three", false, "no g", 0};
  EXPECT_EQ(values_of(vm.run()), expected);
}

TEST(Vm, AnErrorOfTheHostIsRaisedAtItsLine) {
  const Image image = *Image::compile(engine(), script("\n\nlocal x = sys.invoke('f')"));
  Vm vm = started(image);
  ASSERT_TRUE(vm.resume_with_error(command_of(vm.run()).id, Value("nobody home")).has_value());
  EXPECT_EQ(std::get<Failed>(vm.run()).message, "m.lua:3: nobody home");
}

TEST(Vm, AFrozenVmAsksTheSameCommandAgain) {
  const Image image = *Image::compile(engine(), script("return sys.invoke('f', 7) + ..."));
  Vm vm = started(image, {30});
  const CommandId id = command_of(vm.run()).id;
  const std::string state = *vm.freeze();
  Vm again = *Vm::thaw(image, state);
  ASSERT_NE(again.pending(), nullptr);
  EXPECT_EQ(again.pending()->id, id);
  EXPECT_EQ(*again.freeze(), state);
  ASSERT_TRUE(again.resume(id, {12}).has_value());
  Vm answered = *Vm::thaw(image, *again.freeze());
  EXPECT_EQ(answered.pending(), nullptr);
  EXPECT_EQ(values_of(answered.run()), std::vector<Value>{42});
}

TEST(Vm, StatesAreBoundToTheirImage) {
  const Image image = *Image::compile(engine(), script("return 1"));
  const Image other = *Image::compile(engine(), script("return 2"));
  const std::string state = *started(image).freeze();
  EXPECT_NE(Vm::thaw(other, state).error().find("belongs to image " + image.hash()),
            std::string::npos);
  EXPECT_EQ(Vm::thaw(image, "hello").error(), "this is not the state of a Moonlet program");
  for (std::size_t size = 0; size < state.size(); size += 7) {
    EXPECT_FALSE(Vm::thaw(image, std::string_view(state).substr(0, size)).has_value());
  }
}

TEST(Vm, ForksAreApartFromEachOther) {
  ImageOptions options;
  options.sources = {
      {"m", "local n = 0 return {main = function() n = n + 1 sys.emit('e') return n end}", ""}};
  const Image image = *Image::compile(engine(), options);
  Vm first = started(image);
  const CommandId id = command_of(first.run()).id;
  Vm branch = *first.fork();
  EXPECT_NE(branch.pending()->id, id);
  ASSERT_TRUE(first.resume(id, {}).has_value());
  EXPECT_EQ(values_of(first.run()), std::vector<Value>{1});
  ASSERT_TRUE(first.start("m", {"main"}, {}).has_value());
  ASSERT_TRUE(first.resume(command_of(first.run()).id, {}).has_value());
  EXPECT_EQ(values_of(first.run()), std::vector<Value>{2});
  ASSERT_TRUE(branch.resume(branch.pending()->id, {}).has_value());
  EXPECT_EQ(values_of(branch.run()), std::vector<Value>{1});
}

TEST(Vm, StringsOfTheLibraryHaveTheSameNumberInAll) {
  const auto number = [](int tables) {
    const Image image = *Image::compile(engine(), script(R"(
      for n = 1, ... do string.format("%p", {}) end
      return string.format("%p", "integer"))"));
    Vm vm = started(image, {tables});
    return values_of(vm.run());
  };
  EXPECT_EQ(number(1), number(2));
}

// In the middle of a match, with the library's pattern, a long string, among the arguments.
TEST(Vm, LongStringsOfTheLibraryStayTheLibrarysInATrip) {
  const Image image = *Image::compile(engine(), script(R"(
    return utc.parse("2000-02-29T12:30:00Z"))"));
  Vm vm = started(image);
  int trips = 0;
  Outcome outcome = vm.run({.trip_every = 1});
  for (; std::holds_alternative<Preempted>(outcome); outcome = vm.run({.trip_every = 1})) {
    ++trips;
    const std::string state = *vm.freeze();
    const std::uint64_t bytes = vm.usage().memory_bytes;
    vm = *Vm::thaw(image, state, {});
    ASSERT_EQ(*vm.freeze(), state) << "trip " << trips;
    ASSERT_EQ(vm.usage().memory_bytes, bytes) << "trip " << trips;
  }
  ASSERT_TRUE(std::holds_alternative<Finished>(outcome)) << std::get<Failed>(outcome).message;
  EXPECT_EQ(values_of(outcome), (std::vector<Value>{951827400}));
  EXPECT_GT(trips, 10);
}

TEST(Vm, RestsInTheMiddleOfACallAndGoesOn) {
  const Image image = *Image::compile(engine(), script("return sys.invoke('f', 7) + ..."));
  Vm vm = *image.fork();
  EXPECT_TRUE(vm.is_resting());
  ASSERT_TRUE(vm.start("m", {"main"}, {30}).has_value());
  EXPECT_FALSE(vm.is_resting());
  const CommandId id = command_of(vm.run()).id;
  const std::string state = *vm.freeze();
  ASSERT_TRUE(vm.rest().has_value());
  EXPECT_TRUE(vm.is_resting());
  EXPECT_EQ(*vm.freeze(), state);
  EXPECT_TRUE(vm.is_resting());
  EXPECT_TRUE(vm.rest().has_value());
  // A branch of it is at rest, too, and another Vm.
  Vm branch = *vm.fork();
  EXPECT_TRUE(branch.is_resting());
  EXPECT_NE(branch.pending()->id, id);
  EXPECT_EQ(vm.pending()->id, id);
  EXPECT_FALSE(vm.is_resting());
  ASSERT_TRUE(vm.rest().has_value());
  EXPECT_FALSE(vm.resume({"another", 0}, {12}).has_value());
  ASSERT_TRUE(vm.rest().has_value());
  ASSERT_TRUE(vm.resume(id, {12}).has_value());
  ASSERT_TRUE(vm.rest().has_value());
  EXPECT_EQ(values_of(vm.run()), std::vector<Value>{42});
  ASSERT_TRUE(branch.resume_with_error(branch.pending()->id, "no").has_value());
  EXPECT_TRUE(std::holds_alternative<Failed>(branch.run()));
}

TEST(Vm, KeepsLimitAndSeedOfItsForkAtRest) {
  const Image image = *Image::compile(
      engine(), script("local t = {} if ... then for i = 1, 1e6 do t[i] = {} end end "
                       "return math.random(1 << 60)"));
  ForkOptions options;
  options.seed = 5;
  options.limits.memory_bytes = 100'000;
  const auto number_of = [&](bool rests) {
    Vm vm = *image.fork(options);
    if (rests) {
      EXPECT_GT(vm.usage().memory_bytes, 0u);
      EXPECT_TRUE(vm.rest().has_value());
    }
    EXPECT_TRUE(vm.start("m", {"main"}, {false}).has_value());
    if (rests) {
      EXPECT_TRUE(vm.rest().has_value());
    }
    return values_of(vm.run());
  };
  EXPECT_EQ(number_of(false), number_of(true));
  Vm vm = *image.fork(options);
  EXPECT_TRUE(vm.start("m", {"main"}, {true}).has_value());
  EXPECT_TRUE(vm.rest().has_value());
  const Outcome outcome = vm.run();
  ASSERT_NE(error_of(outcome), nullptr);
  EXPECT_NE(error_of(outcome)->message.find("not enough memory"), std::string::npos);
}

TEST(Vm, AnInterruptReachesAVmThatRests) {
  const Image image = *Image::compile(engine(), script("for i = 1, 1e5 do end return 1"));
  Vm vm = started(image);
  ASSERT_TRUE(vm.rest().has_value());
  vm.interrupt();
  EXPECT_TRUE(std::holds_alternative<Preempted>(vm.run()));
  ASSERT_TRUE(vm.rest().has_value());
  EXPECT_EQ(values_of(vm.run()), std::vector<Value>{1});
}

TEST(Vm, ConfigurationIsTheMachinesAndNotTheStates) {
  const Image image = *Image::compile(engine(), script(R"(
      local config = sys.config()
      local deep = config.deep
      sys.emit("wait")
      local names = {}
      for name in pairs(config) do names[#names + 1] = name end
      local ok, message = pcall(function() config.x = 1 end)
      return config.region, deep[2], #deep, names, message)"));
  ForkOptions here;
  here.config = Value::Object{{"region", "secret-north"}, {"deep", Value::Array{1, 2}}};
  Vm vm = started(image, {}, here);
  static_cast<void>(command_of(vm.run()));
  const std::string state = *vm.freeze();
  EXPECT_EQ(state.find("secret-north"), std::string::npos);
  ForkOptions there;
  there.config = Value::Object{{"region", "south"}, {"deep", Value::Array{1, 3, 5}}};
  Vm thawed = *Vm::thaw(image, state, there);
  ASSERT_TRUE(thawed.resume(thawed.pending()->id, {}).has_value());
  const std::vector<Value> expected = {
      "south", 3, 3, Value::Array{"region", "deep"},
      "m.lua:7: the configuration cannot be changed by the program"};
  EXPECT_EQ(values_of(thawed.run()), expected);
}

TEST(Vm, HostFunctionsAreKnownByName) {
  int calls = 0;
  const auto twice = [](const HostCall& call) -> HostResult {
    if (call.argument(0).integer() == nullptr) return std::unexpected(Value("a number, please"));
    ++*call.context<int>();
    return std::vector<Value>{*call.argument(0).integer() * 2};
  };
  const Engine full = engine({{"host.twice", twice}, {"ask", {}}});
  const Image image = *Image::compile(full, script("local f = host.twice; ask(f(4)); return f(5)"));
  Vm vm = started(image);
  vm.set_context(&calls);
  EXPECT_EQ(vm.context<double>(), nullptr);
  const Command command = command_of(vm.run());
  EXPECT_EQ(command.name, "ask");
  EXPECT_EQ(command.arguments, std::vector<Value>{8});
  const std::string state = *vm.freeze();
  ASSERT_TRUE(vm.resume(command.id, {}).has_value());
  EXPECT_EQ(values_of(vm.run()), std::vector<Value>{10});
  EXPECT_EQ(calls, 2);

  EXPECT_TRUE(Vm::thaw(image, state).has_value());
  const Engine other = engine({{"host.twice", twice}});
  EXPECT_NE(Image::load(other, image.bytes())
                .error()
                .find("this engine was made without the function 'ask'"),
            std::string::npos);
}

TEST(Vm, NamesOfHostFunctionsMeanOneThing) {
  const auto error_of = [](std::vector<HostFunction> functions) {
    const auto made = Engine::make(std::move(functions));
    return made ? std::string() : made.error();
  };
  EXPECT_EQ(error_of({{"print", {}}}), "the name \"print\" is taken already");
  EXPECT_EQ(error_of({{"a", {}}, {"a", {}}}), "the name \"a\" is taken already");
  EXPECT_EQ(error_of({{"a.b", {}}, {"a", {}}}), "the name \"a\" is taken already");
  EXPECT_EQ(error_of({{"print.b", {}}}), "the name \"print\" is taken already");
  EXPECT_EQ(error_of({{"string.b", {}}, {"a.b", {}}, {"a.c", {}}}), "");
  for (const char* name : {"", ".", "a.", ".a", "a.b.c", "a..b", "host:call", "intrinsic.a"}) {
    EXPECT_EQ(error_of({{name, {}}}),
              '"' + std::string(name) + "\" is no name for a host function");
  }
}

std::string compile_error(const Engine& with, const ImageOptions& options) {
  const auto made = Image::compile(with, options);
  return made ? std::string() : made.error();
}

TEST(Vm, NamesInAnImageMeanOneThing) {
  ImageOptions twice;
  twice.sources = {{"a", "", {}}, {"b", "", {}}, {"a", "", {}}};
  EXPECT_EQ(compile_error(engine(), twice), "two sources have the name \"a\"");

  const auto in = [](const char* group) {
    ImageOptions options;
    options.agent_namespace = group;
    return options;
  };
  EXPECT_EQ(compile_error(engine(), in("string")),
            "the name \"string\" of the functions for agents is taken already");
  const Engine mine = engine({{"agent.mine", {}}, {"agent.emit", {}}});
  EXPECT_EQ(compile_error(mine, in("sys")), "");
  EXPECT_EQ(compile_error(mine, in("")), "");
  EXPECT_EQ(compile_error(mine, in("agent")),
            "the host function \"agent.emit\" has the name of a function for agents");
  EXPECT_EQ(compile_error(engine({{"agent.mine", {}}}), in("agent")), "");
}

TEST(Vm, LibrariesOfAgentsAreThoseThatTheMessageNames) {
  ImageOptions options;
  options.libraries.names = {"io"};
  const std::string error = compile_error(engine(), options);
  const std::string known = "there is no library \"io\" for agents; they may have base, ";
  ASSERT_EQ(error.substr(0, known.size()), known);
  const Image image = *Image::compile(engine(), script(R"(
      local names = {}
      for name, value in pairs(_G) do
        if type(value) == "table" and value ~= _G and name ~= "sys" then names[#names + 1] = name end
      end
      table.sort(names)
      return table.concat(names, ", "))"));
  Vm vm = started(image);
  EXPECT_EQ(*values_of(vm.run()).at(0).string(), error.substr(known.size()));
}

TEST(Vm, WhatScriptsHandOverHasABound) {
  const std::string ending =
      " is too large: outside of the program it takes more than 268435456 bytes, what is shared "
      "counting at each place";
  // What is shared is there at each place: each argument takes 200 MB.
  const std::string half = "local s, t = ('x'):rep(1e6), {} for i = 1, 200 do t[i] = s end ";
  Vm command =
      started(*Image::compile(engine(), script(half + "return pcall(sys.invoke, 'f', t, t)")));
  EXPECT_EQ(values_of(command.run()).at(1), Value("'invoke': argument 3" + ending));
  Vm one = started(*Image::compile(engine(), script(half + "return t")));
  EXPECT_EQ(values_of(one.run()).at(0).array()->size(), 200u);
  const std::string bomb = "local t = {} for i = 1, 100 do t = {t, t} end ";
  Vm result = started(*Image::compile(engine(), script(bomb + "return 1, t")));
  EXPECT_EQ(std::get<Failed>(result.run()).message, "result 2" + ending);
  Vm error = started(*Image::compile(engine(), script(bomb + "error(t)")));
  EXPECT_TRUE(std::get<Failed>(error.run()).error.is_nil());
}

TEST(Vm, ALimitOfMemoryIsLoweredAndNeverRaised) {
  const Image image = *Image::compile(engine(), script("sys.emit('here') return #('x'):rep(...)"));
  const auto ends_well = [](Vm& vm) {
    static_cast<void>(vm.run());
    EXPECT_TRUE(vm.resume(vm.pending()->id, {}).has_value());
    return std::holds_alternative<Finished>(vm.run());
  };
  ForkOptions small;
  small.limits.memory_bytes = 100'000;
  ForkOptions large;
  large.limits.memory_bytes = 10'000'000;
  Vm vm = started(image, {1'000'000}, large);
  static_cast<void>(vm.run());
  const std::string state = *vm.freeze();
  const Image sealed = *vm.seal();
  Vm thawed_small = *Vm::thaw(image, state, small);
  Vm forked_small = *vm.fork(small);
  Vm sealed_small = *sealed.fork(small);
  EXPECT_FALSE(ends_well(thawed_small));
  EXPECT_FALSE(ends_well(forked_small));
  EXPECT_FALSE(ends_well(sealed_small));
  EXPECT_TRUE(ends_well(vm));

  Vm limited = started(image, {1'000'000}, small);
  static_cast<void>(limited.run());
  const Image limited_image = *limited.seal();
  Vm thawed = *Vm::thaw(image, *limited.freeze(), large);
  Vm forked = *limited.fork();
  Vm sealed_fork = *limited_image.fork(large);
  EXPECT_FALSE(ends_well(thawed));
  EXPECT_FALSE(ends_well(forked));
  EXPECT_FALSE(ends_well(sealed_fork));
}

TEST(Vm, WhatIsToldHasNoAnswer) {
  const Image image = *Image::compile(engine(), script(R"(
      return select("#", sys.emit("e", 1)), select("#", sys.log("info", 1)))"));
  Vm vm = started(image);
  for (const char* name : {"e", "info"}) {
    const Command command = command_of(vm.run());
    EXPECT_EQ(command.name, name);
    ASSERT_TRUE(vm.resume(command.id, {1, 2}).has_value());
  }
  EXPECT_EQ(values_of(vm.run()), (std::vector<Value>{0, 0}));
}

TEST(VmDeathTest, ASecondUserIsNamed) {
  Vm* vm = nullptr;
  const Image image = *Image::compile(engine({{"again",
                                               [&](const HostCall&) -> HostResult {
                                                 static_cast<void>(vm->run());
                                                 return results();
                                               }}}),
                                      script("again()"));
  Vm mine = started(image);
  vm = &mine;
  EXPECT_DEATH(static_cast<void>(mine.run()),
               "moonlet: a Vm is used by two threads at once, or by");
}

TEST(Vm, MainChunksCannotCallTheHost) {
  ImageOptions options;
  options.sources = {{"m", "sys.invoke('now')", "m.lua"}};
  EXPECT_EQ(Image::compile(engine(), options).error(),
            "m.lua: the main chunk may not call the host (now); do that in a function");
  options.sources = {{"m", "x = = 1", "m.lua"}};
  EXPECT_EQ(Image::compile(engine(), options).error(), "m.lua:1: unexpected symbol near '='");
}

TEST(Vm, FuelStopsAndGoesOn) {
  const Image image =
      *Image::compile(engine(), script("local n = 0 for i = 1, 1e5 do n = n + 1 end return n"));
  Vm vm = started(image);
  int stops = 0;
  for (;; ++stops) {
    const Outcome outcome = vm.run({.fuel = 10'000});
    if (const Finished* finished = std::get_if<Finished>(&outcome)) {
      EXPECT_EQ(finished->values, std::vector<Value>{100'000});
      break;
    }
    ASSERT_EQ(std::get<Preempted>(outcome).reason, PreemptReason::Fuel);
    if (stops == 5) vm = *Vm::thaw(image, *vm.freeze());
  }
  EXPECT_GT(stops, 10);
}

TEST(Vm, AgentsHaveNoFilesAndNamespacesCanBeChosen) {
  ImageOptions options = script("return type(io), type(os.execute), type(agent.invoke), type(sys)");
  options.agent_namespace = "agent";
  Vm vm = started(*Image::compile(engine(), options));
  const std::vector<Value> expected = {"nil", "nil", "function", "nil"};
  EXPECT_EQ(values_of(vm.run()), expected);
}

}  // namespace
}  // namespace moonlet
