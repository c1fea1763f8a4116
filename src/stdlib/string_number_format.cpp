#include "stdlib/string_number_format.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/check.hpp"
#include "stdlib/string_character.hpp"

namespace moonlet::stdlib {
namespace {

// Digits and exponents of one number, without sign and padding.
struct Digits {
  char text[kNumberItemSize];
  std::size_t size = 0;

  std::string_view view() const { return {text, size}; }
  void put(char c) { text[size++] = c; }
  void put(std::string_view s) {
    std::memcpy(text + size, s.data(), s.size());
    size += s.size();
  }
  void insert(std::size_t at, char c) {
    std::memmove(text + at + 1, text + at, size - at);
    text[at] = c;
    ++size;
  }
};

std::string_view sign_of(const NumberSpec& spec, bool is_negative) {
  if (is_negative) return "-";
  if (spec.plus) return "+";
  return spec.space ? " " : "";
}

// Joins sign, prefix ("0x") and digits, padded to the width. Zeros go behind the prefix.
std::size_t assemble(char* out, const NumberSpec& spec, std::string_view sign,
                     std::string_view prefix, std::string_view digits, bool zeros_allowed) {
  const std::size_t size = sign.size() + prefix.size() + digits.size();
  const auto width = static_cast<std::size_t>(spec.width);
  const std::size_t padding = width > size ? width - size : 0;
  const bool zeros = spec.zero && !spec.left && zeros_allowed;
  char* at = out;
  const auto fill = [&at](char c, std::size_t count) {
    std::memset(at, c, count);
    at += count;
  };
  const auto put = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
  if (!zeros && !spec.left) fill(' ', padding);
  put(sign);
  put(prefix);
  if (zeros) fill('0', padding);
  put(digits);
  if (spec.left) fill(' ', padding);
  return static_cast<std::size_t>(at - out);
}

void make_upper(char* from, char* to) {
  for (; from != to; ++from) {
    *from = static_cast<char>(to_upper(static_cast<std::uint8_t>(*from)));
  }
}

int exponent_of(const Digits& scientific) {
  const char* end = scientific.text + scientific.size;
  const char* e = std::find(scientific.text, end, 'e') + 1;
  int exponent = 0;
  // from_chars takes no '+'.
  std::from_chars(*e == '+' ? e + 1 : e, end, exponent);
  return exponent;
}

Digits decimal(double value, std::chars_format format, int precision) {
  Digits digits;
  const auto result =
      std::to_chars(digits.text, digits.text + sizeof digits.text, value, format, precision);
  ML_ASSERT(result.ec == std::errc());
  digits.size = static_cast<std::size_t>(result.ptr - digits.text);
  return digits;
}

// '#' asks for a decimal point even when no digit follows it.
void ensure_point(Digits& digits) {
  const std::string_view text = digits.view();
  if (text.find('.') != std::string_view::npos) return;
  digits.insert(std::min(text.find_first_of("ep"), text.size()), '.');
}

Digits general(double value, int precision, bool keep_zeros) {
  const int significant = precision == 0 ? 1 : precision;
  if (!keep_zeros) return decimal(value, std::chars_format::general, significant);
  // '#' keeps trailing zeros, which to_chars cannot do; C defines %g by the exponent of %e.
  Digits scientific = decimal(value, std::chars_format::scientific, significant - 1);
  const int exponent = exponent_of(scientific);
  if (exponent < -4 || exponent >= significant) return scientific;
  return decimal(value, std::chars_format::fixed, significant - 1 - exponent);
}

// "1.8p+0" for 1.5. A subnormal keeps a leading 0 and the smallest exponent; rounding may carry
// into the leading digit ("2.0p+0"): as glibc writes them, where C leaves the choice.
Digits hexadecimal(double value, int precision) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
  int exponent = static_cast<int>((bits >> 52) & 0x7ff);
  std::uint64_t lead = exponent == 0 ? 0 : 1;
  if (exponent == 0) {
    exponent = fraction == 0 ? 0 : -1022;
  } else {
    exponent -= 1023;
  }
  int count = 13;  // hexadecimal digits of the fraction
  if (precision >= 0 && precision < count) {
    const int dropped_bits = 4 * (count - precision);
    std::uint64_t mantissa = lead << 52 | fraction;
    const std::uint64_t unit = std::uint64_t{1} << dropped_bits;
    const std::uint64_t rest = mantissa & (unit - 1);
    mantissa -= rest;
    const bool is_odd = (mantissa & unit) != 0;
    if (rest > unit / 2 || (rest == unit / 2 && is_odd)) mantissa += unit;
    lead = mantissa >> 52;
    fraction = mantissa & ((std::uint64_t{1} << 52) - 1);
    count = precision;
  }
  if (precision < 0) {
    while (count > 0 && ((fraction >> (4 * (13 - count))) & 15) == 0) --count;
  }
  Digits digits;
  digits.put(static_cast<char>('0' + lead));
  const int wanted = std::max(precision, count);
  if (wanted > 0) digits.put('.');
  for (int i = 0; i < wanted; ++i) {
    const std::uint64_t digit = i < 13 ? (fraction >> (48 - 4 * i)) & 15 : 0;
    digits.put("0123456789abcdef"[digit]);
  }
  digits.put('p');
  digits.put(exponent < 0 ? '-' : '+');
  char number[8];
  const auto result = std::to_chars(number, number + sizeof number, std::abs(exponent));
  digits.put({number, static_cast<std::size_t>(result.ptr - number)});
  return digits;
}

Digits finite_digits(const NumberSpec& spec, double magnitude) {
  const int precision = spec.precision < 0 ? 6 : spec.precision;
  switch (to_lower(static_cast<std::uint8_t>(spec.letter))) {
    case 'a':
      return hexadecimal(magnitude, spec.precision);
    case 'e':
      return decimal(magnitude, std::chars_format::scientific, precision);
    case 'f':
      return decimal(magnitude, std::chars_format::fixed, precision);
    default:
      return general(magnitude, precision, spec.alternate);
  }
}

}  // namespace

