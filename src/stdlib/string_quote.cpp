#include "stdlib/string_quote.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "stdlib/string_character.hpp"
#include "stdlib/string_number_format.hpp"

namespace moonlet::stdlib {
namespace {

std::string_view float_literal(double number, char (&out)[kLiteralSize]) {
  if (std::isnan(number)) return "(0/0)";
  if (std::isinf(number)) return number > 0 ? "1e9999" : "-1e9999";
  NumberSpec spec;
  spec.letter = 'a';
  return {out, format_float(out, spec, number)};
}

bool is_plain_byte(std::uint8_t c) { return c != '"' && c != '\\' && !is_control(c); }

}  // namespace

std::string_view number_literal(const heap::Value& number, char (&out)[kLiteralSize]) {
  if (number.is_float()) return float_literal(number.number, out);
  // The decimal numeral of the smallest integer would read as a float.
  if (number.integer == std::numeric_limits<std::int64_t>::min()) return "0x8000000000000000";
  const auto end = std::to_chars(out, out + kLiteralSize, number.integer).ptr;
  return {out, static_cast<std::size_t>(end - out)};
}

std::size_t plain_prefix(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_plain_byte(static_cast<std::uint8_t>(text[size]))) ++size;
  return size;
}

std::string_view quote_byte(std::string_view text, std::size_t at, char (&out)[kQuotedByteMax]) {
  const auto c = static_cast<std::uint8_t>(text[at]);
  out[0] = '\\';
  if (!is_control(c) || c == '\n') {
    out[1] = static_cast<char>(c);
    return {out, 2};
  }
  // Three digits when a digit follows, which would be read as one more.
  const bool is_padded = at + 1 < text.size() && is_digit(static_cast<std::uint8_t>(text[at + 1]));
  char digits[3];
  const auto end = std::to_chars(digits, digits + 3, c).ptr;
  const auto size = static_cast<std::size_t>(end - digits);
  char* to = out + 1;
  if (is_padded) {
    for (std::size_t i = size; i < 3; ++i) *to++ = '0';
  }
  for (std::size_t i = 0; i < size; ++i) *to++ = digits[i];
  return {out, static_cast<std::size_t>(to - out)};
}

std::size_t luau_plain_prefix(std::string_view text) {
  constexpr std::string_view kEscaped("\"\\\n\r\0", 5);
  return std::min(text.find_first_of(kEscaped), text.size());
}

std::string_view luau_quote_byte(char byte) {
  switch (byte) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\\n";
    case '\r':
      return "\\r";
    default:
      return "\\000";
  }
}

}  // namespace moonlet::stdlib
