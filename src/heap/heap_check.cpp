// Invariants of a heap, checked one by one: what stress builds and tests call after each step.
#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "heap/collector.hpp"
#include "heap/table_writer.hpp"

namespace moonlet::heap {
namespace {

const char* kind_name(Kind kind) {
  static constexpr const char* kNames[] = {
#define ML_KIND(name, text) text,
#include "heap/kinds.def"
  };
  return kNames[static_cast<int>(kind)];
}

std::size_t rounded(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

std::size_t all_bytes(const Object* object) {
  std::size_t bytes = rounded(object_bytes(*object));
  if (object->kind == Kind::Table) {
    const auto* table = static_cast<const Table*>(object);
    bytes += table->array.bytes(table->array_capacity);
    if (!table->is_shaped()) {
      bytes += rounded(entries_bytes(table->entry_capacity));
    } else if (!table->has_inline_fields()) {
      bytes += table->entry_capacity * sizeof(Value);
    }
  } else if (object->kind == Kind::Thread) {
    const auto* thread = static_cast<const Thread*>(object);
    bytes +=
        thread->stack_size * sizeof(Value) + rounded(thread->tbc_capacity * sizeof(std::uint32_t));
  }
  return bytes;
}

}  // namespace

struct HeapCheck {
  Heap& heap;
  std::string& problem;
  std::unordered_set<const Object*> known = {};

  bool fail(const std::string& what) {
    if (problem.empty()) problem = what;
    return false;
  }
  bool fail(const Object* object, const std::string& what) {
    return fail(std::string(kind_name(object->kind)) + " " + std::to_string(object->identity()) +
                ": " + what);
  }

  // In a sweep, what still has the white of the marking that has just ended. Its references may be
  // gone already.
  bool is_garbage(const Object* object) const {
    return heap.phase == Phase::Sweep && (object->mark & kWhites & ~heap.current_white) != 0;
  }

  bool run() {
    collect_objects();
    for (const Object* object : known) {
      if (problem.empty() && !is_garbage(object)) check_object(const_cast<Object*>(object));
    }
    for_each_root(heap, [this](const auto& root) { check_reference(nullptr, root); });
    for (const Object* object : heap.finalizable) {
      if (!known.contains(object))
        fail("a dead object waits for its finalizer");
      else if ((object->mark & kHasFinalizer) == 0)
        fail(object, "lacks kHasFinalizer");
    }
    check_strings();
    return problem.empty();
  }

  void collect_objects() {
    std::uint64_t bytes = 0;
    std::uint64_t by_category[kCategoryCount] = {};
    for (const Object* object = heap.objects; object != nullptr; object = object->next) {
      if (!known.insert(object).second) {
        fail(object, "stands twice in the list of objects");
        return;
      }
      bytes += all_bytes(object);
      by_category[object->category()] += all_bytes(object);
    }
    if (bytes != heap.logical_bytes) {
      fail("objects take " + std::to_string(bytes) + " bytes, the account says " +
           std::to_string(heap.logical_bytes));
    }
    for (unsigned n = 1; n < kCategoryCount; ++n) {
      const bool has_name = heap.categories != nullptr && n <= heap.categories->names.size();
      const std::uint64_t counted = heap.categories == nullptr ? 0 : heap.categories->bytes[n];
      if (by_category[n] != counted || (!has_name && counted != 0)) {
        fail("objects of category " + std::to_string(n) + " take " +
             std::to_string(by_category[n]) + " bytes, the account says " +
             std::to_string(counted));
      }
    }
  }

  void check_object(Object* object) {
    if (object->is_permanent()) fail(object, "is permanent and in the list of objects");
    if (object->is_black() && object->is_white() && object->kind != Kind::Cell) {
      fail(object, "is black and white");
    }
    if (heap.phase == Phase::Pause && (object->mark & (kWhites | kBlack)) != heap.current_white) {
      fail(object, "does not have the current white between cycles");
    }
    switch (object->kind) {
      case Kind::Table:
        return check_table(*static_cast<Table*>(object));
      case Kind::Thread:
        return check_thread(*static_cast<Thread*>(object));
      case Kind::Cell: {
        auto* cell = static_cast<Cell*>(object);
        if (!cell->is_open()) break;
        if (!known.contains(cell->open.thread)) fail(cell, "is open, and its thread was freed");
        return;  // its thread knows whether the slot is live
      }
      case Kind::String:
      case Kind::Closure:
      case Kind::Userdata:
      case Kind::Buffer:
      case Kind::Proto:
      case Kind::Shape:
        break;
    }
    for_each_reference(object, [this, object](const auto& to) { check_reference(object, to); });
  }

