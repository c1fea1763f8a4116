// What can be checked only when everything is there.
#include <algorithm>

#include "bytecode/open_registers.hpp"
#include "image/state_format.hpp"
#include "image/thawer.hpp"
#include "vm/call.hpp"

namespace moonlet::image {

using bytecode::Effect;
using bytecode::Instruction;
using bytecode::RegisterSet;
using heap::Cell;
using heap::LinkKind;
using heap::Proto;
using heap::Thread;
using heap::ThreadEntry;
using heap::ThreadStatus;
using heap::Value;

// Every live slot of a Lua frame must have been given, and the state of numeric loops must be
// what their instructions trust it to be.
void Thawer::check_threads() {
  for (const LuaFrame& frame : pending_frames_) check_frame(frame);
  for (Thread* thread : threads_) check_thread(*thread);
  check_resumers();
  for (const Thread* thread : closing_) {
    if (thread->status != ThreadStatus::Closing) return fail("a wrong coroutine is being closed");
  }
}

void Thawer::check_frame(const LuaFrame& f) {
  const Proto& proto = *f.closure->proto;
  const Instruction i = proto.code[f.position];
  const Effect effect = bytecode::info(bytecode::opcode(i)).effect;
  const auto values = static_cast<std::uint64_t>(f.end - f.base);
  const bool in_call = !f.is_top && (effect == Effect::Call || effect == Effect::TForCall ||
                                     effect == Effect::TailCall);
  if (proto.heights[f.position] > values && !(in_call && bytecode::op_a(i) <= values)) {
    if (!(f.is_top && f.thread->open_top)) return fail("a frame with missing registers");
  }
  if (f.is_top) check_top(f);
  for (std::uint32_t n = 0; n < proto.code_size;
       n += 1 + bytecode::info(bytecode::opcode(proto.code[n])).aux_words) {
    const Instruction prepare = proto.code[n];
    if (bytecode::info(bytecode::opcode(prepare)).effect != Effect::ForPrep) continue;
    const std::uint32_t loop = n + 1 + bytecode::op_bx(prepare);
    if (f.position <= n || f.position > loop) continue;
    const Value* ra = f.base + bytecode::op_a(prepare);
    if (ra + 3 > f.end) return fail("a loop without its state");
    const bool integers = ra[0].is_integer() && ra[1].is_integer() && ra[2].is_integer();
    const bool floats = ra[0].is_float() && ra[1].is_float() && ra[2].is_float();
    if (!integers && !floats) return fail("a loop with a wrong state");
  }
  if (effect == Effect::Concat && f.is_inside) {
    const unsigned count = bytecode::op_b(i);
    const Value& left = f.base[bytecode::op_a(i) + count - 1];
    if (!left.is_integer() || left.integer < 1 || left.integer >= count) {
      return fail("a concatenation with a wrong state");
    }
  }
}

// What goes on at its instruction finds the operands that this wants.
void Thawer::check_top(const LuaFrame& f) {
  const Thread& t = *f.thread;
  const Instruction i = f.closure->proto->code[f.position];
  const Effect effect = bytecode::info(bytecode::opcode(i)).effect;
  if (t.entry == ThreadEntry::RunCall && effect != Effect::Call && effect != Effect::TailCall &&
      effect != Effect::TForCall) {
    return fail("a call that is none");
  }
  if (t.open_top != vm::has_open_top(i)) {
    if (t.status != ThreadStatus::Failed && t.entry != ThreadEntry::Throw) {
      return fail("an open list that nothing takes, or none where one is taken");
    }
  } else if (t.open_top && !has_list_at(i, f.base, f.end)) {
    return fail("an open list that ends before it begins");
  }
}

// The frame of a native function that closes variables: vm/call.hpp.
void Thawer::check_closing(const FrameState& frame) {
  if (static_cast<int>(frame.builtin) != vm_.builtins.roles.closing) return;
  const auto is_possible = [&frame] {
    const Value* state = frame.base + 1;
    const std::ptrdiff_t variables = frame.end - frame.base - vm::kClosingSlots;
    if (variables < 0 || !state->is_integer() || state->integer < 0) return false;
    const std::int64_t mode = state->integer >> 1 & 127;
    if (state->integer >> 8 > variables) return false;
    if (mode > static_cast<std::int64_t>(vm::ClosingMode::Close)) return false;
    const bool has_thread = mode != static_cast<std::int64_t>(vm::ClosingMode::Pcall);
    return has_thread ? frame.base[2].is_thread() : frame.base[2].is_nil();
  };
  if (!is_possible()) return fail("a wrong list of variables that are being closed");
  if (frame.base[2].is_thread()) closing_.push_back(frame.base[2].thread());
}

// From the thread that runs, each is waiting for the one before, down to the main thread. No other
// one runs or waits.
void Thawer::check_resumers() {
  const heap::Heap& heap = vm_.heap;
  std::unordered_set<const Thread*> active;
  for (const Thread* t = heap.current_thread; t != nullptr; t = t->resumer) {
    if (!active.insert(t).second) return fail("coroutines that have resumed each other");
    if (t->resumer == nullptr && t != heap.main_thread) return fail("a coroutine runs by itself");
    if (t->resumer != nullptr) check_resumer(*t->resumer, *t);
    if (!in_.ok()) return;
  }
  const ThreadStatus status = heap.current_thread->status;
  if (status == ThreadStatus::Normal || status == ThreadStatus::Closing ||
      (heap.current_thread != heap.main_thread && status != ThreadStatus::Running)) {
    return fail("the current coroutine does not run");
  }
  for (const Thread* t : threads_) {
    if (active.contains(t)) continue;
    if (t->resumer != nullptr || t->status == ThreadStatus::Normal ||
        t->status == ThreadStatus::Running) {
      return fail("a coroutine that nobody has resumed");
    }
  }
}

void Thawer::check_resumer(const Thread& resumer, const Thread& resumed) {
  if (resumer.status != ThreadStatus::Normal || !heap::frame_is_builtin(resumer.base)) {
    return fail("a coroutine that nobody has resumed");
  }
  const auto builtin = static_cast<int>(heap::frame_builtin(resumer.base));
  const bool is_wrap = builtin == vm_.builtins.roles.resume_wrap;
  if (!is_wrap && builtin != vm_.builtins.roles.resume) {
    return fail("a coroutine that nobody has resumed");
  }
  if (is_wrap && (resumer.top == resumer.base || !resumer.base->is_thread() ||
                  resumer.base->thread() != &resumed)) {
    return fail("a function that has resumed another coroutine than its own");
  }
}

void Thawer::check_thread(Thread& t) {
  const bool has_frames = !heap::has_no_frames(t);
  if (has_frames && (t.base <= t.stack || t.base > t.stack_end())) {
    return fail("a thread without frames that should have some");
  }
  if (!has_frames && t.status == ThreadStatus::Suspended &&
      (t.top == t.stack || !t.stack[0].is_function())) {
    return fail("a coroutine without a function");
  }
  if (has_frames && t.status != ThreadStatus::Failed) {
    const bool builtin = heap::frame_is_builtin(t.base);
    const bool wants_builtin =
        t.entry == ThreadEntry::StartBuiltin || t.entry == ThreadEntry::Deliver;
    const bool wants_lua = t.entry == ThreadEntry::RunCall;
    const bool is_waiting = t.status == ThreadStatus::Normal || t.entry == ThreadEntry::Throw;
    if (t.entry == ThreadEntry::StartCall || (wants_builtin && !builtin) ||
        (wants_lua && builtin) || (builtin && !wants_builtin && !is_waiting)) {
      return fail("a thread that cannot go on as it says");
    }
    if (t.entry == ThreadEntry::Deliver &&
        (t.slot(t.results_from) < t.base || t.slot(t.results_from) > t.top)) {
      return fail("results that are not there");
    }
  }
  for (std::uint32_t n = 0; n < t.tbc_count; ++n) {
    if (!is_open(t, t.tbc_slots[n])) return fail("a dead variable that is to be closed");
  }
}

void Thawer::sort_live() {
  const auto is_before = [](const LiveRange& a, const LiveRange& b) {
    return a.thread != b.thread ? a.thread < b.thread : a.from < b.from;
  };
  // One thread's frames are.
  if (!std::is_sorted(live_.begin(), live_.end(), is_before)) {
    std::sort(live_.begin(), live_.end(), is_before);
  }
}

// May the slot be named from outside of its frame? The frame has to close it, so it has to be a
// register that its code has opened.
bool Thawer::is_open(const Thread& t, std::uint64_t slot) {
  const Value* at = t.stack + slot;
  const auto after = std::upper_bound(
      live_.begin(), live_.end(), at, [&t](const Value* wanted, const LiveRange& range) {
        return range.thread != &t ? &t < range.thread : wanted < range.from;
      });
  if (after == live_.begin()) return false;
  const LiveRange& range = after[-1];
  if (range.thread != &t || at >= range.to || range.proto == nullptr) return false;
  const auto& open = open_registers(*range.proto);
  return !open.empty() && open[range.position].has(static_cast<int>(at - range.from));
}

// Empty: not to be known, which does not happen with code that is verified.
const std::vector<RegisterSet>& Thawer::open_registers(const Proto& proto) {
  const auto [found, is_new] = open_registers_.try_emplace(&proto);
  if (!is_new) return found->second;
  std::vector<RegisterSet> captures(proto.child_count);
  for (std::uint32_t n = 0; n < proto.child_count; ++n) {
    const Proto& child = *proto.children[n];
    for (std::uint32_t u = 0; u < child.upvalue_count; ++u) {
      const heap::UpvalueInfo& upvalue = child.upvalues[u];
      if (upvalue.from_parent_register) captures[n].add(upvalue.index);
    }
  }
  const std::span<const Instruction> code(proto.code, proto.code_size);
  const auto open = bytecode::OpenRegisters::try_make(code, captures);
  if (!open) return found->second;
  found->second = open->sets();
  // An instruction that failed may have opened its registers in part.
  for (std::size_t pc = 0; pc < code.size();
       pc += 1 + bytecode::info(bytecode::opcode(code[pc])).aux_words) {
    found->second[pc] = found->second[pc] | bytecode::opened_registers(code[pc], captures);
  }
  return found->second;
}

void Thawer::link_open_cells() {
  std::sort(open_cells_.begin(), open_cells_.end(),
            [](const OpenCellPlace& a, const OpenCellPlace& b) {
              if (a.thread != b.thread) return a.thread < b.thread;
              return a.slot < b.slot;
            });
  for (std::size_t n = 0; n < open_cells_.size(); ++n) {
    const OpenCellPlace& place = open_cells_[n];
    if (!is_open(*place.thread, place.slot)) return fail("an upvalue of a dead variable");
    if (n > 0 && open_cells_[n - 1].thread == place.thread &&
        open_cells_[n - 1].slot == place.slot) {
      return fail("two upvalues of one variable");
    }
    place.cell->location = place.thread->slot(static_cast<std::uint32_t>(place.slot));
    place.cell->open.thread = place.thread;
    place.cell->open.next_open = place.thread->open_cells;
    place.thread->open_cells = place.cell;
  }
}

}  // namespace moonlet::image
