#include <chrono>

#include <unistd.h>

#if __has_include(<sys/random.h>)
#include <sys/random.h>
#endif

#include "base/entropy.hpp"

namespace moonlet::base {

HashKey choose_hash_key() {
  HashKey key = {};
  if (getentropy(&key, sizeof key) == 0) return key;
  // A system without entropy (a chroot of an old kernel): hard to guess from outside will do.
  const auto now = std::chrono::high_resolution_clock::now().time_since_epoch().count();
  const HashKey seed = {static_cast<std::uint64_t>(now), static_cast<std::uint64_t>(getpid())};
  key.low = siphash13(seed, "low");
  key.high = siphash13(seed, "high");
  return key;
}

}  // namespace moonlet::base
