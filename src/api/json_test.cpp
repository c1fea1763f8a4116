#include "moonlet/json.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace moonlet {
namespace {

std::string round_trip(std::string_view text) {
  auto value = from_json(text);
  if (!value) return value.error();
  return to_json(*value).value_or("not written");
}

TEST(Json, KeepsNumbersApart) {
  EXPECT_EQ(round_trip("[1,1.0,-0.0,1e300,9223372036854775807,9223372036854775808]"),
            "[1,1.0,-0.0,1e+300,9223372036854775807,9223372036854775808.0]");
}

TEST(Json, KeepsOrderAndTheLastOfEqualNames) {
  EXPECT_EQ(round_trip(R"( {"b" : 1, "a" : [ ], "b" : {} } )"), R"({"b":{},"a":[]})");
  EXPECT_EQ(round_trip(R"({"a":1,"b":2,"a":3,"c":4,"b":5,"a":6})"), R"({"a":6,"b":5,"c":4})");
}

TEST(Json, ReadsEscapesAndSurrogatePairs) {
  EXPECT_EQ(*from_json(R"("\u00e4\ud83c\udf19\n\/")")->string(), "\xc3\xa4\xf0\x9f\x8c\x99\n/");
  EXPECT_EQ(round_trip(R"("\u0001\t\"")"), R"("\u0001\t\"")");
}

// Compared each with each, 40,000 names took a second.
TEST(Json, ObjectsMayBeLarge) {
  std::string text = "{\"0\":0";
  for (int n = 1; n < 250'000; ++n) text += ",\"" + std::to_string(n) + "\":" + std::to_string(n);
  const Value value = *from_json(text + ",\"7\":8}");
  EXPECT_EQ(value.object()->size(), 250'000u);
  EXPECT_EQ(value.object()->at(7).value, Value(8));
}

TEST(Json, SaysWhereTextIsWrong) {
  EXPECT_EQ(round_trip(""), "byte 0: a value is missing");
  EXPECT_EQ(round_trip("[1,]"), "byte 3: no JSON value");
  EXPECT_EQ(round_trip("[1,\n2,\n]"), "byte 7 (line 3): no JSON value");
  EXPECT_EQ(round_trip("1e400"), "byte 5: a number that is too large or small");
  EXPECT_EQ(round_trip("{\"a\" 1}"), "byte 5: expected ':'");
  EXPECT_EQ(round_trip("1 2"), "byte 2: there is something after the value");
  EXPECT_EQ(round_trip("01"), "byte 2: a number may not begin with 0");
  EXPECT_EQ(round_trip(R"("\ud800")"), "byte 7: half a surrogate pair");
  EXPECT_NE(round_trip(std::string(100'000, '[')).find("nested too deeply"), std::string::npos);
}

TEST(Json, RefusesWhatItCannotWrite) {
  const Value value = Value::Object{{"items", Value::Array{1, Value(std::nan(""))}}};
  EXPECT_EQ(to_json(value).error(), ".items[1] is no number that JSON has");
  EXPECT_EQ(to_json(Value("\xff")).error(), "the value holds bytes that are not UTF-8");
  EXPECT_EQ(to_json(Value("\xed\xa0\x80")).error(), "the value holds bytes that are not UTF-8");
}

TEST(Json, IndentsWhenAsked) {
  const Value value = Value::Object{{"a", Value::Array{1, Value::Object{}}}};
  EXPECT_EQ(*to_json(value, JsonLayout::Indented), "{\n  \"a\": [\n    1,\n    {}\n  ]\n}");
}

}  // namespace
}  // namespace moonlet
