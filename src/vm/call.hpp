// Control transfer: calls, returns, errors and thread switches, without using the C++ stack.
//
// Everything that is not an ordinary Lua-to-Lua call goes through here. Each function leaves the
// Vm in one of these conditions, which the interpreter acts on:
//
//   Next      the instruction is done; registers and frames are as they were
//   Reload    frames changed: the current thread's base and pc say where to go on
//   Stop      the run is over; vm.outcome says why
//   NoMemory  an allocation failed before anything visible happened: the interpreter collects in
//             full and starts the slow path over once, then raises an error; or a piece of a
//             table's growth was done, and the slow path starts over after a safepoint
//
// In a slow path thread.base is the Lua frame, thread.pc[-1] the instruction in execution.
#pragma once

#include <cstring>
#include <span>

#include "vm/vm.hpp"

namespace moonlet::vm {

enum class Flow : std::uint8_t { Next, Reload, Stop, NoMemory };

// Free slots that every Lua frame leaves above its registers, so that builtins and metamethods
// can be called without a check.
inline constexpr std::uint32_t kStackSlack = 64;
inline constexpr std::uint32_t kErrorSlots = 8192;  // beyond the limit, while an error is handled
inline constexpr int kCallFuel = 4;

// Many values that change places at once are charged a unit for eight.
inline constexpr int kValuesUncharged = 32;
inline void charge_values(Vm& vm, int count) {
  if (ML_UNLIKELY(count > kValuesUncharged)) charge(vm, static_cast<std::uint64_t>(count) / 8);
}
// So many are worth a safepoint between two moves.
inline constexpr int kLongList = 16'000;
// Where the two may overlap.
inline void move_values(Value* to, const Value* from, int count) {
  if (to == from) return;
  if (ML_UNLIKELY(count > 32)) {
    std::memmove(static_cast<void*>(to), from, static_cast<std::size_t>(count) * sizeof(Value));
    return;
  }
  for (int n = 0; n < count; ++n) to[n] = from[n];
}

// By one slot up.
inline void shift_values(Value* values, int count) {
  std::memmove(static_cast<void*>(values + 1), values,
               static_cast<std::size_t>(count) * sizeof(Value));
}

// Makes sure that `slots` (plus slack) fit above `from`, which moves with the stack.
enum class StackResult : std::uint8_t { Ok, Overflow, NoMemory };
[[nodiscard]] StackResult ensure_stack(Vm& vm, Value*& from, std::uint64_t slots);
// The error of what is not Ok.
int throw_no_room(Vm& vm, StackResult result);
// "stack overflow", or "error in error handling" when the room for that is used up. kThrow.
int throw_stack_overflow(Vm& vm);

// Calls the value in `slot` with `count` arguments behind it; the frame returns by `link`.
Flow call(Vm& vm, Value* slot, int count, std::uint64_t link);
// Executes the Call, TForCall or TailCall at thread.pc[-1], generically; its safepoint first,
// unless it has been passed.
enum class Safepoint : std::uint8_t { Pass, Passed };
Flow call_instruction(Vm& vm, Safepoint safepoint);
// Return of all kinds from the Lua frame on top.
Flow return_from_lua(Vm& vm, Value* results, int count);
// Unwinds to the nearest protected call with heap.error.
Flow throw_pending(Vm& vm);
// Raises an error with the position of the current instruction.
Flow raise(Vm& vm, std::string_view message);

// Calls a metamethod from inside the instruction; its results complete it.
Flow call_metamethod(Vm& vm, const Value& function, const Value& a, const Value& b);
Flow call_metamethod(Vm& vm, const Value& function, const Value& a, const Value& b, const Value& c);
// Completes the instruction at `position` of the Lua frame on top with a metamethod's result.
Flow complete_instruction(Vm& vm, std::uint32_t position, const Value& result);

// Calls __close of the topmost pending variable at or above `level`; Next when there is none, and
// all cells from `level` up are closed. The instruction is started over afterwards.
Flow close_pending(Vm& vm, Value* level);

// Before the instruction at thread.pc[-1]: a slice of collection, finalizers; it is then
// dispatched again.
Flow checkpoint(Vm& vm);
// The instruction at thread.pc[-1] has done a piece of its work out of sight: a safepoint, and it
// is dispatched again.
Flow start_over(Vm& vm);
// Has an operation that failed for want of memory only more to do?
inline bool wants_to_go_on(Vm& vm) {
  if (ML_LIKELY(vm.heap.refusal != heap::Refusal::Again)) return false;
  vm.heap.refusal = heap::Refusal::Host;
  return true;
}
// A safepoint in front of thread.pc. Reload, or Stop.
Flow safepoint(Vm& vm, heap::ThreadEntry entry);
// The same after a piece of work that was perhaps not charged: whoever has asked for a stop is
// heard at once.
inline Flow piece_safepoint(Vm& vm, heap::ThreadEntry entry) {
  if (vm.fuel < 0 || vm.trip_every != 0 || is_stop_requested(vm)) {
    return safepoint(vm, entry);
  }
  return Flow::Reload;
}
// A builtin that a Call instruction called answered other than by results.
Flow settle_builtin_answer(Vm& vm, int answer, std::uint64_t link);
// Starts what the current thread's `entry` says.
Flow enter_thread(Vm& vm);
// Where a Lua frame on top stands while the interpreter is not in it.
enum class Standing : std::uint8_t {
  Inside,  // of the instruction at thread.pc[-1]
  Before,  // the instruction at thread.pc; thread.open_top is right
};
// Full collection because an allocation failed. Of what lies above the frame on top only `wanted`
// survives.
void collect_for_memory(Vm& vm, Standing standing, std::span<const Value> wanted = {});
// The same for an instruction or builtin that is started over then: `entry` is Run or StartBuiltin.
// Next; or Stop, when something has stopped it, and what is started over comes with the next run;
// or NoMemory, when that has happened already.
Flow collect_to_retry(Vm& vm, heap::ThreadEntry entry);
// ensure_stack() that collects if memory lacks.
[[nodiscard]] StackResult make_room(Vm& vm, Value*& from, std::uint64_t slots, Standing standing,
                                    std::span<const Value> wanted);

// The slices that are due, at least one, at a place where the thread's `entry` says how to go on.
// Stop: the host asked for it, or a clock has passed; the rest follows when the Vm runs again.
Flow collect_slices(Vm& vm);
// What a stop has left of a collection, when the Vm runs again. Stop: there was another one.
Flow finish_collection(Vm& vm);

// Calls the next pending finalizer, if any, in front of thread.pc. Reload.
Flow run_finalizer(Vm& vm);

// ---- Bounds (bounds.cpp).
// So little that an interrupt is heard within some ten microseconds, where each unit is a miss of
// the processor's caches.
inline constexpr std::uint64_t kFuelSlice = 1024;
// Between two slices of the collector: nothing is counted. Next or Stop.
Flow stop_in_collection(Vm& vm);
// Takes the request. Stop, if there was one.
Flow take_stop_request(Vm& vm);
// Ends the slice, so that a request is heard at the next safepoint.
void cut_slice(Vm& vm);
// Begins a slice. REQUIRES: the one before is used up, or counted.
void refill_fuel(Vm& vm);
// Around a run.
void start_clock(Vm& vm);
void stop_clock(Vm& vm);
// Time or Deadline, if passed.
LimitKind passed_clock(Vm& vm);
// The limit that lets no run begin.
LimitKind passed_limit(Vm& vm);
std::string_view limit_text(LimitKind limit);
bool is_final(const Vm& vm, LimitKind limit);
// Nothing of what the threads were doing goes on, and none of it is called: all threads, or those
// that the main thread has resumed.
void give_up_threads(Vm& vm);
void give_up_coroutines(Vm& vm);
// An object as a value (strings, tables, closures, userdata, threads, buffers).
Value object_value(heap::Object* object);

// Is this instruction's operand list bounded by thread.top?
bool has_open_top(Instruction instruction);
// Pushes a Lua frame's interruption: `function` is called with `count` arguments at `arguments`,
// and the frame goes on at thread.pc.
Flow interrupt(Vm& vm, heap::LinkKind kind, const Value& function, const Value* arguments,
               int count);

// Callbacks, closes and handlers that a thread stands in, and those that resumed it; of Luau's
// protected calls none, which have a bound of their own: each is two of the 20,000 calls there, and
// two are the script and whoever runs it.
inline constexpr int kProtectedCallsMax = 9'999;
inline int nested_depth(const Thread& thread) {
  return thread.native_depth - thread.protected_depth + thread.inherited_depth;
}
// With those of error handlers.
inline int handler_depth_max(const Vm& vm) {
  const int most = vm.limits.native_depth_max;
  return vm.dialect == Dialect::Luau ? most + most / 8 : most * 11 / 10;
}
inline Value* true_base(Value* base) {
  const std::uint64_t link = base[-1].meta;
  return heap::link_type(link) == heap::LinkType::Vararg ? base - heap::link_delta(link) : base;
}
// The frame that called the one at `base` (nullptr: none), and its link.
inline Value* caller_base(Value* base) {
  base = true_base(base);
  const std::uint64_t link = base[-1].meta;
  if (ML_LIKELY((link & 2) == 0)) return base - 1 - bytecode::op_a(heap::link_pc(link)[-1]);
  if (heap::link_kind(link) == heap::LinkKind::Bottom) return nullptr;
  return base - heap::link_delta(link);
}
inline std::uint64_t frame_link(Value* base) { return heap::plain_link(true_base(base)); }

// State machine behind pcall's failure, coroutine.close and failing wraps: closes variables, then
// answers. args[0] error value, args[1] mode and whether there is an error, args[2] the coroutine
// or nil, args[3] .. variables.
enum class ClosingMode : std::uint8_t { Pcall, Rethrow, Close };
inline constexpr int kClosingSlots = 3;  // before the variables
// Moves what is pending in `thread` from `level` up behind args[1]; false: no memory.
int begin_closing(Vm& vm, Value* args, Thread& thread, Value* level, ClosingMode mode,
                  bool has_error, const Value& error);
int continue_closing(Vm& vm, Value* args, int count);
int closing_resume(Vm& vm, Value* args, Value* results, int count);

// Coroutines.
std::string_view status_name(Vm& vm, const Thread& thread);
// The builtin in `slot`, a resume or a yield that the Call or TailCall before `pc` calls with
// `operands` - 1 values, hands over to a coroutine that stands in a yield, or to the resumer, if
// that takes nothing but a few copies: then that one is the current thread, about to run. False:
// nothing has changed but what a call would overwrite.
[[nodiscard]] bool hand_over(Vm& vm, Value* slot, unsigned operands, const Instruction* pc);
// Resumes `co` with the `count` arguments at `arguments` from the builtin on top. kReload, or
// kThrow with an error that is the resumption's (not the coroutine's).
int resume_coroutine(Vm& vm, Thread& co, const Value* arguments, int count);

}  // namespace moonlet::vm
