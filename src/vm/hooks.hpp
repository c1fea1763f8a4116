// Debug hooks. While hooks of the running thread are enabled, every instruction is dispatched
// through hook_step(), which runs the events that are due before it, one after the other, each as
// a frame of its own, which step_call() of call.cpp enters like any other. Where a thread is among
// these events is Thread::hook_stage; while a hook function runs (Thread::in_hook) nothing touches
// it, and no hook is called.
//
// The prelude's functions report a call and a return as native functions do, and nothing that
// happens inside of them. Finalizers run without hooks.
#pragma once

#include "vm/call.hpp"

namespace moonlet::vm {

enum class HookStage : std::uint8_t {
  Running,  // nothing was done yet for the instruction that comes next
  Entered,  // the same, and it is the first one of a function that was just called
  Called,   // the event that was done last, in the order in which they are due
  Counted,
  Lined,  // also of an instruction that is started over
  Returned,
};
inline constexpr std::uint8_t kLastHookStage = static_cast<std::uint8_t>(HookStage::Returned);

// Does the interpreter have to dispatch through hook_step()? Every change is followed by a reload.
inline bool is_hooked(const Thread& thread) {
  return ML_UNLIKELY(thread.hook_mask != 0) && !thread.in_hook;
}
inline bool hooks_enabled(const Vm& vm, const Thread& thread) {
  return is_hooked(thread) && !vm.heap.is_stopped_internally;
}
inline void set_hook_stage(Vm& vm, Thread& thread, HookStage stage) {
  if (hooks_enabled(vm, thread)) thread.hook_stage = static_cast<std::uint8_t>(stage);
}
inline bool is_hook_link(std::uint64_t link) {
  if (heap::link_type(link) != heap::LinkType::Other) return false;
  const heap::LinkKind kind = heap::link_kind(link);
  return kind == heap::LinkKind::Interrupt || kind == heap::LinkKind::HookStart ||
         kind == heap::LinkKind::HookReturn;
}

// Events due before the instruction at thread.pc[-1]. Next: execute it. Reload: a hook was called.
Flow hook_step(Vm& vm);
// Control comes back to the Lua frame of the running thread that is inside `instruction`.
void note_return(Vm& vm, Value* base, const Instruction* instruction);
// A hook function has ended, or an error went through it.
void end_hook(Thread& thread);
// Sets, changes or (mask 0) removes the hook of a thread.
void set_hook(Vm& vm, Thread& thread, const Value& function, std::uint8_t mask, std::int32_t count);

// ---- Events of native functions, for call.cpp: a hook's call that has been put on the stack.
// REQUIRES of the first two: hooks_enabled().
struct HookCall {
  Value* slot = nullptr;
  int count = 0;
  std::uint64_t link = 0;
};
enum class HookDue : std::uint8_t { No, Yes, Failed };  // Failed: heap.error is set
// The builtin on top is about to start.
HookDue call_event(Vm& vm, HookCall& out);
// The builtin on top has ended with `results` results from its function slot up.
HookDue return_event(Vm& vm, std::uint64_t link, int results, HookCall& out);
// The Lua frame at `base` ends with what a native function that it tail-called, by the instruction
// at `position`, returned: `count` results at `results`. They are moved to R[A], and lie there
// until the hook has returned.
HookDue return_event(Vm& vm, Value* base, std::uint32_t position, const Value* results, int count,
                     HookCall& out);

}  // namespace moonlet::vm
