#include "frontend/arena.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace moonlet::frontend {
namespace {

TEST(Arena, GivesTheSameMemoryAgainAfterAMark) {
  Arena arena;
  void* before = arena.allocate(40);
  std::memset(before, 'x', 40);
  const Arena::Mark mark = arena.mark();
  void* first = arena.allocate(100);
  for (int n = 0; n < 1000; ++n) arena.allocate(1000);
  arena.release_to(mark);
  EXPECT_EQ(arena.allocate(100), first);
  EXPECT_EQ(std::string(static_cast<char*>(before), 40), std::string(40, 'x'));
}

TEST(Arena, ReleasesAllWhenTheMarkIsFromTheBeginning) {
  Arena arena;
  const Arena::Mark mark = arena.mark();
  void* first = arena.allocate(8);
  arena.release_to(mark);
  EXPECT_EQ(arena.allocate(8), first);
}

TEST(Arena, ReplacesABlockThatIsTooSmallTheSecondTime) {
  Arena arena;
  arena.allocate(8);
  const Arena::Mark mark = arena.mark();
  arena.allocate(100 * 1000);
  arena.release_to(mark);
  void* large = arena.allocate(1000 * 1000);
  std::memset(large, 0, 1000 * 1000);
  EXPECT_NE(arena.allocate(8), large);
}

}  // namespace
}  // namespace moonlet::frontend
