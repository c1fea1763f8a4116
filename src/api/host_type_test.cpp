// Host types through the public API, with the types of examples/types.
#include "moonlet/host_type.hpp"

#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "examples/types/entity.hpp"
#include "examples/types/vec3.hpp"
#include "moonlet/moonlet.hpp"
#include "tests/support/signed_state.hpp"

namespace moonlet {

static void PrintTo(const Value& value, std::ostream* out) {
  *out << to_json(value).value_or("a host object");
}

namespace {

std::vector<HostFunction> functions(World& world) {
  return {{"Vec3", new_vec3},
          {"give", [&world](const HostCall& call) -> HostResult {
             return results(world.give(static_cast<std::uint64_t>(*call.integer(0))));
           }}};
}

// An engine with both types, and a world with the entities 1 to 3.
struct Setting {
  Setting() {
    for (const std::uint64_t number : {1, 2, 3}) world.things[number].name = "abc"[number - 1];
  }
  Engine engine() { return *Engine::make(functions(world), {vec3_type(), entity_type(world)}); }
  // A module whose function `main` is `body`.
  Image image(const std::string& body) { return image(engine(), body); }
  static Image image(const Engine& engine, const std::string& body) {
    ImageOptions options;
    options.sources = {{"m", "return {main = function(...) " + body + "\nend}", "m.lua"}};
    auto made = Image::compile(engine, options);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error());
    return made.value();
  }
  int uses() {
    int sum = 0;
    for (const auto& [number, thing] : world.things) sum += thing.uses;
    return sum;
  }
  World world;
};

Vm started(const Image& image, const std::vector<Value>& arguments = {},
           const ForkOptions& options = {}) {
  Vm vm = image.fork(options).value();
  const auto done = vm.start("m", {"main"}, arguments);
  EXPECT_TRUE(done.has_value()) << done.error();
  return vm;
}

std::vector<Value> values_of(const Outcome& outcome) {
  if (const Failed* failed = std::get_if<Failed>(&outcome)) {
    ADD_FAILURE() << failed->message << "\n" << failed->traceback;
    return {};
  }
  return std::get<Finished>(outcome).values;
}
std::string message_of(const Outcome& outcome) { return std::get<Failed>(outcome).message; }

// Goes on until the end; every Command is answered with nothing.
Outcome finish(Vm& vm) {
  Outcome outcome = vm.run();
  while (const Suspended* waits = std::get_if<Suspended>(&outcome)) {
    EXPECT_TRUE(vm.resume(waits->command.id, {}).has_value());
    outcome = vm.run();
  }
  return outcome;
}

ForkOptions limited(std::uint64_t bytes) {
  ForkOptions options;
  options.limits.memory_bytes = bytes;
  return options;
}

std::vector<Value> run(const std::string& body) {
  Setting setting;
  Vm vm = started(setting.image(body));
  return values_of(finish(vm));
}

std::string error_of(const std::string& body) {
  Setting setting;
  Vm vm = started(setting.image(body));
  return message_of(finish(vm));
}

// ---- What scripts see.

TEST(HostType, OperatorsMethodsAndProperties) {
  const std::vector<Value> expected = {5.0, 4.0, 32.0, 13.0, true, false, false, "userdata", 3.0};
  EXPECT_EQ(run(R"(
      local a, b = Vec3(1, 2, 3), Vec3(4, 5, 6)
      local c = a + b
      c.y = 4
      local length = a.length
      return c.x, c.y, a:dot(b), (2 * a * 1.5 - -b + Vec3(6)).x, a == Vec3(1, 2, 3),
             rawequal(a, Vec3(1, 2, 3)), a == {}, type(a), length(Vec3(0, 0, -3)))"),
            expected);
}

TEST(HostType, NamesThatAreNoneAreNil) {
  const std::vector<Value> expected = {Value(), Value(), Value()};
  EXPECT_EQ(run("local v = Vec3() return v.w, v[1], v[v]"), expected);
}

TEST(HostType, TextCarriesTypeAndIdentity) {
  const std::vector<Value> expected = {true, true};
  EXPECT_EQ(run(R"(
      local v = Vec3()
      local t = tostring(v)
      return t:find("^Vec3: 0x%x+$") ~= nil, t == tostring(v) and t ~= tostring(Vec3()))"),
            expected);
}

TEST(HostType, WrongArgumentsAreNamedAsTheLanguageDoes) {
  EXPECT_EQ(error_of("return Vec3().length()"),
            "m.lua:1: bad argument #1 to 'length' (Vec3 expected, got no value)");
  EXPECT_EQ(error_of("return Vec3().length(nil)"),
            "m.lua:1: bad argument #1 to 'length' (Vec3 expected, got nil)");
  EXPECT_EQ(error_of("return Vec3().length(give(1))"),
            "m.lua:1: bad argument #1 to 'length' (Vec3 expected, got Entity)");
  EXPECT_EQ(error_of("local t = {length = Vec3().length} return t:length()"),
            "m.lua:1: calling 'length' on bad self (Vec3 expected, got table)");
  EXPECT_EQ(error_of("return Vec3():dot('x')"),
            "m.lua:1: bad argument #1 to 'dot' (Vec3 expected, got string)");
  EXPECT_EQ(error_of("return Vec3(1, {})"),
            "m.lua:1: bad argument #2 to 'Vec3' (number expected, got table)");
  EXPECT_EQ(error_of("return Vec3() + 1"),
            "m.lua:1: bad argument #2 to 'add' (Vec3 expected, got number)");
  EXPECT_EQ(error_of("return Vec3() * Vec3()"),
            "m.lua:1: bad argument #2 to 'mul' (number expected, got Vec3)");
  EXPECT_EQ(error_of("return Vec3():dot(print)"),
            "m.lua:1: argument 1 is a function, which only this program understands");
}

TEST(HostType, WrongOperationsAreErrors) {
  EXPECT_EQ(error_of("local v = Vec3() v.x = 'one'"),
            "m.lua:1: bad value for 'x' of Vec3 (number expected, got string)");
  EXPECT_EQ(error_of("local v = Vec3() v.w = 1"), "m.lua:1: a Vec3 has no property 'w'");
  EXPECT_EQ(error_of("local v = Vec3() v[{}] = 1"), "m.lua:1: a Vec3 has no property 'a table'");
  EXPECT_EQ(error_of("local v = Vec3() v.length = print"),
            "m.lua:1: 'length' of Vec3 is read-only");
  EXPECT_EQ(error_of("give(1).name = 'Eve'"), "m.lua:1: 'name' of Entity is read-only");
  EXPECT_EQ(error_of("local v = Vec3() return v / 2"),
            "m.lua:1: attempt to perform arithmetic on a Vec3 value (local 'v')");
  EXPECT_EQ(error_of("local v = Vec3() return #v"),
            "m.lua:1: attempt to get length of a Vec3 value (local 'v')");
  EXPECT_EQ(error_of("local v = Vec3() return v < v"),
            "m.lua:1: attempt to compare two Vec3 values");
  EXPECT_EQ(error_of("local v = Vec3() v:normalize()"),
            "m.lua:1: attempt to call a nil value (method 'normalize')");
}

TEST(HostType, TheMetatableIsNobodysToSeeOrChange) {
  const std::vector<Value> expected = {false, false, false, "cannot change a protected metatable",
                                       false, false, 3.0};
  EXPECT_EQ(run(R"(
      local v = Vec3(3)
      local set, message = pcall(debug.setmetatable, v, {})
      return getmetatable(v), debug.getmetatable(v), set, message, (pcall(setmetatable, v, {})),
             (pcall(rawset, v, "x", 1)), v:length())"),
            expected);
}

TEST(HostType, EventsOfAllKinds) {
  struct Box {
    std::int64_t n;
  };
  const auto binary = [](auto operation) {
    return [operation](const HostCall& call) -> HostResult {
      const auto value = [&call](std::size_t n) {
        const Box* box = call.object<Box>(n);
        return box != nullptr ? box->n : call.integer(n).value_or(-1);
      };
      return results(Value(operation(value(0), value(1))));
    };
  };
  using I = std::int64_t;
  HostTypeOf<Box> type("Box", 1);
  type.field("n", &Box::n)
      .metamethod("__mod", binary([](I a, I b) { return a % b; }))
      .metamethod("__pow", binary([](I a, I b) { return a * 100 + b; }))
      .metamethod("__div", binary([](I a, I b) { return static_cast<double>(a) / double(b); }))
      .metamethod("__idiv", binary([](I a, I b) { return a / b; }))
      .metamethod("__band", binary([](I a, I b) { return a & b; }))
      .metamethod("__bor", binary([](I a, I b) { return a | b; }))
      .metamethod("__bxor", binary([](I a, I b) { return a ^ b; }))
      .metamethod("__shl", binary([](I a, I b) { return a << b; }))
      .metamethod("__shr", binary([](I a, I b) { return a >> b; }))
      .metamethod("__bnot", binary([](I a, I) { return ~a; }))
      .metamethod("__lt", binary([](I a, I b) { return a < b; }))
      .metamethod("__le", binary([](I a, I b) { return a <= b; }))
      .metamethod("__concat",
                  binary([](I a, I b) { return std::to_string(a) + std::to_string(b); }))
      .metamethod("__len", [](const HostCall& call) { return results(call.object<Box>(0)->n); })
      .metamethod("__tostring",
                  [](const HostCall& call) {
                    return results("Box " + std::to_string(call.object<Box>(0)->n));
                  })
      .metamethod("__call",
                  [](const HostCall& call) {
                    return results(call.object<Box>(0)->n, call.argument(1), call.argument(2));
                  })
      .metamethod("__index",
                  [](const HostCall& call) {
                    return results(call.integer(1).value_or(0) + call.object<Box>(0)->n);
                  })
      .metamethod("__newindex",
                  [](const HostCall& call) -> HostResult {
                    call.object<Box>(0)->n = *call.integer(1) * 10 + *call.integer(2);
                    return results();
                  })
      .metamethod("__close", [](const HostCall& call) -> HostResult {
        call.object<Box>(0)->n = -7;
        return results();
      });
  const HostFunction make{
      "Box", [](const HostCall& call) { return results(HostObject::of(Box{*call.integer(0)})); }};
  const Engine engine = *Engine::make({make}, {type});
  Vm vm = started(Setting::image(engine, R"(
      local b, c = Box(13), Box(5)
      local first = {b % c, b ^ c, b / 2, b // c, b & c, b | c, b ~ c, b << 2, b >> 2, ~b}
      local second = {b < c, b <= c, c < b, b .. c, 1 .. b, #b, tostring(b), b("x", 2)}
      local third = {b[4], b.n, b.m}
      b[2] = 3
      third[4] = b.n
      do local closed <close> = c end
      third[5] = c.n
      local list = {Box(3), Box(1), Box(2)}
      table.sort(list)
      third[6] = string.format("%s, %s, %s", list[1], list[2], list[3])
      return first, second, third)"));
  const std::vector<Value> expected = {
      Value::Array{3, 1305, 6.5, 2, 5, 13, 8, 52, 3, -14},
      Value::Array{false, false, true, "135", "113", 13, "Box 13", 13, "x", 2},
      Value::Array{17, 13, 13, 23, -7, "Box 1, Box 2, Box 3"}};
  EXPECT_EQ(values_of(vm.run()), expected);
}

TEST(HostType, WhatFunctionsThrowIsAnError) {
  struct Bomb {};
  HostTypeOf<Bomb> type("Bomb", 1);
  type.method("drop",
              [](Bomb&, const HostCall&) -> HostResult { throw std::runtime_error("bang"); })
      .method("object", [](Bomb&, const HostCall&) -> HostResult {
        return std::unexpected(Value(HostObject::of(Bomb())));
      });
  const Engine engine = *Engine::make(
      {{"Bomb", [](const HostCall&) { return results(HostObject::of(Bomb())); }}}, {type});
  Vm vm = started(Setting::image(engine, R"(
      local _, text = pcall(function() Bomb():drop() end)
      local _, object = pcall(Bomb().object, Bomb())
      return text, object)"));
  const std::vector<Value> values = values_of(vm.run());
  EXPECT_EQ(values.at(0), Value("m.lua:2: bang"));
  ASSERT_NE(values.at(1).host_object(), nullptr);
  EXPECT_NE(values[1].host_object()->as<Bomb>(), nullptr);
}

// ---- Between host and script.

TEST(HostType, ObjectsAreValuesOnTheOtherSide) {
  Setting setting;
  Vm vm = started(setting.image("local v, e = ... sys.invoke('look', {v, at = nil}) "
                                "return v + Vec3(1), ({who = e, v.x})[1], {e}"),
                  {HostObject::of(Vec3{1, 2, 3}), setting.world.give(2)});
  const Outcome outcome = vm.run();
  const Value::Array* sent = std::get<Suspended>(outcome).command.arguments.at(0).array();
  const HostObject* v = sent->at(0).host_object();
  ASSERT_NE(v, nullptr);
  EXPECT_EQ(v->type_name(), "Vec3");
  EXPECT_EQ(v->as<Entity>(), nullptr);
  EXPECT_EQ(v->as<Vec3>()->z, 3);
  const std::vector<Value> values = values_of(finish(vm));
  EXPECT_EQ(values.at(0), Value(HostObject::of(Vec3{2, 2, 3})));
  EXPECT_NE(values[0], Value(HostObject::of(Vec3{2, 2, 4})));
  EXPECT_EQ(values.at(1), Value(1.0));
  EXPECT_EQ(values.at(2).array()->at(0).host_object()->as<Entity>()->number, 2u);
}

TEST(HostType, JsonRefusesObjectsByTheirPlace) {
  Setting setting;
  Vm vm = started(setting.image("return {items = {1, Vec3()}}"));
  const std::vector<Value> values = values_of(vm.run());
  EXPECT_EQ(to_json(values.at(0)).error(),
            ".items[1] is an object of the host's, a Vec3, which JSON cannot hold");
  EXPECT_EQ(to_json(HostObject::of(Vec3())).error(),
            "the value is an object of the host's, which JSON cannot hold");
}

TEST(HostType, FunctionsOfTheHostChangeTheScriptsObject) {
  const HostFunction flip{"flip", [](const HostCall& call) -> HostResult {
                            Vec3* v = call.object<Vec3>(0);
                            if (v == nullptr) {
                              return std::unexpected(call.wrong_argument(0, "Vec3"));
                            }
                            v->x = -v->x;
                            return results(call.argument(0));
                          }};
  const Engine engine = *Engine::make({{"Vec3", new_vec3}, flip}, {vec3_type()});
  Vm vm = started(Setting::image(
      engine,
      "local v = Vec3(2) local w = flip(v) return v.x, w.x, rawequal(v, w), pcall(flip, 1)"));
  const std::vector<Value> expected = {-2.0, -2.0, false, false,
                                       "bad argument #1 to 'flip' (Vec3 expected, got number)"};
  EXPECT_EQ(values_of(vm.run()), expected);
}

TEST(HostType, ObjectsOfUnknownTypesDoNotEnter) {
  Setting setting;
  const Engine without = *Engine::make();
  Vm vm = *Setting::image(without, "return sys.invoke('f')").fork();
  const Value list = Value::Array{HostObject::of(Vec3())};
  const std::string problem = "holds an object of a type that this engine does not have";
  EXPECT_EQ(vm.start("m", {"main"}, {list}).error(), "argument 1 " + problem);
  ASSERT_TRUE(vm.start("m", {"main"}, {}).has_value());
  const Outcome outcome = vm.run();
  const CommandId id = std::get<Suspended>(outcome).command.id;
  EXPECT_EQ(vm.resume(id, {list}).error(), "the answer " + problem);
  EXPECT_EQ(vm.resume_with_error(id, list).error(), "the value " + problem);
  const Engine liar =
      *Engine::make({{"f", [](const HostCall&) { return results(HostObject::of(Vec3())); }}});
  Vm caller = started(Setting::image(liar, "return f()"));
  EXPECT_EQ(message_of(caller.run()), "m.lua:1: the host's answer " + problem);
}

TEST(HostType, EnginesRefuseBadTypes) {
  const auto problem = [](HostType type, std::vector<HostType> others = {}) {
    others.push_back(std::move(type));
    return Engine::make({}, std::move(others)).error();
  };
  struct Other {
    double x;
  };
  const auto nothing = [](Other&, const HostCall&) { return results(); };
  const auto no_event = [](const HostCall&) { return results(); };
  using Type = HostTypeOf<Other>;
  HostType nameless;
  nameless.name = "T";
  EXPECT_EQ(problem(Type("a b", 1)), "the type \"a b\": a type's name has letters, digits and '_'");
  EXPECT_EQ(problem(Type("Vec3", 1), {vec3_type()}),
            "the type \"Vec3\": the name is taken already");
  EXPECT_EQ(problem(HostTypeOf<Vec3>("V", 1), {vec3_type()}),
            "the type \"V\": another type has the same C++ type");
  EXPECT_EQ(problem(nameless), "the type \"T\": it has no payload: make it with HostTypeOf");
  EXPECT_EQ(problem(Type("T", 1).method("f", nothing).field("f", &Other::x)),
            "the type \"T\": it has \"f\" twice");
  EXPECT_EQ(problem(Type("T", 1).method("f.g", nothing)),
            "the type \"T\": \"f.g\" is no name for a method or property");
  EXPECT_EQ(problem(Type("T", 1).method("f", {})),
            "the type \"T\": its method \"f\" has no function");
  EXPECT_EQ(problem(Type("T", 1).property("f", {})),
            "the type \"T\": its property \"f\" cannot be read");
  for (const char* event : {"__gc", "__metatable", "__name", "__mode", "__sub_", "add"}) {
    EXPECT_EQ(problem(Type("T", 1).metamethod(event, no_event)),
              "the type \"T\": \"" + std::string(event) + "\" is no event that a type can define");
  }
  for (const char* event : {"__add", "__index"}) {
    EXPECT_EQ(problem(Type("T", 1).metamethod(event, no_event).metamethod(event, no_event)),
              "the type \"T\": \"" + std::string(event) + "\" is defined twice");
  }
  EXPECT_EQ(problem(Type("io", 1).method("read", nothing)),
            "the type \"io\": the name \"io:read\" is taken");
}

// ---- Trips.

constexpr char kWalk[] = R"(
      local guard = give(1)
      local sum, log = Vec3(), {}
      local sorted = setmetatable({}, {__index = function(_, n) return Vec3(n) * n end})
      for n = 1, 12 do
        local step = n % 3 * Vec3(1, 0.5) + sorted[n]
        guard.position = guard.position + step
        sum = sum + guard.position
        log[n] = sum
      end
      table.sort(log, function(a, b) return a:length() > b:length() end)
      sys.emit("half", log[1])
      coroutine.wrap(function()
        local inside <close> = setmetatable({}, {__close = function() sum.z = sum.z + 1 end})
        coroutine.yield()
      end)()
      for _, v in ipairs(log) do sum = sum - -v end
      return sum, guard.position, guard == give(1), #log, guard.name, tostring(guard)
)";

TEST(HostType, ATripAtEverySafepointChangesNothing) {
  std::vector<Value> expected;
  {
    Setting setting;
    Vm vm = started(setting.image(kWalk));
    expected = values_of(finish(vm));
    ASSERT_EQ(expected.size(), 6u);
  }
  Setting setting;
  Vm vm = started(setting.image(kWalk));
  std::vector<Value> values;
  int trips = 0;
  while (values.empty()) {
    const Outcome outcome = vm.run({.trip_every = 1});
    if (const Suspended* waits = std::get_if<Suspended>(&outcome)) {
      ASSERT_TRUE(vm.resume(waits->command.id, {}).has_value());
    } else if (!std::holds_alternative<Preempted>(outcome)) {
      values = values_of(outcome);
      break;
    }
    const auto done = vm.trip(TripCheck::SameBytes);
    ASSERT_TRUE(done.has_value()) << done.error();
    ++trips;
  }
  EXPECT_EQ(values, expected);
  EXPECT_GT(trips, 200);
}

TEST(HostType, AnotherEngineGoesOn) {
  Setting here;
  Vm vm = started(here.image(kWalk));
  static_cast<void>(vm.run());
  const std::string state = vm.freeze().value();
  const std::vector<Value> expected = values_of(finish(vm));

  // Other types stand before these; the world is another one, with the same inhabitants.
  struct Unused {};
  Setting there;
  there.world.things[1].position = here.world.things[1].position;
  const Engine engine =
      *Engine::make(functions(there.world),
                    {HostTypeOf<Unused>("Unused", 9), entity_type(there.world), vec3_type()});
  const Image image = Setting::image(engine, kWalk);
  Vm thawed = Vm::thaw(image, state).value();
  EXPECT_EQ(thawed.freeze().value(), state);
  EXPECT_EQ(values_of(finish(thawed)), expected);
}

TEST(HostType, ForksHaveObjectsOfTheirOwn) {
  Setting setting;
  Vm vm = started(setting.image(
      "local v, e = Vec3(1), give(3) sys.emit('fork') v.x = v.x + 1 return v.x, e.name"));
  static_cast<void>(vm.run());
  EXPECT_EQ(setting.uses(), 1);
  {
    Vm branch = vm.fork().value();
    EXPECT_EQ(setting.uses(), 2);
    const std::vector<Value> expected = {2.0, "c"};
    EXPECT_EQ(values_of(finish(branch)), expected);
    EXPECT_EQ(values_of(finish(vm)), expected);
  }
  EXPECT_EQ(setting.uses(), 1);
}

TEST(HostType, ImagesHoldObjects) {
  Setting setting;
  ImageOptions options;
  options.sources = {{"m", R"(
      local origin, guard = Vec3(1, 1, 1), give(2)
      local kept
      return {main = function(what)
        if what == "move" then origin = origin + Vec3(1) origin.y = 5 guard.position = origin end
        if what == "forget" then guard = nil collectgarbage() end
        return origin, guard and guard.name
      end})",
                      "m.lua"}};
  {
    const Image image = *Image::compile(setting.engine(), options);
    EXPECT_EQ(setting.uses(), 1);  // the image's
    Vm first = image.fork().value();
    Vm second = image.fork().value();
    EXPECT_EQ(setting.uses(), 3);
    ASSERT_TRUE(first.start("m", {"main"}, {"move"}).has_value());
    const std::vector<Value> moved = {HostObject::of(Vec3{2, 5, 1}), "b"};
    EXPECT_EQ(values_of(first.run()), moved);
    ASSERT_TRUE(second.start("m", {"main"}, {"forget"}).has_value());
    const std::vector<Value> unmoved = {HostObject::of(Vec3{1, 1, 1}), Value()};
    EXPECT_EQ(values_of(second.run()), unmoved);
    EXPECT_EQ(setting.uses(), 2);

    for (Vm* vm : {&first, &second}) {
      const std::string state = vm->freeze().value();
      Vm thawed = Vm::thaw(image, state).value();
      EXPECT_EQ(thawed.freeze().value(), state);
      ASSERT_TRUE(thawed.start("m", {"main"}, {}).has_value());
      EXPECT_EQ(values_of(thawed.run()), vm == &first ? moved : unmoved);
    }
    EXPECT_EQ(setting.uses(), 2);
    const Image sealed = first.seal().value();
    EXPECT_EQ(setting.uses(), 3);
    Vm third = sealed.fork().value();
    ASSERT_TRUE(third.start("m", {"main"}, {}).has_value());
    EXPECT_EQ(values_of(third.run()), moved);

    setting.world.things.erase(2);
    EXPECT_EQ(
        image.fork().error(),
        "type 'Entity' (version 1 in the state, version 1 here): there is no entity 2 in this "
        "world");
    setting.world.things[2].uses = 4;  // image, sealed, first, third
  }
  EXPECT_EQ(setting.uses(), 0);
}

TEST(HostType, StatesAreTheSameWhateverElseTheEngineOffers) {
  const std::string body = "local length, Vec3, x = 'length', 'Vec3', {} sys.emit('e') return x";
  Setting setting;
  ForkOptions same_vm;
  same_vm.id = "v";
  same_vm.seed = 1;
  // Functions would be globals of one image and not of the other.
  const Engine types = *Engine::make({}, {vec3_type(), entity_type(setting.world)});
  Vm with = started(Setting::image(types, body), {}, same_vm);
  Vm without = started(Setting::image(*Engine::make(), body), {}, same_vm);
  static_cast<void>(with.run());
  static_cast<void>(without.run());
  EXPECT_EQ(with.usage().memory_bytes, without.usage().memory_bytes);
  EXPECT_EQ(with.freeze().value(), without.freeze().value());
}

// ---- States that do not fit.

std::string thaw_error(const Engine& engine, const std::string& body, std::string_view state) {
  const auto vm = Vm::thaw(Setting::image(engine, body), state);
  EXPECT_FALSE(vm.has_value());
  return vm ? std::string() : vm.error();
}

constexpr char kBoth[] = "local v, e = Vec3(1), give(1) sys.emit('e') return v, e";

TEST(HostType, TheTypesOfAStateAreNeeded) {
  Setting setting;
  Vm vm = started(setting.image(kBoth));
  static_cast<void>(vm.run());
  const std::string state = vm.freeze().value();
  const Engine no_entity = *Engine::make(functions(setting.world), {vec3_type()});
  EXPECT_NE(thaw_error(no_entity, kBoth, state)
                .find("this engine was made without the type 'Entity' (version 1)"),
            std::string::npos);
  HostType newer = vec3_type();
  newer.version = 2;
  const Engine changed =
      *Engine::make(functions(setting.world), {entity_type(setting.world), newer});
  EXPECT_TRUE(Vm::thaw(Setting::image(changed, kBoth), state).has_value());
  Vm later = started(Setting::image(changed, kBoth));
  static_cast<void>(later.run());
  const std::string later_state = later.freeze().value();
  EXPECT_NE(
      thaw_error(setting.engine(), kBoth, later_state)
          .find("type 'Vec3' (version 2 in the state, version 1 here): only version 1 is known"),
      std::string::npos);
  setting.world.things.erase(1);
  EXPECT_NE(thaw_error(setting.engine(), kBoth, state).find("there is no entity 1 in this world"),
            std::string::npos);
}

TEST(HostType, HandlesWithoutResolveNeedTheirVersion) {
  struct Key {
    std::uint64_t n;
  };
  const auto engine = [](std::uint32_t version) {
    HostTypeOf<Key> type("Key", version);
    type.handle().metamethod("__len", [](const HostCall& call) {
      return results(static_cast<std::int64_t>(call.object<Key>(0)->n));
    });
    return *Engine::make(
        {{"key", [](const HostCall&) { return results(HostObject::of(Key{1ull << 60})); }}},
        {type});
  };
  const std::string body = "local k = key() sys.emit('e') return #k";
  Vm vm = started(Setting::image(engine(1), body));
  static_cast<void>(vm.run());
  const std::string state = vm.freeze().value();
  Vm thawed = Vm::thaw(Setting::image(engine(1), body), state).value();
  EXPECT_EQ(values_of(finish(thawed)), std::vector<Value>{std::int64_t{1} << 60});
  EXPECT_NE(thaw_error(engine(2), body, state)
                .find("type 'Key' (version 1 in the state, version 2 here): another version"),
            std::string::npos);
}

// Cut short and with every bit turned: refused or restored, and nothing is released too often or
// too rarely.
TEST(HostType, DamagedStatesAreRefused) {
  Setting setting;
  const Image image = setting.image(kBoth);
  Vm vm = started(image);
  static_cast<void>(vm.run());
  std::string state = vm.freeze().value();
  const int uses = setting.uses();
  for (std::size_t size = 0; size < state.size(); ++size) {
    EXPECT_FALSE(Vm::thaw(image, std::string_view(state).substr(0, size)).has_value());
  }
  int restored = 0;
  constexpr std::size_t kChecksum = 9;
  for (std::size_t at = 0; at < (state.size() - kChecksum) * 8; ++at) {
    const auto bit = static_cast<char>(1 << (at % 8));
    state[at / 8] ^= bit;
    EXPECT_FALSE(Vm::thaw(image, state).has_value());
    if (Vm::thaw(image, signed_again(state)).has_value()) ++restored;
    state[at / 8] ^= bit;
  }
  EXPECT_GT(restored, 0);  // other numbers, for one
  EXPECT_EQ(setting.uses(), uses);
}

// ---- What cannot be frozen.

struct Socket {
  std::int64_t n = 0;
};

std::string refusal_of(const std::string& body) {
  HostTypeOf<Socket> type("Entity", 1);
  type.metamethod("__call", [](const HostCall&) { return results(); });
  const Engine engine = *Engine::make(
      {{"open", [](const HostCall&) { return results(HostObject::of(Socket())); }}}, {type});
  Vm vm = started(Setting::image(engine, body));
  static_cast<void>(vm.run());
  const auto state = vm.freeze();
  EXPECT_FALSE(state.has_value());
  return state ? std::string() : state.error();
}

constexpr char kWhy[] = " cannot be frozen: its type has no way to save itself";

TEST(HostType, RefusalsNameTypeAndPlace) {
  const auto at = [](const std::string& place) { return "an Entity at " + place + kWhy; };
  EXPECT_EQ(refusal_of("log = {owner = open()} sys.emit('e')"), at("globals.log.owner"));
  EXPECT_EQ(refusal_of("list = {{}, {7, open()}} sys.emit('e')"), at("globals.list[2][2]"));
  EXPECT_EQ(refusal_of("t = {['a b'] = {[1.5] = {[true] = open()}}} sys.emit('e')"),
            at("globals.t[\"a b\"][1.5][true]"));
  EXPECT_EQ(refusal_of("t = {[open()] = 1} sys.emit('e')"), at("globals.t.(key)"));
  EXPECT_EQ(refusal_of("t = setmetatable({}, {__index = open()}) sys.emit('e')"),
            at("globals.t.(metatable).__index"));
  EXPECT_EQ(refusal_of("do local mine = open() function f() return mine end end sys.emit('e')"),
            at("globals.f.(upvalue mine)"));
  EXPECT_EQ(refusal_of("local mine = open() sys.emit('e') return mine"),
            at("the stack.(local mine in the function at m.lua:1)"));
  EXPECT_EQ(
      refusal_of("co = coroutine.wrap(function(x) local y = x coroutine.yield() return y end) "
                 "co(open()) sys.emit('e')"),
      at("globals.co.(upvalue co).(local x in the function at m.lua:1)"));
  EXPECT_EQ(refusal_of("sys.emit('e', open())"), at("the stack.(argument 2)"));
  EXPECT_EQ(refusal_of("weak = setmetatable({open()}, {__mode = 'v'}) local t = {} t.x = weak[1] "
                       "sys.emit('e') return t"),
            at("the stack.(local t in the function at m.lua:1).x"));
}

TEST(HostType, LongPathsAreCutInTheMiddle) {
  EXPECT_EQ(
      refusal_of("list = {} local at = list for _ = 1, 1e5 do at.next = {} at = at.next end "
                 "at.it = open() at = nil sys.emit('e')"),
      "an Entity at globals.list.next.next.next.next.next.next....next.next.next.next.next.next"
      ".next.it" +
          std::string(kWhy));
}

TEST(HostType, SavesMayRefuse) {
  HostTypeOf<Socket> type("Socket", 1);
  type.saved(
          [](const Socket& s) -> std::expected<std::string, std::string> {
            if (s.n == 1) throw std::runtime_error("thrown");
            return std::unexpected("still connected");
          },
          [](std::string_view, std::uint32_t) { return Socket(); })
      .field("n", &Socket::n);
  const Engine engine = *Engine::make(
      {{"open", [](const HostCall&) { return results(HostObject::of(Socket())); }}}, {type});
  Vm vm = started(Setting::image(engine, "s = open() sys.emit('e') s.n = 1 sys.emit('e')"));
  static_cast<void>(vm.run());
  EXPECT_EQ(vm.freeze().error(), "a Socket at globals.s cannot be frozen: still connected");
  ASSERT_TRUE(vm.resume(vm.pending()->id, {}).has_value());
  static_cast<void>(vm.run());
  EXPECT_EQ(vm.freeze().error(), "a Socket at globals.s cannot be frozen: thrown");
}

// ---- Memory and the end of objects.

struct Page {
  std::array<unsigned char, 1 << 20> bytes;
};
struct Unit {};

Engine pages() {
  HostTypeOf<Page> page("Page", 1);
  page.method("fill",
              [](Page& self, const HostCall& call) {
                self.bytes.fill(static_cast<unsigned char>(call.integer(0).value_or(0)));
                return results();
              })
      .method("sum",
              [](Page& self, const HostCall&) {
                std::int64_t sum = 0;
                for (const unsigned char byte : self.bytes) sum += byte;
                return results(sum);
              })
      .saved(
          [](const Page& self) -> std::expected<std::string, std::string> {
            return std::string(self.bytes.begin(), self.bytes.end());
          },
          [](std::string_view bytes, std::uint32_t) -> std::expected<Page, std::string> {
            Page out;
            if (bytes.size() != out.bytes.size()) return std::unexpected("no page");
            std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
            return out;
          });
  HostTypeOf<Unit> unit("Unit", 1);
  unit.saved([](const Unit&) -> std::expected<std::string, std::string> { return std::string(); },
             [](std::string_view, std::uint32_t) -> std::expected<Unit, std::string> {
               return Unit();
             })
      .metamethod("__eq", [](const HostCall&) { return results(true); });
  static const Page kEmpty{};
  return *Engine::make({{"page", [](const HostCall&) { return results(HostObject::of(kEmpty)); }},
                        {"unit", [](const HostCall&) { return results(HostObject::of(Unit())); }}},
                       {page, unit});
}

TEST(HostType, PayloadsOfAllSizesTravel) {
  const Image image = Setting::image(pages(), R"(
      local p, u = page(), unit()
      p:fill(3)
      sys.emit("e")
      return p:sum(), u == unit(), rawequal(u, u), rawequal(u, unit()))");
  Vm vm = started(image);
  static_cast<void>(vm.run());
  const std::string state = vm.freeze().value();
  EXPECT_GT(state.size(), 1u << 20);
  Vm thawed = Vm::thaw(image, state).value();
  EXPECT_EQ(thawed.freeze().value(), state);
  const std::vector<Value> expected = {3 << 20, true, true, false};
  EXPECT_EQ(values_of(finish(thawed)), expected);
}

TEST(HostType, PayloadsCountAsMemory) {
  const Image image = Setting::image(pages(), R"(
      collectgarbage("stop")
      local before = collectgarbage("count")
      local p = page()
      local grown = collectgarbage("count") - before
      collectgarbage("restart")
      for _ = 1, 50 do page() end
      local all = {p}
      local ok, message = pcall(function() for n = 1, 50 do all[n] = page() end end)
      local count = #all
      all = nil
      return grown >= 1024 and grown < 1024.2, ok, message, count, p:sum(), unit() ~= nil)");
  Vm vm = started(image, {}, limited(5'500'000));
  const std::vector<Value> expected = {true, false, "not enough memory", 4, 0, true};
  const std::vector<Value> values = values_of(vm.run());
  EXPECT_EQ(values, expected);
  EXPECT_LT(vm.usage().memory_bytes, 5'500'000u);
}

TEST(HostType, ObjectsAreReleasedOnce) {
  Setting setting;
  {
    Vm vm = started(setting.image(R"(
        local kept, dropped = give(1), give(2)
        local back
        setmetatable({dropped}, {__gc = function(t) back = t[1] end})
        dropped = nil
        collectgarbage() collectgarbage()
        sys.emit("e")
        local ok, message = pcall(function() return back.name end)
        return message, pcall(back.is_gone, back), tostring(back):match("^Entity"), back == kept)"));
    static_cast<void>(vm.run());
    EXPECT_EQ(setting.world.things[1].uses, 1);
    EXPECT_EQ(setting.world.things[2].uses, 0);
    ASSERT_TRUE(vm.trip(TripCheck::SameBytes).has_value());
    EXPECT_EQ(setting.uses(), 1);
    const std::vector<Value> expected = {"m.lua:8: attempt to use a released Entity", false,
                                         "Entity", false};
    EXPECT_EQ(values_of(finish(vm)), expected);
    EXPECT_EQ(setting.uses(), 1);
  }
  EXPECT_EQ(setting.uses(), 0);
}

TEST(HostType, ReleasedObjectsAreNoValues) {
  Setting setting;
  Vm vm = started(setting.image(R"(
      setmetatable({give(2)}, {__gc = function(t) back = t[1] end})
      collectgarbage() collectgarbage()
      return back)"));
  EXPECT_EQ(message_of(vm.run()), "result 1 is a released Entity");
}

TEST(HostType, ClosingReleases) {
  Setting setting;
  Vm vm = started(setting.image("kept = {give(1), give(1), give(3)}"));
  static_cast<void>(vm.run());
  EXPECT_EQ(setting.uses(), 3);
  ASSERT_TRUE(vm.begin_close().has_value());
  static_cast<void>(vm.run());
  EXPECT_EQ(setting.uses(), 0);
}

// Every allocation in turn fails, once: whatever happens, the books are balanced in the end.
TEST(HostType, UsesAreBalancedWhenMemoryFails) {
  const std::string body = R"(
      local all = {}
      for n = 1, 3 do all[n] = {give(n), Vec3(n) + Vec3(1)} end
      sys.emit("e", all[1][1])
      all[2] = nil
      collectgarbage()
      return all[3][1].name)";
  int finished = 0;
  for (std::int64_t n = 1; n <= 120; ++n) {
    Setting setting;
    {
      const Image image = setting.image(body);
      Vm vm = started(image);
      vm.set_stress({.failing_allocation = n});
      const Outcome outcome = finish(vm);
      if (std::holds_alternative<Finished>(outcome)) ++finished;
    }
    EXPECT_EQ(setting.uses(), 0) << "allocation " << n;
  }
  EXPECT_GT(finished, 0);
}

// Under a limit that is too small, a host that gave an object away gets it back.
TEST(HostType, WhatDoesNotArriveIsReleased) {
  Setting setting;
  const Image image = setting.image(R"(
      local text = string.rep("x", 60000)
      local ok, message = pcall(function() local t = {} for n = 1, 5000 do t[n] = give(1) end end)
      return ok, message)");
  Vm vm = started(image, {}, limited(250'000));
  const std::vector<Value> expected = {false, "not enough memory"};
  EXPECT_EQ(values_of(vm.run()), expected);
  vm = image.fork().value();
  EXPECT_EQ(setting.uses(), 0);
}

TEST(HostType, TypesAreSharedByThreads) {
  Setting setting;
  const Image image = setting.image(R"(
      local v = Vec3()
      for n = 1, 2000 do v = v + Vec3(n, v.y + 1):dot(v) * Vec3(0, 0, 1e-9) v.y = n end
      return v.y)");
  std::array<Value, 4> results;
  std::vector<std::thread> threads;
  for (Value& result : results) {
    threads.emplace_back([&image, &result] {
      Vm vm = image.fork().value();
      if (!vm.start("m", {"main"}, {})) return;
      const Outcome outcome = vm.run();
      if (const Finished* done = std::get_if<Finished>(&outcome)) result = done->values.at(0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Value& result : results) EXPECT_EQ(result, Value(2000.0));
}

// What is released by its type may not be had again; plain data can.
TEST(HostType, VmsThatOwnHostObjectsHaveNoSnapshots) {
  Setting setting;
  Vm vm =
      started(setting.image("held = give(1) sys.emit('e') held = Vec3(1, 2, 3) "
                            "collectgarbage() sys.emit('f') "
                            "held.x = held.x + 1 return held.x"));
  const CommandId first = std::get<Suspended>(vm.run()).command.id;
  const auto refused = vm.snapshot();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), "a Vm with host objects cannot go back: restoring them might fail");
  ASSERT_TRUE(vm.resume(first, {}).has_value());
  const CommandId second = std::get<Suspended>(vm.run()).command.id;
  const Snapshot kept = vm.snapshot().value();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(vm.resume(second, {}).has_value());
    EXPECT_EQ(values_of(vm.run()), std::vector<Value>{2.0});
    ASSERT_TRUE(vm.restore(kept).has_value());
  }
}

}  // namespace
}  // namespace moonlet
