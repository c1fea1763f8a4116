// Marking: from the roots, through gray objects, to everything that is reachable.
#include <algorithm>
#include <utility>

#include "heap/collector.hpp"

namespace moonlet::heap {
namespace {

// A table with more slots is traversed in pieces of this size, and so is a stack.
constexpr std::uint32_t kSliceSlots = 512;
// What a frame counts as when its stack is walked over.
constexpr std::ptrdiff_t kFrameSlots = 4;
// What looking at any object costs.
constexpr std::uint64_t kObjectWork = 32;
// So often are all objects that have to be traversed again traversed while the script runs.
constexpr std::uint32_t kBatches = 3;

bool is_large(const Table& table) {
  return std::uint64_t{table.array_count} + table.entry_count > kSliceSlots;
}

}  // namespace

void Collector::mark_roots() {
  for_each_root(heap, [this](const auto& root) { mark(root); });
}

void Collector::mark_white(Object* object) {
  ML_ASSERT(!object->is_permanent());
  if (ML_UNLIKELY((object->mark & kAwaited) != 0)) {
    object->mark &= static_cast<std::uint8_t>(~kAwaited);
    marking().awakened.push_back(marking().references.first(object));
  }
  object->mark &= static_cast<std::uint8_t>(~kWhites);
  switch (object->kind) {
    case Kind::String:
    case Kind::Buffer:
      object->mark |= kBlack;
      work += kObjectWork;
      return;
    case Kind::Cell:
      // What its thread stores into an open one is found in the stack, and all others have a
      // barrier.
      object->mark |= kBlack;
      work += kObjectWork;
      return mark(*static_cast<Cell*>(object)->location);  // never a cell: this goes no deeper
    case Kind::Table:
    case Kind::Closure:
    case Kind::Userdata:
    case Kind::Thread:
    case Kind::Proto:
    case Kind::Shape:
      marking().gray.push_back(object);
      return;
  }
}

bool Collector::mark_some() {
  Marking& m = marking();
  if (m.walk.thread != nullptr) {
    walk_some();
  } else if (!m.gray.empty()) {
    propagate_one();
  } else if (!m.awakened.empty()) {
    wake_some();
  } else if (!m.batch.empty()) {
    take_again();
  } else if (!m.again.empty() && (heap.phase == Phase::Ending || m.batches < kBatches)) {
    ++m.batches;
    m.batch.swap(m.again);
  } else if (m.scan.table != nullptr || !m.weak.empty()) {
    scan_some();
  } else {
    return false;
  }
  return true;
}

void Collector::take_again() {
  Object* object = marking().batch.back();
  marking().batch.pop_back();
  if (object->kind != Kind::Thread) return traverse(object);
  auto* thread = static_cast<Thread*>(object);
  thread->is_listed = false;
  if (thread != heap.current_thread) begin_walk(*thread);
}

void Collector::propagate_one() {
  Marking& m = marking();
  Object* object = m.gray.back();
  if (!m.slices.empty() && m.slices.back().table == object) {
    return traverse_slice(*static_cast<Table*>(object));
  }
  m.gray.pop_back();
  traverse(object);
}

void Collector::traverse(Object* object) {
  work += kObjectWork;
  if (object->kind == Kind::Thread) {
    auto& thread = *static_cast<Thread*>(object);
    if (&thread == heap.current_thread) return;  // at the end
    if (thread.status == ThreadStatus::Dead || thread.status == ThreadStatus::Suspended) {
      shrink_stack(heap, thread);
    }
    return begin_walk(thread);
  }
  object->mark |= kBlack;
  if (object->kind == Kind::Table) return traverse_table(*static_cast<Table*>(object));
  for_each_reference(object, [this](const auto& reference) {
    work += sizeof(Value);
    mark(reference);
  });
}

// ---- Tables.

Weakness weakness(Heap& heap, const Table& table) {
  const Value mode = table_event(heap, table.metatable, Event::Mode);
  if (!mode.is_string()) return {};
  const std::string_view text = mode.string()->view();
  return {text.find('k') != std::string_view::npos, text.find('v') != std::string_view::npos};
}

void Collector::traverse_table(Table& table) {
  mark(table.metatable);
  if (table.is_shaped()) mark(table.shape());
  if (weakness(heap, table).any()) {
    table.mark &= static_cast<std::uint8_t>(~kBlack);
    marking().weak.push_back(&table);
    return;
  }
  const std::uint64_t slots = std::uint64_t{table.array_count} + table.entry_count;
  if (table.is_shaped()) mark_range(table.fields, table.fields + table.shape()->count);
  if (slots > kSliceSlots) {
    marking().gray.push_back(&table);
    marking().slices.push_back({&table});
    return;
  }
  std::uint32_t element = 0, entry = 0;
  traverse_strong(table, element, entry, slots);
}

void Collector::traverse_slice(Table& table) {
  Marking& m = marking();
  TableSlice slice = m.slices.back();
  const std::uint64_t elements =
      table.array_count - std::min(slice.next_element, table.array_count);
  const std::uint64_t entries = table.entry_count - std::min(slice.next_entry, table.entry_count);
  m.slices.pop_back();
  m.gray.pop_back();
  if (elements + entries <= kSliceSlots) {
    return traverse_strong(table, slice.next_element, slice.next_entry, kSliceSlots);
  }
  // The table stands below what this slice marks.
  m.gray.push_back(&table);
  const std::size_t place = m.slices.size();
  m.slices.push_back(slice);
  traverse_strong(table, slice.next_element, slice.next_entry, kSliceSlots);
  m.slices[place] = slice;
}

void Collector::traverse_strong(Table& table, std::uint32_t& element, std::uint32_t& entry,
                                std::uint64_t slots) {
  const std::uint32_t last_element =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(table.array_count, element + slots));
  if (element < last_element) {
    mark_elements(table, element, last_element);
    slots -= last_element - element;
    element = last_element;
  }
  for (; slots > 0 && entry < table.entry_count; --slots, ++entry) {
    Entry& current = table.entries[entry];
    work += sizeof(Entry);
    if (current.value_is_nil()) {
      bury_key(current);
    } else {
      mark(current.key_reference());
      mark(current.value());
    }
  }
}

