// Classes of bytes as the C locale defines them, fixed here so that no result depends on a locale.
#pragma once

#include <array>
#include <cstdint>

namespace moonlet::stdlib {

// A set of bytes: one bit each.
struct CharacterSet {
  std::array<std::uint64_t, 4> words{};

  constexpr bool contains(std::uint8_t c) const { return (words[c >> 6] >> (c & 63)) & 1; }
  constexpr void add(std::uint8_t c) { words[c >> 6] |= std::uint64_t{1} << (c & 63); }
  constexpr void add_range(unsigned low, unsigned high) {
    for (unsigned c = low; c <= high; ++c) add(static_cast<std::uint8_t>(c));
  }
  constexpr void add_all(const CharacterSet& other) {
    for (int i = 0; i < 4; ++i) words[i] |= other.words[i];
  }
  constexpr CharacterSet complement() const {
    CharacterSet result;
    for (int i = 0; i < 4; ++i) result.words[i] = ~words[i];
    return result;
  }
};

constexpr bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(std::uint8_t c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(std::uint8_t c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alpha(std::uint8_t c) { return is_lower(c) || is_upper(c); }
constexpr bool is_control(std::uint8_t c) { return c < 32 || c == 127; }
constexpr std::uint8_t to_lower(std::uint8_t c) {
  return is_upper(c) ? static_cast<std::uint8_t>(c + 32) : c;
}
constexpr std::uint8_t to_upper(std::uint8_t c) {
  return is_lower(c) ? static_cast<std::uint8_t>(c - 32) : c;
}

// The set that the pattern class %<letter> stands for (%a, %A, ...), or nullptr when the letter
// names no class and stands for itself.
extern const std::array<const CharacterSet*, 256> kClassSets;
inline const CharacterSet* class_set(std::uint8_t letter) { return kClassSets[letter]; }

}  // namespace moonlet::stdlib
