#include "base/block.hpp"

#include <cstring>

#include <gtest/gtest.h>

namespace moonlet::base {
namespace {

TEST(Block, KeepsItsContentsWhenItGrowsAndShrinks) {
  constexpr std::size_t kKilobyte = 1024;
  OwnedBlock block = make_block(kKilobyte);
  std::memset(block.get(), 7, kKilobyte);
  for (const std::size_t kilobytes : {2, 127, 128, 129, 5000, 200, 100, 1}) {
    block = resize_block(std::move(block), kilobytes * kKilobyte);
    EXPECT_EQ(block.get_deleter().bytes, kilobytes * kKilobyte);
    for (std::size_t n = 0; n < kKilobyte; ++n) ASSERT_EQ(block[n], std::byte{7}) << kilobytes;
    block[kilobytes * kKilobyte - 1] = std::byte{7};
  }
}

}  // namespace
}  // namespace moonlet::base
