#include "heap/thread.hpp"

#include <algorithm>
#include <cstring>

#include "heap/heap.hpp"

namespace moonlet::heap {
namespace {

constexpr std::uint32_t kStackSlotsMin = 8;
// What stays free above the slots in use when a stack shrinks: room for builtins and metamethods.
constexpr std::uint32_t kIdleSlack = 128;

// Fills what can be told from a frame's own slots.
void describe(Frame& frame, Value* base) {
  frame.base = base;
  frame.function_slot = base - 1;
  frame.link = base[-1].meta;
  if (link_type(frame.link) == LinkType::Vararg) {
    frame.function_slot -= link_delta(frame.link);
  }
  frame.true_base = frame.function_slot + 1;
  frame.link = plain_link(frame.true_base);
  frame.is_builtin = frame_is_builtin(base);
  frame.in_call = false;
  frame.position = 0;
}

// Garbage, when there is a sweep under way.
bool is_unswept(const Heap& heap, const Object& object) {
  return (object.mark & kWhites & ~heap.current_white) != 0;
}

bool move_stack(Heap& heap, Thread& thread, std::uint32_t slots) {
  const auto old = reinterpret_cast<std::uintptr_t>(thread.stack);
  auto* moved = static_cast<Value*>(heap.resize_part(
      thread, thread.stack, thread.stack_size * sizeof(Value), slots * sizeof(Value)));
  if (moved == nullptr) return false;
  thread.stack_size = slots;
  if (reinterpret_cast<std::uintptr_t>(moved) == old) return true;
  const auto follow = [old, moved](Value*& pointer) {
    pointer = moved + (reinterpret_cast<std::uintptr_t>(pointer) - old) / sizeof(Value);
  };
  follow(thread.base);
  follow(thread.top);
  for (Cell* cell = thread.open_cells; cell != nullptr; cell = cell->open.next_open) {
    follow(cell->location);
  }
  thread.stack = moved;
  return true;
}

void make_fresh(Thread& thread, Value* stack, std::uint32_t stack_slots) {
  thread.stack = stack;
  thread.stack_size = stack_slots;
  thread.status = ThreadStatus::Suspended;
  thread.entry = ThreadEntry::StartCall;
  thread.hook_mask = 0;
  thread.hook_stage = 0;
  thread.base = stack + 1;
  thread.top = stack;
  thread.pc = nullptr;
  thread.open_cells = nullptr;
  thread.resumer = nullptr;
  thread.tbc_slots = nullptr;
  thread.tbc_count = 0;
  thread.tbc_capacity = 0;
  thread.results_from = 0;
  thread.native_depth = 0;
  thread.protected_depth = 0;
  thread.inherited_depth = 0;
  thread.in_hook = false;
  thread.open_top = false;
  thread.is_listed = false;
  thread.hook_count = 0;
  thread.hook_countdown = 0;
  thread.hook_position = 0;
  thread.hook_builtin = 0;
  thread.nested_capacity = 0;
  thread.nested_known = 0;
  thread.nested_slots = nullptr;
  thread.hook_function = Value::make(0, Tag::Nil);
  thread.error = Value::make(0, Tag::Nil);
}

}  // namespace

Thread* Heap::new_thread(std::uint32_t stack_slots) {
  stack_slots = std::max(stack_slots, kStackSlotsMin);
  auto* stack = static_cast<Value*>(allocate(stack_slots * sizeof(Value)));
  if (stack == nullptr) return nullptr;
  auto* thread = static_cast<Thread*>(new_object(Kind::Thread, sizeof(Thread)));
  if (thread == nullptr) {
    release(stack, stack_slots * sizeof(Value));
    return nullptr;
  }
  count_part(*thread, stack_slots * sizeof(Value));
  make_fresh(*thread, stack, stack_slots);
  ++thread_count;
  return thread;
}

bool restart_thread(Heap& heap, Thread& thread, std::uint32_t stack_slots) {
  stack_slots = std::max(stack_slots, kStackSlotsMin);
  auto* stack = static_cast<Value*>(heap.allocate_part(thread, stack_slots * sizeof(Value)));
  if (stack == nullptr) return false;
  while (thread.open_cells != nullptr) detach_cell(*thread.open_cells);
  heap.release_part(thread, thread.stack, thread.stack_size * sizeof(Value));
  if (thread.tbc_capacity != 0) {
    heap.release_part(thread, thread.tbc_slots, thread.tbc_capacity * sizeof(std::uint32_t));
  }
  release_nested(heap, thread);
  const bool is_listed = thread.is_listed;
  make_fresh(thread, stack, stack_slots);
  thread.is_listed = is_listed;
  heap.thread_changed(thread);
  return true;
}

void detach_cell(Cell& cell) {
  Cell** link = &cell.open.thread->open_cells;
  while (*link != &cell) link = &(*link)->open.next_open;
  *link = cell.open.next_open;
  cell.location = &cell.closed;
  cell.closed = Value::make(0, Tag::Nil);
}

bool grow_stack(Heap& heap, Thread& thread, std::uint32_t needed_slots) {
  if (needed_slots <= thread.stack_size) return true;
  return move_stack(heap, thread, std::max(needed_slots, thread.stack_size * 2));
}

bool resize_stack(Heap& heap, Thread& thread, std::uint32_t slots) {
  return slots == thread.stack_size || move_stack(heap, thread, slots);
}

void shrink_stack(Heap& heap, Thread& thread) {
  if (thread.status == ThreadStatus::Dead && thread.base != thread.stack) {
    thread.base = thread.stack + 1;
    thread.top = thread.stack;
  }
  std::uint64_t used = thread.number(thread.top);
  Frame frame;
  for (bool more = top_frame(thread, frame); more; more = next_frame(thread, frame)) {
    const auto base = static_cast<std::uint64_t>(thread.number(frame.base));
    used = std::max(used, base + (frame.is_builtin ? 0 : frame.proto()->max_stack));
    used = std::max<std::uint64_t>(used, thread.number(frame.limit));
  }
  const std::uint64_t kept =
      has_no_frames(thread) ? std::max<std::uint64_t>(used, kStackSlotsMin) : used * 2 + kIdleSlack;
  // A stack that fits is left alone, so that it does not move at every cycle.
  if (kept * 2 > thread.stack_size) return;
  // When there is no memory for the smaller one, the larger one stays.
  (void)move_stack(heap, thread, static_cast<std::uint32_t>(kept));
}

Cell* find_open_cell(Heap& heap, Thread& thread, Value* slot) {
  Cell** link = &thread.open_cells;
  while (*link != nullptr && (*link)->location > slot) link = &(*link)->open.next_open;
  if (*link != nullptr && (*link)->location == slot) {
    // Dead and not yet swept: lives again.
    if (is_unswept(heap, **link)) (*link)->mark ^= kWhites;
    return *link;
  }
  auto* cell = static_cast<Cell*>(heap.new_object(Kind::Cell, sizeof(Cell)));
  if (ML_UNLIKELY(cell == nullptr)) return nullptr;
  cell->location = slot;
  cell->open = {*link, &thread};
  *link = cell;
  return cell;
}

void unlist_dead_cells(Heap& heap, Cell& freed) {
  if (!freed.is_open()) return;
  for (Cell** link = &freed.open.thread->open_cells; *link != nullptr;) {
    Cell* cell = *link;
    if (cell != &freed && !is_unswept(heap, *cell)) {
      link = &cell->open.next_open;
      continue;
    }
    *link = cell->open.next_open;
    cell->location = &cell->closed;
    cell->closed = Value::make(0, Tag::Nil);
  }
}

void close_cells_of_dead(Heap& heap, Thread& freed) {
  while (Cell* cell = freed.open_cells) {
    freed.open_cells = cell->open.next_open;
    cell->closed = is_unswept(heap, *cell) ? Value::make(0, Tag::Nil) : *cell->location;
    cell->location = &cell->closed;
  }
}

void close_cells(Heap& heap, Thread& thread, Value* level) {
  while (thread.open_cells != nullptr && thread.open_cells->location >= level) {
    Cell* cell = thread.open_cells;
    thread.open_cells = cell->open.next_open;
    const Value value = *cell->location;
    cell->closed = value;
    cell->location = &cell->closed;
    if (!cell->is_white()) {
      // Open cells stay gray, because stores to the stack have no barrier. From here on they do.
      cell->mark |= kBlack;
      heap.barrier(cell, value);
    }
  }
}

// ---- Walking the frames.

bool top_frame(const Thread& thread, Frame& frame) {
  if (has_no_frames(thread)) return false;
  describe(frame, thread.base);
  frame.limit = thread.top;
  if (frame.is_builtin) return true;
  const Proto* proto = frame.proto();
  frame.position = static_cast<std::uint32_t>(thread.pc - proto->code);
  // A thread that failed has its pc behind the instruction that did, whose result never came.
  if (thread.status == ThreadStatus::Failed && frame.position > 0) --frame.position;
  if (!thread.open_top) frame.limit = frame.base + proto->heights[frame.position];
  return true;
}

bool next_frame(const Thread&, Frame& frame) {
  const std::uint64_t link = frame.link;
  Value* callee_slot = frame.function_slot;
  if (link_type(link) != LinkType::Other) {
    ML_ASSERT(link_type(link) != LinkType::Vararg);
    const bytecode::Instruction* call = link_pc(link) - 1;
    describe(frame, callee_slot - bytecode::op_a(*call));
    frame.position = static_cast<std::uint32_t>(call - frame.proto()->code);
    frame.in_call = true;
    frame.limit = callee_slot;
    return true;
  }
  if (link_kind(link) == LinkKind::Bottom) return false;
  describe(frame, callee_slot + 1 - link_delta(link));
  frame.limit = callee_slot;
  if (frame.is_builtin) return true;
  frame.position = link_position(link);
  if ((link & kLinkOpenTop) == 0) {
    // What a native tail call runs in has taken the place of its operands.
    frame.limit = std::min(frame.base + frame.proto()->heights[frame.position], callee_slot);
  }
  return true;
}

bool reserve_tbc(Heap& heap, Thread& thread, std::uint32_t capacity) {
  ML_ASSERT(thread.tbc_capacity == 0);
  thread.tbc_slots =
      static_cast<std::uint32_t*>(heap.allocate_part(thread, capacity * sizeof(std::uint32_t)));
  if (thread.tbc_slots == nullptr) return false;
  thread.tbc_capacity = capacity;
  return true;
}

bool reserve_nested(Heap& heap, Thread& thread, std::uint16_t capacity) {
  auto* slots =
      static_cast<std::uint32_t*>(heap.allocate_uncounted(capacity * sizeof(std::uint32_t)));
  if (slots == nullptr) return false;
  std::copy_n(thread.nested_slots, thread.nested_capacity, slots);
  release_nested(heap, thread);
  thread.nested_slots = slots;
  thread.nested_capacity = capacity;
  return true;
}

void release_nested(Heap& heap, Thread& thread) {
  if (thread.nested_capacity == 0) return;
  heap.release_uncounted(thread.nested_slots, thread.nested_capacity * sizeof(std::uint32_t));
  thread.nested_slots = nullptr;
  thread.nested_capacity = 0;
}

bool push_tbc(Heap& heap, Thread& thread, std::uint32_t slot_number) {
  if (thread.tbc_count == thread.tbc_capacity) {
    const std::uint32_t capacity = thread.tbc_capacity == 0 ? 4 : thread.tbc_capacity * 2;
    auto* slots =
        static_cast<std::uint32_t*>(heap.allocate_part(thread, capacity * sizeof(std::uint32_t)));
    if (slots == nullptr) return false;
    for (std::uint32_t n = 0; n < thread.tbc_count; ++n) slots[n] = thread.tbc_slots[n];
    if (thread.tbc_capacity != 0) {
      heap.release_part(thread, thread.tbc_slots, thread.tbc_capacity * sizeof(std::uint32_t));
    }
    thread.tbc_slots = slots;
    thread.tbc_capacity = capacity;
  }
  thread.tbc_slots[thread.tbc_count++] = slot_number;
  return true;
}

}  // namespace moonlet::heap
