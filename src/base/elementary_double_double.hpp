// Numbers as unevaluated sums of two doubles, hi + lo, with about 106 bits.
//
// All are constexpr: the tables of elementary_tables.hpp are computed with them at compile time.
#pragma once

#include <bit>
#include <cstdint>

namespace moonlet::base::elementary {

struct DoubleDouble {
  double hi;
  double lo;
};

constexpr std::uint64_t bits_of(double x) { return std::bit_cast<std::uint64_t>(x); }
constexpr double from_bits(std::uint64_t bits) { return std::bit_cast<double>(bits); }

// 2^exponent, of a normal number.
constexpr double power_of_two(int exponent) {
  return from_bits(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

// a + b exactly. REQUIRES: |a| >= |b|, or a == 0.
constexpr DoubleDouble fast_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// a + b exactly.
constexpr DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// The number cut to its upper 26 bits: products of two such numbers are exact.
constexpr double upper_half(double x) { return from_bits(bits_of(x) & ~std::uint64_t{0x7ffffff}); }

// a * b to within 2^-105 of itself, barring over- and underflow: the product of the lower halves,
// which have 27 bits, may lose its last bit. Exact when one factor has at most 26 bits.
constexpr DoubleDouble two_product(double a, double b) {
  const double product = a * b;
  const double a_hi = upper_half(a);
  const double a_lo = a - a_hi;
  const double b_hi = upper_half(b);
  const double b_lo = b - b_hi;
  return {product, ((a_hi * b_hi - product) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo};
}

constexpr DoubleDouble add(const DoubleDouble& a, const DoubleDouble& b) {
  const DoubleDouble sum = two_sum(a.hi, b.hi);
  return fast_two_sum(sum.hi, sum.lo + (a.lo + b.lo));
}

constexpr DoubleDouble negate(const DoubleDouble& a) { return {-a.hi, -a.lo}; }

constexpr DoubleDouble multiply(const DoubleDouble& a, const DoubleDouble& b) {
  const DoubleDouble product = two_product(a.hi, b.hi);
  return fast_two_sum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

constexpr DoubleDouble divide(const DoubleDouble& a, const DoubleDouble& b) {
  const double quotient = a.hi / b.hi;
  const DoubleDouble product = two_product(quotient, b.hi);
  const double rest = ((a.hi - product.hi) - product.lo) + (a.lo - quotient * b.lo);
  return fast_two_sum(quotient, rest / b.hi);
}

}  // namespace moonlet::base::elementary