// ---- Threads. Black from the beginning of the walk, unless it is the current one.

void Collector::begin_walk(Thread& thread) {
  if (&thread != heap.current_thread) thread.mark |= kBlack;
  mark(thread.hook_function);
  mark(thread.error);
  if (thread.status == ThreadStatus::Running || thread.status == ThreadStatus::Normal) {
    mark(thread.resumer);
  }
  ThreadWalk& walk = marking().walk;
  walk.thread = &thread;
  walk.stack = thread.stack;
  walk.cell = &thread == heap.current_thread ? nullptr : thread.open_cells;
  walk.from = walk.to = walk.extra_from = walk.extra_to = nullptr;
  walk.has_frame = false;
  if (has_no_frames(thread)) {
    if (has_plain_slots(thread)) {
      walk.from = thread.stack;
      walk.to = thread.top;
    }
  } else {
    walk.has_frame = top_frame(thread, walk.frame);
  }
}

void Collector::walk_some() {
  ThreadWalk& walk = marking().walk;
  ML_ASSERT(walk.stack == walk.thread->stack);
  std::ptrdiff_t slots = kSliceSlots;
  for (; walk.cell != nullptr && slots > 0; walk.cell = walk.cell->open.next_open, --slots) {
    work += sizeof(Cell);
    walk.cell->mark |= kBlack;
  }
  for (;;) {
    const std::ptrdiff_t length = std::min(slots, walk.to - walk.from);
    if (length > 0) {
      mark_range(walk.from, walk.from + length);
      walk.from += length;
      slots -= length;
    }
    if (slots <= 0) return;
    if (walk.extra_from < walk.extra_to) {
      walk.from = std::exchange(walk.extra_from, nullptr);
      walk.to = std::exchange(walk.extra_to, nullptr);
      continue;
    }
    if (!walk.has_frame) break;
    slots -= kFrameSlots;
    work += kObjectWork;
    const Frame& frame = walk.frame;
    walk.from = frame.base;
    walk.to = frame.limit;
    if (!frame.is_builtin) {
      mark(frame_closure(frame.base));
      walk.extra_from = frame.true_base;
      walk.extra_to = frame.base - 1;
    }
    walk.has_frame = next_frame(*walk.thread, walk.frame);
  }
  walk.thread = nullptr;
}

// ---- Barriers.

void Heap::barrier_forward(Object* from, Object* to) {
  if (phase == Phase::Propagate) {
    Collector(*this).mark(to);
  } else {
    // The marks are being swept away: this one may go now, and with it further calls.
    from->mark = static_cast<std::uint8_t>((from->mark & ~(kWhites | kBlack)) | current_white);
  }
}

void Heap::barrier_again(Object* from) {
  if (phase == Phase::Propagate) {
    if (from->kind == Kind::Thread) return barrier_thread(*static_cast<Thread*>(from));
    from->mark &= static_cast<std::uint8_t>(~kBlack);
    marking_->again.push_back(from);
  } else {
    from->mark = static_cast<std::uint8_t>((from->mark & ~kBlack) | current_white);
  }
}

void Heap::barrier_stored(Table& table, const Value* values, std::size_t count) {
  if (phase != Phase::Propagate || !(is_large(table) || weakness(*this, table).any())) {
    return barrier_again(&table);
  }
  Collector collector(*this);
  if (table.is_shaped()) collector.mark(table.shape());
  for (std::size_t n = 0; n < count; ++n) collector.mark(values[n]);
}

void Heap::barrier_moved(Table& table) {
  const auto is_slice = [&table](const TableSlice& slice) { return slice.table == &table; };
  // With a metatable it may have been weak when it was looked at.
  if (table.metatable != nullptr || marking_->slices.has_any(is_slice)) {
    barrier_again(&table);
  }
}

void Heap::barrier_thread(Thread& thread) {
  if (marking_->walk.thread == &thread) marking_->walk.thread = nullptr;
  if (thread.is_white()) return;
  thread.mark &= static_cast<std::uint8_t>(~kBlack);
  if (&thread == current_thread || thread.is_listed) return;
  thread.is_listed = true;
  marking_->again.push_back(&thread);
}

void Heap::barrier_switch(Thread* to) {
  Thread* from = current_thread;
  current_thread = to;
  if (from != nullptr && from != to) barrier_thread(*from);
  // Its walk ends here; when it is left, there will be another one.
  if (marking_->walk.thread == to) marking_->walk.thread = nullptr;
  to->mark &= static_cast<std::uint8_t>(~kBlack);
}

}  // namespace moonlet::heap
