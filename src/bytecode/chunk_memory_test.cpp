#include "bytecode/chunk_memory.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace moonlet::bytecode {
namespace {

// Under the address sanitizer, that of released memory would be found.
TEST(ChunkMemory, KeepsWhatBelongsToLowerFunctions) {
  constexpr std::uint32_t kCount = 300;
  ChunkMemory memory;
  std::vector<std::span<std::uint32_t>> lists(kCount);
  // Pairs of which the second ends first, as inner functions do.
  for (std::uint32_t n = 0; n < kCount; ++n) {
    const std::uint32_t index = n ^ 1;
    memory.begin_function(index);
    lists[index] = memory.take<std::uint32_t>(index % 7 * 100);
    std::ranges::fill(lists[index], index);
  }
  for (std::uint32_t n = kCount; n-- > 0;) {
    for (std::uint32_t below = 0; below <= n; ++below) {
      ASSERT_TRUE(std::ranges::all_of(lists[below], [=](auto item) { return item == below; }));
    }
    memory.release_from(n);
  }
}

TEST(ChunkMemory, HasRoomForNothingAndForMuch) {
  ChunkMemory memory;
  memory.begin_function(0);
  EXPECT_TRUE(memory.take<std::uint64_t>(0).empty());
  std::span<std::uint8_t> odd = memory.take<std::uint8_t>(3);
  std::span<std::uint64_t> large = memory.take<std::uint64_t>(1'000'000);
  std::ranges::fill(large, 1);
  std::ranges::fill(odd, 2);
  EXPECT_EQ(large.front() + large.back(), 2u);
}

}  // namespace
}  // namespace moonlet::bytecode
