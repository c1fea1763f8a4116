#include "project/glob.hpp"

#include <string>

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

TEST(Glob, Matches) {
  EXPECT_TRUE(matches_glob("", ""));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("a*c", "abbc"));
  EXPECT_TRUE(matches_glob("*b*b*", "abb"));
  EXPECT_TRUE(matches_glob("a?c", "abc"));
  EXPECT_TRUE(matches_glob("order [vip]", "order [vip]"));
  EXPECT_FALSE(matches_glob("a", "ab"));
  EXPECT_FALSE(matches_glob("a?", "a"));
  EXPECT_FALSE(matches_glob("*c", "abcd"));
}

TEST(Glob, ManyStarsTakeNoLongTime) {
  std::string pattern;
  for (int n = 0; n < 1000; ++n) pattern += "*a";
  EXPECT_FALSE(matches_glob(pattern + "b", std::string(3000, 'a')));
}

}  // namespace
}  // namespace moonlet::project
