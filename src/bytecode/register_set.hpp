// A set of registers: 256 bits that fit into two vector registers of the machine.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace moonlet::bytecode {

class RegisterSet {
 public:
  constexpr RegisterSet() = default;

  // The registers first .. end-1; none when that is empty. REQUIRES: 0 <= first, end <= 256.
  static constexpr RegisterSet range(int first, int end) {
    RegisterSet set;
    for (int word = 0; word < kWords; ++word) {
      const int low = std::clamp(first - 64 * word, 0, 64),
                high = std::clamp(end - 64 * word, 0, 64);
      if (low < high) set.words_[word] = bits_below(high) & ~bits_below(low);
    }
    return set;
  }

  constexpr void add(int number) { words_[number / 64] |= std::uint64_t{1} << number % 64; }
  constexpr void remove(int number) { words_[number / 64] &= ~(std::uint64_t{1} << number % 64); }
  constexpr bool has(int number) const { return (words_[number / 64] >> number % 64 & 1) != 0; }

  constexpr bool is_empty() const { return limit() == 0; }

  // One more than the highest register; 0 when there is none.
  constexpr int limit() const {
    for (int word = kWords; word-- > 0;) {
      if (words_[word] != 0) return 64 * word + 64 - std::countl_zero(words_[word]);
    }
    return 0;
  }

  constexpr bool contains(const RegisterSet& other) const { return (other - *this).is_empty(); }

  friend constexpr RegisterSet operator|(RegisterSet a, const RegisterSet& b) {
    for (int word = 0; word < kWords; ++word) a.words_[word] |= b.words_[word];
    return a;
  }
  friend constexpr RegisterSet operator&(RegisterSet a, const RegisterSet& b) {
    for (int word = 0; word < kWords; ++word) a.words_[word] &= b.words_[word];
    return a;
  }
  friend constexpr RegisterSet operator-(RegisterSet a, const RegisterSet& b) {
    for (int word = 0; word < kWords; ++word) a.words_[word] &= ~b.words_[word];
    return a;
  }

  bool operator==(const RegisterSet&) const = default;

 private:
  static constexpr int kWords = 4;

  static constexpr std::uint64_t bits_below(int bit) {
    return bit == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bit) - 1;
  }

  std::array<std::uint64_t, kWords> words_{};
};

}  // namespace moonlet::bytecode
