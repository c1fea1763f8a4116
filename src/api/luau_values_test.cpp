// Vectors and buffers of Luau in images, forks and states.
#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

Image luau_image(const std::string& text) {
  ImageOptions options;
  options.dialect = Dialect::Luau;
  options.sources = {{"m", text, "m.luau"}};
  auto image = Image::compile(*Engine::make(), options);
  EXPECT_TRUE(image) << image.error();
  return std::move(*image);
}

// What a handler returns, one text.
std::string call(Vm& vm, const char* handler, const std::vector<Value>& arguments = {}) {
  EXPECT_TRUE(vm.start("m", {handler}, arguments));
  const Outcome outcome = vm.run();
  const auto* finished = std::get_if<Finished>(&outcome);
  if (finished == nullptr) return std::get<Failed>(outcome).message;
  return *finished->values.at(0).string();
}

constexpr char kProgram[] = R"luau(
local bytes = buffer.fromstring("template bytes")
local places = { [vector.create(1, 2, 3)] = "here" }
local still = table.freeze({ at = vector.create(0.5, -0, 1e10) })
return {
  write = function(text) buffer.writestring(bytes, 0, text) places[vector.one] = text return "" end,
  read = function()
    local names = {}
    for key, name in places do table.insert(names, `{key}: {name}`) end
    return `{buffer.tostring(bytes)} | {table.concat(names, "; ")} | {still.at} {table.isfrozen(still)}`
  end,
}
)luau";

TEST(LuauValues, ForksHaveTheTemplatesAndWriteTheirOwn) {
  const Image image = luau_image(kProgram);
  Vm first = image.fork().value();
  Vm second = image.fork().value();
  EXPECT_EQ(call(first, "write", {"FIRST"}), "");
  EXPECT_EQ(call(first, "read"),
            "FIRSTate bytes | 1, 2, 3: here; 1, 1, 1: FIRST | 0.5, -0, 10000000000 true");
  EXPECT_EQ(call(second, "read"), "template bytes | 1, 2, 3: here | 0.5, -0, 10000000000 true");
  // So do forks of an image that was saved, and of a program under way.
  const Image again = Image::load(*Engine::make(), image.bytes()).value();
  Vm third = again.fork().value();
  EXPECT_EQ(call(third, "read"), call(second, "read"));
  Vm branch = first.seal().value().fork().value();
  EXPECT_EQ(call(branch, "write", {"BRANCH"}), "");
  EXPECT_EQ(call(first, "read").substr(0, 8), "FIRSTate");
  EXPECT_EQ(call(branch, "read").substr(0, 8), "BRANCHte");
}

// What one of them returned, given to the other one.
Value pass(Vm& vm, const Value& value) {
  EXPECT_TRUE(vm.start("m", {"pass"}, {value}));
  const Outcome outcome = vm.run();
  const auto* finished = std::get_if<Finished>(&outcome);
  return finished == nullptr ? Value(std::get<Failed>(outcome).message) : finished->values.at(0);
}

