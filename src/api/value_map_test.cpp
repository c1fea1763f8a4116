// Tables that are neither lists nor records, and the names of functions, through the public API.
#include <cmath>
#include <limits>

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
  options.sources = {
      {"m", "return {main = function(...) " + body + "\nend, more = print, n = 1}", ""}};
  auto image = Image::compile(engine(), options);
  EXPECT_TRUE(image) << image.error();
  return *image;
}

// What the function returns, or its error.
Value result_of(const std::string& body, const std::vector<Value>& arguments = {}) {
  const Image image = image_of(body);
  Vm vm = *image.fork();
  if (auto done = vm.start("m", {"main"}, arguments); !done) return Value("start: " + done.error());
  const Outcome outcome = vm.run();
  if (const Failed* failed = error_of(outcome)) return Value(failed->message);
  return std::get<Finished>(outcome).values.at(0);
}

TEST(ValueMap, IsWhatIsNeitherListNorRecord) {
  EXPECT_EQ(result_of("return {'first', name = true}"),
            Value(Value::Map{{Value(1), Value("first")}, {Value("name"), Value(true)}}));
  EXPECT_EQ(result_of("return {[1] = 'a', [1000] = 'b'}"),
            Value(Value::Map{{Value(1), Value("a")}, {Value(1000), Value("b")}}));
  EXPECT_EQ(result_of("return {[-1] = 1, [0.5] = 2, [false] = {[0] = 3}}"),
            Value(Value::Map{{Value(-1), Value(1)},
                             {Value(0.5), Value(2)},
                             {Value(false), Value(Value::Map{{Value(0), Value(3)}})}}));
  EXPECT_EQ(result_of("return {1, nil, 3}"), Value(Value::Array{Value(1), Value(), Value(3)}));
  EXPECT_EQ(result_of("return {}"), Value(Value::Object{}));
}

TEST(ValueMap, ComesBackAsItWas) {
  const Value map(Value::Map{{Value(1), Value("a")},
                             {Value(true), Value(Value::Map{{Value(2.5), Value()}})},
                             {Value("x"), Value(Value::Array{Value(1)})}});
  EXPECT_EQ(result_of("local t = ... return t[1] .. t.x[1] .. tostring(next(t[true]))", {map}),
            Value("a1nil"));
  EXPECT_EQ(
      result_of("return ...", {Value(Value::Map{{Value(7), Value(1)}, {Value("x"), Value(2)}})}),
      Value(Value::Map{{Value(7), Value(1)}, {Value("x"), Value(2)}}));
  // The last of equal keys counts.
  EXPECT_EQ(result_of("return (...)[1]",
                      {Value(Value::Map{{Value(1), Value("a")}, {Value(1.0), Value("b")}})}),
            Value("b"));
}

TEST(ValueMap, PlacesBelowIt) {
  EXPECT_EQ(result_of("return {1, x = {[0.5] = {print}}}"),
            Value("result 1.x[0.5][1] is a function, which only this program understands"));
  EXPECT_EQ(result_of("return {[false] = print}"),
            Value("result 1[false] is a function, which only this program understands"));
  EXPECT_EQ(result_of("return {[{}] = 1}"),
            Value("result 1 has a key that is neither text nor a number"));
}

TEST(ValueMap, KeysThatNoTableHas) {
  const Value expected("start: argument 1 has a key that is no boolean, number or string");
  EXPECT_EQ(result_of("", {Value(Value::Map{{Value(), Value(1)}})}), expected);
  EXPECT_EQ(result_of("", {Value(Value::Map{{Value(Value::Array{}), Value(1)}})}), expected);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(result_of("", {Value(Value::Map{{Value(nan), Value(1)}})}), expected);
  Value deep(1);
  for (int n = 0; n < 201; ++n) deep = Value(Value::Map{{Value(0), deep}});
  EXPECT_EQ(result_of("", {deep}), Value("start: argument 1 is nested too deeply"));
}

TEST(ValueMap, IsNoJson) {
  const auto error = [](Value::Map map) { return to_json(Value(std::move(map))).error(); };
  EXPECT_EQ(error({{Value(1), Value(1)}, {Value("a"), Value(2)}}),
            "the value has both names and positions as keys");
  EXPECT_EQ(error({{Value(1), Value(1)}, {Value(99), Value(2)}}),
            "the value is a list with large gaps");
  EXPECT_EQ(error({{Value(0.5), Value(1)}}),
            "the value has a key that is neither a name nor a position");
  EXPECT_EQ(to_json(Value(Value::Object{{"a", Value(Value::Map{})}})).error(),
            ".a is a map, which JSON cannot hold");
}

TEST(ValueMap, IsTheSameAfterAFreeze) {
  const Image image = image_of("return sys.invoke('ask', {1, x = 2})");
  Vm vm = *image.fork();
  ASSERT_TRUE(vm.start("m", {"main"}, {}));
  const Outcome outcome = vm.run();
  Vm thawed = *Vm::thaw(image, *vm.freeze());
  ASSERT_NE(thawed.pending(), nullptr);
  EXPECT_EQ(thawed.pending()->arguments, std::get<Suspended>(outcome).command.arguments);
}

TEST(Functions, AreNamedInOrder) {
  Vm vm = *image_of("").fork();
  EXPECT_EQ(vm.functions("m", {}), (std::vector<std::string>{"main", "more"}));
  EXPECT_EQ(vm.functions("m", {"main"}), std::vector<std::string>{});
  EXPECT_EQ(vm.functions("m", {"none"}), std::vector<std::string>{});
  EXPECT_EQ(vm.functions("none", {}), std::vector<std::string>{});
}

}  // namespace
}  // namespace moonlet
