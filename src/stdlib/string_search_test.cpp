#include "stdlib/string_search.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace moonlet::stdlib {
namespace {

std::size_t search_in_pieces(std::string_view text, std::string_view needle, std::size_t from,
                             std::int64_t piece) {
  PlainSearch search{.at = static_cast<std::uint32_t>(from)};
  for (;;) {
    std::int64_t budget = piece;
    switch (search.run(text, needle, budget)) {
      case SearchResult::Found:
        return search.at;
      case SearchResult::Absent:
        return std::string_view::npos;
      case SearchResult::Running:
        break;
    }
    EXPECT_TRUE(search.is_possible(text.size(), needle.size()));
  }
}

TEST(PlainSearch, FindsWhatFindFinds) {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (unsigned n = random() % 300; n > 0; --n) text += "ab"[random() % 8 == 0];
    std::string needle;
    for (unsigned n = random() % (random() % 10 == 0 ? 150 : 6); n > 0; --n) {
      needle += "ab"[random() % 8 == 0];
    }
    const std::size_t from = random() % (text.size() + 1);
    const std::int64_t piece = random() % 2 == 0 ? 1 : 100;
    ASSERT_EQ(search_in_pieces(text, needle, from, piece), text.find(needle, from));
  }
}

TEST(PlainSearch, HostileNeedleStopsInTime) {
  const std::string text(1'000'000, 'a');
  const std::string needle = std::string(100'000, 'a') + "b";
  PlainSearch search;
  std::int64_t budget = 320'000;
  EXPECT_EQ(search.run(text, needle, budget), SearchResult::Running);
  EXPECT_GT(budget, -1000);
}

}  // namespace
}  // namespace moonlet::stdlib