  void check_reference(const Object* from, const Value& to) {
    if (to.is_object()) return check_reference(from, to.object);
    if (to.tag() > Tag::Buffer) {
      from == nullptr ? fail("a root is no value") : fail(from, "refers to no value");
    }
  }
  void check_reference(const Object* from, const Object* to) {
    if (to == nullptr || !problem.empty()) return;
    if (!known.contains(to)) {
      // Image objects are recognised by a flag, which may only be read where there is an object.
      if (heap.image_strings != nullptr && to->is_permanent()) return;
      from == nullptr ? fail("a root refers to freed memory")
                      : fail(from, "refers to freed memory");
      return;
    }
    if (is_garbage(to)) {
      from == nullptr ? fail(to, "is garbage and a root")
                      : fail(to, std::string("is garbage, and a live ") + kind_name(from->kind) +
                                     " refers to it");
    }
    if (from != nullptr && heap.phase == Phase::Propagate && from->is_black() &&
        !from->is_white() && to->is_white() && !is_in_slice(from)) {
      fail(to, std::string("is white, and a black ") + kind_name(from->kind) + " refers to it");
    }
  }
  bool is_in_slice(const Object* object) const {
    Marking& marking = *heap.marking_;
    if (object == marking.walk.thread || object == marking.scan.table) return true;
    const auto is_it = [object](const auto& place) { return place.table == object; };
    // Those that were weak when they were looked at may be strong by now.
    return marking.slices.has_any(is_it) || marking.scanned.has_any(is_it);
  }

  void check_strings() {
    if (!problem.empty()) return;
    std::uint32_t count = 0;
    for (const Object* object : known) {
      if (object->kind != Kind::String) continue;
      const auto* string = static_cast<const String*>(object);
      if (string->is_long()) continue;
      ++count;
      if (hash_bytes(heap, string->view()) != string->hash) fail(string, "has a wrong hash");
      const String* found = heap.find_own(string->view(), string->hash);
      if (found == nullptr) fail(string, "is not found in the set of strings");
      if (found != string) fail(string, "is interned twice");
    }
    if (count != heap.strings.count) fail("the set of strings holds others than there are");
  }

  // ---- Tables.

  void check_table(Table& table) {
    check_reference(&table, table.metatable);
    if (table.array_count > table.array_capacity || table.entry_count > table.entry_capacity) {
      fail(&table, "has more than it has room for");
      return;
    }
    if (table.array_count != 0 && table.array[table.array_count - 1].is_nil()) {
      fail(&table, "has a nil at the end of its array");
    }
    if (table.array.is_packed() && (table.flags & kTableIntegerEntries) != 0) {
      fail(&table, "has entries with integer keys beside a packed array");
    }
    const Weakness weak = weakness(heap, table);
    if (table.is_shaped()) check_fields(table, weak);
    for (std::uint32_t i = 0; i < table.array_count; ++i) {
      check_part(table, weak.values, table.array[i]);
    }
    for (std::uint32_t i = 0; i < table.entry_count; ++i) check_entry(table, weak, i);
  }

  // What a weak reference names may be white; in a sweep even garbage has been cleared.
  void check_part(const Table& table, bool is_weak, const Value& value) {
    check_reference(is_weak && heap.phase == Phase::Propagate ? nullptr : &table, value);
  }

