#include "vm/hooks.hpp"

#include "vm/debug.hpp"

namespace moonlet::vm {

using bytecode::Effect;
using heap::LinkKind;

namespace {

enum Stage : std::uint8_t { kNone, kCalled, kCounted, kLined, kReturned };

// Name of the event, and the line for line events.
Flow run_hook(Vm& vm, std::string_view event, int line) {
  Thread& thread = *vm.thread();
  String* name = vm.heap.new_string(event);
  if (name == nullptr) return Flow::NoMemory;
  thread.in_hook = true;
  const Value arguments[2] = {Value::from(name), line >= 0 ? Value::from(line) : Value::nil()};
  return interrupt(vm, LinkKind::Interrupt, thread.hook_function, arguments, line >= 0 ? 2 : 1);
}

}  // namespace

Flow hook_step(Vm& vm) {
  Thread& thread = *vm.thread();
  if (thread.hook_mask == 0 || thread.in_hook || thread.hook_function.is_nil()) {
    return Flow::Next;
  }
  const Proto& proto = *heap::frame_closure(thread.base)->proto;
  if ((proto.flags & heap::kProtoIsBuiltin) != 0) return Flow::Next;
  const Instruction instruction = thread.pc[-1];
  --thread.pc;  // hooks run before the instruction
  thread.open_top = has_open_top(instruction);
  const auto position = static_cast<std::uint32_t>(thread.pc - proto.code);
  const std::uint8_t stage = thread.hook_stage;

  if (stage < kCalled && position == 0 && thread.hook_position != UINT32_MAX - 1) {
    thread.hook_stage = kCalled;
    thread.hook_line = -1;
    thread.hook_position = 0;
    if ((thread.hook_mask & heap::kHookCall) != 0) {
      const std::uint64_t link = frame_link(thread.base);
      const bool tail = heap::link_type(link) == heap::LinkType::LuaTail ||
                        (heap::link_type(link) == heap::LinkType::Other &&
                         (link & heap::kLinkTailCalled) != 0);
      return run_hook(vm, tail ? "tail call" : "call", -1);
    }
  }
  if (thread.hook_stage < kCounted) {
    thread.hook_stage = kCounted;
    if ((thread.hook_mask & heap::kHookCount) != 0 && --thread.hook_countdown <= 0) {
      thread.hook_countdown = thread.hook_count;
      return run_hook(vm, "count", -1);
    }
  }
  if (thread.hook_stage < kLined) {
    thread.hook_stage = kLined;
    if ((thread.hook_mask & heap::kHookLine) != 0) {
      const int line = line_of(proto, thread.pc);
      const std::uint32_t last = thread.hook_position;
      const bool is_new = last >= proto.code_size || position <= last || thread.hook_line < 0 ||
                          line != thread.hook_line;
      thread.hook_position = position;
      if (is_new) {
        thread.hook_line = line;
        return run_hook(vm, "line", line);
      }
    }
  }
  if (thread.hook_stage < kReturned) {
    thread.hook_stage = kReturned;
    const Effect effect = bytecode::info(bytecode::opcode(instruction)).effect;
    if (effect == Effect::Return && (thread.hook_mask & heap::kHookReturn) != 0) {
      return run_hook(vm, "return", -1);
    }
  }
  // All events are done: the instruction runs, and the next one begins anew.
  thread.hook_stage = kNone;
  const Effect effect = bytecode::info(bytecode::opcode(instruction)).effect;
  if (effect == Effect::Return) {
    // The caller's line counts as new only if it changes; its position is behind the call.
    thread.hook_position = UINT32_MAX;
    thread.hook_line = -1;
    const std::uint64_t link = frame_link(thread.base);
    if (heap::link_type(link) != heap::LinkType::Other) {
      Value* caller = caller_base(thread.base);
      const Proto& calling = *heap::frame_closure(caller)->proto;
      const Instruction* call = heap::link_pc(link) - 1;
      thread.hook_position = static_cast<std::uint32_t>(call - calling.code);
      thread.hook_line = line_of(calling, call);
    }
  }
  ++thread.pc;
  return Flow::Next;
}

Flow start_call_hook(Vm& vm) {
  Thread& thread = *vm.thread();
  String* name = vm.heap.new_string("call");
  if (name == nullptr) {
    throw_value(vm, Value::from(vm.memory_message));
    return Flow::Next;
  }
  thread.in_hook = true;
  Value* slot = thread.top;
  slot[0] = thread.hook_function;
  slot[1] = Value::from(name);
  return call(vm, slot, 1,
              heap::make_link(LinkKind::HookStart,
                              static_cast<std::uint64_t>(slot + 1 - thread.base), 0));
}

Flow start_return_hook(Vm& vm, std::uint64_t link, int results) {
  Thread& thread = *vm.thread();
  String* name = vm.heap.new_string("return");
  if (name == nullptr) {
    throw_value(vm, Value::from(vm.memory_message));
    return Flow::Next;
  }
  thread.in_hook = true;
  // Results begin in the function slot, which the frame still needs: they move up.
  Value* base = thread.base;
  Value* slot = base + results;
  Value* room = slot;
  if (ensure_stack(vm, room, 8) != StackResult::Ok) return Flow::Next;
  base = thread.base;
  slot = room;
  const Value function = Value::from_builtin(thread.hook_builtin);
  for (int n = results; n > 0; --n) base[n - 1] = base[n - 2];
  base[-1].bits = function.bits;
  base[-1].meta = link;
  slot[0] = thread.hook_function;
  slot[1] = Value::from(name);
  thread.top = slot;
  return call(vm, slot, 1,
              heap::make_link(LinkKind::HookReturn, static_cast<std::uint64_t>(slot + 1 - base),
                              static_cast<std::uint64_t>(results)));
}

void end_hook(Vm& vm) { vm.thread()->in_hook = false; }

void update_hooks(Vm& vm) {
  vm.hooks_active = false;
  for (heap::Object* object = vm.heap.objects; object != nullptr; object = object->next) {
    if (object->kind == heap::Kind::Thread &&
        static_cast<Thread*>(object)->hook_mask != 0) {
      vm.hooks_active = true;
      return;
    }
  }
}

}  // namespace moonlet::vm
