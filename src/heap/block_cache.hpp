// Blocks that Vms of a thread have given back, for its next ones: what stands between heaps and the
// process's allocator. Blocks are kept by size, rounded up to 16; most programs of a host ask for
// the same few sizes. Bounded in bytes; when a thread has too much of one size, that goes to the
// process, and when it has too much of all, what another size has goes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonlet::heap {

struct BlockCacheStats {
  std::size_t bytes = 0;
  std::size_t blocks = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};

// Aligned to 16; nullptr: no memory.
[[nodiscard]] void* allocate_cached(std::size_t bytes);
// A block of this size that allocate_cached() gave, on any thread.
void release_cached(void* block, std::size_t bytes);
// As realloc().
[[nodiscard]] void* resize_cached(void* block, std::size_t wanted);

// The same by pages of the system, for large blocks: a few are kept, within the same bound. One
// that is made longer is not copied where base::os::can_resize_pages().
[[nodiscard]] void* map_cached(std::size_t bytes);
// `kept`: what of it still has memory; only whole ones are worth keeping.
void unmap_cached(void* block, std::size_t bytes, std::size_t kept);
[[nodiscard]] void* remap_cached(void* block, std::size_t bytes, std::size_t wanted);

// Of the calling thread.
BlockCacheStats block_cache_stats();
std::size_t empty_block_cache();  // bytes that it had

// Of each thread.
std::size_t block_cache_bytes_max();
void set_block_cache_bytes_max(std::size_t bytes);

}  // namespace moonlet::heap
