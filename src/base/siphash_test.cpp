#include "base/siphash.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/entropy.hpp"

namespace moonlet::base {
namespace {

constexpr HashKey kPublishedKey = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::string counting(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

// Appendix A of the paper, and the first and last of the vectors published with it.
TEST(SipHash, PublishedVectors) {
  EXPECT_EQ(siphash24(kPublishedKey, counting(15)), 0xa129ca6149be45e5u);
  EXPECT_EQ(siphash24(kPublishedKey, ""), 0x726fdb47dd0e0e31u);
  EXPECT_EQ(siphash24(kPublishedKey, counting(8)), siphash24(kPublishedKey, 0x0706050403020100u));
  EXPECT_EQ(siphash24(kPublishedKey, counting(63)), 0x958a324ceb064572u);
}

TEST(SipHash, OneThree) { EXPECT_EQ(siphash13(kPublishedKey, ""), 0xabac0158050fc4dcu); }

// Word-at-a-time loads must not mix up sizes and tails.
TEST(SipHash, EveryByteAndEverySizeCounts) {
  std::set<std::uint64_t> seen;
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes = counting(size);
    EXPECT_TRUE(seen.insert(siphash13(kPublishedKey, bytes)).second);
    for (std::size_t i = 0; i < size; ++i) {
      bytes[i] = static_cast<char>(bytes[i] ^ 0x80);
      EXPECT_TRUE(seen.insert(siphash13(kPublishedKey, bytes)).second) << size << " " << i;
      bytes[i] = static_cast<char>(bytes[i] ^ 0x80);
    }
  }
}

TEST(SipHash, ProcessKeyIsChosenOnce) {
  const HashKey& key = process_hash_key();
  EXPECT_EQ(&key, &process_hash_key());
  EXPECT_TRUE(key.low != 0 || key.high != 0);
  const HashKey other = choose_hash_key();
  EXPECT_TRUE(other.low != key.low || other.high != key.high);
}

}  // namespace
}  // namespace moonlet::base
