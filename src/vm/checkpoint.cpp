// Where the collector may run: checkpoints, failed allocations, and the finalizers that follow.
#include "vm/call.hpp"
#include "vm/debug.hpp"
#include "vm/hooks.hpp"

namespace moonlet::vm {

using heap::LinkKind;
using heap::ThreadEntry;

Flow interrupt(Vm& vm, LinkKind kind, const Value& function, const Value* arguments, int count) {
  Thread& thread = *vm.thread();
  Proto* proto = heap::frame_closure(thread.base)->proto;
  Value* slot = thread.base + proto->max_stack;
  std::uint64_t flags = 0;
  if (thread.open_top) {
    slot = thread.top;
    flags = heap::kLinkOpenTop;
    const StackResult room =
        make_room(vm, slot, static_cast<std::uint64_t>(count) + 4, Standing::Before,
                  {arguments, static_cast<std::size_t>(count)});
    if (room != StackResult::Ok) {
      throw_no_room(vm, room);
      if (kind == LinkKind::Finalizer) {
        warn_of_finalizer(vm, vm.heap.error);
        vm.heap.is_stopped_internally = false;
        return Flow::Reload;
      }
      ++thread.pc;  // errors are raised inside of instructions
      return throw_pending(vm);
    }
  }
  slot[0] = function;
  for (int i = 0; i < count; ++i) slot[1 + i] = arguments[i];
  const auto position = static_cast<std::uint64_t>(thread.pc - proto->code);
  return call(
      vm, slot, count,
      heap::make_link(kind, static_cast<std::uint64_t>(slot + 1 - thread.base), position) | flags);
}

ML_COLD void collect_for_memory(Vm& vm, Standing standing, std::span<const Value> wanted) {
  Thread& thread = *vm.thread();
  const bool is_inside = standing == Standing::Inside && !heap::has_no_frames(thread) &&
                         !heap::frame_is_builtin(thread.base);
  std::vector<Value>& roots = vm.heap.extra_roots.get();
  const std::size_t kept = roots.size();
  roots.insert(roots.end(), wanted.begin(), wanted.end());
  const bool open_top = thread.open_top;
  if (is_inside) {
    --thread.pc;
    thread.open_top = has_open_top(*thread.pc);
  }
  vm.heap.collect_full();
  vm.heap.refusal = heap::Refusal::Host;  // of the next attempt
  if (is_inside) {
    ++thread.pc;
    thread.open_top = open_top;
  }
  roots.resize(kept);
}

namespace {

// A call would be paid for once more if it started over.
bool charges_fuel(bytecode::Instruction instruction) {
  const bytecode::Effect effect = bytecode::info(bytecode::opcode(instruction)).effect;
  return effect == bytecode::Effect::Call || effect == bytecode::Effect::TailCall;
}

}  // namespace

ML_COLD Flow collect_to_retry(Vm& vm, ThreadEntry entry) {
  Thread& thread = *vm.thread();
  const bool is_instruction = entry == ThreadEntry::Run;
  if (is_instruction) {
    if (heap::frame_is_builtin(thread.base) || charges_fuel(thread.pc[-1])) {
      collect_for_memory(vm, Standing::Inside);
      return Flow::Next;
    }
    if (vm.retried_pc == thread.pc && vm.retried_at == vm.fuel_position()) return Flow::NoMemory;
  }
  const bool open_top = thread.open_top;
  if (is_instruction) {
    --thread.pc;
    thread.open_top = has_open_top(*thread.pc);
  }
  thread.entry = entry;
  vm.heap.begin_full();
  for (vm.heap.go_on(); vm.heap.is_blocked(); vm.heap.go_on()) {
    if (stop_in_collection(vm) != Flow::Stop) continue;
    if (is_instruction) {
      set_hook_stage(vm, thread, HookStage::Lined);
      vm.retried_pc = thread.pc + 1;
      vm.retried_at = vm.fuel_position();
    } else {
      vm.retries_builtin = true;
    }
    return Flow::Stop;
  }
  vm.heap.refusal = heap::Refusal::Host;  // of the next attempt
  thread.entry = ThreadEntry::Run;
  if (is_instruction) {
    ++thread.pc;
    thread.open_top = open_top;
  }
  return Flow::Next;
}

StackResult make_room(Vm& vm, Value*& from, std::uint64_t slots, Standing standing,
                      std::span<const Value> wanted) {
  const StackResult result = ensure_stack(vm, from, slots);
  if (ML_LIKELY(result != StackResult::NoMemory)) return result;
  collect_for_memory(vm, standing, wanted);
  return ensure_stack(vm, from, slots);
}

namespace {

// The instruction at thread.pc[-1] is to be dispatched again, after its line's hook.
void stand_before_instruction(Vm& vm) {
  Thread& thread = *vm.thread();
  --thread.pc;
  thread.open_top = has_open_top(*thread.pc);
  thread.entry = ThreadEntry::Run;
  set_hook_stage(vm, thread, HookStage::Lined);
}

}  // namespace

Flow checkpoint(Vm& vm) {
  stand_before_instruction(vm);
  if (collect_slices(vm) == Flow::Stop) return Flow::Stop;
  return run_finalizer(vm);
}

Flow start_over(Vm& vm) {
  stand_before_instruction(vm);
  return piece_safepoint(vm, ThreadEntry::Run);
}

// Code that only allocates has many slices between two safepoints, so a stop is heard after the
// last one, too; but not in front of a finalizer, which has to come where it came without it.
Flow collect_slices(Vm& vm) {
  for (vm.heap.step(); vm.heap.is_blocked() || vm.heap.wants_step(); vm.heap.step()) {
    if (stop_in_collection(vm) == Flow::Stop) return Flow::Stop;
  }
  if (!is_stop_requested(vm)) return Flow::Next;
  if (vm.heap.pending_finalizers.empty()) return take_stop_request(vm);
  cut_slice(vm);
  return Flow::Next;
}

Flow finish_collection(Vm& vm) {
  if (ML_LIKELY(!vm.heap.is_blocked())) return Flow::Next;
  const bool is_full = vm.heap.is_in_full();
  if (collect_slices(vm) == Flow::Stop) return Flow::Stop;
  // The rest of checkpoint(), so that what the script sees does not depend on the stop.
  const bool is_checkpoint = !is_full && vm.thread()->entry == ThreadEntry::Run;
  return is_checkpoint ? run_finalizer(vm) : Flow::Next;
}

Flow run_finalizer(Vm& vm) {
  if (vm.heap.is_stopped_internally) return Flow::Reload;
  while (!vm.heap.pending_finalizers.empty()) {
    heap::Object* object = heap::next_finalizer(vm.heap);
    const Value value = object_value(object);
    const Value method = metamethod(vm, value, Event::Gc);
    if (method.is_nil()) continue;
    vm.heap.is_stopped_internally = true;
    return interrupt(vm, LinkKind::Finalizer, method, &value, 1);
  }
  return Flow::Reload;
}

}  // namespace moonlet::vm