std::size_t format_integer(char* out, const NumberSpec& spec, std::int64_t value) {
  const bool is_signed = spec.letter == 'd' || spec.letter == 'i';
  const bool is_negative = is_signed && value < 0;
  std::uint64_t magnitude = static_cast<std::uint64_t>(value);
  if (is_negative) magnitude = 0 - magnitude;
  int base = 10;
  if (spec.letter == 'o') base = 8;
  if (spec.letter == 'x' || spec.letter == 'X') base = 16;

  char raw[24];
  const auto result = std::to_chars(raw, raw + sizeof raw, magnitude, base);
  const std::string_view significant{raw, static_cast<std::size_t>(result.ptr - raw)};
  Digits digits;
  // A precision is the least number of digits; with 0 the number zero has none.
  const bool is_empty = magnitude == 0 && spec.precision == 0;
  const std::size_t given = is_empty ? 0 : significant.size();
  for (int i = static_cast<int>(given); i < spec.precision; ++i) digits.put('0');
  if (!is_empty) digits.put(significant);
  if (spec.letter == 'o' && spec.alternate && (digits.size == 0 || digits.text[0] != '0')) {
    digits.insert(0, '0');
  }
  if (spec.letter == 'X') make_upper(digits.text, digits.text + digits.size);

  std::string_view prefix;
  if (base == 16 && spec.alternate && magnitude != 0) prefix = spec.letter == 'x' ? "0x" : "0X";
  const std::string_view sign = is_signed ? sign_of(spec, is_negative) : std::string_view();
  return assemble(out, spec, sign, prefix, digits.view(), spec.precision < 0);
}

std::size_t format_float(char* out, const NumberSpec& spec, double value) {
  const bool is_upper_case = is_upper(static_cast<std::uint8_t>(spec.letter));
  if (std::isnan(value) || std::isinf(value)) {
    const bool is_negative = std::isinf(value) && value < 0;
    std::string_view name = std::isnan(value) ? "nan" : "inf";
    if (is_upper_case) name = std::isnan(value) ? "NAN" : "INF";
    return assemble(out, spec, sign_of(spec, is_negative), "", name, false);
  }
  Digits digits = finite_digits(spec, std::fabs(value));
  if (spec.alternate) ensure_point(digits);
  if (is_upper_case) make_upper(digits.text, digits.text + digits.size);
  std::string_view prefix;
  if (spec.letter == 'a') prefix = "0x";
  if (spec.letter == 'A') prefix = "0X";
  return assemble(out, spec, sign_of(spec, std::signbit(value)), prefix, digits.view(), true);
}

}  // namespace moonlet::stdlib