TEST(LuauValues, GoToAProgramOfLuaAndBack) {
  const Engine engine = *Engine::make();
  constexpr char kPass[] =
      "return {pass = function(v) return v end, kind = function(v) "
      "return math.type and math.type(v) or type(v) end}";
  ImageOptions lua, luau;
  lua.sources = {{"m", kPass, "m.lua"}};
  luau.sources = {{"m", kPass, "m.luau"}};
  luau.dialect = Dialect::Luau;
  Vm vm_of_lua = Image::compile(engine, lua).value().fork().value();
  Vm vm_of_luau = Image::compile(engine, luau).value().fork().value();
  const auto there_and_back = [&](const Value& value) {
    return pass(vm_of_lua, pass(vm_of_luau, pass(vm_of_lua, value)));
  };
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  const Value same[] = {
      Value(),
      Value(true),
      Value(7),
      Value(kExact),
      Value(0.5),
      Value(std::string("a\0b", 3)),
      Value(Value::Array{Value(1), Value("x")}),
      Value(Value::Object{{"at", Value(2)}, {"in", Value(Value::Array{Value(3)})}})};
  for (const Value& value : same) EXPECT_EQ(there_and_back(value), value);
  // A number of Luau that is whole reaches the host as an integer.
  EXPECT_EQ(there_and_back(Value(3.0)), Value(3));
  EXPECT_EQ(call(vm_of_lua, "kind", {Value(3.0)}), "float");
  EXPECT_EQ(call(vm_of_lua, "kind", {pass(vm_of_luau, Value(3.0))}), "integer");
  EXPECT_EQ(call(vm_of_luau, "kind", {Value(3)}), "number");
  // Beyond 2^53 it becomes the number that is nearest; where not all are exact, it stays a double.
  EXPECT_EQ(pass(vm_of_luau, Value(kExact + 1)), Value(kExact));
  EXPECT_EQ(pass(vm_of_luau, Value(4 * kExact)), Value(static_cast<double>(4 * kExact)));
}

TEST(LuauValues, StatesAreDifferencesAndComeBack) {
  const Image image = luau_image(kProgram);
  Vm vm = image.fork().value();
  const std::string before = vm.freeze().value();
  EXPECT_EQ(before.find("template bytes"), std::string::npos);
  EXPECT_EQ(call(vm, "write", {"changed"}), "");
  const std::string state = vm.freeze().value();
  EXPECT_NE(state.find("changede bytes"), std::string::npos);
  Vm thawed = Vm::thaw(image, state).value();
  EXPECT_EQ(thawed.freeze().value(), state);
  EXPECT_EQ(call(thawed, "read"), call(vm, "read"));
}

// Zeros at the end are not written, but for one byte of 1,024.
TEST(LuauValues, ALargeEmptyBufferIsASmallState) {
  const Image image = luau_image(R"luau(
local b
return {
  make = function() b = buffer.create(8 * 1024 * 1024) return "" end,
  set = function() buffer.writeu8(b, 5_000_000, 1) return "" end,
  get = function() return `{buffer.readu8(b, 5_000_000)} {buffer.readu8(b, 8 * 1024 * 1024 - 1)}` end,
}
)luau");
  Vm vm = image.fork().value();
  call(vm, "make");
  const std::string empty = vm.freeze().value();
  EXPECT_LT(empty.size(), 9'000u);
  EXPECT_GT(empty.size(), 8'192u);
  Vm thawed = Vm::thaw(image, empty).value();
  EXPECT_EQ(call(thawed, "get"), "0 0");
  call(vm, "set");
  const std::string used = vm.freeze().value();
  EXPECT_GT(used.size(), 5'000'000u);
  EXPECT_LT(used.size(), 5'001'000u);
  Vm second = Vm::thaw(image, used).value();
  EXPECT_TRUE(second.freeze().value() == used);
  EXPECT_EQ(call(second, "get"), "1 0");
}

TEST(LuauValues, BuffersCountAndAreLimited) {
  const Image image = luau_image(R"luau(
local b
return {
  make = function(size) b = buffer.create(size) return tostring(buffer.len(b)) end,
}
)luau");
  ForkOptions options;
  options.limits.memory_bytes = 4 << 20;
  Vm vm = image.fork(options).value();
  const std::uint64_t before = vm.usage().memory_bytes;
  EXPECT_EQ(call(vm, "make", {1 << 20}), "1048576");
  EXPECT_GE(vm.usage().memory_bytes, before + (1 << 20));
  EXPECT_LT(vm.usage().memory_bytes, before + (1 << 20) + 8192);
  ASSERT_TRUE(vm.start("m", {"make"}, {64 << 20}));
  EXPECT_FALSE(std::holds_alternative<Finished>(vm.run()));
}

}  // namespace
}  // namespace moonlet
