#include "moonlet/block_cache.hpp"

#include "heap/block_cache.hpp"

namespace moonlet {

BlockCacheStats block_cache_stats() {
  const heap::BlockCacheStats stats = heap::block_cache_stats();
  return {stats.bytes, stats.blocks, stats.hits, stats.misses};
}

void set_block_cache_bytes_max(std::size_t bytes) { heap::set_block_cache_bytes_max(bytes); }

std::size_t block_cache_bytes_max() { return heap::block_cache_bytes_max(); }

std::size_t empty_block_cache() { return heap::empty_block_cache(); }

}  // namespace moonlet
