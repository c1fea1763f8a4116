#include "project/json_path.hpp"

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

std::string place(std::string_view text, const Path& path, PlaceOf which = PlaceOf::Value) {
  const TextPlace at = place_of_path(text, path, which);
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

TEST(JsonPath, IsWrittenAsPeopleDo) {
  EXPECT_EQ(path_text(Path{}), "");
  EXPECT_EQ(path_text(Path{"a", std::size_t{2}, "b c", "d-e"}), "a[2][\"b c\"].d-e");
  EXPECT_EQ(path_text("payload", Path{"items", std::size_t{0}}), "payload.items[0]");
}

TEST(JsonPath, IsRead) {
  EXPECT_EQ(parse_path("a.b[1].c"), (Path{"a", "b", std::size_t{1}, "c"}));
  EXPECT_EQ(parse_path("[0][1]"), (Path{std::size_t{0}, std::size_t{1}}));
  for (const char* wrong : {"", ".", "a.", "a..b", "a[", "a[x]", "a[-1]", "a[1"}) {
    EXPECT_FALSE(parse_path(wrong)) << wrong;
  }
}

TEST(JsonPath, LeadsToValues) {
  const Value root = *from_json(R"({"a": [1, {"b": null}], "s": "x"})");
  EXPECT_EQ(*value_at(root, {"a", std::size_t{0}}), Value(1));
  EXPECT_TRUE(value_at(root, {"a", std::size_t{1}, "b"})->is_nil());
  EXPECT_EQ(value_at(root, {"a", std::size_t{2}}), nullptr);
  EXPECT_EQ(value_at(root, {"s", "x"}), nullptr);
}

TEST(JsonPath, HasAPlaceInTheText) {
  const char* text =
      "{ \"a}\\\"\" : [1, [2, {\"x\": 1}] ,\n"
      "   \"three\"],\n"
      "  \"b\": {\"c\": -1.5e3, \"d\":true}}";
  EXPECT_EQ(place(text, {}), "1:1");
  EXPECT_EQ(place(text, {"a}\""}), "1:12");
  EXPECT_EQ(place(text, {"a}\""}, PlaceOf::Name), "1:3");
  EXPECT_EQ(place(text, {"a}\"", std::size_t{1}, std::size_t{1}, "x"}), "1:26");
  EXPECT_EQ(place(text, {"a}\"", std::size_t{2}}), "2:4");
  EXPECT_EQ(place(text, {"b", "d"}), "3:26");
  EXPECT_EQ(place(text, {"b", "d"}, PlaceOf::Name), "3:22");
}

TEST(JsonPath, OfWhatIsNotThereIsThatOfWhatItWouldBeIn) {
  EXPECT_EQ(place(R"({"a": {"b": 1}})", {"a", "c", "d"}), "1:7");
  EXPECT_EQ(place(R"({"a": [1]})", {"a", std::size_t{1}}), "1:7");
}

TEST(JsonPath, OfSeveralMembersOfANameTheLastCounts) {
  EXPECT_EQ(place(R"({"a": 1, "a": 2})", {"a"}), "1:15");
}

}  // namespace
}  // namespace moonlet::project
