// Blocks that come from the host one by one.
//
// What is released of them waits in the order of release: to be taken again, or to be given back,
// the oldest first, from its end, in pieces: some with each slice of fuel, and twice as much as is
// asked of the host meanwhile. Hosts without HostAllocator::forget get theirs back at once.
#include <algorithm>

#include "heap/heap.hpp"

namespace moonlet::heap {
namespace {

// A smaller block is given back at once.
constexpr std::size_t kIdleBytesMin = 256 * 1024;
constexpr std::size_t kGivenBackMax = 128 * 1024;
constexpr int kLooksMax = 4;
// Stacks are what is resized. One that has become large gets room for the largest that there is by
// default, so that it moves no more: to copy it, and to correct each cell that is open in it, would
// take long. What is not touched of that is no memory yet.
constexpr std::size_t kReservedFrom = 128 * 1024;
constexpr std::size_t kReservedBytes = 3500 * 1024;
constexpr std::uintptr_t kPage = 4096;  // if pages are larger, some stay until the end

}  // namespace

void* Heap::allocate_large(std::size_t rounded) {
  const std::size_t bytes = sizeof(Large) + rounded;
  Large* large = idle_newest_ != nullptr ? take_idle(bytes) : nullptr;
  std::size_t taken = bytes;
  if (large != nullptr) {
    taken = large->bytes;
  } else {
    large = static_cast<Large*>(allocate_from_host(bytes));
    if (large == nullptr) return nullptr;
  }
  ML_ASSERT(reinterpret_cast<std::uintptr_t>(large) % 16 == 0);
  *large = {nullptr, large_, taken, 0};
  if (large_ != nullptr) large_->previous = large;
  large_ = large;
  return large + 1;
}

void* Heap::resize_large(void* block, std::size_t rounded) {
  Large* old = static_cast<Large*>(block) - 1;
  std::size_t bytes = sizeof(Large) + rounded;
  Large* large = nullptr;
  if (rounded >= kReservedFrom && bytes <= kReservedBytes) {
    if (old->bytes == kReservedBytes) return block;
    large = static_cast<Large*>(host_.resize(host_.context, old, old->bytes, kReservedBytes));
  }
  if (large != nullptr) {
    bytes = kReservedBytes;
  } else {
    large = static_cast<Large*>(host_.resize(host_.context, old, old->bytes, bytes));
    if (large == nullptr) return nullptr;
  }
  ML_ASSERT(reinterpret_cast<std::uintptr_t>(large) % 16 == 0);
  large->bytes = bytes;
  if (large->previous != nullptr) large->previous->next = large;
  if (large->next != nullptr) large->next->previous = large;
  if (large->previous == nullptr) large_ = large;
  return large + 1;
}

void Heap::release_large(void* block) {
  Large* large = static_cast<Large*>(block) - 1;
  if (large->previous != nullptr) large->previous->next = large->next;
  if (large->next != nullptr) large->next->previous = large->previous;
  if (large_ == large) large_ = large->next;
  if (ML_LIKELY(large->bytes < kIdleBytesMin) || host_.forget == nullptr) {
    return host_.release(host_.context, large, large->bytes);
  }
  *large = {idle_newest_, nullptr, large->bytes, large->bytes};
  if (idle_newest_ != nullptr) idle_newest_->next = large;
  if (idle_oldest_ == nullptr) idle_oldest_ = large;
  idle_newest_ = large;
}

// Whatever waits is given back before there is no memory.
void* Heap::allocate_from_host(std::size_t bytes) {
  give_back_for(bytes);
  void* block = host_.allocate(host_.context, bytes);
  if (ML_LIKELY(block != nullptr) || idle_oldest_ == nullptr) return block;
  give_back_all();
  return host_.allocate(host_.context, bytes);
}

// One that is not much larger, and has not lost much.
Heap::Large* Heap::take_idle(std::size_t bytes) {
  Large* block = idle_newest_;
  for (int looks = 0; looks < kLooksMax && block != nullptr; ++looks, block = block->previous) {
    if (block->bytes < bytes || block->bytes - bytes > bytes / 4 || block->kept < bytes / 2)
      continue;
    unlink_idle(block);
    return block;
  }
  return nullptr;
}

void Heap::unlink_idle(Large* block) {
  (block->previous != nullptr ? block->previous->next : idle_oldest_) = block->next;
  (block->next != nullptr ? block->next->previous : idle_newest_) = block->previous;
}

ML_COLD void Heap::give_back(std::size_t bytes) {
  while (idle_oldest_ != nullptr && bytes > 0) {
    Large* block = idle_oldest_;
    if (block->kept <= bytes + 2 * kPage) {
      bytes -= std::min(bytes, block->kept);
      unlink_idle(block);
      host_.release(host_.context, block, block->bytes);
    } else {
      const auto begin = reinterpret_cast<std::uintptr_t>(block);
      const std::size_t kept = ((begin + block->kept - bytes) & ~(kPage - 1)) - begin;
      host_.forget(reinterpret_cast<char*>(block) + kept, block->kept - kept);
      block->kept = kept;
      bytes = 0;
    }
  }
}

ML_COLD void Heap::give_back_twice(std::size_t bytes) {
  give_back(std::min(bytes * 2, kGivenBackMax));
}

}  // namespace moonlet::heap
