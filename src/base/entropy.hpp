// Randomness that no script and no state ever sees.
#pragma once

#include "base/siphash.hpp"

namespace moonlet::base {

HashKey choose_hash_key();

// Chosen when first asked for, then the same for the life of the process. Any thread.
inline const HashKey& process_hash_key() {
  static const HashKey kKey = choose_hash_key();
  return kKey;
}

}  // namespace moonlet::base
