#include "base/number_parse.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace moonlet::base {
namespace {

void expect_integer(std::string_view text, std::int64_t value) {
  const ParsedNumber parsed = parse_number(text);
  EXPECT_EQ(parsed.kind, NumberKind::Integer) << text;
  EXPECT_EQ(parsed.integer, value) << text;
}

void expect_float(std::string_view text, double value) {
  const ParsedNumber parsed = parse_number(text);
  EXPECT_EQ(parsed.kind, NumberKind::Float) << text;
  EXPECT_EQ(parsed.number, value) << text;
  EXPECT_EQ(std::signbit(parsed.number), std::signbit(value)) << text;
}

TEST(NumberParse, Integers) {
  expect_integer("0", 0);
  expect_integer("-0", 0);
  expect_integer(" \t\n\v\f\r+12 ", 12);
  expect_integer("9223372036854775807", INT64_MAX);
  expect_integer("-9223372036854775808", INT64_MIN);
  expect_integer("0x10", 16);
  expect_integer("-0xff", -255);
  expect_integer("0xffffffffffffffff", -1);
  expect_integer("0x1ffffffffffffffff", -1);  // wraps around
}

TEST(NumberParse, IntegersThatDoNotFitBecomeFloats) {
  expect_float("9223372036854775808", 0x1p63);
  expect_float("-9223372036854775809", -0x1p63);
}

TEST(NumberParse, Floats) {
  expect_float("1.", 1);
  expect_float(".5", 0.5);
  expect_float("-0.0", -0.0);
  expect_float("1e+2", 100);
  expect_float("1E-2", 0.01);
  expect_float("2.2250738585072014e-308", 0x1p-1022);
}

TEST(NumberParse, FloatsOutOfRange) {
  const double infinity = std::numeric_limits<double>::infinity();
  expect_float("1e309", infinity);
  expect_float("-1e99999999999999999999", -infinity);
  expect_float("1e-400", 0);
  expect_float("-1e-400", -0.0);
  expect_float("0e99999999999999999999", 0);
  expect_float("0." + std::string(400, '0') + "1e402", 10);
  expect_float(std::string(400, '1') + "e-100000", 0);
  expect_float("4e-324", 0x1p-1074);
}

TEST(NumberParse, HexadecimalFloats) {
  expect_float("0x.8", 0.5);
  expect_float("0xA.p1", 20);
  expect_float("-0x1p-1", -0.5);
  expect_float("0x0p99999999999999999999", 0);
  expect_float("0x1p1024", std::numeric_limits<double>::infinity());
  expect_float("0x1p-1074", 0x1p-1074);
  expect_float("0x1p-1075", 0);            // half of the smallest, to even
  expect_float("0x1.8p-1075", 0x1p-1074);  // a little more
  expect_float("0x1.fffffffffffff8p1023", std::numeric_limits<double>::infinity());
  expect_float("0x1.fffffffffffff7p1023", std::numeric_limits<double>::max());
}

TEST(NumberParse, HexadecimalRounding) {
  expect_float("0x1.00000000000008p0", 1);                    // tie, to even
  expect_float("0x1.00000000000018p0", 0x1.0000000000002p0);  // tie, to even
  expect_float("0x1.0000000000000800000000000000000000001p0", 0x1.0000000000001p0);
  expect_float("0x10000000000000800000000000001.p0", 0x1.0000000000001p112);
}

TEST(NumberParse, WhatIsNoNumeral) {
  for (const std::string_view text :
       {"",      " ",    "-",     "+-1",      "--1",   "1 2", "1a",  "0x",    "0xg",
        "0x.p1", "0x1p", "0x1p+", "1e",       "1e+",   ".",   "..1", "1.2.3", "0x1.2.3",
        "inf",   "nan",  "-inf",  "infinity", "1_000", "1,5", "e5"}) {
    EXPECT_EQ(parse_number(text).kind, NumberKind::None) << text;
  }
  EXPECT_EQ(parse_number(std::string_view("1\0", 2)).kind, NumberKind::None);
}

}  // namespace
}  // namespace moonlet::base
