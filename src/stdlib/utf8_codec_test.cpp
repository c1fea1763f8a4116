#include "stdlib/utf8_codec.hpp"

#include <string>

#include <gtest/gtest.h>

namespace moonlet::stdlib {
namespace {

std::string encoded(std::uint32_t code) {
  char bytes[kSequenceBytesMax];
  return {bytes, encode_utf8(bytes, code)};
}

TEST(Utf8Codec, RoundTripAtEveryBoundary) {
  for (const std::uint32_t edge :
       {0x0u, 0x7fu, 0x80u, 0x7ffu, 0x800u, 0xffffu, 0x10000u, 0x10ffffu, 0x110000u, 0x1fffffu,
        0x200000u, 0x3ffffffu, 0x4000000u, 0x7fffffffu}) {
    const std::string bytes = encoded(edge);
    const Decoded decoded = decode_utf8(bytes, Utf8Mode::Lax);
    EXPECT_EQ(decoded.size, bytes.size());
    EXPECT_EQ(decoded.code, edge);
    EXPECT_EQ(decode_utf8(bytes, Utf8Mode::Strict).size != 0, edge <= 0x10ffff);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      EXPECT_EQ(decode_utf8(bytes.substr(0, cut), Utf8Mode::Lax).size, 0u);
    }
  }
  EXPECT_EQ(encoded(0x20ac), "\xe2\x82\xac");
  EXPECT_EQ(encoded(0x7fffffff), "\xfd\xbf\xbf\xbf\xbf\xbf");
}

TEST(Utf8Codec, InvalidSequences) {
  for (const char* bytes : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xf0\x80\x80\x80",
                            "\xfe\xbf\xbf\xbf\xbf\xbf", "\xff", "\xc2x", "\xe2\x82x"}) {
    EXPECT_EQ(decode_utf8(bytes, Utf8Mode::Lax).size, 0u) << bytes;
  }
  EXPECT_EQ(decode_utf8("\xed\xa0\x80", Utf8Mode::Strict).size, 0u);
  EXPECT_EQ(decode_utf8("\xed\xa0\x80", Utf8Mode::Lax).size, 3u);
}

}  // namespace
}  // namespace moonlet::stdlib
