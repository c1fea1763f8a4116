#include "project/readable_text.hpp"

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

TEST(ReadableText, KeepsCharactersAndReplacesOtherBytes) {
  EXPECT_EQ(readable_text(""), "");
  EXPECT_EQ(readable_text("a\nb"), "a\nb");
  EXPECT_EQ(readable_text("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
            "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(readable_text("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(readable_text("\xc3z\xed\xa0\x80"),
            "\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

}  // namespace
}  // namespace moonlet::project
