// Numbers as C's printf writes them in the C locale, without printf: no locale, no platform.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonlet::stdlib {

// A conversion specification of the manual's string.format: %[flags][width][.precision]letter.
struct NumberSpec {
  bool left = false;       // '-'
  bool plus = false;       // '+'
  bool space = false;      // ' '
  bool alternate = false;  // '#'
  bool zero = false;       // '0'
  int width = 0;           // 0 .. 99
  int precision = -1;      // -1: none, 0 .. 99
  char letter = 'd';
};

// The longest: '%.99f' of the smallest float has 99 + 309 digits, a sign and a point.
inline constexpr std::size_t kNumberItemSize = 440;

// Each writes one item at `out` (kNumberItemSize bytes of room) and returns its size.
// Letters d i u o x X.
std::size_t format_integer(char* out, const NumberSpec& spec, std::int64_t value);
// Letters a A e E f F g G. Every NaN is "nan": its sign is not part of a value.
std::size_t format_float(char* out, const NumberSpec& spec, double value);

}  // namespace moonlet::stdlib
