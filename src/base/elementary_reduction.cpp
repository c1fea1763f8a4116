#include "base/elementary_reduction.hpp"

#include <cmath>

#include "base/elementary_tables.hpp"

namespace moonlet::base::elementary {
namespace {

constexpr double kQuarterPi = 0x1.921fb54442d18p-1;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
constexpr double kRounder = 0x1.8p52;

// Cody and Waite: pi/2 in pieces of 33 bits, whose products with a number of 20 bits are exact.
constexpr double kHalfPi1 = 0x1.921fb544p+0;
constexpr double kHalfPi2 = 0x1.0b4611a6p-34;
constexpr double kHalfPi3 = 0x1.3198a2ep-69;
constexpr double kHalfPi4 = 0x1.b839a252049c1p-104;
constexpr double kMediumHighest = 0x1p20;

Angle reduce_medium(double x) {
  const double n = (x * kTwoOverPi + kRounder) - kRounder;
  const DoubleDouble first = two_sum(x - n * kHalfPi1, -(n * kHalfPi2));
  const DoubleDouble second = two_sum(first.hi, -(n * kHalfPi3));
  const double low = (first.lo + second.lo) - n * kHalfPi4;
  return {fast_two_sum(second.hi, low), static_cast<unsigned>(static_cast<int>(n)) & 3};
}

// The bits of 2/pi behind the point: enough for the largest exponent.
constexpr std::uint64_t kTwoOverPiBits[] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
    0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484,
    0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d,
};

// Upper half of the 128-bit product.
std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a0 = a & 0xffffffff;
  const std::uint64_t a1 = a >> 32;
  const std::uint64_t b0 = b & 0xffffffff;
  const std::uint64_t b1 = b >> 32;
  const std::uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
  const std::uint64_t middle2 = a0 * b1 + (middle & 0xffffffff);
  return a1 * b1 + (middle >> 32) + (middle2 >> 32);
}

// 64 bits of 2/pi from bit `position` behind the point on.
std::uint64_t bits_at(unsigned position) {
  const unsigned word = position / 64;
  const unsigned shift = position % 64;
  if (shift == 0) return kTwoOverPiBits[word];
  return kTwoOverPiBits[word] << shift | kTwoOverPiBits[word + 1] >> (64 - shift);
}

// Payne and Hanek: x = m * 2^e with an integer m. Bits of 2/pi whose product with x is a multiple
// of four are left out; 192 bits behind them, times m, are the turn (two bits) and its fraction, of
// which about 137 bits are right. No double comes nearer to a multiple of pi/2 than 2^-62.
// REQUIRES: x >= 2^20.
Angle reduce_large(double x) {
  const std::uint64_t bits = bits_of(x);
  const int exponent = static_cast<int>(bits >> 52) - 1075;
  const std::uint64_t m = (bits & 0xf'ffff'ffff'ffff) | std::uint64_t{1} << 52;

  // The first bit of interest weighs 2^-1-position, times 2^exponent at least 2 and, if there are
  // such bits at all, exactly 2. With a small exponent the window starts at the point, shifted.
  const int first = exponent - 2;
  std::uint64_t window[3];
  if (first >= 0) {
    for (unsigned i = 0; i < 3; ++i) window[i] = bits_at(static_cast<unsigned>(first) + 64 * i);
  } else {
    const int shift = -first;  // at most 34: x >= 2^20
    std::uint64_t above = 0;
    for (unsigned i = 0; i < 3; ++i) {
      window[i] = above << (64 - shift) | kTwoOverPiBits[i] >> shift;
      above = kTwoOverPiBits[i];
    }
  }

  // The product modulo 2^192: its upper two bits are the quarter, the others the fraction.
  std::uint64_t low = window[2] * m;
  std::uint64_t carry = multiply_high(window[2], m);
  std::uint64_t middle = window[1] * m + carry;
  carry = multiply_high(window[1], m) + (middle < carry ? 1 : 0);
  std::uint64_t high = window[0] * m + carry;

  unsigned quarter = static_cast<unsigned>(high >> 62);
  const bool is_negative = (high >> 61 & 1) != 0;  // nearer to the next quarter
  if (is_negative) {
    ++quarter;
    high = ~high;
    middle = ~middle;
    low = ~low;
  }
  high &= 0x3fff'ffff'ffff'ffff;

  // The fraction as 128 bits with the first one set, and their weight.
  int weight = -62;  // of the last bit of `high`
  if (high == 0) {
    high = middle;
    middle = low;
    low = 0;
    weight -= 64;
  }
  const int zeros = std::countl_zero(high);
  if (zeros != 0) {
    high = high << zeros | middle >> (64 - zeros);
    middle = middle << zeros | low >> (64 - zeros);
    weight -= zeros;
  }
  const std::uint64_t front = high >> 11;
  const std::uint64_t back = (high & 0x7ff) << 42 | middle >> 22;
  const DoubleDouble fraction{static_cast<double>(front) * power_of_two(weight + 11),
                              static_cast<double>(back) * power_of_two(weight - 42)};
  const DoubleDouble rest = multiply(fraction, kHalfPi);
  return {is_negative ? negate(rest) : rest, quarter & 3};
}

}  // namespace

Angle reduce_angle(double x) {
  const double magnitude = std::fabs(x);
  if (magnitude <= kQuarterPi) return {{x, 0}, 0};
  if (magnitude < kMediumHighest) return reduce_medium(x);
  Angle angle = reduce_large(magnitude);
  if (x < 0) angle = {negate(angle.rest), (4 - angle.quarter) & 3};
  return angle;
}

}  // namespace moonlet::base::elementary
