// Sine, cosine, tangent and their inverses.
//
//   After reduction to |r| <= pi/4: near zero the series; else r = c + d with c = i/64 in a table
//   of sines and cosines, and the addition theorems with short series for d, |d| <= 1/128. All
//   inverses are arc tangents of a quotient y/x of double-doubles: with c = i/64 near y/x,
//   atan(y/x) = atan(c) + atan(t), t = (y - c x)/(x + c y), |t| <= 1/128 and a little.
#include <cmath>
#include <limits>
#include <utility>

#include "base/elementary.hpp"
#include "base/elementary_reduction.hpp"
#include "base/elementary_tables.hpp"

namespace moonlet::base {
namespace {

using namespace elementary;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Below this the series alone is used; the entries of the table in front of it are not.
constexpr double kSmallAngle = 8.5 / 64;

// sin(d)/d - 1 and cos(d) - 1 for |d| <= 1/128, from the square of d.
double sine_tail(double d2) { return d2 * (-1.0 / 6 + d2 * (1.0 / 120 - d2 * (1.0 / 5040))); }
double cosine_tail(double d2) { return d2 * (-1.0 / 2 + d2 * (1.0 / 24 - d2 * (1.0 / 720))); }

// The same for |d| < kSmallAngle.
double long_sine_tail(double d2) {
  const double rest = 1.0 / 362880 - d2 * (1.0 / 39916800);
  return d2 * (-1.0 / 6 + d2 * (1.0 / 120 + d2 * (-1.0 / 5040 + d2 * rest)));
}
double long_cosine_tail(double d2) {
  const double rest = -1.0 / 3628800 + d2 * (1.0 / 479001600);
  return d2 * (-1.0 / 2 + d2 * (1.0 / 24 + d2 * (-1.0 / 720 + d2 * (1.0 / 40320 + d2 * rest))));
}

// Results are sums hi + lo that still have to be rounded. REQUIRES of all: r is reduced.
DoubleDouble small_sine(const DoubleDouble& r) {
  const double r2 = r.hi * r.hi;
  return {r.hi, r.lo + (r.hi * long_sine_tail(r2) - 0.5 * r2 * r.lo)};
}
DoubleDouble small_cosine(const DoubleDouble& r) {
  return {1, long_cosine_tail(r.hi * r.hi) - r.hi * r.lo};
}

struct Step {
  const SineEntry& entry;
  double d;  // exact; what r has in r.lo is added by the callers
  double d2;
};

// REQUIRES: r.hi >= kSmallAngle.
Step step_of(const DoubleDouble& r) {
  const auto i = static_cast<std::size_t>(r.hi * kSineSteps + 0.5);
  const double d = r.hi - static_cast<double>(i) / kSineSteps;
  return {kSineTable[i], d, d * d};
}

DoubleDouble table_sine(const DoubleDouble& r) {
  const auto& [entry, d, d2] = step_of(r);
  const double rest = (entry.sine.lo + (entry.cosine.lo * d + entry.cosine.hi * r.lo)) +
                      entry.sine.hi * cosine_tail(d2) + entry.cosine.hi * (d * sine_tail(d2));
  return {entry.sine.hi, entry.cosine.hi * d + rest};
}
DoubleDouble table_cosine(const DoubleDouble& r) {
  const auto& [entry, d, d2] = step_of(r);
  const double rest = (entry.cosine.lo - (entry.sine.lo * d + entry.sine.hi * r.lo)) +
                      entry.cosine.hi * cosine_tail(d2) - entry.sine.hi * (d * sine_tail(d2));
  return {entry.cosine.hi, rest - entry.sine.hi * d};
}

DoubleDouble reduced_sine(const DoubleDouble& r) {
  if (std::fabs(r.hi) < kSmallAngle) return small_sine(r);
  return r.hi > 0 ? table_sine(r) : negate(table_sine(negate(r)));
}
DoubleDouble reduced_cosine(const DoubleDouble& r) {
  if (std::fabs(r.hi) < kSmallAngle) return small_cosine(r);
  return table_cosine(r.hi > 0 ? r : negate(r));
}

// Sine of an angle `quarter` turns on.
double turned_sine(const DoubleDouble& rest, unsigned quarter) {
  const DoubleDouble value = (quarter & 1) != 0 ? reduced_cosine(rest) : reduced_sine(rest);
  const double result = value.hi + value.lo;
  return (quarter & 2) != 0 ? -result : result;
}

bool is_finite(double x) { return std::fabs(x) < kInfinity; }

// a / b where the result need not be normalised: the second part is what the first one lacks.
DoubleDouble quotient(const DoubleDouble& a, const DoubleDouble& b) {
  const double reciprocal = 1 / b.hi;
  const double front = a.hi * reciprocal;
  const DoubleDouble product = two_product(front, b.hi);
  const double rest = ((a.hi - product.hi) - product.lo) + (a.lo - front * b.lo);
  return {front, rest * reciprocal};
}

// atan(y/x) as a sum, for finite 0 <= y <= x, x > 0, x neither huge nor tiny.
DoubleDouble arc_of_quotient(const DoubleDouble& y, const DoubleDouble& x) {
  const auto i = static_cast<std::size_t>(y.hi / x.hi * kArcSteps + 0.5);
  DoubleDouble t;
  if (i == 0) {
    t = quotient(y, x);
  } else {
    // c has 7 bits, so the products are exact; y and c x are so close that their difference is,
    // too.
    const double c = static_cast<double>(i) / kArcSteps;
    const DoubleDouble cx = two_product(c, x.hi);
    const DoubleDouble cy = two_product(c, y.hi);
    const DoubleDouble sum = fast_two_sum(x.hi, cy.hi);
    t = quotient({y.hi - cx.hi, y.lo - (cx.lo + c * x.lo)},
                 {sum.hi, sum.lo + (x.lo + cy.lo + c * y.lo)});
  }
  const double t2 = t.hi * t.hi;
  const double tail = t2 * (-1.0 / 3 + t2 * (1.0 / 5 + t2 * (-1.0 / 7 + t2 * (1.0 / 9))));
  const double low = t.lo + t.hi * tail;
  if (i == 0) return {t.hi, low};
  const DoubleDouble angle = fast_two_sum(kArcTable[i].hi, t.hi);
  return {angle.hi, angle.lo + (kArcTable[i].lo + low)};
}

// base + angle or base - angle, base being the larger one.
DoubleDouble turn(const DoubleDouble& base, const DoubleDouble& angle, double sign) {
  const DoubleDouble sum = fast_two_sum(base.hi, sign * angle.hi);
  return {sum.hi, sum.lo + (base.lo + sign * angle.lo)};
}

// Angle of the point (x, y), for finite y >= 0 and any finite x, not both zero, not huge or tiny.
double arc_of_point(const DoubleDouble& y, const DoubleDouble& x) {
  const DoubleDouble width = x.hi < 0 ? negate(x) : x;
  DoubleDouble angle;
  if (y.hi <= width.hi) {
    angle = arc_of_quotient(y, width);
    if (x.hi < 0) angle = turn(kPi, angle, -1);
  } else {
    angle = arc_of_quotient(width, y);
    angle = turn(kHalfPi, angle, x.hi < 0 ? 1 : -1);
  }
  return angle.hi + angle.lo;
}

// sqrt(1 - x^2) for |x| <= 1.
DoubleDouble co_leg(double x) {
  const DoubleDouble square = multiply(fast_two_sum(1, -x), fast_two_sum(1, x));
  if (square.hi <= 0) return {0, 0};
  const double root = std::sqrt(square.hi);
  const DoubleDouble again = two_product(root, root);
  return {root, ((square.hi - again.hi) - again.lo + square.lo) / (2 * root)};
}

// Multiples of pi/4, as the angles of points at infinity or on an axis.
double axis_angle(double y, double x) {
  double angle;
  if (std::fabs(y) == kInfinity) {
    angle =
        std::fabs(x) == kInfinity ? (x > 0 ? kHalfPi.hi / 2 : 0x1.2d97c7f3321d2p+1) : kHalfPi.hi;
  } else if (y == 0 || std::fabs(x) == kInfinity) {
    angle = std::signbit(x) ? kPi.hi : 0.0;
  } else {
    angle = kHalfPi.hi;
  }
  return std::copysign(angle, y);
}

}  // namespace

double sine(double x) {
  if (!is_finite(x)) return canonical_nan();
  if (std::fabs(x) < 0x1p-27) return x;
  const Angle angle = reduce_angle(x);
  return turned_sine(angle.rest, angle.quarter);
}

double cosine(double x) {
  if (!is_finite(x)) return canonical_nan();
  const Angle angle = reduce_angle(x);
  return turned_sine(angle.rest, angle.quarter + 1);
}

double tangent(double x) {
  if (!is_finite(x)) return canonical_nan();
  if (std::fabs(x) < 0x1p-27) return x;
  const Angle angle = reduce_angle(x);
  DoubleDouble above = reduced_sine(angle.rest);
  DoubleDouble below = reduced_cosine(angle.rest);
  if ((angle.quarter & 1) != 0) {
    std::swap(above, below);
    above = negate(above);
  }
  return divide(fast_two_sum(above.hi, above.lo), fast_two_sum(below.hi, below.lo)).hi;
}

double arc_sine(double x) {
  const double magnitude = std::fabs(x);
  if (!(magnitude <= 1)) return canonical_nan();
  if (magnitude < 0x1p-27) return x;
  return std::copysign(arc_of_point({magnitude, 0}, co_leg(x)), x);
}

double arc_cosine(double x) {
  if (!(std::fabs(x) <= 1)) return canonical_nan();
  if (x == 1) return 0;
  return arc_of_point(co_leg(x), {x, 0});
}

double arc_tangent(double y, double x) {
  if (x != x || y != y) return canonical_nan();
  if (x == 0 || y == 0 || !is_finite(x) || !is_finite(y)) return axis_angle(y, x);
  const int y_exponent = static_cast<int>(bits_of(y) >> 52 & 0x7ff);
  const int x_exponent = static_cast<int>(bits_of(x) >> 52 & 0x7ff);
  if (y_exponent - x_exponent > 64) return axis_angle(y, 0);
  if (x_exponent - y_exponent > 30) {
    // The angle is y/x to more than a double holds; the quotient may be subnormal, or nothing to
    // pi.
    if (x > 0) return y / x;
    if (x_exponent - y_exponent > 64) return axis_angle(0 * y, x);
  }
  // Both are brought near to 1, where nothing overflows and no product loses bits.
  const int middle = (y_exponent > x_exponent ? y_exponent : x_exponent) - 1023;
  const double factor = middle > 0 ? power_of_two(-middle / 2) : power_of_two((1 - middle) / 2);
  const double factor2 =
      middle > 0 ? power_of_two(-(middle - middle / 2)) : power_of_two((-middle) / 2);
  const double angle =
      arc_of_point({std::fabs(y) * factor * factor2, 0}, {x * factor * factor2, 0});
  return std::copysign(angle, y);
}

}  // namespace moonlet::base
