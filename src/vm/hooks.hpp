// Debug hooks. While some thread has a hook, every instruction is dispatched through hook_step(),
// which runs the events that are due before it, one after the other, each as a frame of its own:
//
//   hook_stage  0 nothing yet   1 call   2 count   3 line   4 return   (the event just done)
#pragma once

#include "vm/call.hpp"

namespace moonlet::vm {

// Events due before the instruction at thread.pc[-1]. Next: execute it. Reload: a hook was called.
Flow hook_step(Vm& vm);
// Around builtins: the hook's frame is on top of the builtin's.
Flow start_call_hook(Vm& vm);
Flow start_return_hook(Vm& vm, std::uint64_t link, int results);
// A hook function has returned.
void end_hook(Vm& vm);
// Recomputes Vm::hooks_active after debug.sethook or a change of threads.
void update_hooks(Vm& vm);

}  // namespace moonlet::vm
