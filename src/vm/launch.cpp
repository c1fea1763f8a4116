#include "vm/launch.hpp"

#include "vm/call.hpp"

namespace moonlet::vm {

bool start_main(Vm& vm, const Value& function, std::span<const Value> arguments) {
  Thread& thread = *vm.heap.main_thread;
  vm.heap.switch_thread(&thread);
  // As one that was just created, until all it needs is there: the collector may look at it before.
  thread.status = heap::ThreadStatus::Suspended;
  thread.entry = heap::ThreadEntry::StartCall;
  thread.native_depth = 0;
  thread.protected_depth = 0;
  // Luau counts whoever runs a script.
  thread.inherited_depth = vm.dialect == Dialect::Luau ? 1 : 0;
  thread.open_top = false;
  thread.in_hook = false;
  thread.base = thread.stack;
  thread.top = thread.stack;
  Value* from = thread.stack;
  if (ensure_stack(vm, from, arguments.size() + 2) != StackResult::Ok) return false;
  thread.stack[0] = function;
  for (std::size_t n = 0; n < arguments.size(); ++n) thread.stack[1 + n] = arguments[n];
  thread.top = thread.stack + 1 + arguments.size();
  thread.status = heap::ThreadStatus::Running;
  if (vm.fuel <= 0 && vm.slice_size == 0) refill_fuel(vm);
  return true;
}

}  // namespace moonlet::vm
