// math, of Luau. Its elementary functions are those of base/elementary.hpp, never a libm's.
#include <cmath>
#include <limits>

#include "base/elementary.hpp"
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/hyperbolic.hpp"
#include "stdlib/luau/noise.hpp"
#include "stdlib/luau/pcg.hpp"
#include "stdlib/luau/rows.hpp"
#include "vm/arith.hpp"

namespace moonlet::stdlib::luau {

using vm::BuiltinRow;

namespace {

constexpr double kPi = 0x1.921fb54442d18p+1;
constexpr double kRadiansPerDegree = kPi / 180.0;

int return_float(Value* args, double number) {
  return return_number(args, number == number ? number : base::canonical_nan());
}

// ---- Functions of one number.

template <double function(double)>
int of_one(Vm& vm, Value* args, int count) {
  double x;
  if (!vm::arg_number(vm, args, count, 0, x)) return vm.failure;
  return return_float(args, function(x));
}

template <double function(double)>
int fast_of_one(Vm&, Value* slot, unsigned operands) {
  double x;
  if (operands != 2 || !vm::arith::to_double(slot[1], x)) return vm::kNotFast;
  return return_float(slot + 1, function(x));
}

template <double function(double)>
constexpr BuiltinRow row_of_one(std::string_view name) {
  return {.name = name, .call = of_one<function>, .fast = fast_of_one<function>};
}

double absolute(double x) { return std::fabs(x); }
double square_root(double x) { return std::sqrt(x); }  // IEEE: correctly rounded everywhere
double round_down(double x) { return std::floor(x); }
double round_up(double x) { return std::ceil(x); }
double round_half_away(double x) { return std::round(x); }
double arc_tangent(double x) { return base::arc_tangent(x, 1); }
double to_degrees(double x) { return x / kRadiansPerDegree; }
double to_radians(double x) { return x * kRadiansPerDegree; }
double sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

template <bool function(double)>
int test_of_one(Vm& vm, Value* args, int count) {
  double x;
  if (!vm::arg_number(vm, args, count, 0, x)) return vm.failure;
  return vm::return_one(args, Value::boolean(function(x)));
}

bool is_nan(double x) { return std::isnan(x); }
bool is_infinite(double x) { return std::isinf(x); }
bool is_finite(double x) { return std::isfinite(x); }

// ---- Functions of several.

// Numbers 0 to kCount - 1.
template <std::size_t kCount>
bool arg_numbers(Vm& vm, Value* args, int count, double (&out)[kCount]) {
  for (std::size_t n = 0; n < kCount; ++n) {
    if (!vm::arg_number(vm, args, count, static_cast<int>(n), out[n])) return false;
  }
  return true;
}

template <double function(double, double)>
int of_two(Vm& vm, Value* args, int count) {
  double x[2];
  if (!arg_numbers(vm, args, count, x)) return vm.failure;
  return return_float(args, function(x[0], x[1]));
}

int math_log(Vm& vm, Value* args, int count) {
  double x;
  double base;
  if (!vm::arg_number(vm, args, count, 0, x)) return vm.failure;
  if (vm::is_none_or_nil(args, count, 1)) return return_float(args, base::logarithm(x));
  if (!vm::arg_number(vm, args, count, 1, base)) return vm.failure;
  return return_float(args, base::logarithm(x, base));
}

int math_modf(Vm& vm, Value* args, int count) {
  double x;
  if (!vm::arg_number(vm, args, count, 0, x)) return vm.failure;
  const double whole = std::trunc(x);
  if (x != x)
    return vm::return_two(args, Value::from(base::canonical_nan()),
                          Value::from(base::canonical_nan()));
  const double fraction = whole == x ? std::copysign(0.0, x) : x - whole;
  return vm::return_two(args, Value::from(whole), Value::from(fraction));
}

int math_frexp(Vm& vm, Value* args, int count) {
  double x;
  if (!vm::arg_number(vm, args, count, 0, x)) return vm.failure;
  int exponent = 0;
  if (!std::isfinite(x)) return vm::return_two(args, args[0], Value::from(0.0));
  const double fraction = std::frexp(x, &exponent);
  return vm::return_two(args, Value::from(fraction), Value::from(double{1} * exponent));
}

int math_ldexp(Vm& vm, Value* args, int count) {
  double x;
  int exponent;
  if (!vm::arg_number(vm, args, count, 0, x) || !arg_int(vm, args, count, 1, exponent)) {
    return vm.failure;
  }
  return return_float(args, std::ldexp(x, exponent));
}

// No argument list is longer than a stack, and what is compared is charged.
template <bool is_better(double, double)>
int extreme(Vm& vm, Value* args, int count) {
  double best;
  if (!vm::arg_number(vm, args, count, 0, best)) return vm.failure;
  for (int n = 1; n < count; ++n) {
    double other;
    if (!vm::arg_number(vm, args, count, n, other)) return vm.failure;
    if (is_better(other, best)) best = other;
  }
  vm::charge(vm, static_cast<std::uint64_t>(count));
  return return_number(args, best);
}

bool is_less(double a, double b) { return a < b; }
bool is_greater(double a, double b) { return a > b; }

template <bool is_better(double, double)>
int fast_extreme(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 3 || !slot[1].is_float() || !slot[2].is_float()) return vm::kNotFast;
  vm::charge(vm, 2);
  return vm::return_fast(slot, is_better(slot[2].number, slot[1].number) ? slot[2] : slot[1]);
}

int math_clamp(Vm& vm, Value* args, int count) {
  double x[3];
  if (!arg_numbers(vm, args, count, x)) return vm.failure;
  if (!(x[1] <= x[2])) {
    return vm::throw_arg_error(vm, 2, "max must be greater than or equal to min");
  }
  const double low = x[0] < x[1] ? x[1] : x[0];
  return return_number(args, low > x[2] ? x[2] : low);
}

int math_map(Vm& vm, Value* args, int count) {
  double x[5];
  if (!arg_numbers(vm, args, count, x)) return vm.failure;
  return return_float(args, x[3] + (x[0] - x[1]) * (x[4] - x[3]) / (x[2] - x[1]));
}

// Exact at both ends.
int math_lerp(Vm& vm, Value* args, int count) {
  double x[3];
  if (!arg_numbers(vm, args, count, x)) return vm.failure;
  return return_float(args, x[2] == 1 ? x[1] : x[0] + (x[1] - x[0]) * x[2]);
}

int math_noise(Vm& vm, Value* args, int count) {
  double x[3] = {0, 0, 0};
  if (!vm::arg_number(vm, args, count, 0, x[0]) || !vm::opt_number(vm, args, count, 1, 0, x[1]) ||
      !vm::opt_number(vm, args, count, 2, 0, x[2])) {
    return vm.failure;
  }
  return return_float(args, noise(x[0], x[1], x[2]));
}

// ---- Chance.

int math_random(Vm& vm, Value* args, int count) {
  std::uint64_t& state = vm.random_state[0];
  if (count == 0) {
    const std::uint64_t low = next_pcg(state);
    const std::uint64_t high = next_pcg(state);
    return return_number(args, std::ldexp(static_cast<double>(high << 32 | low), -64));
  }
  if (count > 2) return vm::throw_error(vm, "wrong number of arguments");
  int from = 1;
  int to;
  if (count == 2 && !arg_int(vm, args, count, 0, from)) return vm.failure;
  if (!arg_int(vm, args, count, count - 1, to)) return vm.failure;
  if (from > to) return vm::throw_arg_error(vm, count - 1, "interval is empty");
  const std::uint64_t numbers = static_cast<std::uint64_t>(std::int64_t{to} - from) + 1;
  if (numbers > UINT32_MAX) return vm::throw_arg_error(vm, 1, "interval is too large");
  const auto chosen = static_cast<std::int64_t>(numbers * next_pcg(state) >> 32);
  return return_number(args, static_cast<double>(from + chosen));
}

int math_randomseed(Vm& vm, Value* args, int count) {
  int seed;
  if (!arg_int(vm, args, count, 0, seed)) return vm.failure;
  vm.random_state[0] = seeded_pcg(static_cast<std::uint64_t>(std::int64_t{seed}));
  return 0;
}

}  // namespace

