#include "vm/hooks.hpp"

#include <algorithm>
#include <vector>

#include "vm/debug.hpp"

namespace moonlet::vm {

using bytecode::Effect;
using heap::LinkKind;
using heap::LinkType;

namespace {

constexpr int kHookArguments = 2;  // event, line

HookStage stage_of(const Thread& thread) { return static_cast<HookStage>(thread.hook_stage); }
void set_stage(Thread& thread, HookStage stage) {
  thread.hook_stage = static_cast<std::uint8_t>(stage);
}

// REQUIRES: the frame on top is complete, as at a safepoint. nullptr: heap.error is set.
String* event_name(Vm& vm, std::string_view event) {
  String* name = vm.heap.new_string(event);
  if (name == nullptr) {
    vm.heap.collect_full();
    name = vm.heap.new_string(event);
  }
  if (name == nullptr) throw_memory(vm);
  return name;
}

// Calls the hook in front of the instruction at thread.pc.
Flow run_hook(Vm& vm, std::string_view event, int line) {
  Thread& thread = *vm.thread();
  String* name = event_name(vm, event);
  if (name == nullptr) {
    ++thread.pc;
    return throw_pending(vm);
  }
  const Value arguments[kHookArguments] = {Value::from(name),
                                           line >= 0 ? Value::from(line) : Value::nil()};
  return interrupt(vm, LinkKind::Interrupt, thread.hook_function, arguments, kHookArguments);
}

bool is_tail_called(std::uint64_t link) {
  return heap::link_type(link) == LinkType::LuaTail ||
         (heap::link_type(link) == LinkType::Other && (link & heap::kLinkTailCalled) != 0);
}

// May this function report its call and return? Not if the prelude called it for its own ends.
bool is_visible(Value* base) {
  return !is_prelude_internal(heap::frame_function(base), true_base(base), frame_link(base));
}

bool has_pending_variables(const Thread& thread) {
  return thread.tbc_count > 0 &&
         thread.tbc_slots[thread.tbc_count - 1] >= thread.number(thread.base);
}

// The instruction at thread.pc begins a line, or is reached by a jump back. As in the reference
// implementation, the position before is that of the last instruction seen by line hooks, or of
// the one to which a call returned.
bool begins_line(Thread& thread, const Proto& proto, std::uint32_t position) {
  const std::uint32_t last = thread.hook_position < proto.code_size ? thread.hook_position : 0;
  thread.hook_position = position;
  return position <= last ||
         line_of(proto, proto.code + last) != line_of(proto, proto.code + position);
}

}  // namespace

Flow hook_step(Vm& vm) {
  Thread& thread = *vm.thread();
  if (!hooks_enabled(vm, thread)) return Flow::Next;
  const Proto& proto = *heap::frame_closure(thread.base)->proto;
  const bool is_native = (proto.flags & heap::kProtoIsBuiltin) != 0;
  const Instruction instruction = thread.pc[-1];
  --thread.pc;  // hooks run before the instruction
  thread.open_top = has_open_top(instruction);
  const auto position = static_cast<std::uint32_t>(thread.pc - proto.code);
  const std::uint8_t mask = thread.hook_mask;

  if (stage_of(thread) == HookStage::Entered) {
    set_stage(thread, HookStage::Called);
    thread.hook_position = 0;
    if ((mask & heap::kHookCall) != 0 && is_visible(thread.base)) {
      return run_hook(vm, is_tail_called(frame_link(thread.base)) ? "tail call" : "call", -1);
    }
  }
  if (stage_of(thread) < HookStage::Counted && !is_native) {
    set_stage(thread, HookStage::Counted);
    if ((mask & heap::kHookCount) != 0 && --thread.hook_countdown <= 0) {
      thread.hook_countdown = thread.hook_count;
      return run_hook(vm, "count", -1);
    }
  }
  if (stage_of(thread) < HookStage::Lined && !is_native) {
    set_stage(thread, HookStage::Lined);
    if ((mask & heap::kHookLine) != 0 && begins_line(thread, proto, position)) {
      return run_hook(vm, "line", line_of(proto, thread.pc));
    }
  }
  const bool returns = bytecode::info(bytecode::opcode(instruction)).effect == Effect::Return;
  if (returns && stage_of(thread) < HookStage::Returned) {
    // Variables are closed first; the instruction is started over after each of them.
    if ((mask & heap::kHookReturn) != 0 && !has_pending_variables(thread) &&
        is_visible(thread.base)) {
      set_stage(thread, HookStage::Returned);
      return run_hook(vm, "return", -1);
    }
  }
  set_stage(thread, HookStage::Running);
  if (returns) {
    const std::uint64_t link = frame_link(thread.base);
    if (heap::link_type(link) != LinkType::Other) {
      note_return(vm, caller_base(thread.base), heap::link_pc(link) - 1);
    }
  }
  ++thread.pc;
  return Flow::Next;
}

void note_return(Vm& vm, Value* base, const Instruction* instruction) {
  Thread& thread = *vm.thread();
  if (!hooks_enabled(vm, thread)) return;
  thread.hook_position =
      static_cast<std::uint32_t>(instruction - heap::frame_closure(base)->proto->code);
  set_stage(thread, HookStage::Running);
}

void end_hook(Thread& thread) { thread.in_hook = false; }

void set_hook(Vm& vm, Thread& thread, const Value& function, std::uint8_t mask,
              std::int32_t count) {
  thread.hook_mask = mask;
  thread.hook_function = mask != 0 ? function : Value::nil();
  thread.hook_count = count;
  thread.hook_countdown = count;
  vm.heap.thread_changed(thread);
  // A hook that is changed by a hook function goes on with the events of the same instruction.
  if (!thread.in_hook) set_stage(thread, HookStage::Running);
}

// ---- Native functions.

HookDue call_event(Vm& vm, HookCall& out) {
  Thread& thread = *vm.thread();
  ML_ASSERT(hooks_enabled(vm, thread));
  if ((thread.hook_mask & heap::kHookCall) == 0 || !is_visible(thread.base)) return HookDue::No;
  String* name = event_name(vm, "call");
  if (name == nullptr) return HookDue::Failed;
  Value* slot = thread.top;  // inside the slack that is left above every builtin's arguments
  slot[0] = thread.hook_function;
  slot[1] = Value::from(name);
  slot[2] = Value::nil();
  out = {
      slot, kHookArguments,
      heap::make_link(LinkKind::HookStart, static_cast<std::uint64_t>(slot + 1 - thread.base), 0)};
  return HookDue::Yes;
}

HookDue return_event(Vm& vm, std::uint64_t link, int results, HookCall& out) {
  Thread& thread = *vm.thread();
  ML_ASSERT(hooks_enabled(vm, thread));
  if ((thread.hook_mask & heap::kHookReturn) == 0) return HookDue::No;
  const Value function = Value::from_builtin(thread.hook_builtin);
  if (is_prelude_internal(function, thread.base, link)) return HookDue::No;
  // Results begin in the function slot, which the frame still needs: they move up.
  const std::vector<Value> values(thread.base - 1, thread.base - 1 + results);
  thread.base[-1].bits = function.bits;
  thread.base[-1].meta = link;
  thread.top = thread.base;
  Value* slot = thread.base + results;
  if (make_room(vm, slot, kHookArguments + 2, Standing::Inside, values) != StackResult::Ok) {
    throw_memory(vm);
    return HookDue::Failed;
  }
  std::copy(values.begin(), values.end(), thread.base);
  thread.top = slot;
  String* name = event_name(vm, "return");
  if (name == nullptr) return HookDue::Failed;
  slot[0] = thread.hook_function;
  slot[1] = Value::from(name);
  slot[2] = Value::nil();
  out = {slot, kHookArguments,
         heap::make_link(LinkKind::HookReturn, static_cast<std::uint64_t>(slot + 1 - thread.base),
                         static_cast<std::uint64_t>(results))};
  return HookDue::Yes;
}

HookDue return_event(Vm& vm, Value* base, std::uint32_t position, const Value* results, int count,
                     HookCall& out) {
  Thread& thread = *vm.thread();
  if (!hooks_enabled(vm, thread) || (thread.hook_mask & heap::kHookReturn) == 0 ||
      !is_visible(base)) {
    return HookDue::No;
  }
  const Proto& proto = *heap::frame_closure(base)->proto;
  const unsigned first = bytecode::op_a(proto.code[position]);
  for (int n = 0; n < count; ++n) base[first + static_cast<unsigned>(n)] = results[n];
  Value* slot = base + first + count;
  thread.base = base;
  thread.pc = proto.code + position;
  thread.top = slot;
  thread.open_top = true;
  if (make_room(vm, slot, kHookArguments + 2, Standing::Before, {}) != StackResult::Ok) {
    ++thread.pc;
    throw_memory(vm);
    return HookDue::Failed;
  }
  String* name = event_name(vm, "return");
  if (name == nullptr) {
    ++thread.pc;
    return HookDue::Failed;
  }
  slot[0] = thread.hook_function;
  slot[1] = Value::from(name);
  slot[2] = Value::nil();
  out = {slot, kHookArguments,
         heap::make_link(LinkKind::HookReturn, static_cast<std::uint64_t>(slot + 1 - thread.base),
                         position) |
             heap::kLinkOpenTop};
  return HookDue::Yes;
}

}  // namespace moonlet::vm
