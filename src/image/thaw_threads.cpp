// Threads and their frames.
#include "image/state_format.hpp"
#include "image/thawer.hpp"
#include "vm/call.hpp"
#include "vm/hooks.hpp"
#include "vm/nested.hpp"

namespace moonlet::image {

using base::CborMajor;
using bytecode::Effect;
using bytecode::Instruction;
using heap::Closure;
using heap::Kind;
using heap::LinkKind;
using heap::Proto;
using heap::Thread;
using heap::ThreadEntry;
using heap::ThreadStatus;
using heap::Value;

// Can the operands of an instruction with an open list end at `top`?
bool Thawer::has_list_at(Instruction i, const Value* base, const Value* top) {
  const bool has_head = bytecode::info(bytecode::opcode(i)).effect != Effect::Return;
  return top - base >= static_cast<std::ptrdiff_t>(bytecode::op_a(i)) + (has_head ? 1 : 0);
}

void Thawer::fill_thread(Thread& t) {
  t.status = static_cast<ThreadStatus>(
      in_.unsigned_integer(static_cast<std::uint64_t>(ThreadStatus::Closing), "unknown status"));
  t.entry = static_cast<ThreadEntry>(
      in_.unsigned_integer(static_cast<std::uint64_t>(ThreadEntry::StartCall), "unknown entry"));
  t.native_depth =
      static_cast<std::uint16_t>(in_.unsigned_integer(UINT16_MAX, "depth out of range"));
  t.nested_known = t.native_depth;
  t.inherited_depth = static_cast<std::uint16_t>(in_.unsigned_integer(1000, "depth out of range"));
  t.resumer = static_cast<Thread*>(object_or_null(Kind::Thread));
  t.error = plain_value();
  fill_hook(t);
  const std::uint64_t capacity = in_.unsigned_integer(2ull * t.stack_size, "too many variables");
  const std::uint64_t pending = in_.array();
  if (in_.ok() && pending > capacity) return fail("more pending variables than room");
  if (in_.ok() && capacity > 0 &&
      !heap::reserve_tbc(vm_.heap, t, static_cast<std::uint32_t>(capacity))) {
    return no_memory();
  }
  for (std::uint64_t n = 0; n < pending && in_.ok(); ++n) {
    const std::uint64_t slot = in_.unsigned_integer(t.stack_size - 1, "variable out of range");
    if (n > 0 && slot <= t.tbc_slots[n - 1]) return fail("pending variables out of order");
    if (!heap::push_tbc(vm_.heap, t, static_cast<std::uint32_t>(slot))) return no_memory();
  }
  threads_.push_back(&t);
  fill_frames(t);
}

void Thawer::fill_hook(Thread& t) {
  if (in_.peek().major == CborMajor::Simple) return in_.skip();
  if (in_.array() != 8) return fail("a hook with a wrong number of fields");
  t.hook_mask = static_cast<std::uint8_t>(in_.unsigned_integer(15, "hook mask out of range"));
  t.hook_stage = static_cast<std::uint8_t>(
      in_.unsigned_integer(vm::kLastHookStage, "hook stage out of range"));
  t.in_hook = in_.boolean();
  t.hook_count = static_cast<std::int32_t>(in_.integer());
  t.hook_countdown = static_cast<std::int32_t>(in_.integer());
  t.hook_position =
      static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "position out of range"));
  const std::uint64_t builtin = in_.unsigned_integer();
  if (in_.ok() && builtin >= builtins_.size()) return fail("a function that is not in the list");
  if (in_.ok()) t.hook_builtin = builtins_[static_cast<std::size_t>(builtin)];
  t.hook_function = plain_value();
  if (t.hook_mask != 0 && !t.hook_function.is_function()) fail("a hook that is no function");
}

// Puts an array of values at `at`; the end of them, or null.
Value* Thawer::place_values(Thread& t, Value* at) {
  const std::uint64_t count = in_.array();
  if (!in_.ok()) return nullptr;
  if (count > static_cast<std::uint64_t>(t.stack_end() - at)) {
    fail("values beyond the end of their stack");
    return nullptr;
  }
  for (std::uint64_t n = 0; n < count; ++n) *at++ = plain_value();
  return at;
}

