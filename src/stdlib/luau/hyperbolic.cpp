#include "stdlib/luau/hyperbolic.hpp"

#include <cmath>

#include "base/elementary.hpp"

namespace moonlet::stdlib::luau {

namespace {

// Below this the difference of two exponentials would cancel: a series of odd powers.
constexpr double kSeriesMax = 1;
// From here on e^-x does not count any more, and e^x may overflow before its half does.
constexpr double kLarge = 40;

double sine_series(double x) {
  const double square = x * x;
  double term = x;
  double sum = x;
  for (int n = 2; n < 24; n += 2) {
    term *= square / (n * (n + 1));
    sum += term;
  }
  return sum;
}

double half_exponential(double x) {
  const double root = base::exponential(x / 2);
  return root * 0.5 * root;
}

}  // namespace

double hyperbolic_sine(double x) {
  const double size = std::fabs(x);
  if (size < kSeriesMax) return sine_series(x);
  if (x != x) return x;
  if (size > kLarge) return std::copysign(half_exponential(size), x);
  const double e = base::exponential(size);
  return std::copysign((e - 1 / e) / 2, x);
}

double hyperbolic_cosine(double x) {
  const double size = std::fabs(x);
  if (size > kLarge) return half_exponential(size);
  const double e = base::exponential(size);
  return (e + 1 / e) / 2;
}

double hyperbolic_tangent(double x) {
  const double size = std::fabs(x);
  if (x != x) return x;
  if (size > kLarge / 2) return std::copysign(1.0, x);
  return hyperbolic_sine(x) / hyperbolic_cosine(x);
}

}  // namespace moonlet::stdlib::luau
