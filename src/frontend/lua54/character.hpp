// Classes of bytes, by table: the C library's classes depend on the locale.
#pragma once

#include <array>
#include <cstdint>

namespace moonlet::frontend::lua54 {

enum CharacterClass : std::uint8_t {
  kNameStart = 1,
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
  add('a', 'z', kNameStart | kNamePart);
  add('A', 'Z', kNameStart | kNamePart);
  add('_', '_', kNameStart | kNamePart);
  add('0', '9', kNamePart | kDigit | kHexDigit);
  add('a', 'f', kHexDigit);
  add('A', 'F', kHexDigit);
  add('\t', '\r', kSpace);
  add(' ', ' ', kSpace);
  for (const char c : {'\0', '\n', '\r'}) {
    add(c, c, kStringStop | kBracketStop);
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

constexpr int hex_value(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

}  // namespace moonlet::frontend::lua54
