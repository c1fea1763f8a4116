#include "vm/arith.hpp"

namespace moonlet::vm::arith {

namespace {

constexpr double kTwo63 = 9223372036854775808.0;

// i < f, exactly: compares with the ceiling of f as an integer.
bool integer_less(std::int64_t i, double f) {
  if (f >= kTwo63) return true;
  if (!(f > -kTwo63)) return false;  // also NaN
  return i < static_cast<std::int64_t>(std::ceil(f));
}
bool integer_less_equal(std::int64_t i, double f) {
  if (f >= kTwo63) return true;
  if (!(f >= -kTwo63)) return false;
  return i <= static_cast<std::int64_t>(std::floor(f));
}
bool float_less(double f, std::int64_t i) {
  if (f != f) return false;
  return !integer_less_equal(i, f);
}
bool float_less_equal(double f, std::int64_t i) {
  if (f != f) return false;
  return !integer_less(i, f);
}

}  // namespace

bool less(const Value& a, const Value& b) {
  if (a.is_integer()) {
    return b.is_integer() ? a.integer < b.integer : integer_less(a.integer, b.number);
  }
  return b.is_float() ? a.number < b.number : float_less(a.number, b.integer);
}

bool less_equal(const Value& a, const Value& b) {
  if (a.is_integer()) {
    return b.is_integer() ? a.integer <= b.integer : integer_less_equal(a.integer, b.number);
  }
  return b.is_float() ? a.number <= b.number : float_less_equal(a.number, b.integer);
}

}  // namespace moonlet::vm::arith
