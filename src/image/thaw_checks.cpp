// What can be checked only when everything is there.
#include <algorithm>

#include "image/state_format.hpp"
#include "image/thawer.hpp"

namespace moonlet::image {

using bytecode::Effect;
using bytecode::Instruction;
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
    if ((wants_builtin && !builtin) || (wants_lua && builtin)) {
      return fail("a thread that cannot go on as it says");
    }
    if (t.entry == ThreadEntry::Deliver &&
        (t.slot(t.results_from) < t.base || t.slot(t.results_from) > t.top)) {
      return fail("results that are not there");
    }
  }
  for (std::uint32_t n = 0; n < t.tbc_count; ++n) {
    if (!is_live(t, t.tbc_slots[n])) return fail("a dead variable that is to be closed");
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

// Is the slot among the live values of a frame?
bool Thawer::is_live(const Thread& t, std::uint64_t slot) const {
  const Value* at = t.stack + slot;
  const auto after = std::upper_bound(
      live_.begin(), live_.end(), at, [&t](const Value* wanted, const LiveRange& range) {
        return range.thread != &t ? &t < range.thread : wanted < range.from;
      });
  if (after == live_.begin()) return false;
  const LiveRange& range = after[-1];
  return range.thread == &t && at < range.to;
}

void Thawer::link_open_cells() {
  std::sort(open_cells_.begin(), open_cells_.end(),
            [](const OpenCellPlace& a, const OpenCellPlace& b) {
              if (a.thread != b.thread) return a.thread < b.thread;
              return a.slot < b.slot;
            });
  for (std::size_t n = 0; n < open_cells_.size(); ++n) {
    const OpenCellPlace& place = open_cells_[n];
    if (!is_live(*place.thread, place.slot)) return fail("an upvalue of a dead variable");
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
