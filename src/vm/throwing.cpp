// Errors on their way: to a message handler, then to a frame that catches, or out of the thread.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vm/frame_walk.hpp"
#include "vm/hooks.hpp"
#include "vm/nested.hpp"
#include "vm/transfer.hpp"

namespace moonlet::vm {

using heap::LinkKind;
using heap::LinkType;
using heap::ThreadStatus;

namespace {

// The slot above everything that the frame on top may need.
Value* above_top_frame(Thread& thread) {
  if (heap::frame_is_builtin(thread.base)) return thread.top;
  Value* above = thread.base + heap::frame_closure(thread.base)->proto->max_stack;
  return thread.open_top && thread.top > above ? thread.top : above;
}

// Before it starts and after it has ended, a protected call catches nothing.
bool is_hook_of_builtin(std::uint64_t link) {
  return is_link(link, LinkKind::HookStart) || is_link(link, LinkKind::HookReturn);
}

// The error on its way is a text for which there was no memory.
ML_COLD void make_error(Vm& vm) {
  const std::unique_ptr<std::string> text = std::move(vm.unmade_error);
  collect_for_memory(vm, Standing::Inside, {});
  if (String* string = vm.heap.new_string(*text); string != nullptr) {
    vm.heap.error = Value::from(string);
  } else {
    throw_memory(vm);
  }
}

// A safepoint in the middle of an error that nobody catches: it is thrown once more.
Transfer come_back(Vm& vm) {
  vm.heap.refusal = heap::Refusal::Host;
  const Flow flow = piece_safepoint(vm, heap::ThreadEntry::Throw);
  if (flow == Flow::Stop) return to_stop();
  vm.thread()->entry = heap::ThreadEntry::Run;
  return to_throw();
}

// The run is over: neither handlers nor pending variables are asked.
ML_COLD Transfer fail_finally(Vm& vm) {
  vm.unmade_error.reset();
  vm.is_out_of_memory = false;
  std::string traceback;
  if (!traceback_in_pieces(vm, *vm.thread(), 0, traceback)) return come_back(vm);
  vm.traceback = std::make_unique<std::string>(std::move(traceback));
  vm.outcome = Outcome::Limit;
  vm.limit_hit = vm.error_limit;
  give_up_threads(vm);
  return to_stop();
}

Transfer fail_thread(Vm& vm, Thread& thread) {
  if (&thread == vm.heap.main_thread) {
    std::string traceback;
    if (!traceback_in_pieces(vm, thread, 0, traceback)) return come_back(vm);
    vm.traceback = std::make_unique<std::string>(std::move(traceback));
    thread.status = ThreadStatus::Failed;
    thread.error = vm.heap.error;
    vm.outcome = vm.error_limit == LimitKind::None ? Outcome::Failed : Outcome::Limit;
    vm.limit_hit = vm.error_limit;
    return to_stop();
  }
  vm.error_limit = LimitKind::None;
  thread.status = ThreadStatus::Failed;
  thread.error = vm.heap.error;
  // Frames stay for tracebacks, until the coroutine is closed.
  const Value error = vm.heap.error;
  return to_resumer(vm, thread, &error, 1, false);
}

// The frame at `base` catches an error: what an overflow added to the stack is given back, if all
// that is still in use fits into the rest. Else the next overflow would look like one in a handler;
// a lack of memory for it is the error from here on. The frame, which may have moved.
Value* leave_error_room(Vm& vm, Thread& thread, Value* base) {
  const std::uint32_t most = vm.limits.stack_slots_max;
  if (ML_LIKELY(thread.stack_size <= most)) return base;
  const std::uint32_t frame = thread.number(base);
  std::uint32_t used = frame;
  if (static_cast<int>(heap::frame_builtin(base)) == vm.builtins.roles.closing) {
    used += kClosingSlots + static_cast<std::uint32_t>(base[1].integer >> 8);
  }
  heap::close_cells(vm.heap, thread, thread.slot(used));
  std::vector<Value> wanted(base, thread.slot(used));
  for (std::uint32_t n = 0; n < thread.tbc_count; ++n) {
    if (thread.tbc_slots[n] < used) continue;
    used = thread.tbc_slots[n] + 1;
    wanted.push_back(*thread.slot(thread.tbc_slots[n]));
  }
  if (used + 2 * kStackSlack > most) return base;
  thread.base = base;
  thread.top = base;
  if (!heap::resize_stack(vm.heap, thread, most)) {
    collect_for_memory(vm, Standing::Inside, wanted);
    if (!heap::resize_stack(vm.heap, thread, most)) {
      throw_memory(vm);
      vm.is_out_of_memory = false;
    }
  }
  thread.top = thread.slot(used);
  return thread.slot(frame);
}

// Variables that were pending in a __close that failed come first: they join those of the closing
// frame at `base`. They only move down, in order. How many.
int adopt_variables(Thread& thread, Value* base, int pending) {
  std::uint32_t first = thread.tbc_count;
  while (first > 0 && thread.tbc_slots[first - 1] >= thread.number(base)) --first;
  Value* to = base + kClosingSlots + pending;
  for (std::uint32_t i = first; i < thread.tbc_count; ++i) {
    *to++ = *thread.slot(thread.tbc_slots[i]);
  }
  const std::uint32_t adopted = thread.tbc_count - first;
  thread.tbc_count = first;
  return static_cast<int>(adopted);
}

// Does the handler in this function slot handle a lack of memory? Then another one is no error in
// error handling.
bool was_told_of_memory(const Vm& vm, const Value* handler) {
  const Value* argument = handler + 1;
  if (!heap::frame_is_builtin(argument)) {
    const Proto& proto = *heap::frame_closure(argument)->proto;
    if (proto.parameter_count == 0 && proto.arity != heap::kVarargArity) return false;
  }
  return argument->is_string() && argument->string() == vm.memory_message;
}

// What its call with one argument takes.
std::uint64_t slots_of_handler(const Value& handler) {
  if (!handler.is_closure()) return 4;
  const Proto& proto = *handler.closure()->proto;
  return 4u + proto.max_stack + proto.parameter_count;
}

}  // namespace

Transfer step_throw(Vm& vm) {
  Thread& thread = *vm.thread();
  if (thread.status == ThreadStatus::Dead) return to_stop();
  if (ML_UNLIKELY(vm.error_limit != LimitKind::None) && is_final(vm, vm.error_limit)) {
    return fail_finally(vm);
  }
  if (ML_UNLIKELY(vm.unmade_error != nullptr)) make_error(vm);
  const bool lacks_memory = std::exchange(vm.is_out_of_memory, false);
  // As in the reference implementation: the handler would need memory, too. In Luau it is asked.
  if (ML_UNLIKELY(lacks_memory) && vm.dialect != Dialect::Luau) return {Transfer::Kind::Unwind};
  // The message handler of the nearest xpcall runs on top of the frames that failed.
  NestedWalk nested(thread);
  std::uint64_t above = 0;
  Value* failed_handler = nullptr;  // Luau asks none about an error of its own
  for (Value* base = thread.base;;) {
    if (heap::frame_is_builtin(base) && !is_hook_of_builtin(above)) {
      const int index = static_cast<int>(heap::frame_builtin(base));
      if (index == vm.builtins.roles.pcall || index == vm.builtins.roles.closing) break;
      if (index == vm.builtins.roles.xpcall) {
        // xpcall has asked for a function; a forged state may have another handler, whose call
        // would fail, and fail again for want of a handler.
        const bool asks_none = failed_handler != nullptr && vm.dialect == Dialect::Luau;
        if (asks_none && lacks_memory && was_told_of_memory(vm, failed_handler)) break;
        if (!base[1].is_function() || asks_none || nested_depth(thread) >= handler_depth_max(vm)) {
          vm.heap.error = Value::from(vm.error_message);
          break;
        }
        std::uint64_t position = 0;
        if (!heap::frame_is_builtin(thread.base)) {
          position = static_cast<std::uint64_t>(thread.pc - 1 -
                                                heap::frame_closure(thread.base)->proto->code);
        }
        Value* slot = above_top_frame(thread);
        const Value handler = base[1];
        // For its frame, too: a lack of memory there would ask it once more, and so on.
        const StackResult room =
            make_room(vm, slot, slots_of_handler(handler), Standing::Inside, {&handler, 1});
        if (room == StackResult::Overflow) vm.heap.error = Value::from(vm.error_message);
        if (room == StackResult::NoMemory) throw_memory(vm);
        if (room != StackResult::Ok) break;
        slot[0] = handler;
        slot[1] = vm.heap.error;
        return to_call(
            slot, 1,
            heap::make_link(LinkKind::Handler, static_cast<std::uint64_t>(slot + 1 - thread.base),
                            position));
      }
    }
    Value* below = nested.next();
    if (below == nullptr || is_link(below->meta, LinkKind::Finalizer)) break;
    above = below->meta;
    if (is_link(above, LinkKind::Handler) && failed_handler == nullptr) failed_handler = below;
    base = below + 1 - heap::link_delta(above);
  }
  vm.is_out_of_memory = false;
  return {Transfer::Kind::Unwind};
}

Transfer step_unwind(Vm& vm) {
  Thread& thread = *vm.thread();
  NestedWalk nested(thread);
  std::uint16_t depth = thread.native_depth;
  std::uint16_t protected_depth = thread.protected_depth;
  std::uint64_t above = 0;
  for (Value* base = thread.base;;) {
    if (heap::frame_is_builtin(base) && !is_hook_of_builtin(above)) {
      const int index = static_cast<int>(heap::frame_builtin(base));
      if (index == vm.builtins.roles.pcall || index == vm.builtins.roles.xpcall ||
          index == vm.builtins.roles.closing) {
        vm.error_limit = LimitKind::None;  // caught
        base = leave_error_room(vm, thread, base);
        thread.native_depth = depth;
        thread.protected_depth = protected_depth;
        thread.hook_builtin = heap::frame_builtin(base);
        const std::uint64_t link = base[-1].meta;
        const Value error = vm.heap.error;
        int answer;
        if (index == vm.builtins.roles.closing) {
          // A __close failed: the new error takes the place of the old one.
          thread.base = base;
          base[0] = error;
          base[1].integer |= 1;
          int pending = static_cast<int>(base[1].integer >> 8);
          heap::close_cells(vm.heap, thread, base + kClosingSlots + pending);
          pending += adopt_variables(thread, base, pending);
          answer = continue_closing(vm, base, pending);
        } else {
          thread.base = base;
          answer = begin_closing(vm, base, thread, base, ClosingMode::Pcall, true, error);
        }
        return {Transfer::Kind::Answer, nullptr, nullptr, answer, link};
      }
    }
    Value* slot = nested.next();
    if (slot == nullptr) break;
    const std::uint64_t link = slot->meta;
    --depth;
    if (is_protected_call(vm, slot, link)) --protected_depth;
    if (is_hook_link(link)) {
      end_hook(thread);
      set_hook_stage(vm, thread, HookStage::Running);
    }
    if (is_link(link, LinkKind::Finalizer)) {
      thread.native_depth = static_cast<std::uint16_t>(depth + 1);
      thread.protected_depth = protected_depth;
      // Variables pending inside the finalizer are closed by nobody: as in the reference, the
      // finalizer ran in protected mode, which closes them. They are dropped here after closing
      // their upvalues.
      heap::close_cells(vm.heap, thread, slot);
      while (thread.tbc_count > 0 &&
             thread.tbc_slots[thread.tbc_count - 1] >= thread.number(slot)) {
        --thread.tbc_count;
      }
      warn_of_finalizer(vm, vm.heap.error);
      vm.error_limit = LimitKind::None;
      return to_return(slot, link, slot, 0);
    }
    above = link;
    base = slot + 1 - heap::link_delta(link);
  }
  return fail_thread(vm, thread);
}

}  // namespace moonlet::vm