std::span<const BuiltinRow> math_rows() {
  static constexpr BuiltinRow kRows[] = {
      row_of_one<absolute>("luau:math.abs"),
      row_of_one<base::arc_cosine>("luau:math.acos"),
      row_of_one<base::arc_sine>("luau:math.asin"),
      row_of_one<arc_tangent>("luau:math.atan"),
      {"luau:math.atan2", of_two<base::arc_tangent>},
      row_of_one<round_up>("luau:math.ceil"),
      row_of_one<base::cosine>("luau:math.cos"),
      row_of_one<hyperbolic_cosine>("luau:math.cosh"),
      row_of_one<to_degrees>("luau:math.deg"),
      row_of_one<base::exponential>("luau:math.exp"),
      row_of_one<round_down>("luau:math.floor"),
      {"luau:math.fmod", of_two<base::remainder_toward_zero>},
      {"luau:math.frexp", math_frexp},
      {"luau:math.ldexp", math_ldexp},
      {"luau:math.log", math_log},
      row_of_one<base::logarithm10>("luau:math.log10"),
      {.name = "luau:math.max", .call = extreme<is_greater>, .fast = fast_extreme<is_greater>},
      {.name = "luau:math.min", .call = extreme<is_less>, .fast = fast_extreme<is_less>},
      {"luau:math.modf", math_modf},
      {"luau:math.pow", of_two<base::power>},
      row_of_one<to_radians>("luau:math.rad"),
      {"luau:math.random", math_random},
      {"luau:math.randomseed", math_randomseed},
      row_of_one<base::sine>("luau:math.sin"),
      row_of_one<hyperbolic_sine>("luau:math.sinh"),
      row_of_one<square_root>("luau:math.sqrt"),
      row_of_one<base::tangent>("luau:math.tan"),
      row_of_one<hyperbolic_tangent>("luau:math.tanh"),
      {"luau:math.noise", math_noise},
      {"luau:math.clamp", math_clamp},
      row_of_one<sign_of>("luau:math.sign"),
      row_of_one<round_half_away>("luau:math.round"),
      {"luau:math.map", math_map},
      {"luau:math.lerp", math_lerp},
      {"luau:math.isnan", test_of_one<is_nan>},
      {"luau:math.isinf", test_of_one<is_infinite>},
      {"luau:math.isfinite", test_of_one<is_finite>},
  };
  return kRows;
}

bool fill_math(Vm& vm, Table& library) {
  const struct {
    std::string_view name;
    double value;
  } constants[] = {
      {"pi", kPi},
      {"huge", std::numeric_limits<double>::infinity()},
      {"nan", base::canonical_nan()},
      {"e", 0x1.5bf0a8b145769p+1},
      {"phi", 0x1.9e3779b97f4a8p+0},
      {"sqrt2", 0x1.6a09e667f3bcdp+0},
      {"tau", 2 * kPi},
  };
  for (const auto& [name, value] : constants) {
    if (!heap::set_field(vm.heap, library, name, Value::from(value))) return false;
  }
  return true;
}

}  // namespace moonlet::stdlib::luau
