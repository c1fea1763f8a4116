// The collector at work: internal to this folder.
//
// Incremental mark and sweep with two whites. While marking (Phase::Propagate) no black object
// points to a white one, but for weak references; the barriers of heap.hpp see to it. Exceptions:
// the current thread is never black, because stores to its stack have no barrier, and a table that
// is traversed piece by piece is black from the start.
//
// When nothing is left to be looked at, the marking is ended (Phase::Ending): roots and the current
// thread are looked at once more, weak references to what is still white are cleared, finalizers
// bring their objects back, and the white is flipped: everything that still has the old one is
// garbage. That is done in slices, too, but the script may not run between them. What makes the
// ending short is that all that can be done before has been done; decisions/0005 says why no more
// can.
//
// What is not sliced: one prototype, the user values of one userdata, the open cells of one thread,
// host handles, defragment().
#pragma once

#include "heap/block_list.hpp"
#include "heap/heap.hpp"
#include "heap/table.hpp"
#include "heap/weak_references.hpp"

namespace moonlet::heap {

// Which of a table's references are weak, by its metatable's __mode.
struct Weakness {
  bool keys = false;
  bool values = false;
  bool any() const { return keys || values; }
  bool operator==(const Weakness&) const = default;
};
Weakness weakness(Heap& heap, const Table& table);

// A traversal of a table that is too large for one slice: where it goes on.
struct TableSlice {
  Table* table;
  std::uint32_t next_element = 0;
  std::uint32_t next_entry = 0;
};

// A look at a weak table, place by place.
struct WeakScan {
  Table* table = nullptr;
  Weakness mode;
  std::uint32_t element = 0;
  std::uint32_t field = 0;
  std::uint32_t entry = 0;
  bool has_references = false;
};

// A walk over a thread's stack. Its open cells become black even if they are white, that is, if
// nothing that was marked refers to them: what is stored through them must not escape either. A
// thread that changes meanwhile is walked over anew.
struct ThreadWalk {
  Thread* thread = nullptr;
  Value* stack;  // as it was
  Cell* cell;    // open ones are looked at first
  Frame frame;   // to be looked at
  bool has_frame;
  Value* from;  // slots of the frame before
  Value* to;
  Value* extra_from;  // its extra arguments
  Value* extra_to;
};

struct WeakTable {
  Table* table;
  Weakness mode;
};

// In the order in which they are done.
enum class EndingStage : std::uint8_t {
  Roots,
  Mark,
  Modes,  // weak tables that are not weak any more are marked through; then the dead are known
  Values,
  Trim,
  Finalizers,  // finds those of dead objects
  Compact,
  Queue,
  Pend,
  Resurrect,
  Keys,
  LateValues,  // of weak tables that finalizers brought back
  LateTrim,
  Flip,
};

// What a marking keeps between its slices: host memory, not charged.
//
//   gray       marked, children not yet
//   again      to be traversed once more: written to after they had become black, and threads that
//              were left. When there is nothing else to do, all of them become the batch.
//   slices     tables of more than kSliceSlots that stand in gray, the topmost one last
//   weak       weak tables that have not been looked at. That is done last, when most of what lives
//              is marked; then they are black, and what is stored into them is marked.
//   references what was white when a weak table was looked at. Not more than what is dead, and the
//              links of ephemerons that were met before their keys.
//   awakened   references by keys that have been marked
struct Marking {
  BlockList<Object*> gray;
  BlockList<Object*> again;
  BlockList<Object*> batch;
  std::uint32_t batches = 0;
  BlockList<TableSlice> slices;
  ThreadWalk walk;

  BlockList<Table*> weak;
  WeakScan scan;
  BlockList<WeakTable> scanned;  // those that references lie in
  WeakReferences references;
  BlockList<std::uint32_t> awakened;

  // Heap::finalizable up to here has been looked at; these were white.
  std::size_t finalizers_seen = 0;
  BlockList<std::uint32_t> finalizers_white;

  EndingStage stage = EndingStage::Roots;
  std::uint32_t endings = 0;          // begun
  std::uint64_t ending_work = 0;      // of this one
  std::size_t cursor = 0;             // of the stage
  std::size_t values_cleared = 0;     // references up to here
  std::size_t tables_trimmed = 0;     // scanned tables up to here
  std::size_t first_unreachable = 0;  // in Heap::finalizable
  std::size_t kept = 0;               // of Heap::finalizable, which is being compacted
  std::size_t pended = 0;             // unreachable ones left out of it
  std::vector<Object*> pending;       // will be Heap::pending_finalizers
  BlockList<Object*> unreachable;     // objects with finalizers
};

// Everything here counts work in units that are about bytes, so that its pace is a function of
// logical sizes alone.
struct Collector {
  explicit Collector(Heap& owner) : heap(owner) {}

  Heap& heap;
  std::uint64_t work = 0;
  WeakTable asked = {};  // whose mode was asked for last: references of one table lie together

  // ---- Marking (marking.cpp).
  void mark(Object* object) {
    if (object != nullptr && object->is_white()) mark_white(object);
  }
  void mark(const Value& value) {
    if (value.is_object()) mark(value.object);
  }
  void mark_roots();
  void begin_walk(Thread& thread);
  // A piece of what is left to be marked; false: there is nothing.
  bool mark_some();

