// Eight bytes of text at once: a word whose lowest byte is the first one, on any machine.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace moonlet::base {

inline std::uint64_t load_word(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// The same word with zeros behind its first `count` bytes. REQUIRES: count <= 8.
constexpr std::uint64_t first_bytes(std::uint64_t word, std::size_t count) {
  return count == 0 ? 0 : word << (64 - 8 * count) >> (64 - 8 * count);
}

// The same byte eight times.
constexpr std::uint64_t eight_times(unsigned char byte) { return 0x0101010101010101u * byte; }

}  // namespace moonlet::base
