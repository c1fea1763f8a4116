#include "project/schema.hpp"

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

Schema schema(std::string_view text) {
  auto made = Schema::make(*from_json(text));
  EXPECT_TRUE(made) << made.error();
  return *made;
}

// "items[0] must be ...", or "fits".
std::string check(std::string_view schema_text, std::string_view value_text) {
  Value value = *from_json(value_text);
  auto done = schema(schema_text).fit(value);
  return done ? "fits" : path_text("value", done.error().path) + " " + done.error().what;
}

std::string make_error(std::string_view text) {
  auto made = Schema::make(*from_json(text));
  return made ? "made" : made.error();
}

TEST(Schema, SaysWhatHasToBeThere) {
  const char* order = R"({"type": "object", "required": ["id"], "additionalProperties": false,
      "properties": {"id": {"type": "integer", "minimum": 1}, "tags": {"type": "array",
        "items": {"type": ["string", "null"]}}, "state": {"enum": ["new", "paid"]},
        "email": {"type": "string", "pattern": "@"}}})";
  EXPECT_EQ(check(order, R"({"id": 1, "tags": ["a", null], "state": "new"})"), "fits");
  EXPECT_EQ(check(order, R"({"id": "1"})"), "value.id must be an integer, but is a string");
  EXPECT_EQ(check(order, R"({"id": 1, "tags": ["a", 2]})"),
            "value.tags[1] must be a string or nil, but is an integer");
  EXPECT_EQ(check(order, "{}"), "value lacks \"id\"");
  EXPECT_EQ(check(order, "3"), "value must be an object, but is an integer");
  EXPECT_EQ(check(order, R"({"id": 1, "state": "old"})"),
            "value.state must be one of \"new\", \"paid\", but is \"old\"");
  EXPECT_EQ(check(order, R"({"id": 1, "email": "nobody"})"),
            "value.email does not match the pattern \"@\": \"nobody\"");
  EXPECT_EQ(check(order, R"({"id": 1, "extra": 2})"),
            "value has \"extra\", which the schema does not allow");
  EXPECT_EQ(check(order, R"({"id": 0})").substr(0, 33), "value.id does not fit the schema:");
}

TEST(Schema, WholeNumbersAreIntegers) {
  EXPECT_EQ(check(R"({"type": "integer"})", "3.0"), "fits");
  EXPECT_EQ(check(R"({"type": "integer"})", "3.5"), "value must be an integer, but is a number");
  EXPECT_EQ(check(R"({"type": "number"})", "3"), "fits");
}

TEST(Schema, MembersThatAreNilAreNotThere) {
  EXPECT_EQ(check(R"({"required": ["a"]})", R"({"a": null})"), "value lacks \"a\"");
  EXPECT_EQ(check(R"({"properties": {"a": {"type": "string"}}})", R"({"a": null})"), "fits");
}

TEST(Schema, EmptyObjectsBecomeListsWhereThoseAreAskedFor) {
  const Schema made = schema(R"({"definitions": {"list": {"type": "array"}},
      "properties": {"a": {"$ref": "#/definitions/list"}, "b": {"type": ["array", "object"]},
                     "c": {"items": {"type": "array"}}}})");
  Value value = *from_json(R"({"a": {}, "b": {}, "c": [{}, {}], "d": {}})");
  ASSERT_TRUE(made.fit(value));
  EXPECT_EQ(*to_json(value), R"({"a":[],"b":{},"c":[[],[]],"d":{}})");
  Value whole = Value(Value::Object{});
  ASSERT_TRUE(schema(R"({"type": "array"})").fit(whole));
  EXPECT_NE(whole.array(), nullptr);
}

TEST(Schema, AlternativesAreNotNamed) {
  EXPECT_EQ(check(R"({"anyOf": [{"type": "string"}, {"type": "integer"}]})", "true"),
            "value fits none of the alternatives that the schema has");
}

TEST(Schema, WhatIsWrongWithOneIsSaid) {
  EXPECT_EQ(make_error("3"), "must be a JSON Schema, an object");
  EXPECT_EQ(make_error(R"({"type": "strin"})").substr(0, 18), "is no JSON Schema:");
  EXPECT_EQ(make_error(R"({"pattern": "("})").substr(0, 18), "is no JSON Schema:");
  EXPECT_EQ(make_error(R"({"required": [1]})").substr(0, 18), "is no JSON Schema:");
  EXPECT_EQ(make_error(R"({"properties": {"a": {"$ref": "#/b"}}})"),
            "\"$ref\": \"#/b\" leads nowhere");
  EXPECT_EQ(make_error(R"({"$ref": "http://example.org/x"})"),
            "\"$ref\": \"http://example.org/x\" leads out of the schema");
  EXPECT_EQ(make_error(R"({"definitions": {"a": {"$ref": "#/definitions/a"}}})"),
            "\"$ref\": \"#/definitions/a\" leads to itself");
}

TEST(Schema, MayBeRecursive) {
  const char* tree = R"({"definitions": {"tree": {"type": "object", "required": ["v"],
      "properties": {"next": {"$ref": "#/definitions/tree"}}}}, "$ref": "#/definitions/tree"})";
  EXPECT_EQ(check(tree, R"({"v": 1, "next": {"v": 2, "next": {"v": 3}}})"), "fits");
  EXPECT_EQ(check(tree, R"({"v": 1, "next": {"v": 2, "next": {}}})"),
            "value.next.next lacks \"v\"");
}

TEST(Schema, LongTextsAreNotMatched) {
  Value value(Value::Object{{"a", Value(std::string(100'000, 'x'))}});
  const Schema made = schema(R"({"properties": {"a": {"pattern": "^(x|y)*$"}}})");
  auto done = made.fit(value);
  ASSERT_FALSE(done);
  EXPECT_EQ(path_text(done.error().path) + " " + done.error().what,
            "a is longer than the 10000 bytes that a pattern is tried on");
}

TEST(Schema, NoTextEndsTheStack) {
  for (const char* pattern : {"^(((((a)))))*$", "^((((a|x)|(y))|((z)))*)*$", "^(a|b)*$"}) {
    const Schema of_text = *Schema::make(Value(Value::Object{{"pattern", Value(pattern)}}));
    Value text(std::string(9'999, 'a'));
    EXPECT_TRUE(of_text.fit(text)) << pattern;
    const Value names(Value::Object{{pattern, Value(Value::Object{{"type", Value("string")}})}});
    const Schema of_names = *Schema::make(Value(Value::Object{{"patternProperties", names}}));
    Value record(Value::Object{{std::string(9'999, 'a'), Value(1)}});
    EXPECT_FALSE(of_names.fit(record)) << pattern;
    Value longer(Value::Object{{std::string(10'001, 'a'), Value("x")}});
    EXPECT_EQ(of_names.fit(longer).error().what,
              "has a name longer than the 10000 bytes that a pattern is tried on");
  }
}

}  // namespace
}  // namespace moonlet::project
