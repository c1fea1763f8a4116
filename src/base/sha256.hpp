// SHA-256 (FIPS 180-4): names of contents, which nobody can make two of.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace moonlet::base {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// The same block by block: what has been mixed so far, which is the digest once the last block has
// what belongs at the end of a message (a one bit, zeros, its length in bits).
class Sha256Mixer {
 public:
  static constexpr std::size_t kBlockBytes = 64;
  Sha256Mixer();                                    // of nothing
  explicit Sha256Mixer(const std::uint8_t* state);  // 32 bytes: what state() was
  void block(const char* bytes);
  Sha256 state() const;

 private:
  std::array<std::uint32_t, 8> state_;
};

// 64 hexadecimal digits.
std::string hex(const Sha256& digest);

}  // namespace moonlet::base
