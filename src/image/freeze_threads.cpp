// Threads as bytes. Frames are written from the bottom up.
#include <algorithm>

#include "base/cbor.hpp"
#include "image/freezer.hpp"
#include "image/state_format.hpp"

namespace moonlet::image {

using base::CborWriter;
using heap::Frame;
using heap::LinkType;
using heap::Thread;
using heap::Value;

void Freezer::write_thread(Thread* t) {
  begin(Record::Thread);
  heads_.unsigned_integer(identity(t));
  heads_.unsigned_integer(t->stack_size);
  CborWriter& out = bodies_;
  out.unsigned_integer(static_cast<std::uint64_t>(t->status));
  out.unsigned_integer(static_cast<std::uint64_t>(t->entry));
  out.unsigned_integer(t->native_depth);
  out.unsigned_integer(t->inherited_depth);
  reference(out, t->resumer);
  value(out, t->error);
  write_hook(out, *t);
  out.unsigned_integer(t->tbc_capacity);
  out.array(t->tbc_count);
  for (std::uint32_t n = 0; n < t->tbc_count; ++n) out.unsigned_integer(t->tbc_slots[n]);
  write_frames(out, *t);
}

// Absent when no hook was ever set.
void Freezer::write_hook(CborWriter& out, const Thread& t) {
  if (t.hook_function.is_nil() && !t.in_hook) return out.null();
  out.array(8);
  out.unsigned_integer(t.hook_mask);
  out.unsigned_integer(t.hook_stage);
  out.boolean(t.in_hook);
  out.integer(t.hook_count);
  out.integer(t.hook_countdown);
  out.unsigned_integer(t.hook_position);
  out.unsigned_integer(builtin_number(t.hook_builtin));
  value(out, t.hook_function);
}

void Freezer::write_frames(CborWriter& out, const Thread& t) {
  std::vector<Frame> frames;
  Frame frame;
  for (bool more = heap::top_frame(t, frame); more; more = heap::next_frame(t, frame)) {
    frames.push_back(frame);
  }
  std::reverse(frames.begin(), frames.end());
  if (frames.empty()) {
    // A fresh or finished coroutine: only the values that wait in its stack.
    out.array(1);
    return list(out, t.stack, t.top);
  }
  out.array(frames.size() + 1);
  // How the top frame goes on: its open top, and where delivered results begin.
  out.array(3);
  const bool is_builtin = heap::frame_is_builtin(t.base);
  out.boolean(t.open_top && !is_builtin);
  const bool has_top = t.open_top || is_builtin;
  out.unsigned_integer(has_top ? t.number(t.top) : 0);
  out.unsigned_integer(t.entry == heap::ThreadEntry::Deliver ? t.results_from : 0);
  for (const Frame& f : frames) write_frame(out, t, f);
}

void Freezer::write_frame(CborWriter& out, const Thread& t, const Frame& f) {
  std::uint64_t link = kFrameLua;
  switch (heap::link_type(f.link)) {
    case LinkType::Lua:
      break;
    case LinkType::LuaTail:
      link = kFrameLuaTail;
      break;
    default:
      link = kFrameOther + static_cast<std::uint64_t>(heap::link_kind(f.link));
      if ((f.link & heap::kLinkOpenTop) != 0) link |= kFrameFlagOpenTop;
      if ((f.link & heap::kLinkTailCalled) != 0) link |= kFrameFlagTailCalled;
  }
  out.array(7);
  out.unsigned_integer(link);
  // Of HookReturn on a native frame: the number of results that wait below.
  out.unsigned_integer(link >= kFrameOther ? heap::link_position(f.link) : 0);
  out.unsigned_integer(t.number(f.function_slot));
  value(out, f.is_builtin ? Value::from_builtin(heap::frame_builtin(f.base))
                          : Value::from(heap::frame_closure(f.base)));
  out.unsigned_integer(f.position);
  // Extra arguments, then registers.
  list(out, f.true_base, f.true_base == f.base ? f.base : f.base - 1);
  list(out, f.base, f.limit);
}

void Freezer::list(CborWriter& out, const Value* from, const Value* to) {
  out.array(to > from ? static_cast<std::uint64_t>(to - from) : 0);
  values(out, from, to);
}

}  // namespace moonlet::image
