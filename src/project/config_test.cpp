#include "project/config.hpp"

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

Value json(std::string_view text) { return *from_json(text); }

std::string over(std::string_view base, std::string_view layer) {
  Value value = json(base);
  lay_over(value, json(layer));
  return *to_json(value);
}

std::string after(std::string_view base, const std::string& setting) {
  Value value = json(base);
  auto done = set_in(value, setting);
  return done ? *to_json(value) : done.error();
}

TEST(Config, LayersAreLaidOverMembers) {
  EXPECT_EQ(over(R"({"a": {"x": 1, "y": 2}, "b": [1, 2]})", R"({"a": {"y": 3, "z": 4}, "b": [5]})"),
            R"({"a":{"x":1,"y":3,"z":4},"b":[5]})");
  EXPECT_EQ(over(R"({"a": 1})", R"({"a": {"b": 1}})"), R"({"a":{"b":1}})");
  EXPECT_EQ(over(R"({"a": 1, "b": 2})", R"({"a": null, "c": null})"), R"({"b":2})");
}

TEST(Config, SettingsAreJsonOrElseText) {
  EXPECT_EQ(after("{}", "a.b=3"), R"({"a":{"b":3}})");
  EXPECT_EQ(after("{}", "a=x y"), R"({"a":"x y"})");
  EXPECT_EQ(after("{}", "a=\"3\""), R"({"a":"3"})");
  EXPECT_EQ(after("{}", "a="), R"({"a":""})");
  EXPECT_EQ(after("{}", "a=b=c"), R"({"a":"b=c"})");
  EXPECT_EQ(after(R"({"l": [1, {"x": 2}]})", "l[1].x=[]"), R"({"l":[1,{"x":[]}]})");
  EXPECT_EQ(after(R"({"l": [1]})", "l[1]=2"), R"({"l":[1,2]})");
}

TEST(Config, WrongSettingsSayWhy) {
  EXPECT_EQ(after("{}", "a"), "--set needs path=value, not \"a\"");
  EXPECT_EQ(after("{}", "=1"), "--set needs path=value, not \"=1\"");
  EXPECT_EQ(after("{}", "a.=1"), "--set a.=1: a name is missing at its end");
  EXPECT_EQ(after(R"({"a": 1})", "a.b=1"), "--set a.b=1: config.a is no object");
  EXPECT_EQ(after(R"({"a": [1]})", "a[5]=1"),
            "--set a[5]=1: config.a is no list, or a shorter one");
}

}  // namespace
}  // namespace moonlet::project
