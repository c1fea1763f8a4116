#include "stdlib/string_pack_format.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace moonlet::stdlib {
namespace {

TEST(PackFormat, OptionsAndAlignment) {
  PackReader reader{.format = ">!8 b Xh i4 i8 c1 Xi8"};
  std::uint64_t total = 0;
  std::string alignments;
  while (!reader.is_at_end()) {
    PackOption option;
    ASSERT_EQ(reader.next(total, option), PackError::None);
    total += option.size + option.alignment;
    if (option.kind != PackKind::Nothing) alignments += std::to_string(option.alignment) + " ";
  }
  EXPECT_EQ(alignments, "0 1 2 0 0 7 ");
  EXPECT_EQ(total, 24u);
  EXPECT_FALSE(reader.is_little);
}

PackError first_error(std::string_view format) {
  PackReader reader{.format = format};
  while (!reader.is_at_end()) {
    PackOption option;
    const PackError error = reader.next(0, option);
    if (error != PackError::None) return error;
  }
  return PackError::None;
}

TEST(PackFormat, Mistakes) {
  EXPECT_EQ(first_error("i0"), PackError::SizeOutOfLimits);
  EXPECT_EQ(first_error("i17"), PackError::SizeOutOfLimits);
  EXPECT_EQ(first_error("!17"), PackError::SizeOutOfLimits);
  EXPECT_EQ(first_error("c"), PackError::MissingSize);
  EXPECT_EQ(first_error("i3r"), PackError::InvalidOption);
  EXPECT_EQ(first_error("X"), PackError::InvalidNext);
  EXPECT_EQ(first_error("Xc1"), PackError::InvalidNext);
  EXPECT_EQ(first_error("X i"), PackError::InvalidNext);
  EXPECT_EQ(first_error("!4i3"), PackError::NotPowerOfTwo);
  EXPECT_EQ(first_error("c1" + std::string(40, '0')), PackError::InvalidOption);
  EXPECT_EQ(first_error(std::string_view("b\0r", 3)), PackError::None);
}

TEST(PackFormat, IntegersOfEverySize) {
  for (std::uint32_t size = 1; size <= 16; ++size) {
    for (const bool is_little : {true, false}) {
      for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{100}}) {
        char bytes[16];
        encode_integer(bytes, static_cast<std::uint64_t>(value), size, is_little, value < 0);
        std::int64_t read = 7;
        ASSERT_TRUE(decode_integer(bytes, size, is_little, true, read));
        EXPECT_EQ(read, value);
      }
    }
  }
  std::int64_t value = 0;
  EXPECT_FALSE(decode_integer("\0\0\0\0\0\0\0\0\1", 9, true, false, value));
  EXPECT_TRUE(decode_integer("\xff\xff", 2, true, false, value));
  EXPECT_EQ(value, 65535);
}

TEST(PackFormat, FloatsAndTheOneNan) {
  char bytes[8];
  encode_float(bytes, -1.5, 4, false);
  EXPECT_EQ(std::string(bytes, 4), std::string("\xbf\xc0\0\0", 4));
  EXPECT_EQ(decode_float(bytes, 4, false), -1.5);
  encode_float(bytes, -std::numeric_limits<double>::quiet_NaN(), 8, true);
  EXPECT_EQ(std::string(bytes, 8), std::string("\0\0\0\0\0\0\xf8\x7f", 8));
  EXPECT_TRUE(std::isnan(decode_float("\1\2\3\4\5\6\xff\xff", 8, true)));
}

}  // namespace
}  // namespace moonlet::stdlib
