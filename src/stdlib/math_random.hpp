// The random generator of a Vm: xoshiro256** (D. Blackman and S. Vigna, "Scrambled linear
// pseudorandom number generators", ACM TOMS 47(4), 2021), seeded and projected as Lua 5.4 does, so
// that equal seeds give equal sequences.
#pragma once

#include <cstdint>

namespace moonlet::stdlib {

using RandomState = std::uint64_t[4];

void seed_random(RandomState& state, std::uint64_t first, std::uint64_t second);
std::uint64_t next_random(RandomState& state);

// A float in [0, 1) from the upper 53 bits.
double random_float(std::uint64_t random);

// A number in [0, highest], all equally likely; takes more numbers of the sequence if it has to.
std::uint64_t project_random(RandomState& state, std::uint64_t random, std::uint64_t highest);

}  // namespace moonlet::stdlib
