// SipHash-1-3: a keyed hash of bytes that a script cannot steer into collisions without the key.
// Source: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), with one
// compression and three finalisation rounds.
#pragma once

#include <cstdint>
#include <string_view>

namespace moonlet::base {

struct HashKey {
  std::uint64_t low;
  std::uint64_t high;
};

std::uint64_t siphash13(const HashKey& key, std::string_view bytes);

// The same with two and four rounds: what the published test vectors are for.
std::uint64_t siphash24(const HashKey& key, std::string_view bytes);
std::uint64_t siphash24(const HashKey& key, std::uint64_t word);  // of its eight bytes

}  // namespace moonlet::base
