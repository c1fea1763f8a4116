#include "heap/block_cache.hpp"

#include <atomic>
#include <bit>
#include <cstdlib>

#include "base/address_sanitizer.hpp"
#include "base/check.hpp"
#include "base/os/pages.hpp"

namespace moonlet::heap {
namespace {

constexpr std::size_t kBlockBytesMax = 64 * 1024;
constexpr std::size_t kBinCount = 128;
constexpr int kLooksMax = 4;  // at blocks of other sizes in the same bin

#ifdef ML_ADDRESS_SANITIZER
std::atomic<std::size_t> bytes_max = 0;
#else
std::atomic<std::size_t> bytes_max = std::size_t{1} << 20;
#endif

struct Kept {
  Kept* next;
  std::size_t bytes;
};

constexpr std::size_t round_up(std::size_t bytes) {
  return bytes == 0 ? 16 : (bytes + 15) & ~std::size_t{15};
}

std::size_t bin_of(std::size_t bytes) {
  static_assert(kBinCount == 128);
  return static_cast<std::uint32_t>(bytes / 16) * 0x9e3779b1u >> 25;
}

struct Cache {
  Kept* bins[kBinCount] = {};
  std::uint64_t used[kBinCount / 64] = {};  // a bit for each bin that has a block
  std::size_t next_victim = 0;
  Kept* mapped = nullptr;  // by pages
  BlockCacheStats stats;
  bool is_watched = false;  // the end of the thread is noticed
  bool is_over = false;

  Kept* take(std::size_t bytes) {
    const std::size_t bin = bin_of(bytes);
    Kept** link = &bins[bin];
    for (int looks = 0; *link != nullptr && looks < kLooksMax; ++looks) {
      Kept* block = *link;
      if (block->bytes == bytes) return remove(link, bin);
      link = &block->next;
    }
    return nullptr;
  }

  void keep(void* block, std::size_t bytes) {
    const std::size_t bin = bin_of(bytes);
    auto* kept = static_cast<Kept*>(block);
    *kept = {bins[bin], bytes};
    bins[bin] = kept;
    used[bin / 64] |= std::uint64_t{1} << (bin % 64);
    stats.bytes += bytes;
    ++stats.blocks;
    base::forbid(kept + 1, bytes - sizeof *kept);
  }

  // Gives one block to the process, of each bin in turn. REQUIRES: there are blocks.
  void drop_one() {
    while (bins[next_victim] == nullptr) {
      const std::uint64_t rest = used[next_victim / 64] >> (next_victim % 64);
      const std::size_t step =
          rest != 0 ? static_cast<std::size_t>(std::countr_zero(rest)) : 64 - next_victim % 64;
      next_victim = (next_victim + step) % kBinCount;
    }
    std::free(remove(&bins[next_victim], next_victim));
    next_victim = (next_victim + 1) % kBinCount;
  }

  void shrink_to(std::size_t bytes) {
    while (stats.bytes > bytes && mapped != nullptr) drop_mapped(&mapped);
    while (stats.bytes > bytes) drop_one();
  }

  // Blocks by pages. One that is not much larger, cut to size.
  Kept* take_mapped(std::size_t bytes) {
    for (Kept** link = &mapped; *link != nullptr; link = &(*link)->next) {
      Kept* block = *link;
      if (block->bytes < bytes || block->bytes > bytes * 2) continue;
      unlink_mapped(link);
      if (block->bytes > bytes) {
        base::os::unmap_pages(reinterpret_cast<char*>(block) + bytes, block->bytes - bytes);
      }
      return block;
    }
    return nullptr;
  }
  void keep_mapped(void* block, std::size_t bytes) {
    auto* kept = static_cast<Kept*>(block);
    *kept = {mapped, bytes};
    mapped = kept;
    stats.bytes += bytes;
    ++stats.blocks;
  }

