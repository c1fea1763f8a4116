#include "stdlib/string_number_format.hpp"

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace moonlet::stdlib {
namespace {

// The tests run in the C locale, where the platform's printf is the specification.
std::string spec_text(const NumberSpec& spec, const char* length) {
  std::string text = "%";
  if (spec.left) text += '-';
  if (spec.plus) text += '+';
  if (spec.space) text += ' ';
  if (spec.alternate) text += '#';
  if (spec.zero) text += '0';
  if (spec.width > 0) text += std::to_string(spec.width);
  if (spec.precision >= 0) text += '.' + std::to_string(spec.precision);
  return text + length + spec.letter;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
template <class Number>
std::string by_printf(const NumberSpec& spec, const char* length, Number value) {
  char text[1024];
  const int size = std::snprintf(text, sizeof text, spec_text(spec, length).c_str(), value);
  return {text, static_cast<std::size_t>(size)};
}
#pragma GCC diagnostic pop

std::string ours(const NumberSpec& spec, std::int64_t value) {
  char text[kNumberItemSize];
  return {text, format_integer(text, spec, value)};
}

std::string ours(const NumberSpec& spec, double value) {
  char text[kNumberItemSize];
  return {text, format_float(text, spec, value)};
}

NumberSpec random_spec(std::mt19937_64& random, std::string_view letters) {
  NumberSpec spec;
  spec.left = random() % 4 == 0;
  spec.plus = random() % 4 == 0;
  spec.space = random() % 4 == 0;
  spec.alternate = random() % 3 == 0;
  spec.zero = random() % 3 == 0;
  if (random() % 2 == 0) spec.width = static_cast<int>(random() % 100);
  if (random() % 2 == 0) spec.precision = static_cast<int>(random() % (random() % 2 ? 100 : 20));
  spec.letter = letters[random() % letters.size()];
  return spec;
}

TEST(NumberFormat, IntegersAreAsPrintfWritesThem) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const NumberSpec spec = random_spec(random, "diuoxX");
    std::int64_t value = static_cast<std::int64_t>(random()) >> (random() % 64);
    if (random() % 8 == 0) value = 0;
    if (random() % 50 == 0) value = std::numeric_limits<std::int64_t>::min();
    ASSERT_EQ(ours(spec, value), by_printf(spec, "ll", static_cast<long long>(value)))
        << spec_text(spec, "") << " of " << value;
  }
}

double random_double(std::mt19937_64& random) {
  switch (random() % 6) {
    case 0:
      return static_cast<double>(static_cast<std::int64_t>(random() % 2'000'001) - 1'000'000);
    case 1:
      return static_cast<double>(random() % 100'000) / 1000.0;
    case 2:
      return std::ldexp(static_cast<double>(random() % 4096), static_cast<int>(random() % 40) - 30);
    case 3:
      return random() % 2 == 0 ? 0.0 : -0.0;
    default:
      break;
  }
  const std::uint64_t bits = random();
  const auto value = std::bit_cast<double>(bits);
  return std::isnan(value) ? 1.0 : value;
}

TEST(NumberFormat, FloatsAreAsPrintfWritesThem) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 200'000; ++i) {
    NumberSpec spec = random_spec(random, "aAeEfFgG");
    // glibc loses a digit of '%#.2g' when rounding carries (99.8 gives "1.e+02").
    if (spec.letter == 'g' || spec.letter == 'G') spec.alternate = false;
    const double value = random_double(random);
    ASSERT_EQ(ours(spec, value), by_printf(spec, "", value))
        << spec_text(spec, "") << " of " << value;
  }
}

TEST(NumberFormat, HexadecimalSubnormalsAndCarries) {
  NumberSpec spec;
  spec.letter = 'a';
  EXPECT_EQ(ours(spec, 5e-324), "0x0.0000000000001p-1022");
  EXPECT_EQ(ours(spec, 0.0), "0x0p+0");
  EXPECT_EQ(ours(spec, -0.0), "-0x0p+0");
  EXPECT_EQ(ours(spec, 0.1), "0x1.999999999999ap-4");
  spec.precision = 0;
  EXPECT_EQ(ours(spec, 1.5), "0x2p+0");
  EXPECT_EQ(ours(spec, 2.5), "0x1p+1");
}

TEST(NumberFormat, AlternateGeneralKeepsZeros) {
  NumberSpec spec;
  spec.letter = 'g';
  spec.alternate = true;
  EXPECT_EQ(ours(spec, 1.0), "1.00000");
  EXPECT_EQ(ours(spec, 0.0), "0.00000");
  EXPECT_EQ(ours(spec, 0.0001), "0.000100000");
  EXPECT_EQ(ours(spec, 1e6), "1.00000e+06");
  spec.precision = 2;
  EXPECT_EQ(ours(spec, 99.8), "1.0e+02");
  spec.precision = 1;
  EXPECT_EQ(ours(spec, 5.0), "5.");
}

TEST(NumberFormat, InfinitiesAndNan) {
  NumberSpec spec;
  spec.letter = 'f';
  spec.zero = true;
  spec.width = 6;
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(ours(spec, infinity), "   inf");
  EXPECT_EQ(ours(spec, -infinity), "  -inf");
  spec.letter = 'G';
  EXPECT_EQ(ours(spec, infinity), "   INF");
  // A NaN has no sign here, on every platform.
  EXPECT_EQ(ours(spec, -std::numeric_limits<double>::quiet_NaN()), "   NAN");
}

TEST(NumberFormat, LongestItemFits) {
  NumberSpec spec;
  spec.letter = 'f';
  spec.precision = 99;
  spec.alternate = true;
  EXPECT_EQ(ours(spec, -std::numeric_limits<double>::max()).size(), 1u + 309 + 1 + 99);
}

}  // namespace
}  // namespace moonlet::stdlib
