// Memory of Vms that are gone, kept by each thread for the next ones.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonlet {

// A thread keeps blocks of at most 64 KiB that Vms gave back on it: their records, first blocks,
// chunks, middling arrays and states at rest. Who asks for a block of the same size gets the last
// one. So a host that makes and drops Vms all the time hardly sees the process's allocator. Memory
// that a host's own Allocator gave goes back to that and is never here.
struct BlockCacheStats {
  std::size_t bytes = 0;  // kept now
  std::size_t blocks = 0;
  std::uint64_t hits = 0;    // blocks that came from here
  std::uint64_t misses = 0;  // blocks that might have, but there was none of the size
};

// Of the calling thread, since it began.
BlockCacheStats block_cache_stats();

// What each thread keeps at most; 0: nothing. At first 1 MiB, and nothing in a build with the
// address sanitizer, so that it sees what is used after its end. A thread that has more gives it
// back when it next gives up a block. Any thread may set it, for all.
inline constexpr std::size_t kBlockCacheBytesDefault = std::size_t{1} << 20;
void set_block_cache_bytes_max(std::size_t bytes);
std::size_t block_cache_bytes_max();

// Gives what the calling thread keeps back to the process: so many bytes. A thread that ends does
// so by itself.
std::size_t empty_block_cache();

}  // namespace moonlet