void Thawer::fill_frames(Thread& t) {
  const std::uint64_t parts = in_.array();
  if (!in_.ok()) return;
  if (parts == 0) return fail("a thread without contents");
  if (parts == 1) {
    Value* end = place_values(t, t.stack);
    if (end == nullptr) return;
    t.top = end;
    t.base = t.stack;
    if (t.status == ThreadStatus::Dead && end == t.stack) t.base = t.stack + 1;
    return;
  }
  if (heap::has_no_frames(t)) return fail("a coroutine with frames that should have none");
  if (in_.array() != 3) return fail("a thread with a wrong head");
  const bool open_top = in_.boolean();
  const std::uint64_t top = in_.unsigned_integer(t.stack_size, "top out of range");
  const std::uint64_t results = in_.unsigned_integer(t.stack_size, "results out of range");
  if (!in_.ok()) return;
  t.open_top = open_top;
  t.top = t.slot(static_cast<std::uint32_t>(top));
  t.results_from = static_cast<std::uint32_t>(results);
  FrameState below;
  for (std::uint64_t n = 1; n < parts && in_.ok(); ++n) {
    fill_frame(t, below, n == 1, n + 1 == parts);
  }
}

void Thawer::fill_frame(Thread& t, FrameState& below, bool is_first, bool is_last) {
  if (in_.array() != 7) return fail("a frame with a wrong number of fields");
  const std::uint64_t code = in_.unsigned_integer(255, "unknown link");
  const std::uint64_t link_position = in_.unsigned_integer(UINT32_MAX, "position out of range");
  const auto slot_number =
      static_cast<std::uint32_t>(in_.unsigned_integer(t.stack_size - 1, "frame out of range"));
  const Value function = plain_value();
  const auto position =
      static_cast<std::uint32_t>(in_.unsigned_integer(UINT32_MAX, "position out of range"));
  if (!in_.ok()) return;
  if (!function.is_function()) return fail("a frame of something that is no function");
  Value* slot = t.slot(slot_number);
  if (!is_first && slot < below.end) return fail("frames that overlap");
  std::uint64_t link;
  if (!make_link(below, is_first, code, link_position, slot, link)) return;
  if (below.closure != nullptr && heap::link_type(link) == heap::LinkType::Other &&
      heap::link_kind(link) == LinkKind::Meta) {
    pending_frames_.back().is_inside = true;
  }
  slot->bits =
      function.is_builtin() ? function.bits : reinterpret_cast<std::uintptr_t>(function.object);
  slot->meta = link;
  if (below.closure == nullptr && vm::is_protected_call(vm_, slot, link)) ++t.protected_depth;
  FrameState frame;
  Value* extra = slot + 1;
  Value* end = place_values(t, extra);
  if (end == nullptr) return;
  frame.base = extra;
  if (function.is_closure()) {
    frame.closure = function.closure();
    if (frame.closure->proto->arity == heap::kVarargArity) {
      if (end + 1 >= t.stack_end()) return fail("a frame beyond the end of its stack");
      end->bits = slot->bits;
      end->meta = heap::make_vararg_link(static_cast<std::uint64_t>(end - extra) + 1);
      frame.base = end + 1;
    } else if (end != extra) {
      return fail("extra arguments of a function that takes none");
    }
  } else {
    if (end != extra) return fail("extra arguments of a native function");
    frame.builtin = function.builtin();
  }
  frame.end = place_values(t, frame.base);
  if (frame.end == nullptr) return;
  frame.position = position;
  live_.push_back({&t, frame.base, frame.end,
                   frame.closure == nullptr ? nullptr : frame.closure->proto, position});
  if (frame.closure != nullptr) {
    const Proto& proto = *frame.closure->proto;
    if (position >= proto.code_size) return fail("a position outside of its function");
    if (static_cast<std::uint64_t>(t.stack_end() - frame.base) <
        proto.max_stack + std::uint64_t{vm::kStackSlack}) {
      return fail("a stack that is too small for its frames");
    }
    if (!is_instruction(proto, position)) return fail("a position inside of an instruction");
    pending_frames_.push_back({&t, frame.base, frame.end, frame.closure, position, is_last});
  } else if (static_cast<std::uint64_t>(t.stack_end() - frame.end) <
             std::uint64_t{vm::kBuiltinSlots}) {
    return fail("a stack that is too small for its frames");
  }
  if (is_last) {
    t.base = frame.base;
    if (frame.closure != nullptr) {
      t.pc = frame.closure->proto->code + position;
      // A failed thread stands inside of its last instruction.
      if (t.status == ThreadStatus::Failed) ++t.pc;
      if (!t.open_top) t.top = frame.base;
    } else {
      check_closing(frame);
    }
    if ((t.open_top || frame.closure == nullptr) && t.top != frame.end) {
      return fail("a frame whose top is elsewhere");
    }
  }
  below = frame;
}

// Aux words are no instructions.
bool Thawer::is_instruction(const Proto& proto, std::uint32_t position) {
  std::uint32_t n = 0;
  while (n < position) n += 1 + bytecode::info(bytecode::opcode(proto.code[n])).aux_words;
  return n == position;
}