 private:
  void unlink_mapped(Kept** link) {
    Kept* block = *link;
    *link = block->next;
    stats.bytes -= block->bytes;
    --stats.blocks;
  }
  void drop_mapped(Kept** link) {
    Kept* block = *link;
    unlink_mapped(link);
    base::os::unmap_pages(block, block->bytes);
  }
  Kept* remove(Kept** link, std::size_t bin) {
    Kept* block = *link;
    *link = block->next;
    if (bins[bin] == nullptr) used[bin / 64] &= ~(std::uint64_t{1} << (bin % 64));
    stats.bytes -= block->bytes;
    --stats.blocks;
    base::permit(block + 1, block->bytes - sizeof *block);
    return block;
  }
};

constinit thread_local Cache cache;

// Vms that outlive their thread's other things find no cache any more.
struct EndOfThread {
  ~EndOfThread() {
    cache.shrink_to(0);
    cache.is_over = true;
  }
  void watch() {}
};
thread_local EndOfThread end_of_thread;

ML_COLD void watch_end_of_thread(Cache& mine) {
  mine.is_watched = true;
  end_of_thread.watch();
}

// There is no room for this block without another one going. Should it be kept all the same?
ML_COLD bool make_room(Cache& mine, std::size_t bytes, std::size_t most) {
  mine.shrink_to(most);
  if (bytes > most / 2 || mine.bins[bin_of(bytes)] != nullptr) return false;
  mine.shrink_to(most - bytes);
  return true;
}

}  // namespace

void* allocate_cached(std::size_t bytes) {
  const std::size_t rounded = round_up(bytes);
  if (ML_UNLIKELY(rounded > kBlockBytesMax)) return std::malloc(rounded);
  Cache& mine = cache;
  if (Kept* block = mine.take(rounded); block != nullptr) {
    ++mine.stats.hits;
    return block;
  }
  ++mine.stats.misses;
  return std::malloc(rounded);
}

void release_cached(void* block, std::size_t bytes) {
  const std::size_t rounded = round_up(bytes);
  const std::size_t most = bytes_max.load(std::memory_order_relaxed);
  Cache& mine = cache;
  if (ML_UNLIKELY(!mine.is_watched) && most != 0) watch_end_of_thread(mine);
  if (ML_UNLIKELY(rounded > kBlockBytesMax || mine.is_over) ||
      (ML_UNLIKELY(mine.stats.bytes + rounded > most) && !make_room(mine, rounded, most))) {
    return std::free(block);
  }
  mine.keep(block, rounded);
}

void* resize_cached(void* block, std::size_t wanted) {
  return std::realloc(block, round_up(wanted));
}

namespace {
constexpr std::size_t round_to_pages(std::size_t bytes) {
  return (bytes + 4095) & ~std::size_t{4095};
}
}  // namespace

void* map_cached(std::size_t bytes) {
  const std::size_t rounded = round_to_pages(bytes);
  Cache& mine = cache;
  if (Kept* block = mine.take_mapped(rounded); block != nullptr) {
    ++mine.stats.hits;
    return block;
  }
  ++mine.stats.misses;
  return base::os::map_pages(rounded);
}

void unmap_cached(void* block, std::size_t bytes, std::size_t kept) {
  const std::size_t rounded = round_to_pages(bytes);
  const std::size_t most = bytes_max.load(std::memory_order_relaxed);
  Cache& mine = cache;
  if (kept < bytes || rounded > most / 2 || mine.is_over)
    return base::os::unmap_pages(block, rounded);
  if (ML_UNLIKELY(!mine.is_watched)) watch_end_of_thread(mine);
  mine.shrink_to(most - rounded);
  mine.keep_mapped(block, rounded);
}

void* remap_cached(void* block, std::size_t bytes, std::size_t wanted) {
  return base::os::resize_pages(block, round_to_pages(bytes), round_to_pages(wanted));
}

BlockCacheStats block_cache_stats() { return cache.stats; }

std::size_t empty_block_cache() {
  const std::size_t bytes = cache.stats.bytes;
  cache.shrink_to(0);
  return bytes;
}

std::size_t block_cache_bytes_max() { return bytes_max.load(std::memory_order_relaxed); }

void set_block_cache_bytes_max(std::size_t bytes) {
  bytes_max.store(bytes, std::memory_order_relaxed);
}

}  // namespace moonlet::heap
