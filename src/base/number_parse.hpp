// Text to number, as Lua's tonumber, its arithmetic on strings and its lexer understand numerals.
#pragma once

#include <cstdint>
#include <string_view>

namespace moonlet::base {

enum class NumberKind { None, Integer, Float };

struct ParsedNumber {
  NumberKind kind = NumberKind::None;
  std::int64_t integer = 0;
  double number = 0;
};

// The whole of `text` must be one numeral: optional white space, sign, decimal or hexadecimal
// digits with optional fraction and exponent, optional white space (manual, section 3.1,
// lua_stringtonumber). Hexadecimal integers wrap around; decimal ones that do not fit become
// floats. Floats are rounded to nearest, ties to even; too large ones become infinite. "inf" and
// "nan" are no numerals. The locale plays no part.
[[nodiscard]] ParsedNumber parse_number(std::string_view text);

}  // namespace moonlet::base
