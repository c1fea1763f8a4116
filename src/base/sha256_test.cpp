#include "base/sha256.hpp"

#include <gtest/gtest.h>

namespace moonlet::base {
namespace {

// Vectors of FIPS 180-4's examples.
TEST(Sha256, KnownDigests) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// The padding changes its length between 55 and 56 bytes.
TEST(Sha256, EveryLengthIsAnotherDigest) {
  std::string previous;
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string digest = hex(sha256(std::string(size, 'x')));
    EXPECT_NE(digest, previous) << size;
    previous = digest;
  }
}

}  // namespace
}  // namespace moonlet::base