  void check_fields(Table& table, Weakness weak) {
    check_reference(&table, table.shape());
    if (!problem.empty()) return;
    const Shape& shape = *table.shape();
    if (table.entry_count != 0 || shape.count > table.entry_capacity) {
      fail(&table, "has a shape that does not fit");
      return;
    }
    for (std::uint32_t i = 0; i < shape.count; ++i) {
      if (table_find_field(table, shape.keys()[i]) != &table.fields[i]) {
        fail(&table, "does not find one of its fields");
      }
      check_part(table, weak.values, table.fields[i]);
    }
  }

  void check_entry(const Table& table, Weakness weak, std::uint32_t number) {
    const Entry& entry = table.entries[number];
    const Value key = entry.key();
    if (entry.key_tag() == Tag::Nil) fail(&table, "has a nil key");
    if (!entry.value_is_nil() && entry.key_tag() == Tag::DeadKey) {
      fail(&table, "has a value under a dead key");
    }
    check_part(table, weak.values || weak.keys, entry.value());
    if (key.is(Tag::DeadKey)) return;
    check_part(table, weak.keys, entry.key_reference());
    if (!problem.empty()) return;
    if (key.is_integer()) {
      if ((table.flags & kTableIntegerEntries) == 0) fail(&table, "hides an integer key");
      const std::uint64_t position = static_cast<std::uint64_t>(key.integer) - 1;
      if (!entry.value_is_nil() && position < table.array_count) {
        fail(&table, "has an element among its entries");
      }
    }
    if (table_find(table, key) != &entry) fail(&table, "does not find one of its keys");
  }

  // ---- Threads.

  void check_thread(Thread& thread) {
    if (thread.is_black() && heap.phase == Phase::Propagate && &thread == heap.current_thread) {
      fail(&thread, "is black and runs");
    }
    if (thread.base < thread.stack || thread.base > thread.stack_end() ||
        thread.top < thread.stack || thread.top > thread.stack_end()) {
      fail(&thread, "has its top or base outside of the stack");
      return;
    }
    const Value* above = thread.stack_end();
    for (Cell* cell = thread.open_cells; cell != nullptr; cell = cell->open.next_open) {
      if (!known.contains(cell)) {
        fail(&thread, "lists a freed cell");
        return;
      }
      if (!cell->is_open() || cell->open.thread != &thread || cell->location >= above ||
          cell->location < thread.stack) {
        fail(&thread, "has open cells out of order");
        return;
      }
      above = cell->location;
    }
    if (!check_frames(thread)) return;
    for_each_reference_of_thread(thread,
                                 [this, &thread](const auto& to) { check_reference(&thread, to); });
  }

  static std::string place(const Thread& thread, const Value* slot) {
    return std::to_string(slot - thread.stack);
  }

  bool check_frames(Thread& thread) {
    Frame frame;
    const Value* ceiling = thread.stack_end();
    unsigned depth = thread.native_depth;
    for (bool more = top_frame(thread, frame); more; more = next_frame(thread, frame)) {
      if (frame.base <= thread.stack || frame.base > ceiling || frame.limit < frame.base ||
          frame.limit > ceiling || frame.function_slot < thread.stack ||
          frame.function_slot >= frame.base) {
        return fail(&thread, "has frames out of order: slots " +
                                 place(thread, frame.function_slot) + ", " +
                                 place(thread, frame.base) + " to " + place(thread, frame.limit) +
                                 " below " + place(thread, ceiling));
      }
      if (!frame.is_builtin) {
        if (!known.contains(frame_closure(frame.base)) && heap.image_strings == nullptr) {
          return fail(&thread, "runs a freed function");
        }
        if (frame.position >= frame.proto()->code_size) {
          return fail(&thread, "stands outside of a function's code");
        }
      }
      if (link_type(frame.link) == LinkType::Other && link_kind(frame.link) != LinkKind::Bottom &&
          depth > 0 && --depth >= thread.nested_known &&
          thread.nested_slots[depth] != thread.number(frame.function_slot)) {
        return fail(&thread, "notes a wrong place of a frame that no instruction called");
      }
      ceiling = frame.function_slot;
    }
    return true;
  }
};

bool check_heap(Heap& heap, std::string& problem) {
  problem.clear();
  heap.drop_growth();
  return HeapCheck{heap, problem}.run();
}

}  // namespace moonlet::heap
