// The math library. Its elementary functions are those of base/elementary.hpp, never a libm's.
#include <cmath>
#include <limits>

#include "base/elementary.hpp"
#include "stdlib/library.hpp"
#include "stdlib/math_rows.hpp"
#include "vm/arith.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {
namespace {

using namespace vm;

constexpr double kPi = 0x1.921fb54442d18p+1;
constexpr double kTwoTo63 = 0x1p63;

// What the slow paths compare one by one is left to the prelude beyond this many arguments.
constexpr int kArgumentsCompared = 4096;

int return_float(Value* args, double number) {
  return return_one(args, Value::from(number == number ? number : base::canonical_nan()));
}

// An integral float as an integer, if it fits.
Value integral_value(double number) {
  if (number >= -kTwoTo63 && number < kTwoTo63) {
    return Value::from(static_cast<std::int64_t>(number));
  }
  return Value::from(number == number ? number : base::canonical_nan());
}

// Functions of one float.
template <double function(double)>
int float_function(Vm& vm, Value* args, int count) {
  double x;
  if (!arg_number(vm, args, count, 0, x)) return vm.failure;
  return return_float(args, function(x));
}

template <double function(double)>
int fast_float_function(Vm&, Value* slot, unsigned operands) {
  double x;
  if (operands != 2 || !arith::to_double(slot[1], x)) return kNotFast;
  return return_float(slot + 1, function(x));
}

// A row with both.
template <double function(double)>
constexpr BuiltinRow float_row(std::string_view name) {
  return {.name = name, .call = float_function<function>, .fast = fast_float_function<function>};
}

double square_root(double x) { return std::sqrt(x); }  // IEEE: correctly rounded everywhere
double to_degrees(double x) { return x * (180.0 / kPi); }
double to_radians(double x) { return x * (kPi / 180.0); }

int math_atan(Vm& vm, Value* args, int count) {
  double y;
  double x;
  if (!arg_number(vm, args, count, 0, y)) return vm.failure;
  if (!opt_number(vm, args, count, 1, 1, x)) return vm.failure;
  return return_float(args, base::arc_tangent(y, x));
}

int math_log(Vm& vm, Value* args, int count) {
  double x;
  if (!arg_number(vm, args, count, 0, x)) return vm.failure;
  if (is_none_or_nil(args, count, 1)) return return_float(args, base::logarithm(x));
  double base;
  if (!arg_number(vm, args, count, 1, base)) return vm.failure;
  return return_float(args, base::logarithm(x, base));
}

int math_abs(Vm& vm, Value* args, int count) {
  if (count > 0 && args[0].is_integer()) {
    const std::int64_t n = args[0].integer;
    // Unsigned, so that the most negative number is its own absolute value.
    const std::uint64_t magnitude = 0 - static_cast<std::uint64_t>(n);
    return return_one(args, n < 0 ? Value::from(static_cast<std::int64_t>(magnitude)) : args[0]);
  }
  double x;
  if (!arg_number(vm, args, count, 0, x)) return vm.failure;
  return return_float(args, std::fabs(x));
}

int fast_abs(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 2 || !slot[1].is_number()) return kNotFast;
  return math_abs(vm, slot + 1, 1);
}

template <double function(double)>
int rounding_function(Vm& vm, Value* args, int count) {
  if (count > 0 && args[0].is_integer()) return return_one(args, args[0]);
  double x;
  if (!arg_number(vm, args, count, 0, x)) return vm.failure;
  return return_one(args, integral_value(function(x)));
}

template <double function(double)>
int fast_rounding_function(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 2 || !slot[1].is_number()) return kNotFast;
  return rounding_function<function>(vm, slot + 1, 1);
}

double round_down(double x) { return std::floor(x); }
double round_up(double x) { return std::ceil(x); }

int math_modf(Vm& vm, Value* args, int count) {
  if (count > 0 && args[0].is_integer()) return return_two(args, args[0], Value::from(0.0));
  double x;
  if (!arg_number(vm, args, count, 0, x)) return vm.failure;
  const double whole = std::trunc(x);
  double fraction = x - whole;
  if (whole == x) fraction = 0;  // infinities too
  if (fraction != fraction) fraction = base::canonical_nan();
  return return_two(args, integral_value(whole), Value::from(fraction));
}

