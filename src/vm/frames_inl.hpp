// Frames of Lua functions, made in place where that takes no growth.
#pragma once

#include "vm/nested.hpp"

namespace moonlet::vm {

// Does the frame of a function fit that is called with `count` arguments in `slot`?
ML_ALWAYS_INLINE bool has_room(const Thread& thread, const Value* slot, unsigned count,
                               const Proto& proto) {
  const unsigned below = proto.arity == heap::kVarargArity ? count + 1 : 0;
  return slot + 1 + below + proto.max_stack + kStackSlack <= thread.stack_end();
}

// The base of that frame, which returns by `link`; nullptr: there is no room, nothing has changed.
ML_ALWAYS_INLINE Value* make_frame(const Thread& thread, Value* slot, unsigned count,
                                   const Proto& proto, std::uint64_t link) {
  if (ML_UNLIKELY(!has_room(thread, slot, count, proto))) return nullptr;
  const unsigned parameters = proto.parameter_count;
  slot->meta = link;
  if (proto.arity != heap::kVarargArity) {
    for (unsigned n = count; n < parameters; ++n) heap::set_nil(&slot[1 + n]);
    return slot + 1;
  }
  // The function and its parameters once more, above all arguments.
  Value* frame = slot + 1 + count;
  frame->bits = slot->bits;
  frame->meta = heap::make_vararg_link(std::uint64_t{count} + 1);
  for (unsigned n = 0; n < parameters; ++n) {
    if (n < count) {
      heap::copy(&frame[1 + n], &slot[1 + n]);
    } else {
      heap::set_nil(&frame[1 + n]);
    }
  }
  return frame + 1;
}

// By which it goes back into the instruction before `pc` of the frame at `base` from what that has
// called in R[slot].
inline std::uint64_t instruction_link(const Value* base, const Instruction* pc, unsigned slot) {
  return heap::make_link(
      heap::LinkKind::Meta, slot + 1u,
      static_cast<std::uint64_t>(pc - 1 - heap::frame_closure(base)->proto->code));
}

// The thread goes on at the beginning of a frame that was made.
inline void begin_frame(Thread& thread, Value* base, const Proto& proto) {
  thread.base = base;
  thread.pc = proto.code;
  thread.entry = heap::ThreadEntry::Run;
  thread.open_top = false;
}

// A callback that Lua or a native function wants to have called, with its fuel. False: there is
// more to it, nothing has changed.
inline bool enter_callback_fast(Vm& vm, Value* slot, int count, std::uint64_t link) {
  Thread& thread = *vm.thread();
  if (!slot->is_closure() || vm.fuel < kCallFuel || thread.hook_mask != 0 ||
      nested_depth(thread) >= vm.limits.native_depth_max) {
    return false;
  }
  const Proto& proto = *slot->closure()->proto;
  Value* base = make_frame(thread, slot, static_cast<unsigned>(count), proto, link);
  if (base == nullptr) return false;
  vm.fuel -= kCallFuel;
  count_nested(vm, thread, slot);
  begin_frame(thread, base, proto);
  return true;
}

}  // namespace moonlet::vm
