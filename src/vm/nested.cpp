#include "vm/nested.hpp"

#include <algorithm>

namespace moonlet::vm {

namespace {

// A forged state may say anything about its depth.
constexpr unsigned kKnownMax = 1024;

}  // namespace

// Without memory, neither this one nor those below are known.
void make_room_for_nested(Vm& vm, Thread& thread, const Value* slot) {
  const unsigned capacity = std::max(8u, thread.nested_capacity * 4u);
  if (capacity >= thread.native_depth && capacity <= kKnownMax * 4 &&
      heap::reserve_nested(vm.heap, thread, static_cast<std::uint16_t>(capacity))) {
    --thread.native_depth;
    return count_nested(vm, thread, slot);
  }
  thread.nested_known = thread.native_depth;
}

Value* NestedWalk::next() {
  // None is left: no walk over what may be a hundred thousand calls.
  if (depth_ == 0) return nullptr;
  Value* slot;
  if (ML_LIKELY(depth_ > thread_.nested_known && depth_ <= thread_.nested_capacity)) {
    slot = thread_.slot(thread_.nested_slots[--depth_]);
  } else {
    slot = find_next();
    if (slot == nullptr) return nullptr;
    --depth_;
    if (depth_ + 1u == thread_.nested_known && depth_ < thread_.nested_capacity) {
      thread_.nested_slots[depth_] = thread_.number(slot);
      thread_.nested_known = static_cast<std::uint16_t>(depth_);
    }
  }
  base_ = slot + 1 - heap::link_delta(slot->meta);
  return slot;
}

Value* NestedWalk::find_next() {
  for (; base_ != nullptr; base_ = caller_base(base_)) {
    if (counts_as_nested(frame_link(base_))) return true_base(base_) - 1;
  }
  return nullptr;
}

}  // namespace moonlet::vm
