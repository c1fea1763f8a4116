#include "vm/call.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "vm/debug.hpp"
#include "vm/frame_walk.hpp"
#include "vm/frames_inl.hpp"
#include "vm/hooks.hpp"
#include "vm/nested.hpp"
#include "vm/transfer.hpp"

namespace moonlet::vm {

using bytecode::Effect;
using bytecode::Opcode;
using heap::LinkKind;
using heap::LinkType;
using heap::ThreadEntry;
using heap::ThreadStatus;

namespace {

Transfer stack_overflow(Vm& vm) {
  throw_stack_overflow(vm);
  return to_throw();
}

// Raises "C stack overflow" when a nested activation would pass the limit; once an error handler
// makes it worse, the error becomes final.
bool enter_nested(Vm& vm, const Value* slot, std::uint64_t link) {
  Thread& thread = *vm.thread();
  if (!counts_as_nested(link)) return true;
  if (ML_UNLIKELY(is_protected_call(vm, slot, link))) {
    if (thread.protected_depth >= kProtectedCallsMax) return false;
    ++thread.protected_depth;
    count_nested(vm, thread, slot);
    return true;
  }
  if (ML_LIKELY(nested_depth(thread) < vm.limits.native_depth_max)) {
    count_nested(vm, thread, slot);
    if (is_hook_link(link)) thread.in_hook = true;
    return true;
  }
  // A handler may look at the overflow itself; in Luau, what it calls as well.
  if ((heap::link_kind(link) == LinkKind::Handler ||
       (vm.dialect == Dialect::Luau && nested_depth(thread) > vm.limits.native_depth_max)) &&
      nested_depth(thread) < handler_depth_max(vm)) {
    count_nested(vm, thread, slot);
    if (is_hook_link(link)) thread.in_hook = true;
    return true;
  }
  return false;
}

// The protected call on top, if it is one, catches nothing any more.
void unprotect(Vm& vm) {
  Value* args = vm.thread()->base;
  if (!heap::frame_is_builtin(args)) return;
  const int index = static_cast<int>(heap::frame_builtin(args));
  if (index == vm.builtins.roles.pcall || index == vm.builtins.roles.xpcall ||
      index == vm.builtins.roles.closing) {
    args[-1].bits = static_cast<std::uint64_t>(vm.builtins.roles.resume_wrap);
  }
}

// The builtin on top fails; if it is a protected call, it does not catch that itself.
Transfer throw_unprotected(Vm& vm) {
  unprotect(vm);
  return to_throw();
}

Transfer step_answer(Vm& vm, int answer, std::uint64_t link);

Transfer start_builtin(Vm& vm, Value* args, int count) {
  vm.thread()->hook_builtin = heap::frame_builtin(args);
  const BuiltinFn call = vm.builtins.calls[heap::frame_builtin(args)].call;
  const std::uint64_t link = args[-1].meta;  // before a result takes its place
  return step_answer(vm, call(vm, args, count), link);
}

// A call that was to take the place of the frame on top has overwritten its function slot: makes it
// a frame again.
void repair_frame(Vm& vm, Value* slot, std::uint64_t link) {
  slot->bits = static_cast<std::uint64_t>(vm.builtins.roles.resume_wrap);
  slot->meta = link;
  vm.thread()->base = slot + 1;
  vm.thread()->top = slot + 1;
}

// Room for a call in `slot`.
StackResult make_room_for_call(Vm& vm, Value*& slot, int count, std::uint64_t slots,
                               std::uint64_t link, bool replaces) {
  const StackResult result = ensure_stack(vm, slot, slots);
  if (ML_LIKELY(result != StackResult::NoMemory)) return result;
  const std::vector<Value> call(slot, slot + count + 1);
  // Hooks and finalizers come before an instruction, everything else is called from inside of one.
  const bool is_interrupt =
      is_link(link, LinkKind::Finalizer) || is_link(link, LinkKind::Interrupt);
  if (replaces) repair_frame(vm, slot, link);
  // What a builtin that calls back has put behind its arguments is its own, too.
  if (is_link(link, LinkKind::Native)) vm.thread()->top = slot;
  collect_for_memory(vm, is_interrupt ? Standing::Before : Standing::Inside, call);
  *slot = call[0];
  return ensure_stack(vm, slot, slots);
}

// A call fails before its frame exists. Everything is put in order for the error.
void prepare_to_fail(Vm& vm, Value* slot, std::uint64_t link, bool replaces) {
  if (replaces) {
    repair_frame(vm, slot, link);
    // Unwinding will leave it once more.
    if (counts_as_nested(link)) {
      ++vm.thread()->native_depth;
      if (is_protected_call(vm, slot, link)) ++vm.thread()->protected_depth;
    }
  } else if (is_link(link, LinkKind::Interrupt)) {
    ++vm.thread()->pc;  // errors are raised inside of instructions
  } else if (is_hook_link(link)) {
    // Nor does one whose call or return could not be reported.
    unprotect(vm);
  }
}

Transfer fail_call(Vm& vm, Value* slot, std::uint64_t link) {
  if (!is_link(link, LinkKind::Finalizer)) return to_throw();
  // Errors of finalizers are no errors of the program that they interrupt.
  warn_of_finalizer(vm, vm.heap.error);
  ++vm.thread()->native_depth;
  return to_return(slot, link, slot, 0);
}

Transfer no_room(Vm& vm, StackResult result, Value* slot, std::uint64_t link, bool replaces) {
  prepare_to_fail(vm, slot, link, replaces);
  throw_no_room(vm, result);
  return fail_call(vm, slot, link);
}

Transfer from_flow(Vm& vm, Flow flow) {
  switch (flow) {
    case Flow::Next:
      return to_reload();
    case Flow::Reload:
      return to_reload();
    case Flow::Stop:
      return to_stop();
    case Flow::NoMemory:
      throw_memory(vm);
      return to_throw();
  }
  return to_stop();
}

// The Lua function on top was called by no instruction for calls, which would have counted its
// fuel: metamethods that call each other are work, too, and can be stopped.
Transfer enter_callback(Vm& vm) {
  vm.fuel -= kCallFuel;
  if (ML_LIKELY(vm.fuel >= 0)) return to_reload();
  return from_flow(vm, safepoint(vm, ThreadEntry::Run));
}

Transfer step_call(Vm& vm, Value* slot, int count, std::uint64_t link, bool replaces) {
  Thread* thread = vm.thread();
  while (!slot->is_function()) {
    const Value handler = metamethod(vm, *slot, Event::Call);
    if (handler.is_nil()) {
      const Value value = *slot;
      prepare_to_fail(vm, slot, link, replaces);
      throw_call_error(vm, value);
      return fail_call(vm, slot, link);
    }
    const StackResult room =
        make_room_for_call(vm, slot, count, static_cast<std::uint64_t>(count) + 2, link, replaces);
    if (room != StackResult::Ok) return no_room(vm, room, slot, link, replaces);
    shift_values(slot, count + 1);
    slot[0] = handler;
    ++count;
  }
  std::uint64_t needed = static_cast<std::uint64_t>(count) + 1;
  Proto* proto = nullptr;
  if (slot->is_closure()) {
    proto = slot->closure()->proto;
    needed += proto->max_stack;
    if (proto->arity == heap::kVarargArity) needed += proto->parameter_count + 1u;
  }
  const StackResult room = make_room_for_call(vm, slot, count, needed, link, replaces);
  if (room != StackResult::Ok) return no_room(vm, room, slot, link, replaces);
  if (!enter_nested(vm, slot, link)) {
    prepare_to_fail(vm, slot, link, replaces);
    if (nested_depth(*thread) > vm.limits.native_depth_max && vm.dialect == Dialect::Luau) {
      throw_value(vm, Value::from(vm.error_message));
    } else if (is_protected_call(vm, slot, link)) {
      throw_limit_here(vm, LimitKind::Depth, "stack overflow");
    } else {
      throw_limit_here(vm, LimitKind::Nesting, "C stack overflow");
    }
    return fail_call(vm, slot, link);
  }
  thread = vm.thread();
  Value* base = slot + 1;
  if (proto == nullptr) {
    slot->bits = slot->builtin();
    slot->meta = link;
    thread->base = base;
    thread->top = base + count;
    if (ML_LIKELY(!hooks_enabled(vm, *thread))) return start_builtin(vm, base, count);
    HookCall hook;
    switch (call_event(vm, hook)) {
      case HookDue::No:
        return start_builtin(vm, base, count);
      case HookDue::Yes:
        return to_call(hook.slot, hook.count, hook.link);
      case HookDue::Failed:
        return throw_unprotected(vm);
    }
  }
  base = make_frame(*thread, slot, static_cast<unsigned>(count), *proto, link);
  ML_ASSERT(base != nullptr);  // there is room
  begin_frame(*thread, base, *proto);
  set_hook_stage(vm, *thread, HookStage::Entered);
  // What takes the place of another call has been paid with it.
  return counts_as_nested(link) && !replaces ? enter_callback(vm) : to_reload();
}

// `count` results of what the call before `pc` called, in `slot`: as many as it wants.
ML_ALWAYS_INLINE void return_to_lua(Vm& vm, Value* slot, const Instruction* pc,
                                    const Value* results, int count) {
  Thread& thread = *vm.thread();
  const Instruction call = pc[-1];
  const int wanted = static_cast<int>(bytecode::op_c(call)) - 1;
  if (wanted < 0) {
    charge_values(vm, count);
    move_values(slot, results, count);
    thread.top = slot + count;
    thread.open_top = true;
  } else {
    const int copied = std::min(wanted, count);
    for (int i = 0; i < copied; ++i) heap::copy(&slot[i], &results[i]);
    for (int i = copied; i < wanted; ++i) heap::set_nil(&slot[i]);
    thread.open_top = false;
  }
  thread.base = slot - bytecode::op_a(call);
  thread.pc = pc;
  thread.entry = ThreadEntry::Run;
}

// Results of a builtin that Lua has called, or called last. False: there is more to it, nothing has
// changed.
ML_ALWAYS_INLINE bool return_quickly(Vm& vm, Value* slot, std::uint64_t link, const Value* results,
                                     int count) {
  Thread& thread = *vm.thread();
  if (ML_UNLIKELY(thread.hook_mask != 0)) return false;
  if ((link & 2) == 0) {
    return_to_lua(vm, slot, heap::link_pc(link), results, count);
    return true;
  }
  if (!is_link(link, LinkKind::Meta)) return false;
  Value* caller = slot + 1 - heap::link_delta(link);
  const Instruction i = heap::frame_closure(caller)->proto->code[heap::link_position(link)];
  if (bytecode::opcode(i) != Opcode::TailCall || bytecode::op_c(i) != 0) return false;
  Value* frame = true_base(caller);
  const std::uint64_t own = frame[-1].meta;
  if ((own & 2) != 0) return false;
  --thread.native_depth;
  return_to_lua(vm, frame - 1, heap::link_pc(own), results, count);
  return true;
}

// Gives the builtin on top the results, which lie at `slot`, that it waited for.
Transfer continue_builtin(Vm& vm, Value* slot, int count) {
  Thread& thread = *vm.thread();
  const BuiltinRow& row = vm.builtins.rows[heap::frame_builtin(thread.base)];
  const std::uint64_t link = thread.base[-1].meta;
  const std::uint32_t number = thread.number(slot);
  thread.top = slot + count;
  int answer = row.resume(vm, thread.base, slot, count);
  if (ML_UNLIKELY(answer == kNoMemory)) {
    // The stack may have moved.
    thread.top = thread.slot(number) + count;
    collect_for_memory(vm, Standing::Inside);
    answer = row.resume(vm, thread.base, thread.slot(number), count);
    if (answer == kNoMemory) answer = throw_memory(vm);
  }
  if (answer >= 0 && return_quickly(vm, thread.base - 1, link, thread.base - 1, answer)) {
    return to_reload();
  }
  return {Transfer::Kind::Answer, nullptr, nullptr, answer, link};
}

Transfer step_return_bottom(Vm& vm, Value* slot, Value* results, int count) {
  Thread& thread = *vm.thread();
  if (&thread == vm.heap.main_thread) {
    for (int i = 0; i < count; ++i) slot[i] = results[i];
    thread.base = slot;
    thread.top = slot + count;
    vm.results_count = static_cast<std::uint32_t>(count);
    thread.status = ThreadStatus::Dead;
    vm.outcome = Outcome::Finished;
    return to_stop();
  }
  thread.status = ThreadStatus::Dead;
  thread.base = thread.stack + 1;
  thread.top = thread.stack;
  const Transfer next = to_resumer(vm, thread, results, count, true);
  return next;
}

Transfer step_return_lua(Vm& vm, Value* slot, std::uint64_t link, Value* results, int count) {
  const Instruction* pc = heap::link_pc(link);
  return_to_lua(vm, slot, pc, results, count);
  note_return(vm, vm.thread()->base, pc - 1);
  return to_reload();
}

// What a native function that the frame at `base` tail-called returned is what the frame returns.
Transfer step_return_tail_called(Vm& vm, Value* base, Instruction instruction, Value* results,
                                 int count) {
  if (bytecode::op_c(instruction) != 0) heap::close_cells(vm.heap, *vm.thread(), base);
  Value* frame = true_base(base);
  return to_return(frame - 1, heap::plain_link(frame), results, count);
}

Transfer step_return(Vm& vm, Value* slot, std::uint64_t link, Value* results, int count) {
  switch (heap::link_type(link)) {
    case LinkType::Lua:
    case LinkType::LuaTail:
      return step_return_lua(vm, slot, link, results, count);
    case LinkType::Vararg:
      ML_UNREACHABLE();
    case LinkType::Other:
      break;
  }
  Thread& thread = *vm.thread();
  if (counts_as_nested(link)) leave_nested(vm, thread, slot, link);
  Value* caller = slot + 1 - heap::link_delta(link);
  switch (heap::link_kind(link)) {
    case LinkKind::Bottom:
      return step_return_bottom(vm, slot, results, count);
    case LinkKind::Meta: {
      thread.base = caller;
      thread.entry = ThreadEntry::Run;
      const Instruction* instruction =
          heap::frame_closure(caller)->proto->code + heap::link_position(link);
      if (bytecode::opcode(*instruction) == Opcode::TailCall) {
        if (ML_LIKELY(!hooks_enabled(vm, thread))) {
          return step_return_tail_called(vm, caller, *instruction, results, count);
        }
        HookCall hook;
        switch (return_event(vm, caller, heap::link_position(link), results, count, hook)) {
          case HookDue::No:
            return step_return_tail_called(vm, caller, *instruction, results, count);
          case HookDue::Yes:
            return to_call(hook.slot, hook.count, hook.link);
          case HookDue::Failed:
            return to_throw();
        }
      }
      note_return(vm, caller, instruction);
      if ((link & heap::kLinkOpenTop) != 0) thread.top = slot;
      thread.open_top = (link & heap::kLinkOpenTop) != 0;
      const Value result = count > 0 ? results[0] : Value::nil();
      return from_flow(vm, complete_instruction(vm, heap::link_position(link), result));
    }
    case LinkKind::Finalizer:
      vm.heap.is_stopped_internally = false;
      [[fallthrough]];
    case LinkKind::Interrupt: {
      thread.base = caller;
      thread.pc = heap::frame_closure(caller)->proto->code + heap::link_position(link);
      thread.open_top = (link & heap::kLinkOpenTop) != 0;
      if (thread.open_top) thread.top = slot;
      thread.entry = ThreadEntry::Run;
      if (heap::link_kind(link) == LinkKind::Interrupt) end_hook(thread);
      return to_reload();
    }
    case LinkKind::Native: {
      move_values(slot, results, count);
      thread.base = caller;
      thread.hook_builtin = heap::frame_builtin(caller);
      return continue_builtin(vm, slot, count);
    }
    case LinkKind::HookStart: {
      thread.base = caller;
      thread.top = slot;
      end_hook(thread);
      return start_builtin(vm, caller, static_cast<int>(slot - caller));
    }
    case LinkKind::HookReturn: {
      end_hook(thread);
      if (!heap::frame_is_builtin(caller)) {
        const Instruction instruction =
            heap::frame_closure(caller)->proto->code[heap::link_position(link)];
        Value* first = caller + bytecode::op_a(instruction);
        return step_return_tail_called(vm, caller, instruction, first,
                                       static_cast<int>(slot - first));
      }
      const int pending = static_cast<int>(heap::link_position(link));
      return to_return(caller - 1, caller[-1].meta, slot - pending, pending);
    }
    case LinkKind::Handler: {
      vm.heap.error = count > 0 ? results[0] : Value::nil();
      thread.base = caller;
      thread.top = slot;
      return {Transfer::Kind::Unwind};
    }
    case LinkKind::Checked:
      break;  // plain_link() has been asked
  }
  ML_UNREACHABLE();
}

Transfer step_enter(Vm& vm);

Transfer step_answer(Vm& vm, int answer, std::uint64_t link) {
  Thread* thread = vm.thread();
  Value* args = thread->base;
  if (ML_LIKELY(answer >= 0)) {
    Value* slot = args - 1;
    if (ML_LIKELY(return_quickly(vm, slot, link, slot, answer))) return to_reload();
    if (!hooks_enabled(vm, *thread)) return step_return(vm, slot, link, slot, answer);
    HookCall hook;
    switch (return_event(vm, link, answer, hook)) {
      case HookDue::No:
        return to_return(slot, link, slot, answer);
      case HookDue::Yes:
        return to_call(hook.slot, hook.count, hook.link);
      case HookDue::Failed:
        return throw_unprotected(vm);
    }
  }
  switch (answer) {
    case kThrow:
      // A mistake in a protected call's own arguments is not protected by it.
      return throw_unprotected(vm);
    case kNoMemory: {
      const auto start_over = [&vm, thread] {
        thread->entry = ThreadEntry::StartBuiltin;
        if (piece_safepoint(vm, ThreadEntry::StartBuiltin) == Flow::Stop) return to_stop();
        return Transfer{Transfer::Kind::Enter};
      };
      args[-1].meta = link;
      if (wants_to_go_on(vm)) return start_over();
      if (collect_to_retry(vm, ThreadEntry::StartBuiltin) == Flow::Stop) return to_stop();
      const BuiltinRow& row = vm.builtins.rows[heap::frame_builtin(args)];
      const int again = row.call(vm, args, static_cast<int>(thread->top - args));
      if (again == kNoMemory) {
        if (wants_to_go_on(vm)) return start_over();
        throw_memory(vm);
        return to_throw();
      }
      return {Transfer::Kind::Answer, nullptr, nullptr, again, link};
    }
    case kDelegate: {
      const std::uint32_t builtin = heap::frame_builtin(args);
      ML_CHECK(builtin < vm.delegates->size());
      const Value& function = (*vm.delegates)[builtin];
      ML_CHECK(function.is_closure());
      Value* slot = args - 1;
      slot[0] = function;
      if (counts_as_nested(link)) leave_nested(vm, *thread, slot, link);
      const Transfer next = step_call(vm, slot, static_cast<int>(thread->top - args), link, true);
      // The native function's call has been reported.
      if (next.kind == Transfer::Kind::Reload || next.kind == Transfer::Kind::Stop) {
        set_hook_stage(vm, *vm.thread(), HookStage::Running);
      }
      return next;
    }
    case kCall: {
      Value* slot = vm.call_slot;
      ML_ASSERT(slot >= args);
      return to_call(
          slot, vm.call_count,
          heap::make_link(LinkKind::Native, static_cast<std::uint64_t>(slot + 1 - args), 0));
    }
    case kTailCall: {
      const int count = vm.call_count;
      Value* from = vm.call_slot;
      Value* slot = args - 1;
      move_values(slot, from, count + 1);
      if (counts_as_nested(link)) leave_nested(vm, *thread, slot, link);
      return to_replacing_call(slot, count, link);
    }
    case kAgain: {
      thread->top = args + vm.call_count;
      thread->entry = ThreadEntry::StartBuiltin;
      if (piece_safepoint(vm, ThreadEntry::StartBuiltin) == Flow::Stop) return to_stop();
      if (vm.heap.is_blocked() || vm.heap.wants_step()) {
        if (collect_slices(vm) == Flow::Stop) return to_stop();
      }
      return {Transfer::Kind::Enter};
    }
    case kReload: {
      // A long list was moved there, and will be once more.
      Thread& to = *vm.thread();
      if (ML_UNLIKELY(to.top - to.stack > kLongList) && to.entry == ThreadEntry::Deliver &&
          piece_safepoint(vm, ThreadEntry::Deliver) == Flow::Stop) {
        return to_stop();
      }
      return step_enter(vm);
    }
    case kStop:
      return to_stop();
    case kYield: {
      Thread& from = *thread;
      const int count = vm.call_count;
      from.status = ThreadStatus::Suspended;
      from.entry = ThreadEntry::Deliver;
      from.top = args;
      from.results_from = from.number(args);
      return to_resumer(vm, from, args, count, true);
    }
    default:
      ML_UNREACHABLE();
  }
}

Transfer step_enter(Vm& vm) {
  Thread& thread = *vm.thread();
  switch (thread.entry) {
    case ThreadEntry::Run:
      return to_reload();
    case ThreadEntry::RunCall: {
      ++thread.pc;
      thread.entry = ThreadEntry::Run;
      return from_flow(vm, call_instruction(vm, Safepoint::Passed));
    }
    case ThreadEntry::StartBuiltin: {
      const int count = static_cast<int>(thread.top - thread.base);
      const BuiltinRow& row = vm.builtins.rows[heap::frame_builtin(thread.base)];
      const std::uint64_t link = thread.base[-1].meta;
      thread.entry = ThreadEntry::Run;
      const bool has_collected = std::exchange(vm.retries_builtin, false);
      int answer = row.call(vm, thread.base, count);
      if (ML_UNLIKELY(has_collected && answer == kNoMemory) && !wants_to_go_on(vm)) {
        answer = throw_memory(vm);
      }
      return {Transfer::Kind::Answer, nullptr, nullptr, answer, link};
    }
    case ThreadEntry::Deliver: {
      Value* results = thread.slot(thread.results_from);
      const int count = static_cast<int>(thread.top - results);
      thread.entry = ThreadEntry::Run;
      thread.hook_builtin = heap::frame_builtin(thread.base);
      const std::uint64_t link = thread.base[-1].meta;
      if (ML_LIKELY(return_quickly(vm, thread.base - 1, link, results, count))) return to_reload();
      move_values(thread.base - 1, results, count);
      return step_answer(vm, count, link);
    }
    case ThreadEntry::Throw:
      thread.entry = ThreadEntry::Run;
      return to_throw();
    case ThreadEntry::StartCall: {
      thread.entry = ThreadEntry::Run;
      const int count = static_cast<int>(thread.top - thread.stack) - 1;
      return to_replacing_call(thread.stack, count, heap::make_link(LinkKind::Bottom, 0, 0));
    }
  }
  ML_UNREACHABLE();
}

Flow settle(Vm& vm, Transfer&& transfer) {
  for (;;) {
    switch (transfer.kind) {
      case Transfer::Kind::Call:
        ::new (static_cast<void*>(&transfer)) Transfer(
            step_call(vm, transfer.slot, transfer.count, transfer.link, transfer.replaces));
        break;
      case Transfer::Kind::Return:
        ::new (static_cast<void*>(&transfer)) Transfer(
            step_return(vm, transfer.slot, transfer.link, transfer.results, transfer.count));
        break;
      case Transfer::Kind::Throw:
        ::new (static_cast<void*>(&transfer)) Transfer(step_throw(vm));
        break;
      case Transfer::Kind::Unwind:
        ::new (static_cast<void*>(&transfer)) Transfer(step_unwind(vm));
        break;
      case Transfer::Kind::Answer:
        ::new (static_cast<void*>(&transfer))
            Transfer(step_answer(vm, transfer.count, transfer.link));
        break;
      case Transfer::Kind::Enter:
        ::new (static_cast<void*>(&transfer)) Transfer(step_enter(vm));
        break;
      case Transfer::Kind::Reload:
        return Flow::Reload;
      case Transfer::Kind::Stop:
        return Flow::Stop;
    }
  }
}

// Many values that resume or a wrapped function returns, with a safepoint before they are moved to
// where they are wanted.
Transfer answer_resumer(Vm& vm, Thread& resumer, const Value* values, int count) {
  Value* to = resumer.base;
  resumer.results_from = resumer.number(to);
  if (static_cast<int>(heap::frame_builtin(to)) == vm.builtins.roles.resume) {
    *to++ = Value::boolean(true);
  }
  move_values(to, values, count);
  resumer.top = to + count;
  resumer.entry = ThreadEntry::Deliver;
  if (piece_safepoint(vm, ThreadEntry::Deliver) == Flow::Stop) return to_stop();
  return {Transfer::Kind::Enter};
}

// So many values at most are handed over between coroutines without the general way.
constexpr int kFewValues = 8;

// The coroutine that runs yields a few values to one that Lua has resumed it in, or whose wrapped
// function Lua has called. False: there is more to it, nothing has changed.
bool yield_quickly(Vm& vm) {
  Thread& from = *vm.thread();
  Thread* to = from.resumer;
  int count = vm.call_count;
  if (to == nullptr || count > kFewValues || to->hook_mask != 0 || from.hook_mask != 0) {
    return false;
  }
  Value* slot = to->base - 1;
  const auto builtin = static_cast<int>(heap::frame_builtin(to->base));
  std::uint64_t link = slot->meta;
  const bool is_last = (link & 2) != 0;
  if (is_last) {
    // What a wrapped function calls last: its own caller takes the values.
    if (!is_link(link, LinkKind::Meta)) return false;
    Value* caller = slot + 1 - heap::link_delta(link);
    const Instruction i = heap::frame_closure(caller)->proto->code[heap::link_position(link)];
    if (bytecode::opcode(i) != Opcode::TailCall || bytecode::op_c(i) != 0) return false;
    slot = true_base(caller) - 1;
    link = slot->meta;
    if ((link & 2) != 0) return false;
  }
  if (slot + count + 1 + kStackSlack > to->stack_end()) return false;
  const Value* values = from.base;
  Value with_true[kFewValues + 1];
  if (builtin == vm.builtins.roles.resume) {
    with_true[0] = Value::boolean(true);
    for (int n = 0; n < count; ++n) with_true[n + 1] = values[n];
    values = with_true;
    ++count;
  } else if (builtin != vm.builtins.roles.resume_wrap) {
    return false;
  }
  from.status = ThreadStatus::Suspended;
  from.entry = ThreadEntry::Deliver;
  from.top = from.base;
  from.results_from = from.number(from.base);
  from.resumer = nullptr;
  vm.heap.switch_thread(to);
  to->status = ThreadStatus::Running;
  if (is_last) --to->native_depth;
  return_to_lua(vm, slot, heap::link_pc(link), values, count);
  return true;
}

// Does it wait in a yield that Lua has called, with room for a few values?
bool can_resume_quickly(Vm& vm, const Value* args, int count) {
  if (count == 0 || count > kFewValues || !args[0].is_thread()) return false;
  const Thread& co = *args[0].thread();
  const Thread& self = *vm.thread();
  return co.status == ThreadStatus::Suspended && co.entry == ThreadEntry::Deliver &&
         ((co.hook_mask | self.hook_mask) == 0) && (co.base[-1].meta & 2) == 0 &&
         co.base + count + kStackSlack <= co.stack_end() &&
         nested_depth(self) + 1u < vm.limits.native_depth_max;
}

void resume_quickly(Vm& vm, Thread& co, const Value* arguments, int count) {
  Thread& self = *vm.thread();
  co.inherited_depth = static_cast<std::uint16_t>(nested_depth(self) + 1);
  self.status = ThreadStatus::Normal;
  co.status = ThreadStatus::Running;
  co.resumer = &self;
  vm.heap.switch_thread(&co);
  Value* slot = co.base - 1;
  return_to_lua(vm, slot, heap::link_pc(slot->meta), arguments, count);
}

}  // namespace

int hands_over(Vm&, Value*, unsigned) { return kNotFast; }

bool hand_over(Vm& vm, Value* slot, unsigned operands, const Instruction* pc) {
  Thread& thread = *vm.thread();
  const int count =
      operands != 0 ? static_cast<int>(operands) - 1 : static_cast<int>(thread.top - slot) - 1;
  if (count > kFewValues || slot + 1 + count + kStackSlack > thread.stack_end()) return false;
  const bool is_last = bytecode::opcode(pc[-1]) == bytecode::Opcode::TailCall;
  const bool is_yield = static_cast<int>(slot->bits) == vm.builtins.roles.yield;
  if (is_yield ? is_last : !can_resume_quickly(vm, slot + 1, count)) return false;
  thread.base = slot + 1;
  thread.top = slot + 1 + count;
  if (!is_last) {
    slot->meta = heap::make_lua_link(pc);
  } else {
    const unsigned number = bytecode::op_a(pc[-1]);
    slot->meta = instruction_link(slot - number, pc, number);
    count_nested(vm, thread, slot);
  }
  if (!is_yield) {
    resume_quickly(vm, *slot[1].thread(), slot + 2, count - 1);
    return true;
  }
  vm.call_count = count;
  return may_yield(vm, thread) == Walked::Found && yield_quickly(vm);
}

Transfer to_resumer(Vm& vm, Thread& from, const Value* values, int count, bool ok) {
  Thread* resumer = from.resumer;
  from.resumer = nullptr;
  vm.heap.switch_thread(resumer);
  resumer->status = ThreadStatus::Running;
  Value* top = resumer->top;
  const std::uint64_t slots = static_cast<std::uint64_t>(count) + 8;
  StackResult room = ensure_stack(vm, top, slots);
  std::vector<Value> saved;
  if (ML_UNLIKELY(room == StackResult::NoMemory)) {
    // The stack that they lie on may shrink.
    saved.assign(values, values + count);
    values = saved.data();
    collect_for_memory(vm, Standing::Inside, saved);
    room = ensure_stack(vm, top, slots);
  }
  if (room == StackResult::Overflow) return stack_overflow(vm);
  if (room == StackResult::NoMemory) {
    throw_memory(vm);
    return to_throw();
  }
  charge_values(vm, count);
  if (ok && count > kLongList) return answer_resumer(vm, *resumer, values, count);
  move_values(top, values, count);
  vm.resumed_ok = ok;
  return continue_builtin(vm, top, count);
}

StackResult ensure_stack(Vm& vm, Value*& from, std::uint64_t slots) {
  Thread& thread = *vm.thread();
  const std::uint64_t used = static_cast<std::uint64_t>(from - thread.stack);
  const std::uint64_t needed = used + slots + kStackSlack;
  if (ML_LIKELY(needed <= thread.stack_size)) return StackResult::Ok;
  const std::uint64_t most = vm.limits.stack_slots_max;
  if (needed > most) {
    // Who handles the error needs room of its own, once; leave_error_room() takes it back.
    if (thread.stack_size <= most && thread.stack_size < used + kErrorSlots &&
        !heap::resize_stack(vm.heap, thread, static_cast<std::uint32_t>(most + kErrorSlots))) {
      return StackResult::NoMemory;
    }
    from = thread.stack + used;
    return StackResult::Overflow;
  }
  const std::uint64_t wanted =
      std::min(std::max<std::uint64_t>(needed, thread.stack_size * 2ull), most);
  if (!heap::resize_stack(vm.heap, thread, static_cast<std::uint32_t>(wanted))) {
    return StackResult::NoMemory;
  }
  from = thread.stack + used;
  return StackResult::Ok;
}

int throw_stack_overflow(Vm& vm) {
  const Thread& thread = *vm.thread();
  if (thread.number(thread.base) >= vm.limits.stack_slots_max) {
    return throw_value(vm, Value::from(vm.error_message));
  }
  return throw_limit_here(vm, LimitKind::Depth, "stack overflow");
}

int throw_no_room(Vm& vm, StackResult result) {
  return result == StackResult::Overflow ? throw_stack_overflow(vm) : throw_memory(vm);
}

Flow call(Vm& vm, Value* slot, int count, std::uint64_t link) {
  return settle(vm, to_call(slot, count, link));
}

Flow throw_pending(Vm& vm) { return settle(vm, to_throw()); }

Flow raise(Vm& vm, std::string_view message) {
  throw_here(vm, message);
  return throw_pending(vm);
}

Flow settle_builtin_answer(Vm& vm, int answer, std::uint64_t link) {
  return settle(vm, {Transfer::Kind::Answer, nullptr, nullptr, answer, link});
}

Flow enter_thread(Vm& vm) { return settle(vm, {Transfer::Kind::Enter}); }

bool has_open_top(Instruction instruction) {
  const Effect effect = bytecode::info(bytecode::opcode(instruction)).effect;
  const Opcode op = bytecode::opcode(instruction);
  if (op == Opcode::Return0 || op == Opcode::Return1) return false;
  return bytecode::op_b(instruction) == 0 &&
         (effect == Effect::Call || effect == Effect::TailCall || effect == Effect::Return ||
          effect == Effect::SetList);
}

namespace {

// An object that is called by a function of Lua, as most are. False: there is more to it.
bool call_object(Vm& vm, Value* slot, int count, std::uint64_t link) {
  Thread& thread = *vm.thread();
  if (slot->is_function() || thread.hook_mask != 0) return false;
  const Value handler = metamethod(vm, *slot, Event::Call);
  if (!handler.is_closure()) return false;
  const Proto& proto = *handler.closure()->proto;
  const auto passed = static_cast<unsigned>(count) + 1;
  if (!has_room(thread, slot, passed, proto)) return false;
  shift_values(slot, count + 1);
  slot[0] = handler;
  begin_frame(thread, make_frame(thread, slot, passed, proto, link), proto);
  return true;
}

}  // namespace

Flow call_instruction(Vm& vm, Safepoint mode) {
  Thread& thread = *vm.thread();
  const Instruction instruction = thread.pc[-1];
  if (mode == Safepoint::Pass) {
    --thread.pc;
    thread.open_top = has_open_top(instruction);
    if (safepoint(vm, ThreadEntry::RunCall) == Flow::Stop) return Flow::Stop;
    thread.entry = ThreadEntry::Run;
    ++thread.pc;
  }
  Value* base = thread.base;
  Value* slot = base + bytecode::op_a(instruction);
  const Effect effect = bytecode::info(bytecode::opcode(instruction)).effect;
  if (effect == Effect::TForCall) {
    slot[0] = slot[-4];
    slot[1] = slot[-3];
    slot[2] = slot[-2];
    return settle(vm, to_call(slot, 2, heap::make_lua_link(thread.pc)));
  }
  const unsigned b = bytecode::op_b(instruction);
  int count = b != 0 ? static_cast<int>(b) - 1 : static_cast<int>(thread.top - slot) - 1;
  if (effect == Effect::Call) {
    const std::uint64_t link = heap::make_lua_link(thread.pc);
    return call_object(vm, slot, count, link) ? Flow::Reload
                                              : settle(vm, to_call(slot, count, link));
  }
  while (!slot->is_function()) {
    const Value handler = metamethod(vm, *slot, Event::Call);
    if (handler.is_nil()) {
      throw_call_error(vm, *slot);
      return throw_pending(vm);
    }
    // Not Flow::NoMemory: an earlier round has moved the arguments already.
    const StackResult room =
        make_room(vm, slot, static_cast<std::uint64_t>(count) + 2, Standing::Inside,
                  {slot, static_cast<std::size_t>(count) + 1});
    if (room != StackResult::Ok) {
      throw_no_room(vm, room);
      return throw_pending(vm);
    }
    base = thread.base;
    shift_values(slot, count + 1);
    slot[0] = handler;
    ++count;
  }
  if (!slot->is_closure() || looks_native(*slot) != looks_native(heap::frame_function(base))) {
    // The frame of a script stays while something native runs in its place, and the prelude's while
    // a script's function does, for messages and tracebacks; the results complete the instruction,
    // which returns them.
    return settle(
        vm, to_call(slot, count, instruction_link(base, thread.pc, bytecode::op_a(instruction))));
  }
  // A tail call takes the place of its frame, once its variables are closed.
  if (bytecode::op_c(instruction) != 0) heap::close_cells(vm.heap, thread, base);
  Value* frame = true_base(base);
  std::uint64_t link = heap::plain_link(frame);
  move_values(frame - 1, slot, count + 1);
  if (heap::link_type(link) == LinkType::Lua) link |= 1;
  if (heap::link_type(link) == LinkType::Other) {
    link |= heap::kLinkTailCalled;
    if (counts_as_nested(link)) leave_nested(vm, thread, frame - 1, link);
  }
  return settle(vm, to_replacing_call(frame - 1, count, link));
}

Flow return_from_lua(Vm& vm, Value* results, int count) {
  Thread& thread = *vm.thread();
  Value* frame = true_base(thread.base);
  const std::uint64_t link = heap::plain_link(frame);
  if (is_link(link, LinkKind::Meta) && (link & heap::kLinkOpenTop) == 0 && thread.hook_mask == 0) {
    // Of a metamethod, as most are.
    Value* caller = frame - heap::link_delta(link);
    const std::uint32_t position = heap::link_position(link);
    if (bytecode::opcode(heap::frame_closure(caller)->proto->code[position]) != Opcode::TailCall) {
      --thread.native_depth;
      thread.base = caller;
      thread.open_top = false;
      const Value result = count > 0 ? results[0] : Value::nil();
      return complete_instruction(vm, position, result);
    }
  }
  return settle(vm, to_return(frame - 1, link, results, count));
}

namespace {
Flow push_metamethod(Vm& vm, const Value& function, const Value* arguments, int count) {
  Thread& thread = *vm.thread();
  Proto* proto = heap::frame_closure(thread.base)->proto;
  Value* slot = thread.base + proto->max_stack;
  slot[0] = function;
  for (int i = 0; i < count; ++i) slot[1 + i] = arguments[i];
  const std::uint64_t link = instruction_link(thread.base, thread.pc, proto->max_stack);
  return enter_callback_fast(vm, slot, count, link) ? Flow::Reload : call(vm, slot, count, link);
}
}  // namespace

Flow call_metamethod(Vm& vm, const Value& function, const Value& a, const Value& b) {
  const Value arguments[2] = {a, b};
  return push_metamethod(vm, function, arguments, 2);
}

Flow call_metamethod(Vm& vm, const Value& function, const Value& a, const Value& b,
                     const Value& c) {
  const Value arguments[3] = {a, b, c};
  return push_metamethod(vm, function, arguments, 3);
}

Flow close_pending(Vm& vm, Value* level) {
  Thread& thread = *vm.thread();
  heap::close_cells(vm.heap, thread, level);
  if (thread.tbc_count == 0) return Flow::Next;
  const std::uint32_t number = thread.tbc_slots[thread.tbc_count - 1];
  if (number < thread.number(level)) return Flow::Next;
  --thread.tbc_count;
  const Value variable = *thread.slot(number);
  const Value method = metamethod(vm, variable, Event::Close);
  const Instruction instruction = thread.pc[-1];
  Proto* proto = heap::frame_closure(thread.base)->proto;
  Value* slot = thread.base + proto->max_stack;
  std::uint64_t flags = 0;
  if (has_open_top(instruction)) {
    slot = thread.top;
    flags = heap::kLinkOpenTop;
    const StackResult room = make_room(vm, slot, 4, Standing::Inside, {&variable, 1});
    if (room != StackResult::Ok) {
      throw_no_room(vm, room);
      return throw_pending(vm);
    }
  }
  // A variable that lost its method fails as a call of nil does.
  slot[0] = method;
  slot[1] = variable;
  heap::set_nil(&slot[2]);
  const auto position = static_cast<std::uint64_t>(thread.pc - 1 - proto->code);
  return call(vm, slot, 2,
              heap::make_link(LinkKind::Meta, static_cast<std::uint64_t>(slot + 1 - thread.base),
                              position) |
                  flags);
}

}  // namespace moonlet::vm
