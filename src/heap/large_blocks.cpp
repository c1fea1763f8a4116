// Blocks that come from the host one by one.
//
// What is released of them waits in the order of release: to be taken again, or to be given back,
// the oldest first, from its end, in pieces, while too much of it waits: some with each slice of
// fuel, and twice as much as is asked of the host meanwhile. A page that is new takes two
// microseconds when it is first touched, and a third of one to give it back (measured in a virtual
// machine), so some megabytes stay. Hosts without HostAllocator::forget get theirs back at once.
#include <algorithm>
#include <cstring>

#include "heap/heap.hpp"

namespace moonlet::heap {
namespace {

constexpr std::size_t kIdleBytesLeast = 512 * 1024;
constexpr std::size_t kIdleBytesMost = 64 * 1024 * 1024;
constexpr std::size_t kGivenBackMax = 128 * 1024;
constexpr int kLooksMax = 16;
// Stacks are what is resized. One that has become large gets room for the largest that there is by
// default, so that it moves no more: to copy it, and to correct each cell that is open in it, would
// take long. What is not touched of that is no memory yet.
constexpr std::size_t kReservedFrom = 128 * 1024;
constexpr std::size_t kReservedBytes = 3500 * 1024;
constexpr std::uintptr_t kPage = 4096;  // if pages are larger, some stay until the end

}  // namespace

std::size_t Heap::idle_bytes_max() const {
  return std::clamp(large_peak_, kIdleBytesLeast, kIdleBytesMost);
}

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
  large_bytes_ += taken;
  large_peak_ = std::max(large_peak_, large_bytes_);
  spare_bytes_ += taken - bytes;
  *large = {nullptr, large_, taken, bytes};
  if (large_ != nullptr) large_->previous = large;
  large_ = large;
  return large + 1;
}

// It may stand elsewhere now.
void Heap::move_large(Large* large) {
  ML_ASSERT(reinterpret_cast<std::uintptr_t>(large) % 16 == 0);
  if (large->previous != nullptr) large->previous->next = large;
  if (large->next != nullptr) large->next->previous = large;
  if (large->previous == nullptr) large_ = large;
}

// Mapped it is afterwards, if it was before or not; nullptr: as it was.
void* Heap::resize_mapped(Large* old, std::size_t bytes) {
  const std::size_t before = old->bytes;
  if (before >= bytes && is_mapped(before)) {
    spare_bytes_ -= bytes - old->kept;
    old->kept = bytes;
    return old + 1;
  }
  Large* large;
  if (is_mapped(before)) {
    if (host_.remap == nullptr) return nullptr;
    large = static_cast<Large*>(host_.remap(old, before, bytes));
    if (large == nullptr) return nullptr;
  } else {
    large = static_cast<Large*>(host_.map(bytes));
    if (large == nullptr) return nullptr;
    std::memcpy(static_cast<void*>(large), old, before);
    host_.release(host_.context, old, before);
  }
  spare_bytes_ -= before - large->kept;
  large->bytes = large->kept = bytes;
  large_bytes_ += bytes - before;
  large_peak_ = std::max(large_peak_, large_bytes_);
  move_large(large);
  return large + 1;
}

void* Heap::resize_large(void* block, std::size_t rounded) {
  Large* old = static_cast<Large*>(block) - 1;
  std::size_t bytes = sizeof(Large) + rounded;
  const bool is_reserved = rounded >= kReservedFrom && bytes <= kReservedBytes;
  if (is_reserved && old->bytes == kReservedBytes) return block;
  if (is_reserved) bytes = kReservedBytes;
  if (is_mapped(bytes)) return resize_mapped(old, bytes);
  // What was mapped stays so.
  if (is_mapped(old->bytes)) return old->bytes >= bytes ? block : nullptr;
  Large* large = static_cast<Large*>(host_.resize(host_.context, old, old->bytes, bytes));
  if (large == nullptr && is_reserved) {
    bytes = sizeof(Large) + rounded;
    large = static_cast<Large*>(host_.resize(host_.context, old, old->bytes, bytes));
  }
  if (large == nullptr) return nullptr;
  large_bytes_ += bytes - large->bytes;
  large->bytes = large->kept = bytes;
  move_large(large);
  return large + 1;
}

