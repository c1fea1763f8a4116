// Classes of bytes, by table: the C library's classes depend on the locale.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/word.hpp"

namespace moonlet::frontend::lua54 {

enum CharacterClass : std::uint8_t {
  kLineStop = 1,  // may end a short comment
  kNamePart = 2,
  kDigit = 4,
  kHexDigit = 8,
  kSpace = 16,        // line ends included
  kStringStop = 32,   // may end the verbatim part of a short string
  kBracketStop = 64,  // may end the verbatim part of a long string
};

inline constexpr std::array<std::uint8_t, 256> kCharacterClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&classes](int first, int last, int bits) {
    for (int c = first; c <= last; ++c) {
      classes[static_cast<std::size_t>(c)] |= static_cast<std::uint8_t>(bits);
    }
  };
  add('a', 'z', kNamePart);
  add('A', 'Z', kNamePart);
  add('_', '_', kNamePart);
  add('0', '9', kNamePart | kDigit | kHexDigit);
  add('a', 'f', kHexDigit);
  add('A', 'F', kHexDigit);
  add('\t', '\r', kSpace);
  add(' ', ' ', kSpace);
  for (const char c : {'\0', '\n', '\r'}) {
    add(c, c, kStringStop | kBracketStop | kLineStop);
  }
  for (const char c : {'\\', '"', '\''}) {
    add(c, c, kStringStop);
  }
  add(']', ']', kBracketStop);
  return classes;
}();

constexpr bool has_class(char c, int classes) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

// How many of the bytes of a word, from the first one on, are parts of a name. Names are short and
// of any length, so that a loop would end where the processor does not expect it.
constexpr std::size_t name_parts(std::uint64_t word) {
  constexpr auto all = base::eight_times;
  // The highest bit of each byte becomes the outcome; the others of each sum stay below it.
  const std::uint64_t low = word & all(0x7f), lower_case = low | all(0x20);
  const std::uint64_t letters =
      (lower_case + all(0x80 - 'a')) & ~(lower_case + all(0x80 - 'z' - 1));
  const std::uint64_t digits = (low + all(0x80 - '0')) & ~(low + all(0x80 - '9' - 1));
  const std::uint64_t underscores = ~((low ^ all('_')) + all(0x7f));
  const std::uint64_t others = ~((letters | digits | underscores) & ~word) & all(0x80);
  return static_cast<std::size_t>(std::countr_zero(others)) / 8;
}

// What begins with a byte.
enum class TokenStart : std::uint8_t {
  Itself,  // a token of its own
  Name,
  Space,
  LineEnd,
  Minus,  // or a comment
  Pair,   // may be one token with the byte that follows
  Other,
};

inline constexpr std::array<TokenStart, 256> kTokenStarts = [] {
  std::array<TokenStart, 256> starts{};
  const auto set = [&starts](char c, TokenStart start) {
    starts[static_cast<unsigned char>(c)] = start;
  };
  for (std::size_t c = 0; c < 256; ++c) {
    const int classes = kCharacterClasses[c];
    if ((classes & kDigit) != 0) {
      starts[c] = TokenStart::Other;
    } else if ((classes & kNamePart) != 0) {
      starts[c] = TokenStart::Name;
    } else if ((classes & kSpace) != 0) {
      starts[c] = TokenStart::Space;
    }
  }
  for (const char c : {'\n', '\r'}) set(c, TokenStart::LineEnd);
  for (const char c : {'=', '<', '>', '/', '~', ':'}) set(c, TokenStart::Pair);
  for (const char c : {'"', '\'', '.', '[', '\0'}) set(c, TokenStart::Other);
  set('-', TokenStart::Minus);
  return starts;
}();

constexpr int hex_value(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

}  // namespace moonlet::frontend::lua54
