// Frames that no instruction called: callbacks of builtins, metamethods, hooks, finalizers and
// handlers. Whoever catches an error is the caller of one of them, and there are at most a few
// hundred in a thread however deep it is. So an error looks at these, not at every frame: each
// thread notes where they stand, by depth, in Thread::nested_slots. Those of a thread that came
// with a state or an image are not known before they are first looked for.
#pragma once

#include "vm/transfer.hpp"

namespace moonlet::vm {

// Was this frame called by Luau's pcall or xpcall?
inline bool is_protected_call(const Vm& vm, const Value* slot, std::uint64_t link) {
  if (!is_link(link, heap::LinkKind::Native) || vm.dialect != Dialect::Luau) return false;
  const auto caller = static_cast<int>(heap::frame_builtin(slot + 1 - heap::link_delta(link)));
  return caller == vm.builtins.roles.pcall || caller == vm.builtins.roles.xpcall;
}
// The frame at the function slot `slot`, which is one of them, ends or makes way.
inline void leave_nested(const Vm& vm, Thread& thread, const Value* slot, std::uint64_t link) {
  --thread.native_depth;
  if (ML_UNLIKELY(is_protected_call(vm, slot, link))) --thread.protected_depth;
}

ML_COLD void make_room_for_nested(Vm& vm, Thread& thread, const Value* slot);
// The frame at the function slot `slot` is one of them.
inline void count_nested(Vm& vm, Thread& thread, const Value* slot) {
  const std::uint16_t depth = thread.native_depth++;
  if (ML_UNLIKELY(depth >= thread.nested_capacity)) {
    return make_room_for_nested(vm, thread, slot);
  }
  if (ML_UNLIKELY(thread.nested_known > depth)) thread.nested_known = depth;
  thread.nested_slots[depth] = thread.number(slot);
}

class NestedWalk {
 public:
  explicit NestedWalk(Thread& thread)
      : thread_(thread), base_(thread.base), depth_(thread.native_depth) {}
  // The function slot of the next one, from the top down; nullptr: there is none.
  Value* next();

 private:
  Value* find_next();

  Thread& thread_;
  Value* base_;     // of a frame at or above the next one
  unsigned depth_;  // how many are left
};

}  // namespace moonlet::vm
