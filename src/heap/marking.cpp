// Marking: from the roots, through gray objects, to everything that is reachable.
#include <algorithm>

#include "heap/collector.hpp"

namespace moonlet::heap {
namespace {

// A table with more slots is traversed in pieces of this size.
constexpr std::uint32_t kSliceSlots = 2048;
// What looking at any object costs.
constexpr std::uint64_t kObjectWork = 32;

}  // namespace

void Collector::mark_roots() {
  for_each_root(heap, [this](const auto& root) { mark(root); });
}

void Collector::mark_white(Object* object) {
  ML_ASSERT(!object->is_permanent());
  object->mark &= static_cast<std::uint8_t>(~kWhites);
  if (!pending_heads_.empty()) newly_marked_.push_back(object);
  switch (object->kind) {
    case Kind::String:
    case Kind::Buffer:
      object->mark |= kBlack;
      work += kObjectWork;
      return;
    case Kind::Cell: {
      auto* cell = static_cast<Cell*>(object);
      work += kObjectWork;
      if (cell->is_open()) {
        // Stays gray; its thread may be unreachable, so the value is looked at again at the end.
        heap.marked_open_.push_back(cell);
      } else {
        cell->mark |= kBlack;
      }
      return mark(*cell->location);  // never a cell, so this goes no deeper
    }
    case Kind::Table:
    case Kind::Closure:
    case Kind::Userdata:
    case Kind::Thread:
    case Kind::Proto:
    case Kind::Shape:
      heap.gray_.push_back(object);
      return;
  }
}

void Collector::propagate_one() {
  Object* object = heap.gray_.back();
  if (!heap.slices_.empty() && heap.slices_.back().table == object) {
    return traverse_slice(*static_cast<Table*>(object));
  }
  heap.gray_.pop_back();
  traverse(object);
}

void Collector::traverse(Object* object) {
  work += kObjectWork;
  object->mark |= kBlack;
  switch (object->kind) {
    case Kind::Table:
      return traverse_table(*static_cast<Table*>(object));
    case Kind::Thread:
      return traverse_thread(*static_cast<Thread*>(object));
    default:
      break;
  }
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
  const Weakness weak = weakness(heap, table);
  if (!weak.keys && !weak.values) {
    const std::uint64_t slots = std::uint64_t{table.array_count} + table.entry_count;
    if (table.is_shaped()) mark_range(table.fields, table.fields + table.shape()->count);
    if (!is_atomic && slots > kSliceSlots) {
      heap.gray_.push_back(&table);
      heap.slices_.push_back({&table, 0, 0});
      return;
    }
    std::uint32_t element = 0, entry = 0;
    return traverse_strong(table, element, entry, slots);
  }
  if (!is_atomic) {
    table.mark &= static_cast<std::uint8_t>(~kBlack);
    heap.gray_again_.push_back(&table);
  }
  if (!weak.keys) {
    traverse_weak_values(table);
  } else if (!weak.values) {
    traverse_ephemeron(table);
  } else if (is_atomic) {
    all_weak.push_back(&table);
  }
}

void Collector::traverse_slice(Table& table) {
  Heap::TableSlice slice = heap.slices_.back();
  const std::uint64_t elements =
      table.array_count - std::min(slice.next_element, table.array_count);
  const std::uint64_t entries = table.entry_count - std::min(slice.next_entry, table.entry_count);
  heap.slices_.pop_back();
  heap.gray_.pop_back();
  if (elements + entries <= kSliceSlots) {
    return traverse_strong(table, slice.next_element, slice.next_entry, kSliceSlots);
  }
  // The table stands below what this slice marks.
  heap.gray_.push_back(&table);
  const std::size_t place = heap.slices_.size();
  heap.slices_.push_back(slice);
  traverse_strong(table, slice.next_element, slice.next_entry, kSliceSlots);
  heap.slices_[place] = slice;
}

void Collector::traverse_strong(Table& table, std::uint32_t& element, std::uint32_t& entry,
                                std::uint64_t slots) {
  const std::uint32_t last_element =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(table.array_count, element + slots));
  if (element < last_element) {
    mark_range(table.array + element, table.array + last_element);
    slots -= last_element - element;
    element = last_element;
  }
  for (; slots > 0 && entry < table.entry_count; --slots, ++entry) {
    Entry& current = table.entries[entry];
    work += sizeof(Entry);
    if (current.value_is_nil()) {
      bury_key(current);
    } else {
      mark(current.key());
      mark(current.value());
    }
  }
}

// ---- Threads.

void Collector::traverse_thread(Thread& thread) {
  thread.mark &= static_cast<std::uint8_t>(~kBlack);
  if (!is_atomic) {
    heap.gray_again_.push_back(&thread);
  } else {
    threads.push_back(&thread);
    const bool is_idle =
        thread.status == ThreadStatus::Dead ||
        (thread.status == ThreadStatus::Suspended && &thread != heap.current_thread);
    if (is_idle) shrink_stack(heap, thread);
  }
  for_each_reference_of_thread(thread, [this](const auto& reference) {
    work += sizeof(Value);
    mark(reference);
  });
}

// An open cell lives as long as something refers to it. Its thread does not, but lists it: at the
// end of the marking, dead cells leave those lists, so that neither the sweep nor a thread ever
// meets one. A cell that outlives its thread is closed. Each list is walked once.
void Collector::settle_open_cells() {
  for (Thread* thread : threads) {
    Cell** link = &thread->open_cells;
    while (Cell* cell = *link) {
      work += sizeof(Cell);
      if (cell->is_white()) {
        *link = cell->open.next_open;
      } else {
        link = &cell->open.next_open;
      }
    }
  }
  for (Cell* marked : heap.marked_open_) {
    if (!marked->is_open() || !marked->open.thread->is_white()) continue;
    Thread* thread = marked->open.thread;
    while (Cell* cell = thread->open_cells) {
      thread->open_cells = cell->open.next_open;
      const Value value = *cell->location;
      cell->closed = value;
      cell->location = &cell->closed;
    }
  }
}

}  // namespace moonlet::heap
