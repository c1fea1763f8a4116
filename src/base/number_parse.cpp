#include "base/number_parse.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

namespace moonlet::base {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_digit(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

ParsedNumber make_integer(std::uint64_t value, bool is_negative) {
  return {NumberKind::Integer, static_cast<std::int64_t>(is_negative ? 0 - value : value), 0};
}

ParsedNumber make_float(double value, bool is_negative) {
  return {NumberKind::Float, 0, is_negative ? -value : value};
}

// Beyond this no digit or exponent can matter any more, and sums of a few such numbers do not
// overflow.
constexpr std::int64_t kExponentLimit = std::int64_t{1} << 56;

// Reads [sign] digits from text at `i`; false when there is no digit.
bool read_exponent(std::string_view text, std::size_t& i, std::int64_t& exponent) {
  bool is_negative = false;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) {
    is_negative = text[i++] == '-';
  }
  if (i == text.size() || !is_digit(text[i])) {
    return false;
  }
  std::int64_t value = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) {
    if (value < kExponentLimit) {
      value = value * 10 + (text[i] - '0');
    }
  }
  exponent = is_negative ? -value : value;
  return true;
}

// mantissa * 2^exponent, rounded once. `is_inexact`: some bits below the mantissa are not zero.
double scale(std::uint64_t mantissa, std::int64_t exponent, bool is_inexact) {
  if (mantissa == 0) {
    return 0;
  }
  const int shift = std::countl_zero(mantissa);
  mantissa <<= shift;
  exponent -= shift;
  const std::int64_t magnitude = exponent + 63;  // the value is in [2^magnitude, 2^(magnitude+1))
  if (magnitude > 1023) {
    return std::numeric_limits<double>::infinity();
  }
  if (magnitude < -1075) {
    return 0;
  }
  // Bits that do not fit: 11 for normal numbers, more as numbers become subnormal, at most 64.
  const int dropped = magnitude >= -1022 ? 11 : static_cast<int>(11 + (-1022 - magnitude));
  const std::uint64_t kept = dropped >= 64 ? 0 : mantissa >> dropped;
  const std::uint64_t half = std::uint64_t{1} << (dropped - 1);
  const std::uint64_t rest = dropped >= 64 ? mantissa : mantissa & ((half << 1) - 1);
  const bool rounds_up = rest > half || (rest == half && (is_inexact || (kept & 1) != 0));
  return std::ldexp(static_cast<double>(kept + (rounds_up ? 1 : 0)),
                    static_cast<int>(exponent) + dropped);
}

// The digits after "0x".
ParsedNumber parse_hexadecimal(std::string_view text, bool is_negative) {
  std::uint64_t wrapped = 0;
  std::uint64_t mantissa = 0;  // the first 60 bits that matter
  std::int64_t exponent = 0;
  bool is_inexact = false;
  bool has_digit = false;
  bool has_point = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) {
      if (text[i] != '.' || has_point) {
        break;
      }
      has_point = true;
      continue;
    }
    has_digit = true;
    const auto value = static_cast<std::uint64_t>(digit);
    wrapped = wrapped << 4 | value;
    if (mantissa >> 60 == 0) {
      mantissa = mantissa << 4 | value;
      exponent -= has_point ? 4 : 0;
    } else {
      is_inexact |= digit != 0;
      exponent += has_point ? 0 : 4;
    }
  }
  if (!has_digit) {
    return {};
  }
  if (i == text.size() && !has_point) {
    return make_integer(wrapped, is_negative);
  }
  if (i < text.size()) {
    std::int64_t written = 0;
    if ((text[i] | 0x20) != 'p' || !read_exponent(text, ++i, written) || i != text.size()) {
      return {};
    }
    exponent += written;
  }
  return make_float(scale(mantissa, exponent, is_inexact), is_negative);
}

// Is every character one that from_chars and the reference implementation understand alike?
bool is_decimal_numeral(std::string_view text) {
  bool has_digit = false;
  std::size_t i = 0;
  for (bool has_point = false; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      has_digit = true;
    } else if (text[i] == '.' && !has_point) {
      has_point = true;
    } else {
      break;
    }
  }
  if (i < text.size() && (text[i] | 0x20) == 'e') {
    std::int64_t exponent = 0;
    return has_digit && read_exponent(text, ++i, exponent) && i == text.size();
  }
  return has_digit && i == text.size();
}

// What a numeral out of range means: its first digit that is not zero stands far left or far right.
double out_of_range(std::string_view text) {
  std::int64_t magnitude = 0;
  bool is_significant = false;
  bool has_point = false;
  std::size_t i = 0;
  for (; i < text.size() && (is_digit(text[i]) || text[i] == '.'); ++i) {
    if (text[i] == '.') {
      has_point = true;
      continue;
    }
    is_significant |= text[i] != '0';
    if (is_significant) {
      magnitude += has_point ? 0 : 1;
    } else {
      magnitude -= has_point ? 1 : 0;
    }
  }
  std::int64_t exponent = 0;
  if (i < text.size()) {
    read_exponent(text, ++i, exponent);
  }
  return is_significant && magnitude + exponent > 0 ? std::numeric_limits<double>::infinity() : 0;
}

ParsedNumber parse_decimal(std::string_view text, bool is_negative) {
  std::uint64_t integer = 0;
  const char* end = text.data() + text.size();
  const auto as_integer = std::from_chars(text.data(), end, integer);
  if (as_integer.ec == std::errc{} && as_integer.ptr == end &&
      integer <= (std::uint64_t{1} << 63) - (is_negative ? 0 : 1)) {
    return make_integer(integer, is_negative);
  }
  if (!is_decimal_numeral(text)) {
    return {};
  }
  double number = 0;
  const auto as_float = std::from_chars(text.data(), end, number, std::chars_format::general);
  if (as_float.ec == std::errc::result_out_of_range) {
    number = out_of_range(text);
  } else if (as_float.ec != std::errc{} || as_float.ptr != end) {
    return {};
  }
  return make_float(number, is_negative);
}

}  // namespace

ParsedNumber parse_number(std::string_view text) {
  text = without_space(text);
  bool is_negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    is_negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.size() >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    return parse_hexadecimal(text.substr(2), is_negative);
  }
  return parse_decimal(text, is_negative);
}

}  // namespace moonlet::base
