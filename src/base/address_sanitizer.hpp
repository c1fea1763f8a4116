// Tells the address sanitizer which parts of the host's blocks are ours to touch. Without it, these
// do nothing.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ML_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ML_ADDRESS_SANITIZER 1
#endif
#ifdef ML_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace moonlet::base {

inline void forbid([[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) {
#ifdef ML_ADDRESS_SANITIZER
  ASAN_POISON_MEMORY_REGION(block, bytes);
#endif
}
inline void permit([[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) {
#ifdef ML_ADDRESS_SANITIZER
  ASAN_UNPOISON_MEMORY_REGION(block, bytes);
#endif
}

}  // namespace moonlet::base
