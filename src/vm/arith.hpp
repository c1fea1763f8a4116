// Arithmetic of the language on integers and floats.
#pragma once

#include <cmath>
#include <cstdint>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/elementary.hpp"
#include "heap/value.hpp"

namespace moonlet::vm::arith {

using heap::Tag;
using heap::Value;

inline std::int64_t wrap_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t wrap_sub(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t wrap_mul(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}
// Floor division and modulo; the divisor is not 0.
inline std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  if (ML_UNLIKELY(b == -1)) return wrap_sub(0, a);
  const std::int64_t q = a / b;
  return (a % b != 0 && (a ^ b) < 0) ? q - 1 : q;
}
inline std::int64_t floor_mod(std::int64_t a, std::int64_t b) {
  if (ML_UNLIKELY(b == -1)) return 0;
  const std::int64_t r = a % b;
  return (r != 0 && (r ^ b) < 0) ? r + b : r;
}
inline double floor_mod(double a, double b) {
  double r = std::fmod(a, b);
  if (r != 0 && (r < 0) != (b < 0)) r += b;
  return r;
}
inline double floor_div(double a, double b) { return std::floor(a / b); }
// Logical shifts; negative counts shift the other way, 64 and more give 0.
inline std::int64_t shift_left(std::int64_t a, std::int64_t b) {
  const auto u = static_cast<std::uint64_t>(a);
  if (b <= -64 || b >= 64) return 0;
  return static_cast<std::int64_t>(b >= 0 ? u << b : u >> -b);
}
inline std::int64_t shift_right(std::int64_t a, std::int64_t b) {
  return b == INT64_MIN ? 0 : shift_left(a, -b);
}
inline double to_double(std::int64_t integer) {
#ifdef __SSE2__
  // Into a register of zero: the bare instruction waits for whoever wrote to the register last.
  return _mm_cvtsd_f64(_mm_cvtsi64_sd(_mm_setzero_pd(), integer));
#else
  return static_cast<double>(integer);
#endif
}
inline bool to_double(const Value& v, double& out) {
  if (ML_LIKELY(v.meta == static_cast<std::uint64_t>(Tag::Float))) {
    out = v.number;
    return true;
  }
  if (ML_LIKELY(v.meta == static_cast<std::uint64_t>(Tag::Integer))) {
    out = to_double(v.integer);
    return true;
  }
  return false;
}

// Where an array has the element of this key, counted from 0; a very large number for what is no
// index. Wraps: 0 is none, and one more than that is the first place.
inline std::uint64_t index_of(double key) {
#ifdef __SSE2__
  // What does not fit gives the lowest integer there is.
  const std::int64_t integer = _mm_cvttsd_si64(_mm_set_sd(key));
#else
  const std::int64_t integer =
      key >= 0 && key < 9007199254740992.0 ? static_cast<std::int64_t>(key) : INT64_MIN;
#endif
  if (ML_UNLIKELY(to_double(integer) != key)) return UINT64_MAX / 2;
  return static_cast<std::uint64_t>(integer) - 1;
}
// Luau's remainder, which is not fmod's to the last digit.
inline double luau_mod(double a, double b) { return a - std::floor(a / b) * b; }

// Order of numbers of any mix, exact. NaN: all false.
bool less(const Value& a, const Value& b);
bool less_equal(const Value& a, const Value& b);

}  // namespace moonlet::vm::arith
