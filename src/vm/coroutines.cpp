// Coroutines: resuming, and what they are doing.
#include "vm/call.hpp"

namespace moonlet::vm {

using heap::ThreadStatus;

namespace {

// What the slack above each frame has room for, so that a coroutine can go on though its stack is
// full, to end.
constexpr int kFewArguments = 16;

StackResult make_room_for_arguments(Vm& vm, Value*& top, int count) {
  const Thread& thread = *vm.thread();
  const std::int64_t slots = std::int64_t{count} + 2;
  if (count <= kFewArguments && thread.stack_end() - top >= slots) return StackResult::Ok;
  // An overflow here is no error of this thread, which would have more room to handle it.
  if (thread.number(top) + slots + kStackSlack > vm.limits.stack_slots_max) {
    return StackResult::Overflow;
  }
  return ensure_stack(vm, top, static_cast<std::uint64_t>(slots));
}

}  // namespace

int resume_coroutine(Vm& vm, Thread& co, const Value* arguments, int count) {
  Thread& self = *vm.thread();
  if (nested_depth(self) >= vm.limits.native_depth_max) {
    const int answer = throw_value_text(vm, "C stack overflow");
    vm.error_limit = LimitKind::Nesting;
    return answer;
  }
  co.inherited_depth = static_cast<std::uint16_t>(nested_depth(self) + 1);
  self.status = ThreadStatus::Normal;
  co.status = ThreadStatus::Running;
  co.resumer = &self;
  vm.heap.switch_thread(&co);
  Value* top = co.top;
  const StackResult room = make_room_for_arguments(vm, top, count);
  if (room != StackResult::Ok) {
    vm.heap.switch_thread(&self);
    self.status = ThreadStatus::Running;
    co.status = ThreadStatus::Suspended;
    co.resumer = nullptr;
    if (room == StackResult::NoMemory) return kNoMemory;
    return throw_value_text(vm, "too many arguments to resume");
  }
  charge_values(vm, count);
  move_values(top, arguments, count);
  co.top = top + count;
  return kReload;
}

std::string_view status_name(Vm& vm, const Thread& thread) {
  if (&thread == vm.thread()) return "running";
  switch (thread.status) {
    case ThreadStatus::Suspended:
      return "suspended";
    case ThreadStatus::Running:
    case ThreadStatus::Normal:
      return "normal";
    case ThreadStatus::Closing:
      return "running";
    case ThreadStatus::Dead:
    case ThreadStatus::Failed:
      return "dead";
  }
  ML_UNREACHABLE();
}

}  // namespace moonlet::vm