  // ---- Weak tables (weak.cpp).
  void scan_some();
  void wake_some();
  Weakness mode_of(Table& table);
  void clear_value(const WeakReference& reference);
  void clear_key(const WeakReference& reference);
  void bury_key(Entry& entry);

  // ---- The end of the marking (ending.cpp).
  void begin_ending();
  void end_some();
  bool look_at_finalizers();

  // ---- Phases (collector.cpp).
  void start_cycle();
  void enter_sweep();
  void sweep(std::uint64_t budget);
  void end_cycle();
  // Works for about `budget`; true when a cycle ended.
  bool run(std::uint64_t budget);
  void set_pause();
  void abandon_marking();
  bool release_some();  // of the memory of a marking; false: there is none

 private:
  Marking& marking() { return *heap.marking_; }
  void mark_white(Object* object);
  void mark_elements(const Table& table, std::uint32_t from, std::uint32_t to) {
    if (table.array.is_packed()) {
      work += (to - from) / 64;  // what finding out took
    } else {
      mark_range(table.array.values() + from, table.array.values() + to);
    }
  }
  void mark_range(const Value* from, const Value* to) {
    work += static_cast<std::uint64_t>(to - from) * sizeof(Value);
    for (; from < to; ++from) mark(*from);
  }
  void propagate_one();
  void traverse(Object* object);
  void traverse_table(Table& table);
  void traverse_strong(Table& table, std::uint32_t& element, std::uint32_t& entry,
                       std::uint64_t slots);
  void traverse_slice(Table& table);
  void walk_some();
  void take_again();

  // Is the object that an entry refers to weakly still unmarked? Strings count as values: they are
  // marked here and now.
  bool is_dead(const Value& value);
  bool scan_next();
  void scan_entry(Entry& entry);
  void note(WeakPlace place, std::uint32_t number, Object* referent);

  void go_to(EndingStage stage);
  void end_stage();
  bool check_modes();
  bool clear_values();
  bool trim_arrays();
  bool find_unreachable();
  bool compact_finalizable();
  bool queue_finalizers();
  bool pend_finalizers();
  bool clear_keys();
  void flip();
};

// Calls visit(Value or Object*) for each root of a heap.
template <typename Visit>
void for_each_root(Heap& heap, Visit visit) {
  visit(heap.main_thread);
  visit(heap.current_thread);
  visit(heap.globals);
  visit(heap.registry);
  for (Table* metatable : heap.basic_metatables->of) visit(metatable);
  for (String* name : heap.event_names->names) visit(name);
  for (String* name : heap.event_names->types) visit(name);
  visit(heap.error);
  for (const Value& value : heap.extra_roots) visit(value);
  for (Object* object : heap.pending_finalizers) visit(object);
}

// Calls visit for each strong reference of an object that is neither a table nor a thread.
template <typename Visit>
void for_each_reference(Object* object, Visit visit) {
  switch (object->kind) {
    case Kind::Closure: {
      auto* closure = static_cast<Closure*>(object);
      visit(closure->proto);
      for (int i = 0; i < closure->flags; ++i) visit(closure->upvalues()[i]);
      return;
    }
    case Kind::Userdata: {
      auto* userdata = static_cast<Userdata*>(object);
      visit(userdata->metatable);
      for (int i = 0; i < userdata->user_value_count; ++i) visit(userdata->user_values()[i]);
      return;
    }
    case Kind::Proto: {
      auto* proto = static_cast<Proto*>(object);
      visit(proto->root);  // whose children are all the others of the chunk
      visit(proto->source);
      visit(proto->name);
      visit(proto->debug_name);
      for (std::uint32_t i = 0; i < proto->constant_count; ++i) visit(proto->constants[i]);
      for (std::uint32_t i = 0; i < proto->child_count; ++i) visit(proto->children[i]);
      for (std::uint32_t i = 0; i < proto->upvalue_count; ++i) visit(proto->upvalues[i].name);
      for (std::uint32_t i = 0; i < proto->local_count; ++i) visit(proto->locals[i].name);
      return;
    }
    case Kind::Shape: {
      auto* shape = static_cast<Shape*>(object);
      visit(shape->parent);
      for (std::uint32_t i = 0; i < shape->count; ++i) visit(shape->keys()[i]);
      return;
    }
    case Kind::Cell:
      return visit(*static_cast<Cell*>(object)->location);
    case Kind::String:
    case Kind::Buffer:
    case Kind::Table:
    case Kind::Thread:
      return;
  }
}

// The same for a thread: live slots of its frames and what its record names.
template <typename Visit>
void for_each_reference_of_thread(Thread& thread, Visit visit) {
  const auto visit_range = [&visit](const Value* from, const Value* to) {
    for (; from < to; ++from) visit(*from);
  };
  visit(thread.hook_function);
  visit(thread.error);
  if (thread.status == ThreadStatus::Running || thread.status == ThreadStatus::Normal) {
    visit(thread.resumer);
  }
  if (has_no_frames(thread)) {
    if (has_plain_slots(thread)) visit_range(thread.stack, thread.top);
    return;
  }
  Frame frame;
  for (bool more = top_frame(thread, frame); more; more = next_frame(thread, frame)) {
    if (!frame.is_builtin) {
      visit(frame_closure(frame.base));
      visit_range(frame.true_base, frame.base - 1);  // extra arguments
    }
    visit_range(frame.base, frame.limit);
  }
}

}  // namespace moonlet::heap
