// Literals of the language, as '%q' of string.format writes them.
#pragma once

#include <cstddef>
#include <string_view>

#include "heap/value.hpp"

namespace moonlet::stdlib {

inline constexpr std::size_t kLiteralSize = 40;   // of a number
inline constexpr std::size_t kQuotedByteMax = 4;  // "\000"

// A numeral that reads back as the same number. REQUIRES: number.is_number().
std::string_view number_literal(const heap::Value& number, char (&out)[kLiteralSize]);

// How many bytes at the beginning of `text` stand for themselves inside quotes.
std::size_t plain_prefix(std::string_view text);
// The byte text[at], which does not.
std::string_view quote_byte(std::string_view text, std::size_t at, char (&out)[kQuotedByteMax]);

// The same of Luau, which escapes less.
std::size_t luau_plain_prefix(std::string_view text);
std::string_view luau_quote_byte(char byte);

}  // namespace moonlet::stdlib
