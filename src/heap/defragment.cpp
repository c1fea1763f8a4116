// Free memory joined: a bit for each 8 bytes of all chunks says whether they are free, and runs of
// set bits become free blocks again, or go back to the host with their chunk. Takes an eighth of a
// bit a byte from the host while it lasts, and one look at each free block.
#include <algorithm>
#include <bit>
#include <functional>

#include "base/address_sanitizer.hpp"
#include "heap/heap.hpp"

namespace moonlet::heap {
namespace {

constexpr std::size_t kGrain = 8;

class Bits {
 public:
  explicit Bits(std::size_t count) : words_(count / 64 + 1), count_(count) {}

  void set(std::size_t from, std::size_t count) {
    while (count > 0) {
      const std::size_t in_word = std::min(count, 64 - from % 64);
      const std::uint64_t ones =
          in_word == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << in_word) - 1;
      words_[from / 64] |= ones << (from % 64);
      from += in_word;
      count -= in_word;
    }
  }
  // The first position from `at` on whose bit is `wanted`; the number of bits when there is none.
  std::size_t find(bool wanted, std::size_t at) const {
    while (at < count_) {
      const std::uint64_t word = (wanted ? words_[at / 64] : ~words_[at / 64]) >> (at % 64);
      if (word != 0) return std::min(count_, at + static_cast<std::size_t>(std::countr_zero(word)));
      at += 64 - at % 64;
    }
    return count_;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t count_;
};

}  // namespace

// Which grains of the chunks are free.
struct Heap::FreeMap {
  struct Part {
    Chunk* chunk;
    std::size_t first_bit;
    char* begin() const { return reinterpret_cast<char*>(chunk); }
    char* end() const { return begin() + chunk->bytes; }
  };

  explicit FreeMap(const Heap& heap) : bits(heap.chunk_bytes_ / kGrain) {
    for (Chunk* chunk = heap.chunks_; chunk != nullptr; chunk = chunk->next) {
      parts.push_back({chunk, 0});
    }
    std::sort(parts.begin(), parts.end(),
              [](const Part& a, const Part& b) { return std::less<>()(a.chunk, b.chunk); });
    std::size_t bit = 0;
    for (Part& part : parts) {
      part.first_bit = bit;
      bit += part.chunk->bytes / kGrain;
    }
    last = parts.begin();
  }
  void add(void* block, std::size_t bytes) {
    auto* begin = static_cast<char*>(block);
    // Free lists mostly go on where they were.
    if (std::less<>()(begin, last->begin()) || !std::less<>()(begin, last->end())) {
      last = std::upper_bound(parts.begin(), parts.end(), begin,
                              [](char* address, const Part& part) {
                                return std::less<>()(address, part.begin());
                              }) -
             1;
    }
    bits.set(last->first_bit + static_cast<std::size_t>(begin - last->begin()) / kGrain,
             bytes / kGrain);
  }

  std::vector<Part> parts;
  std::vector<Part>::const_iterator last;
  Bits bits;
};

void Heap::defragment() {
  swept_bytes_ = 0;
  if (chunks_ == nullptr) return;
  FreeMap map(*this);
  for (std::size_t bytes = kGrain; bytes <= kSmallLimit; bytes += kGrain) {
    if (first_free(bytes) == nullptr) continue;
    for (FreeBlock* block = first_free(bytes); block != nullptr; block = block->next) {
      map.add(block, bytes);
    }
    *free_list(bytes) = nullptr;
  }
  for (FreeRun* run = runs_; run != nullptr; run = run->next) map.add(run, run->bytes);
  runs_ = nullptr;
  if (bump_ != bump_end_) map.add(bump_, static_cast<std::size_t>(bump_end_ - bump_));
  bump_ = bump_end_ = nullptr;
  chunks_ = nullptr;
  for (const FreeMap::Part& part : map.parts) {
    const std::size_t end = part.first_bit + part.chunk->bytes / kGrain;
    std::size_t from = map.bits.find(true, part.first_bit);
    const std::size_t body = part.first_bit + sizeof(Chunk) / kGrain;
    if (from == body && map.bits.find(false, from) >= end) {
      chunk_bytes_ -= part.chunk->bytes;
      base::permit(part.chunk, part.chunk->bytes);
      host_.release(host_.context, part.chunk, part.chunk->bytes);
      continue;
    }
    part.chunk->next = chunks_;
    chunks_ = part.chunk;
    // Headers are never free, so no run goes on into the next chunk.
    while (from < end) {
      const std::size_t to = map.bits.find(false, from);
      add_free(part.begin() + (from - part.first_bit) * kGrain, (to - from) * kGrain);
      from = map.bits.find(true, to);
    }
  }
  while (next_chunk_bytes_ > kChunkBytesMin && next_chunk_bytes_ > chunk_bytes_) {
    next_chunk_bytes_ /= 2;
  }
}

void Heap::add_free(char* begin, std::size_t bytes) {
  base::permit(begin, std::min(bytes, sizeof(FreeRun)));
  if (bytes <= kSmallLimit) {
    add_to_list(begin, bytes);
  } else {
    auto* run = reinterpret_cast<FreeRun*>(begin);
    *run = {runs_, bytes};
    runs_ = run;
    base::forbid(run + 1, bytes - sizeof *run);
  }
}

}  // namespace moonlet::heap