void Heap::release_large(void* block) {
  Large* large = static_cast<Large*>(block) - 1;
  if (large->previous != nullptr) large->previous->next = large->next;
  if (large->next != nullptr) large->next->previous = large->previous;
  if (large_ == large) large_ = large->next;
  large_bytes_ -= large->bytes;
  spare_bytes_ -= large->bytes - large->kept;
  large->kept = large->bytes;
  if (ML_LIKELY(large->bytes < kMappedFrom) || host_.forget == nullptr) {
    return release_to_host(large);
  }
  *large = {idle_newest_, nullptr, large->bytes, large->bytes};
  if (idle_newest_ != nullptr) idle_newest_->next = large;
  if (idle_oldest_ == nullptr) idle_oldest_ = large;
  idle_newest_ = large;
  idle_bytes_ += large->bytes;
}

// Whatever waits is given back before there is no memory.
void* Heap::allocate_from_host(std::size_t bytes) {
  give_back_for(bytes);
  const auto allocate = [this, bytes] {
    return is_mapped(bytes) ? host_.map(bytes) : host_.allocate(host_.context, bytes);
  };
  void* block = allocate();
  if (ML_LIKELY(block != nullptr) || idle_oldest_ == nullptr) return block;
  give_back_all();
  return allocate();
}

// The smallest that is large enough, unless too much would lie idle in blocks that are in use; or
// the largest of the others, made longer.
Heap::Large* Heap::take_idle(std::size_t bytes) {
  Large* fits = nullptr;
  Large* longest = nullptr;
  Large* block = idle_newest_;
  for (int looks = 0; looks < kLooksMax && block != nullptr; ++looks, block = block->previous) {
    if (block->bytes < bytes) {
      if (longest == nullptr || block->bytes > longest->bytes) longest = block;
    } else if (fits == nullptr || block->bytes < fits->bytes) {
      fits = block;
    }
  }
  if (fits != nullptr && (fits->bytes - bytes <= bytes / 4 ||
                          spare_bytes_ + fits->bytes - bytes <= idle_bytes_max())) {
    unlink_idle(fits);
    return fits;
  }
  if (longest == nullptr || host_.remap == nullptr || !is_mapped(bytes)) return nullptr;
  unlink_idle(longest);
  auto* longer = static_cast<Large*>(host_.remap(longest, longest->bytes, bytes));
  if (longer == nullptr) {
    release_to_host(longest);
    return nullptr;
  }
  longer->bytes = bytes;
  return longer;
}

void Heap::unlink_idle(Large* block) {
  idle_bytes_ -= block->kept;
  (block->previous != nullptr ? block->previous->next : idle_oldest_) = block->next;
  (block->next != nullptr ? block->next->previous : idle_newest_) = block->previous;
}

ML_COLD void Heap::give_back(std::size_t bytes) {
  while (idle_oldest_ != nullptr && bytes > 0) {
    Large* block = idle_oldest_;
    if (block->kept <= bytes + 2 * kPage) {
      bytes -= std::min(bytes, block->kept);
      unlink_idle(block);
      release_to_host(block);
    } else {
      const auto begin = reinterpret_cast<std::uintptr_t>(block);
      const std::size_t kept = ((begin + block->kept - bytes) & ~(kPage - 1)) - begin;
      host_.forget(reinterpret_cast<char*>(block) + kept, block->kept - kept);
      idle_bytes_ -= block->kept - kept;
      block->kept = kept;
      bytes = 0;
    }
  }
}

ML_COLD void Heap::give_back_twice(std::size_t bytes) {
  if (idle_bytes_ > idle_bytes_max()) give_back(std::min(bytes * 2, kGivenBackMax));
}

}  // namespace moonlet::heap
