#include "vm/frame_walk.hpp"

#include <algorithm>
#include <limits>
#include <new>

namespace moonlet::vm {

using heap::LinkKind;
using heap::LinkType;
using heap::ThreadStatus;

namespace {

// A frame takes some hundred instructions, twice that where a traceback looks for its last part,
// too.
constexpr int kFramesAtOnce = 200;
// Its function is looked for in all libraries.
constexpr int kFramesOfLine = 60;
// What the ends of a long traceback show.
constexpr int kFirst = 10;
constexpr int kLast = 11;

void follow_stack(FrameWalk& walk) {
  const auto move = [&walk](Level& level) {
    if (level.base == nullptr) return;
    level.base = walk.thread->stack + (level.base - walk.stack);
    level.limit = walk.thread->stack + (level.limit - walk.stack);
  };
  move(walk.front);
  move(walk.last);
  move(walk.line);
  walk.stack = walk.thread->stack;
}

// The walk that waits, if it is this one. How many frames it may look at.
int resume(Vm& vm, FrameWalk& walk) {
  if (FrameWalk* waiting = vm.frame_walk.get();
      waiting != nullptr && waiting->purpose == walk.purpose && waiting->thread == walk.thread &&
      waiting->number == walk.number) {
    walk = std::move(*waiting);
    follow_stack(walk);
  }
  walk.stack = walk.thread->stack;
  return vm.heap.grows_whole ? std::numeric_limits<int>::max() : kFramesAtOnce;
}

// False: without memory for a note, it cannot wait.
bool wait(Vm& vm, FrameWalk& walk) {
  if (vm.frame_walk == nullptr) {
    vm.frame_walk.reset(new (std::nothrow) FrameWalk(walk));
    if (vm.frame_walk == nullptr) return false;
  } else {
    *vm.frame_walk = std::move(walk);
  }
  vm.heap.refusal = heap::Refusal::Again;
  return true;
}

void end(Vm& vm) {
  if (vm.frame_walk == nullptr) return;
  vm.frame_walk.reset();
  vm.heap.grows_whole = false;
}

Walked go_to_level(Vm& vm, FrameWalk& walk, int& budget) {
  if (walk.is_at_level) return Walked::Found;
  if (walk.front.base == nullptr && !find_level(vm, *walk.thread, 0, walk.front)) {
    return Walked::None;
  }
  for (; walk.passed < walk.number; ++walk.passed) {
    if (--budget < 0 && wait(vm, walk)) return Walked::Again;
    if (!next_level(vm, walk.front)) return Walked::None;
  }
  walk.is_at_level = true;
  return Walked::Found;
}

// Counts the levels from the first one on.
Walked count_levels(Vm& vm, FrameWalk& walk, int& budget) {
  if (walk.count == 0) {
    walk.count = 1;
    walk.line = walk.last = walk.front;
  }
  while (next_level(vm, walk.front)) {
    if (++walk.count > kLast) next_level(vm, walk.last);
    if (--budget < 0 && wait(vm, walk)) return Walked::Again;
  }
  return Walked::Found;
}

Walked write_levels(Vm& vm, FrameWalk& walk, int& budget) {
  const bool is_long = walk.count > kFirst + kLast + 1;
  const int lines = is_long ? kFirst + kLast : walk.count;
  while (walk.written < lines) {
    if (is_long && walk.written == kFirst) {
      // The number that scripts know is one less than that of the levels left out.
      walk.text += "\n\t...\t(skipping " + std::to_string(walk.count - lines - 1) + " levels)";
      walk.line = walk.last;
    }
    add_level(vm, walk.line, walk.text);
    next_level(vm, walk.line);
    ++walk.written;
    if ((budget -= kFramesOfLine) < 0 && wait(vm, walk)) return Walked::Again;
  }
  return Walked::Found;
}

// The functions of the prelude through which their callees may yield.
bool lets_yield(std::string_view name) {
  return name == "dofile" || name == "luau:require" || name == "host:luau_require" ||
         name == "intrinsic.test_yielding_iterator";
}

bool lets_yields_through(Vm& vm, Value* caller, std::uint64_t link) {
  if (heap::frame_is_builtin(caller)) {
    return heap::link_kind(link) == LinkKind::Native &&
           vm.builtins.rows[heap::frame_builtin(caller)].callbacks == Callbacks::MayYield;
  }
  if (heap::link_type(link) == LinkType::Other && heap::link_kind(link) != LinkKind::Meta) {
    return false;
  }
  const Proto& proto = *heap::frame_closure(caller)->proto;
  return (proto.flags & heap::kProtoIsBuiltin) == 0 ||
         (proto.debug_name != nullptr && lets_yield(proto.debug_name->view()));
}

// Goes down from `base`, which follows, at most `budget` frames. Again: there are more.
Walked look_below(Vm& vm, Value*& base, int budget) {
  for (Value* caller;; base = caller) {
    const std::uint64_t mark = true_base(base)[-1].meta;
    if (ML_UNLIKELY(heap::is_checked(mark))) {
      return (mark & heap::kLinkRefusesYields) != 0 ? Walked::None : Walked::Found;
    }
    caller = caller_base(base);
    if (caller == nullptr) return Walked::Found;
    if (!lets_yields_through(vm, caller, mark)) return Walked::None;
    if (--budget < 0) return Walked::Again;
  }
}

void note_passed(FrameWalk& walk) {
  const Value* base = walk.front.base;
  const Value* slot = true_base(walk.front.base) - 1;
  // Other links have no room for what was found, and are few.
  if (heap::frame_is_builtin(base) || (slot->meta & 2) != 0) return;
  walk.passed_slots.push_back(walk.thread->number(slot));
}

// REQUIRES: the frame is that of a closure, and Lua called it.
void mark_checked(Value* slot, Walked found) {
  const std::uint64_t link = slot->meta;
  const Instruction* pc = heap::link_pc(link);
  const unsigned delta = 1 + bytecode::op_a(pc[-1]);
  const Proto& caller = *heap::frame_closure(slot + 1 - delta)->proto;
  slot->meta =
      heap::make_link(LinkKind::Checked, delta, static_cast<std::uint64_t>(pc - caller.code)) |
      (heap::link_type(link) == LinkType::LuaTail ? heap::kLinkTailCalled : 0) |
      (found == Walked::None ? heap::kLinkRefusesYields : 0);
}

}  // namespace

Walked find_level_in_pieces(Vm& vm, Thread& thread, int number, Level& out) {
  if (number <= kFramesAtOnce) {
    return find_level(vm, thread, number, out) ? Walked::Found : Walked::None;
  }
  FrameWalk walk{FrameWalk::Purpose::Level, &thread, number};
  int budget = resume(vm, walk);
  const Walked walked = go_to_level(vm, walk, budget);
  if (walked == Walked::Again) return walked;
  end(vm);
  out = walk.front;
  return walked;
}

bool traceback_in_pieces(Vm& vm, Thread& thread, int number, std::string& out) {
  FrameWalk walk{FrameWalk::Purpose::Traceback, &thread, number};
  int budget = resume(vm, walk);
  Walked walked = number < 0 ? Walked::None : go_to_level(vm, walk, budget);
  if (walked == Walked::Found) walked = count_levels(vm, walk, budget);
  if (walked == Walked::Found) walked = write_levels(vm, walk, budget);
  if (walked == Walked::Again) return false;
  end(vm);
  out = "stack traceback:" + walk.text;
  return true;
}

Walked may_yield(Vm& vm, Thread& thread) {
  if (&thread == vm.heap.main_thread) return Walked::None;
  if (thread.status != ThreadStatus::Running && thread.status != ThreadStatus::Normal) {
    return Walked::Found;
  }
  Value* base = thread.base;
  int budget = kFramesAtOnce;
  Walked found = look_below(vm, base, budget);
  if (found != Walked::Again) return found;
  // A deep stack: on from there.
  FrameWalk walk{FrameWalk::Purpose::Yield, &thread, 0};
  budget = resume(vm, walk);
  if (walk.front.base == nullptr) walk.front.base = walk.front.limit = base;
  do {
    int piece = std::min(budget, kFramesAtOnce);
    budget -= piece;
    note_passed(walk);
    found = look_below(vm, walk.front.base, piece);
    if (found == Walked::Again && budget <= 0 && wait(vm, walk)) return found;
  } while (found == Walked::Again);
  for (const std::uint32_t slot : walk.passed_slots) mark_checked(thread.slot(slot), found);
  end(vm);
  return found;
}

void drop_walk(Vm& vm) {
  if (vm.frame_walk == nullptr) return;
  vm.frame_walk.reset();
  vm.heap.grows_whole = true;
}

}  // namespace moonlet::vm
