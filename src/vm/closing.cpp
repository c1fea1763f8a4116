// The state machine that closes pending variables: see call.hpp for the layout of its slots.
#include <vector>

#include "vm/call.hpp"

namespace moonlet::vm {

using heap::ThreadStatus;

int begin_closing(Vm& vm, Value* args, Thread& thread, Value* level, ClosingMode mode,
                  bool has_error, const Value& error) {
  const std::uint32_t level_number = thread.number(level);
  heap::close_cells(vm.heap, thread, level);
  std::uint32_t first = thread.tbc_count;
  while (first > 0 && thread.tbc_slots[first - 1] >= level_number) --first;
  const std::uint32_t pending = thread.tbc_count - first;
  // Slots may overlap when the variables lie in this very thread.
  std::vector<Value> variables;
  for (std::uint32_t i = first; i < thread.tbc_count; ++i) {
    variables.push_back(*thread.slot(thread.tbc_slots[i]));
  }
  thread.tbc_count = first;
  const std::uint64_t slots = pending + 8ull;
  StackResult room = ensure_stack(vm, args, slots);
  if (ML_UNLIKELY(room == StackResult::NoMemory)) {
    std::vector<Value> wanted = variables;
    wanted.push_back(error);
    wanted.push_back(Value::from(&thread));
    vm.thread()->base = args;
    vm.thread()->top = args;
    collect_for_memory(vm, Standing::Inside, wanted);
    room = ensure_stack(vm, args, slots);
  }
  if (room != StackResult::Ok) {
    if (mode == ClosingMode::Pcall) {
      // The variables are lost, and this frame catches nothing any more.
      args[-1].bits = static_cast<std::uint64_t>(vm.builtins.roles.resume_wrap);
    } else {
      thread.tbc_count += pending;
    }
    return throw_memory(vm);
  }
  args[-1].bits = static_cast<std::uint64_t>(vm.builtins.roles.closing);
  args[0] = error;
  // Of a coroutine that is being closed: it counts as running until the end.
  args[2] = mode == ClosingMode::Pcall ? Value::nil() : Value::from(&thread);
  if (mode != ClosingMode::Pcall) {
    thread.error = Value::nil();
    thread.status = ThreadStatus::Closing;
    thread.base = thread.stack + 1;
    thread.top = thread.stack;
    vm.heap.thread_changed(thread);
  }
  args[1] = Value::from((static_cast<std::int64_t>(pending) << 8) |
                        (static_cast<std::int64_t>(mode) << 1) | (has_error ? 1 : 0));
  for (std::size_t i = 0; i < variables.size(); ++i) args[kClosingSlots + i] = variables[i];
  return continue_closing(vm, args, static_cast<int>(pending));
}

int continue_closing(Vm& vm, Value* args, int pending) {
  Thread& thread = *vm.thread();
  thread.base = args;
  const std::int64_t state = args[1].integer;
  const bool has_error = (state & 1) != 0;
  while (pending > 0) {
    --pending;
    const Value variable = args[kClosingSlots + pending];
    args[1].integer = (static_cast<std::int64_t>(pending) << 8) | (args[1].integer & 0xff);
    Value* slot = args + kClosingSlots + pending;
    const Value method = metamethod(vm, variable, Event::Close);
    slot[0] = method;
    slot[1] = variable;
    slot[2] = has_error ? args[0] : Value::nil();
    thread.top = slot + 3;
    vm.call_slot = slot;
    vm.call_count = 2;
    return kCall;
  }
  thread.top = args + kClosingSlots;
  if (args[2].is_thread()) args[2].thread()->status = ThreadStatus::Dead;
  switch (static_cast<ClosingMode>((state >> 1) & 3)) {
    case ClosingMode::Pcall:
      return return_two(args, Value::boolean(false), args[0]);
    case ClosingMode::Rethrow:
      // The error leaves this frame, which must no longer catch it.
      args[-1].bits = static_cast<std::uint64_t>(vm.builtins.roles.resume_wrap);
      return throw_value(vm, args[0]);
    case ClosingMode::Close:
      if (!has_error) return return_one(args, Value::boolean(true));
      return return_two(args, Value::boolean(false), args[0]);
  }
  ML_UNREACHABLE();
}

int closing_resume(Vm& vm, Value* args, Value*, int) {
  return continue_closing(vm, args, static_cast<int>(args[1].integer >> 8));
}

}  // namespace moonlet::vm
