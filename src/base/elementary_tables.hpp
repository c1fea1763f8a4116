// Constants and tables of the elementary functions. The compiler computes the tables, in
// double-double arithmetic, from the series that define the functions.
#pragma once

#include <array>

#include "base/elementary_double_double.hpp"

namespace moonlet::base::elementary {

// hi is the constant rounded to a double, lo what is missing, rounded.
inline constexpr DoubleDouble kLn2{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
inline constexpr DoubleDouble kReciprocalLn2{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
inline constexpr DoubleDouble kReciprocalLn10{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};
inline constexpr DoubleDouble kLog10Of2{0x1.34413509f79ffp-2, -0x1.9dc1da994fd21p-59};
inline constexpr DoubleDouble kHalfPi{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
inline constexpr DoubleDouble kPi{0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};

// ---- 2^(i/128).
inline constexpr int kExpSteps = 128;

constexpr std::array<DoubleDouble, kExpSteps> make_exp_table() {
  std::array<DoubleDouble, kExpSteps> table{};
  for (int i = 0; i < kExpSteps; ++i) {
    const double part = static_cast<double>(i) / kExpSteps;  // exact
    const DoubleDouble x = multiply(kLn2, {part, 0});
    DoubleDouble sum{1, 0};
    for (int n = 27; n > 0; --n) {
      sum = add({1, 0}, divide(multiply(sum, x), {static_cast<double>(n), 0}));
    }
    table[static_cast<std::size_t>(i)] = sum;
  }
  return table;
}
inline constexpr std::array<DoubleDouble, kExpSteps> kExpTable = make_exp_table();

// ---- Logarithms: for each of 128 intervals of the mantissa, a number of 13 bits near the
// reciprocal of its middle, and the logarithm of that number's reciprocal.
//
// The mantissa z lies in [0.6875, 1.375), so that numbers near 1 need no exponent; interval i
// begins at the bits kLogFirst + (i << 45). Both intervals that touch 1 use the reciprocal 1: there
// the logarithm of z is close to z - 1, and nothing may disturb that.
inline constexpr int kLogSteps = 128;
inline constexpr std::uint64_t kLogFirst = 0x3fe6'0000'0000'0000;
inline constexpr int kLogStepShift = 45;

struct LogEntry {
  double reciprocal;
  DoubleDouble logarithm;
};

// ln(v) = 2 artanh((v - 1) / (v + 1)), for v near 1.
constexpr DoubleDouble series_logarithm(double v) {
  const DoubleDouble s = divide({v - 1, 0}, {v + 1, 0});
  const DoubleDouble square = multiply(s, s);
  DoubleDouble sum{0, 0};
  for (int n = 47; n > 0; n -= 2) {
    sum = add(divide({1, 0}, {static_cast<double>(n), 0}), multiply(sum, square));
  }
  return multiply({2 * s.hi, 2 * s.lo}, sum);
}

constexpr std::array<LogEntry, kLogSteps> make_log_table() {
  std::array<LogEntry, kLogSteps> table{};
  for (std::size_t i = 0; i < kLogSteps; ++i) {
    const double first = from_bits(kLogFirst + (std::uint64_t{i} << kLogStepShift));
    const double next = from_bits(kLogFirst + (std::uint64_t{i + 1} << kLogStepShift));
    if (first == 1.0 || next == 1.0) {
      table[i] = {1.0, {0, 0}};
      continue;
    }
    const double middle = first + (next - first) / 2;
    const double reciprocal = static_cast<double>(static_cast<int>(4096 / middle + 0.5)) / 4096;
    table[i] = {reciprocal, negate(series_logarithm(reciprocal))};
  }
  return table;
}
inline constexpr std::array<LogEntry, kLogSteps> kLogTable = make_log_table();

// ---- Sine and cosine of i/64, up to beyond pi/4.
inline constexpr int kSineSteps = 64;
inline constexpr int kSineCount = 52;

struct SineEntry {
  DoubleDouble sine;
  DoubleDouble cosine;
};

constexpr std::array<SineEntry, kSineCount> make_sine_table() {
  std::array<SineEntry, kSineCount> table{};
  for (std::size_t i = 0; i < kSineCount; ++i) {
    const double x = static_cast<double>(i) / kSineSteps;
    const DoubleDouble minus_square{-(x * x), 0};  // exact: x has 6 bits
    DoubleDouble sine{1, 0};
    DoubleDouble cosine{1, 0};
    for (int n = 26; n > 0; n -= 2) {
      const DoubleDouble even{static_cast<double>(n * (n - 1)), 0};
      const DoubleDouble odd{static_cast<double>(n * (n + 1)), 0};
      cosine = add({1, 0}, divide(multiply(cosine, minus_square), even));
      sine = add({1, 0}, divide(multiply(sine, minus_square), odd));
    }
    table[i] = {multiply(sine, {x, 0}), cosine};
  }
  return table;
}
inline constexpr std::array<SineEntry, kSineCount> kSineTable = make_sine_table();

// ---- Arc tangent of i/64.
inline constexpr int kArcSteps = 64;

constexpr std::array<DoubleDouble, kArcSteps + 1> make_arc_table() {
  std::array<DoubleDouble, kArcSteps + 1> table{};
  for (int i = 1; i <= kArcSteps; ++i) {
    // The angle between two neighbours: its tangent is at most 1/64, so the series is short.
    const DoubleDouble t =
        divide({kArcSteps, 0}, {static_cast<double>(kArcSteps * kArcSteps + i * (i - 1)), 0});
    const DoubleDouble minus_square = negate(multiply(t, t));
    DoubleDouble sum{0, 0};
    for (int n = 19; n > 0; n -= 2) {
      sum = add(divide({1, 0}, {static_cast<double>(n), 0}), multiply(sum, minus_square));
    }
    const std::size_t place = static_cast<std::size_t>(i);
    table[place] = add(table[place - 1], multiply(t, sum));
  }
  return table;
}
inline constexpr std::array<DoubleDouble, kArcSteps + 1> kArcTable = make_arc_table();

}  // namespace moonlet::base::elementary