// May what is called by such a link lie on top of that frame, with its function at `slot`?
bool Thawer::may_wait(const FrameState& below, LinkKind link, bool is_open, const Value* slot) {
  if (below.closure == nullptr) {
    if (link == LinkKind::HookStart || link == LinkKind::HookReturn) return true;
    check_closing(below);
    // Those who resume do not call.
    const auto index = static_cast<int>(below.builtin);
    const bool can_go_on = vm_.builtins.rows[below.builtin].resume != nullptr &&
                           index != vm_.builtins.roles.resume &&
                           index != vm_.builtins.roles.resume_wrap;
    return link != LinkKind::Native || can_go_on;
  }
  if (link != LinkKind::Meta && link != LinkKind::Interrupt && link != LinkKind::Finalizer) {
    return true;
  }
  const Instruction i = below.closure->proto->code[below.position];
  const Effect effect = bytecode::info(bytecode::opcode(i)).effect;
  const bool has_list = vm::has_open_top(i) && (link != LinkKind::Meta || effect == Effect::Return);
  if (is_open != has_list) return false;
  if (has_list && !has_list_at(i, below.base, slot)) return false;
  if (link != LinkKind::Meta) return true;
  switch (effect) {
    case Effect::Plain:
    case Effect::Test:
    case Effect::Self:
    case Effect::Concat:
    case Effect::TailCall:
    case Effect::Return:
    case Effect::Close:
      return true;
    default:
      return false;
  }
}

bool Thawer::make_link(const FrameState& below, bool is_first, std::uint64_t code,
                       std::uint64_t link_position, Value* slot, std::uint64_t& link) {
  const std::uint64_t kind = code & 15;
  if (kind == kFrameLua || kind == kFrameLuaTail) {
    if (is_first || below.closure == nullptr) return bad("a call from nowhere");
    const Proto& proto = *below.closure->proto;
    if (below.position >= proto.code_size) return bad("a position outside of its function");
    const Instruction call = proto.code[below.position];
    const Effect effect = bytecode::info(bytecode::opcode(call)).effect;
    if ((effect != Effect::Call && effect != Effect::TForCall) ||
        slot != below.base + bytecode::op_a(call)) {
      return bad("a call that its caller does not make");
    }
    if (slot != below.end) return bad("a frame with missing slots");
    link = heap::make_lua_link(proto.code + below.position + 1) | kind;
    return true;
  }
  if (kind - kFrameOther > static_cast<std::uint64_t>(LinkKind::Handler)) {
    return bad("unknown link");
  }
  const auto other = static_cast<LinkKind>(kind - kFrameOther);
  if ((other == LinkKind::Bottom) != is_first) return bad("a thread with a wrong first frame");
  const bool is_open = (code & kFrameFlagOpenTop) != 0;
  if (!is_first && (is_open || below.closure == nullptr) && slot != below.end) {
    return bad("a frame with missing slots");
  }
  // What a native function returned to the tail call of a Lua frame may wait there, too.
  const bool ends_tail_call = other == LinkKind::HookReturn && below.closure != nullptr &&
                              is_open && is_tail_call_with_results(below, slot);
  const bool wants_native = other == LinkKind::Native || other == LinkKind::HookStart ||
                            (other == LinkKind::HookReturn && !ends_tail_call);
  const bool wants_lua =
      other == LinkKind::Meta || other == LinkKind::Interrupt || other == LinkKind::Finalizer;
  if ((wants_native && below.closure != nullptr) || (wants_lua && below.closure == nullptr)) {
    return bad("a frame on top of a wrong one");
  }
  if (below.closure != nullptr && link_position != below.position) {
    return bad("a frame on top of another position");
  }
  if (!is_first && !ends_tail_call && !may_wait(below, other, is_open, slot)) {
    return bad("a frame on top of one that called nothing");
  }
  if (other == LinkKind::HookReturn && !ends_tail_call &&
      link_position > static_cast<std::uint64_t>(slot - below.base)) {
    return bad("results that are not there");
  }
  const std::uint64_t delta = is_first ? 0 : static_cast<std::uint64_t>(slot + 1 - below.base);
  link = heap::make_link(other, delta, link_position);
  if (is_open) link |= heap::kLinkOpenTop;
  if ((code & kFrameFlagTailCalled) != 0) link |= heap::kLinkTailCalled;
  return true;
}

bool Thawer::is_tail_call_with_results(const FrameState& frame, const Value* end) {
  const Proto& proto = *frame.closure->proto;
  if (frame.position >= proto.code_size) return false;
  const Instruction i = proto.code[frame.position];
  return bytecode::info(bytecode::opcode(i)).effect == Effect::TailCall &&
         end >= frame.base + bytecode::op_a(i);
}

}  // namespace moonlet::image
