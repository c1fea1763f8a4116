#include "project/difference.hpp"

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

using Lines = std::vector<std::string>;

Lines compare(std::string_view expected, std::string_view actual) {
  return differences("it", *from_json(expected), *from_json(actual));
}

TEST(Difference, NoneBetweenEqualValues) {
  for (const char* value : {"null", "3", "-0.5", "\"x\"", "[1, [2]]", R"({"a": {"b": []}})"}) {
    EXPECT_EQ(compare(value, value), Lines{}) << value;
  }
}

TEST(Difference, NumbersAreEqualByValue) {
  EXPECT_EQ(compare("3", "3.0"), Lines{});
  EXPECT_EQ(compare("9007199254740993", "9007199254740992"),
            Lines{"it is 9007199254740992, expected 9007199254740993"});
  EXPECT_EQ(compare("1", "true"), Lines{"it is true, expected 1"});
}

TEST(Difference, EmptyIsEmptyAndNilIsNotThere) {
  EXPECT_EQ(compare("[]", "{}"), Lines{});
  EXPECT_EQ(compare(R"({"a": null})", R"({"b": null})"), Lines{});
  EXPECT_EQ(compare("[]", "null"), Lines{"it is nil, expected []"});
}

TEST(Difference, EachPlaceIsALine) {
  EXPECT_EQ(
      compare(R"({"a": 1, "b": [1, 2], "c": {}})", R"({"a": 2, "b": [1, 3, 4], "d": 5})"),
      (Lines{"it.a is 2, expected 1", "it.b[1] is 3, expected 2", "it.b[2] is 4, and not expected",
             "it.c is nil, expected {}", "it.d is 5, and not expected"}));
  EXPECT_EQ(compare("[1, 2]", "[1]"), Lines{"it[1] is nil, expected 2"});
}

TEST(Difference, ManyAreCutShort) {
  const Value expected(Value::Array(1000, Value(1)));
  const Value actual(Value::Array(1000, Value(2)));
  const Lines lines = differences("it", expected, actual);
  EXPECT_EQ(lines.size(), 21u);
  EXPECT_EQ(lines.back(), "... and more");
}

TEST(Difference, WhatFitsIsExpected) {
  EXPECT_EQ(compare(R"({"id": {"$fits": {"type": "string", "minLength": 3}}})", R"({"id": "abc"})"),
            Lines{});
  EXPECT_EQ(compare(R"([{"$fits": {"type": "string"}}])", "[3]"),
            Lines{"it[0] must be a string, but is an integer"});
  EXPECT_EQ(compare(R"({"$fits": {}, "x": 1})", R"({"$fits": {}, "x": 1})"), Lines{});
  EXPECT_EQ(compare(R"({"$fits": 3})", "1")[0].substr(0, 33), "it: what is expected has a $fits ");
}

}  // namespace
}  // namespace moonlet::project
