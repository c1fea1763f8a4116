#include "heap/weak_references.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace moonlet::heap {
namespace {

constexpr std::size_t kIndexMin = 64;
constexpr std::size_t kSlotsMoved = 8;  // at each insertion
constexpr std::size_t kReleasedAtOnce = 2048;

std::size_t hash_of(const Object* key) {
  const std::uint64_t product = (reinterpret_cast<std::uintptr_t>(key) >> 3) * 0x9e3779b97f4a7c15u;
  return static_cast<std::size_t>(product >> 20);
}

}  // namespace

// Where the key stands, or the free slot where it would.
std::size_t WeakReferences::find(const Index& index, const Object* key) const {
  const std::size_t mask = index.capacity - 1;
  std::size_t i = hash_of(key) & mask;
  while (index.slots[i] != 0 && list_[index.slots[i] - 1].referent != key) i = (i + 1) & mask;
  return i;
}

std::uint32_t WeakReferences::first(const Object* key) const {
  for (const Index* index : {&index_, &old_}) {
    if (index->capacity == 0) continue;
    const std::uint32_t slot = index->slots[find(*index, key)];
    if (slot != 0) return slot - 1;
  }
  return kNoReference;
}

void WeakReferences::insert(std::uint32_t number) {
  index_.slots[find(index_, list_[number].referent)] = number + 1;
}

void WeakReferences::grow() {
  const std::size_t capacity = std::max(index_.capacity * 2, kIndexMin);
  old_ = std::exchange(index_, {});
  moved_ = 0;
  // Zeroed by the system, when it is large.
  index_.slots.reset(static_cast<std::uint32_t*>(std::calloc(capacity, sizeof(std::uint32_t))));
  ML_CHECK(index_.slots != nullptr);
  index_.capacity = capacity;
}

// Half of the capacity is added before the index grows again, and by then all has moved.
void WeakReferences::move_some() {
  const std::size_t end = std::min(moved_ + kSlotsMoved, old_.capacity);
  for (; moved_ < end; ++moved_) {
    if (old_.slots[moved_] != 0) insert(old_.slots[moved_] - 1);
  }
  if (moved_ == old_.capacity) old_ = {};
}

void WeakReferences::await(std::uint32_t number) {
  WeakReference& added = list_[number];
  if (const std::uint32_t head = first(added.referent); head != kNoReference) {
    added.next = list_[head].next;
    list_[head].next = number;
    return;
  }
  if (old_.capacity != 0) move_some();
  if (count_ * 2 >= index_.capacity) grow();
  ++count_;
  insert(number);
}

bool WeakReferences::release_some() {
  index_ = {};
  old_ = {};
  const std::size_t left = list_.size();
  list_.resize(left - std::min(left, kReleasedAtOnce));
  return left > kReleasedAtOnce;
}

}  // namespace moonlet::heap
