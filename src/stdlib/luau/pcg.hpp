// Luau's random generator: PCG-XSH-RR with 64 bits of state and 32 of output (M. E. O'Neill, "PCG:
// A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
// Generation", 2014), so that equal seeds give Luau's sequences.
#pragma once

#include <bit>
#include <cstdint>

namespace moonlet::stdlib::luau {

inline std::uint32_t next_pcg(std::uint64_t& state) {
  const std::uint64_t old = state;
  state = old * 6364136223846793005u + 105;
  const auto shifted = static_cast<std::uint32_t>((old >> 18 ^ old) >> 27);
  return std::rotr(shifted, static_cast<int>(old >> 59));
}

inline std::uint64_t seeded_pcg(std::uint64_t seed) {
  std::uint64_t state = 0;
  static_cast<void>(next_pcg(state));
  state += seed;
  static_cast<void>(next_pcg(state));
  return state;
}

}  // namespace moonlet::stdlib::luau
