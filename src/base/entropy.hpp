// Randomness from the system. The keys of hashes are seen by no script and no state.
#pragma once

#include <cstdint>

#include "base/siphash.hpp"

namespace moonlet::base {

HashKey choose_hash_key();

// A number that nobody can guess, in nanoseconds: the system is asked once for each thread. Its own
// calls and the processor's take up to 40 us, which is far more than a fork of a Vm. Any thread.
std::uint64_t next_entropy();

// Chosen when first asked for, then the same for the life of the process. Any thread.
inline const HashKey& process_hash_key() {
  static const HashKey kKey = choose_hash_key();
  return kKey;
}

}  // namespace moonlet::base
