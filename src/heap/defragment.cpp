// Free memory, sorted by address and joined. Takes no memory but for a list of chunks.
#include <algorithm>
#include <functional>

#include "heap/address_sanitizer.hpp"
#include "heap/free_run.hpp"

namespace moonlet::heap {
namespace {

// Merges two lists that are sorted by address. Run is Heap::FreeRun, which is private.
template <typename Run>
Run* merge(Run* a, Run* b) {
  Run* first = nullptr;
  Run* last = nullptr;
  while (a != nullptr && b != nullptr) {
    Run*& lower = std::less<>()(a, b) ? a : b;
    Run* taken = lower;
    lower = taken->next();
    if (last == nullptr) {
      first = taken;
    } else {
      last->set_next(taken);
    }
    last = taken;
  }
  Run* rest = a != nullptr ? a : b;
  if (last == nullptr) return rest;
  last->set_next(rest);
  return first;
}

// Sorts in place: sorted[i] is a list of 2^i runs, as the digits of a counter.
template <typename Run>
struct Sorter {
  Run* sorted[64] = {};

  void add(Run* run) {
    run->set_next(nullptr);
    int i = 0;
    for (; sorted[i] != nullptr; ++i) {
      run = merge(sorted[i], run);
      sorted[i] = nullptr;
    }
    sorted[i] = run;
  }
  Run* finish() {
    Run* all = nullptr;
    for (Run* list : sorted) all = merge(list, all);
    return all;
  }
};

}  // namespace

void Heap::defragment() {
  swept_bytes_ = 0;
  Sorter<FreeRun> sorter;
  for (std::size_t grains = 1; grains <= kSmallLimit / 8; ++grains) {
    for (FreeBlock* block = free_lists_[grains]; block != nullptr;) {
      FreeBlock* next = block->next;
      permit(block, grains * 8);
      sorter.add(FreeRun::make(block, grains * 8, nullptr));
      block = next;
    }
    free_lists_[grains] = nullptr;
  }
  for (FreeRun* run = runs_; run != nullptr;) {
    FreeRun* next = run->next();
    sorter.add(run);
    run = next;
  }
  runs_ = nullptr;
  if (bump_ != bump_end_) {
    const auto left = static_cast<std::size_t>(bump_end_ - bump_);
    permit(bump_, left);
    sorter.add(FreeRun::make(bump_, left, nullptr));
  }
  bump_ = bump_end_ = nullptr;

  std::vector<Chunk*> chunks;
  for (Chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) chunks.push_back(chunk);
  std::sort(chunks.begin(), chunks.end(), std::less<>());
  chunks_ = nullptr;
  auto chunk = chunks.begin();
  const auto keep_chunks_below = [&](const void* address) {
    for (; chunk != chunks.end() && std::less<const void*>()(*chunk, address); ++chunk) {
      (*chunk)->next = chunks_;
      chunks_ = *chunk;
    }
  };
  for (FreeRun* run = sorter.finish(); run != nullptr;) {
    auto* begin = reinterpret_cast<char*>(run);
    char* end = run->end();
    FreeRun* next = run->next();
    // A chunk's header lies between it and whatever precedes it, so runs end with their chunk.
    while (next != nullptr && reinterpret_cast<char*>(next) == end) {
      end = next->end();
      next = next->next();
    }
    run = next;
    const auto bytes = static_cast<std::size_t>(end - begin);
    keep_chunks_below(begin - sizeof(Chunk));
    if (chunk != chunks.end() && reinterpret_cast<char*>(*chunk + 1) == begin &&
        (*chunk)->bytes == bytes + sizeof(Chunk)) {
      chunk_bytes_ -= (*chunk)->bytes;
      permit(begin, bytes);
      host_.release(host_.context, *chunk, (*chunk)->bytes);
      ++chunk;
    } else if (bytes <= kSmallLimit) {
      auto* block = reinterpret_cast<FreeBlock*>(begin);
      block->next = free_lists_[bytes / 8];
      free_lists_[bytes / 8] = block;
      forbid(block + 1, bytes - sizeof *block);
    } else {
      runs_ = FreeRun::make(begin, bytes, runs_);
      forbid(runs_ + 1, bytes - sizeof *runs_);
    }
  }
  keep_chunks_below(reinterpret_cast<const void*>(UINTPTR_MAX));
  while (next_chunk_bytes_ > 1024 && next_chunk_bytes_ > chunk_bytes_) next_chunk_bytes_ /= 2;
}

}  // namespace moonlet::heap
