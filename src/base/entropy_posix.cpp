#include <atomic>
#include <chrono>

#include <pthread.h>
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

namespace {

// Counts how often this process is the child of one that had drawn numbers.
std::atomic<std::uint32_t> process_generation = 1;

std::uint32_t current_generation() {
  static const int kRegistered = pthread_atfork(nullptr, nullptr, [] { ++process_generation; });
  static_cast<void>(kRegistered);
  return process_generation.load(std::memory_order_relaxed);
}

// A keyed hash of a counter. A thread has its own key, and a child process takes a new one, so that
// no two of them draw the same numbers.
struct EntropySource {
  HashKey key = {};
  std::uint64_t counter = 0;
  std::uint32_t generation = 0;
};

}  // namespace

std::uint64_t next_entropy() {
  thread_local EntropySource source;
  if (const std::uint32_t generation = current_generation(); source.generation != generation) {
    source = {choose_hash_key(), 0, generation};
  }
  return siphash24(source.key, ++source.counter);
}

}  // namespace moonlet::base