int math_fmod(Vm& vm, Value* args, int count) {
  if (count > 1 && args[0].is_integer() && args[1].is_integer()) {
    const std::int64_t divisor = args[1].integer;
    if (divisor == 0) return throw_arg_error(vm, 1, "zero");
    // The processor traps at the most negative number modulo -1.
    const std::int64_t rest = divisor == -1 ? 0 : args[0].integer % divisor;
    return return_one(args, Value::from(rest));
  }
  double x;
  double y;
  if (!arg_number(vm, args, count, 0, x)) return vm.failure;
  if (!arg_number(vm, args, count, 1, y)) return vm.failure;
  return return_float(args, base::remainder_toward_zero(x, y));
}

int math_tointeger(Vm& vm, Value* args, int count) {
  std::int64_t integer;
  if (count > 0 && to_integer(args[0], integer)) return return_one(args, Value::from(integer));
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  return return_one(args, Value::nil());
}

int math_type(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  if (args[0].is_integer()) return return_string(vm, args, "integer");
  if (args[0].is_float()) return return_string(vm, args, "float");
  return return_one(args, Value::nil());
}

int math_ult(Vm& vm, Value* args, int count) {
  std::int64_t a;
  std::int64_t b;
  if (!arg_integer(vm, args, count, 0, a)) return vm.failure;
  if (!arg_integer(vm, args, count, 1, b)) return vm.failure;
  const bool is_less = static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b);
  return return_one(args, Value::boolean(is_less));
}

enum class Extreme { Least, Greatest };

// Anything but numbers compares as in the language, strings and metamethods included: the prelude.
template <Extreme extreme>
int extreme_function(Vm& vm, Value* args, int count) {
  if (count == 0) return throw_arg_error(vm, 0, "value expected");
  if (count > kArgumentsCompared) return kDelegate;
  int best = 0;
  for (int i = 0; i < count; ++i) {
    if (!args[i].is_number()) return kDelegate;
    const bool is_better = extreme == Extreme::Least ? arith::less(args[i], args[best])
                                                     : arith::less(args[best], args[i]);
    if (is_better) best = i;
  }
  charge(vm, static_cast<std::uint64_t>(count));
  return return_one(args, args[best]);
}

// Two numbers of the same kind.
template <Extreme extreme>
int fast_extreme_function(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 3) return kNotFast;
  const Value& a = slot[1];
  const Value& b = slot[2];
  bool is_b = false;
  if (a.is_integer() && b.is_integer()) {
    is_b = extreme == Extreme::Least ? b.integer < a.integer : a.integer < b.integer;
  } else if (a.is_float() && b.is_float()) {
    is_b = extreme == Extreme::Least ? b.number < a.number : a.number < b.number;
  } else {
    return kNotFast;
  }
  charge(vm, 2);
  return return_fast(slot, is_b ? b : a);
}

constexpr BuiltinRow kRows[] = {
    {.name = "math.abs", .call = math_abs, .fast = fast_abs},
    float_row<base::arc_cosine>("math.acos"),
    float_row<base::arc_sine>("math.asin"),
    {"math.atan", math_atan},
    {.name = "math.ceil",
     .call = rounding_function<round_up>,
     .fast = fast_rounding_function<round_up>},
    float_row<base::cosine>("math.cos"),
    float_row<to_degrees>("math.deg"),
    float_row<base::exponential>("math.exp"),
    {.name = "math.floor",
     .call = rounding_function<round_down>,
     .fast = fast_rounding_function<round_down>},
    {"math.fmod", math_fmod},
    {"math.log", math_log},
    {.name = "math.max",
     .call = extreme_function<Extreme::Greatest>,
     .fast = fast_extreme_function<Extreme::Greatest>},
    {.name = "math.min",
     .call = extreme_function<Extreme::Least>,
     .fast = fast_extreme_function<Extreme::Least>},
    {"math.modf", math_modf},
    float_row<to_radians>("math.rad"),
    {"math.random", math_random},
    {"math.randomseed", math_randomseed},
    float_row<base::sine>("math.sin"),
    float_row<square_root>("math.sqrt"),
    float_row<base::tangent>("math.tan"),
    {"math.tointeger", math_tointeger},
    {"math.type", math_type},
    {"math.ult", math_ult},
};

}  // namespace

std::span<const vm::BuiltinRow> math_rows() { return kRows; }

bool fill_math(vm::Vm& vm, vm::Table& library) {
  constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
  return set_field(vm.heap, library, "pi", Value::from(kPi)) &&
         set_field(vm.heap, library, "huge",
                   Value::from(std::numeric_limits<double>::infinity())) &&
         set_field(vm.heap, library, "maxinteger", Value::from(kHighest)) &&
         set_field(vm.heap, library, "mininteger", Value::from(kLowest));
}

}  // namespace moonlet::stdlib
