// Exponential, logarithms and power.
//
//   exp(x): x = k ln(2)/128 + r with |r| < 2^-8.5, so e^x = 2^(k/128) * e^r; a table holds the 128
//   fractional powers of two and a short series gives e^r.
//   log(x): x = 2^k z, and the table's c ~ 1/z makes r = c z - 1 small, |r| <= 2^-7, without an
//   error; log(x) = k ln(2) - log(c) + log(1 + r), with r^2/2 and everything above it in
//   double-double. The relative error is about 2^-67, enough for x^y = exp(y log(x)).
#include <cmath>
#include <limits>

#include "base/elementary.hpp"
#include "base/elementary_tables.hpp"

namespace moonlet::base {
namespace {

using namespace elementary;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kMagnitude = 0x7fff'ffff'ffff'ffff;
constexpr std::uint64_t kInfinityBits = 0x7ff0'0000'0000'0000;

// ln(2)/128 in two parts; products of the first, which has 35 bits, with k are exact.
constexpr double kStepHigh = 0x1.62e42fef8p-8;
constexpr double kStepLow = 0x1.1cf79abc9e3b4p-43;
constexpr double kStepsPerUnit = 0x1.71547652b82fep+7;

// Adding and subtracting it rounds to an integer, for magnitudes below 2^51.
constexpr double kRounder = 0x1.8p52;

// (value.hi + value.lo) * 2^exponent, rounded once even where the result is subnormal.
// REQUIRES: value.hi in (0.99, 2), exponent in [-1100, 1024].
double scale(const DoubleDouble& value, int exponent) {
  const double direct = value.hi + value.lo;
  if (exponent >= -1021) {
    if (exponent <= 1022) return direct * power_of_two(exponent);
    return direct * power_of_two(exponent - 2) * 4;
  }
  // The last bit of a subnormal result weighs 2^(-1074 - exponent) here; a number at the front
  // whose last bit weighs the same makes the additions round there.
  if (exponent == -1022 && direct >= 1) return direct * power_of_two(exponent);
  const double front = power_of_two(-1074 + 52 - exponent);
  const DoubleDouble rounded = fast_two_sum(front, value.hi);
  const double sum = rounded.hi + (rounded.lo + value.lo);
  return (sum - front) * power_of_two(exponent + 1000) * power_of_two(-1000);
}

// e^(x.hi + x.lo). REQUIRES: -746 < x.hi < 710.
double exponential_of(const DoubleDouble& x) {
  const double k = (x.hi * kStepsPerUnit + kRounder) - kRounder;
  const int steps = static_cast<int>(k);
  const double r = ((x.hi - k * kStepHigh) - k * kStepLow) + x.lo;
  const double r2 = r * r;
  const double tail = (1.0 / 2 + r * (1.0 / 6)) + r2 * ((1.0 / 24 + r * (1.0 / 120)) + r2 / 720);
  const double p = r + r2 * tail;
  const DoubleDouble& t = kExpTable[static_cast<unsigned>(steps) % kExpSteps];
  return scale({t.hi, t.lo + t.hi * p}, steps >> 7);
}

// Numbers beyond which the result is infinite, or nearer to zero than to the smallest number.
constexpr double kExpHighest = 0x1.62e42fefa39efp+9;
constexpr double kExpLowest = -0x1.74910d52d3053p+9;

struct Split {
  int exponent;
  double mantissa;  // in [0.6875, 1.375)
  std::size_t interval;
};

// REQUIRES: x is finite and positive.
Split split(double x) {
  int below_normal = 0;
  std::uint64_t bits = bits_of(x);
  if (bits < (std::uint64_t{1} << 52)) {
    bits = bits_of(x * power_of_two(52));
    below_normal = 52;
  }
  const std::uint64_t offset = bits - kLogFirst;
  const int exponent = static_cast<int>(static_cast<std::int64_t>(offset) >> 52);
  const double mantissa = from_bits(bits - (offset & (std::uint64_t{0xfff} << 52)));
  return {exponent - below_normal, mantissa,
          static_cast<std::size_t>(offset >> kLogStepShift) % kLogSteps};
}

// constant.hi + log(mantissa), constant.hi being 0 or large against the logarithm's last bits.
DoubleDouble logarithm_of(const Split& x, const DoubleDouble& constant) {
  const LogEntry& entry = kLogTable[x.interval];
  // Of the mantissa's bits the upper 32 times the 13 of the reciprocal are exact.
  const double z_high = from_bits(bits_of(x.mantissa) & ~std::uint64_t{0x1fffff});
  const double r_front = z_high * entry.reciprocal - 1;
  const DoubleDouble r = fast_two_sum(r_front, (x.mantissa - z_high) * entry.reciprocal);

  // -r^2/2 = -r_top^2/2 - (r - r_top)(r + r_top)/2, the first of which is exact.
  const double r_top = upper_half(r.hi);
  const double square = -0.5 * r_top * r_top;
  const double square_rest = -0.5 * (r.hi - r_top) * (r.hi + r_top) - r.hi * r.lo;
  const double r2 = r.hi * r.hi;
  const double series =
      ((1.0 / 3 - r.hi * (1.0 / 4)) + r2 * (1.0 / 5 - r.hi * (1.0 / 6))) +
      r2 * r2 * ((1.0 / 7 - r.hi * (1.0 / 8)) + r2 * (1.0 / 9 - r.hi * (1.0 / 10)));

  // Each summand is smaller than those before it, unless they are zero.
  const DoubleDouble first = fast_two_sum(constant.hi, entry.logarithm.hi);
  const DoubleDouble second = fast_two_sum(first.hi, r.hi);
  const DoubleDouble third = fast_two_sum(second.hi, square);
  const double rest = (first.lo + (constant.lo + entry.logarithm.lo)) + second.lo +
                      (third.lo + (r.lo + square_rest)) + r.hi * r2 * series;
  return fast_two_sum(third.hi, rest);
}

// ln(2) with 40 bits in the first part, so that products with an exponent are exact.
constexpr double kLn2High = 0x1.62e42fefa2p-1;
constexpr double kLn2Low = 0x1.9ef35793c7673p-41;

DoubleDouble natural_logarithm(double x) {
  const Split parts = split(x);
  const double k = parts.exponent;
  return logarithm_of(parts, {k * kLn2High, k * kLn2Low});
}

// What all logarithms say of numbers that have none.
bool is_outside(double x, double& result) {
  const std::uint64_t bits = bits_of(x);
  if (bits - 1 < kInfinityBits - 1) return false;
  if ((bits & kMagnitude) == 0) {
    result = -kInfinity;
  } else {
    result = bits == kInfinityBits ? kInfinity : canonical_nan();
  }
  return true;
}

// Logarithm to another base: exponent * per_exponent + ln(mantissa) * factor.
double scaled_logarithm(double x, const DoubleDouble& per_exponent, const DoubleDouble& factor) {
  double result;
  if (is_outside(x, result)) return result;
  const Split parts = split(x);
  const DoubleDouble log = multiply(logarithm_of(parts, {0, 0}), factor);
  const double k = parts.exponent;
  return add(multiply({k, 0}, per_exponent), log).hi;
}

enum class Parity { NoInteger, Odd, Even };

// REQUIRES: y is finite.
Parity parity_of(double y) {
  const std::uint64_t bits = bits_of(y);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1023;
  if (exponent < 0) return y == 0 ? Parity::Even : Parity::NoInteger;
  if (exponent > 52) return Parity::Even;
  const std::uint64_t unit = std::uint64_t{1} << (52 - exponent);
  if ((bits & (unit - 1)) != 0) return Parity::NoInteger;
  if (exponent == 0) return Parity::Odd;  // the leading bit, which is not written, is the unit
  return (bits & unit) != 0 ? Parity::Odd : Parity::Even;
}

// x^y where x or y is a NaN, an infinity or zero, after x == 1 and y == 0 were dealt with.
double special_power(double x, double y) {
  if (x != x || y != y) return canonical_nan();
  const double magnitude = std::fabs(x);
  if (std::fabs(y) == kInfinity) {
    if (magnitude == 1) return 1;
    return (magnitude > 1) == (y > 0) ? kInfinity : 0;
  }
  const double result = (magnitude > 1) == (y > 0) ? kInfinity : 0.0;
  return std::signbit(x) && parity_of(y) == Parity::Odd ? -result : result;
}

// x^y for finite x > 0 other than 1 and finite y other than 0.
double positive_power(double x, double y) {
  // |log(x)| lies between 2^-53 and 745, so beyond these bounds of y the rest does not matter.
  const double magnitude = std::fabs(y);
  if (magnitude < 0x1p-66) return 1;
  if (magnitude > 0x1p64) return (x > 1) == (y > 0) ? kInfinity : 0;
  const DoubleDouble log = natural_logarithm(x);
  DoubleDouble product = two_product(y, log.hi);
  product = fast_two_sum(product.hi, product.lo + y * log.lo);
  if (product.hi >= 710) return kInfinity;
  if (product.hi <= -746) return 0;
  return exponential_of(product);
}

}  // namespace

double canonical_nan() { return from_bits(0x7ff8'0000'0000'0000); }

double exponential(double x) {
  if (x != x) return canonical_nan();
  if (x > kExpHighest) return kInfinity;
  if (x < kExpLowest) return 0;
  return exponential_of({x, 0});
}

double logarithm(double x) {
  double result;
  return is_outside(x, result) ? result : natural_logarithm(x).hi;
}

double logarithm2(double x) { return scaled_logarithm(x, {1, 0}, kReciprocalLn2); }

double logarithm10(double x) { return scaled_logarithm(x, kLog10Of2, kReciprocalLn10); }

double logarithm(double x, double base) {
  if (base == 2) return logarithm2(x);
  if (base == 10) return logarithm10(x);
  double log_x;
  double log_base;
  const bool is_special = is_outside(x, log_x);
  if (is_outside(base, log_base) || is_special || base == 1) {
    const double quotient = logarithm(x) / logarithm(base);
    return quotient == quotient ? quotient : canonical_nan();
  }
  // Both are kept in double-double: 5 to the third is 125 without a rounding error on the way.
  return divide(natural_logarithm(x), natural_logarithm(base)).hi;
}

double power(double x, double y) {
  if (y == 2) return x == x ? x * x : canonical_nan();
  if (x == 1 || y == 0) return 1;
  if (y == 1) return x == x ? x : canonical_nan();
  const bool x_is_plain = (bits_of(x) & kMagnitude) - 1 < kInfinityBits - 1;
  const bool y_is_plain = (bits_of(y) & kMagnitude) < kInfinityBits;
  if (!x_is_plain || !y_is_plain) return special_power(x, y);
  if (x > 0) return y == 0.5 ? std::sqrt(x) : positive_power(x, y);
  const Parity parity = parity_of(y);
  if (parity == Parity::NoInteger) return canonical_nan();
  const double magnitude = x == -1 ? 1 : positive_power(-x, y);
  return parity == Parity::Odd ? -magnitude : magnitude;
}

double remainder_toward_zero(double x, double y) {
  const double result = std::fmod(x, y);  // exact, hence the same everywhere
  return result == result ? result : canonical_nan();
}

}  // namespace moonlet::base
