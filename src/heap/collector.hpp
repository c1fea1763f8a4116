// The collector at work: internal to this folder.
//
// Incremental mark and sweep with two whites. While marking (Phase::Propagate) no black object
// points to a white one; the barriers of heap.hpp see to it. Exceptions: threads and open cells are
// never black, because stores to a stack have no barrier, and tables with weak references are not
// black either; all of those are looked at again in the atomic phase, which ends the marking in
// one go and flips the white. Then everything that still has the old white is garbage.
//
//   gray_         marked, children not yet
//   gray_again_   to be traversed once more in the atomic phase: threads, weak tables, tables that
//                 were written to after they had become black
//   marked_open_  marked open cells. A thread lists its open cells but does not keep them alive.
//   slices_       tables of more than kSliceSlots, which are traversed piece by piece. They are
//                 black meanwhile; a table whose parts move is put into gray_again_.
//
// What is not sliced: the atomic phase (threads, tables in gray_again_, ephemerons, weak tables),
// the stack of one thread, one prototype, the user values of one userdata.
#pragma once

#include <unordered_map>

#include "heap/heap.hpp"
#include "heap/table.hpp"

namespace moonlet::heap {

// Everything here counts work in units that are about bytes, so that its pace is a function of
// logical sizes alone.
struct Collector {
  explicit Collector(Heap& owner) : heap(owner) {}

  Heap& heap;
  bool is_atomic = false;
  std::uint64_t work = 0;

  // ---- Marking (marking.cpp).
  void mark(Object* object) {
    if (object != nullptr && object->is_white()) mark_white(object);
  }
  void mark(const Value& value) {
    if (value.is_object()) mark(value.object);
  }
  void mark_roots();
  void propagate_one();
  void settle_open_cells();
  void propagate_all() {
    while (!heap.gray_.empty()) propagate_one();
  }

  // ---- Weak tables (weak.cpp).
  void traverse_weak_values(Table& table);
  void traverse_ephemeron(Table& table);
  void converge_ephemerons();
  void clear_values(const std::vector<Table*>& tables, std::size_t first);
  void clear_keys(const std::vector<Table*>& tables);
  void bury_key(Entry& entry);

  // ---- Phases (collector.cpp).
  void start_cycle();
  void atomic();
  void separate_finalizers();
  void enter_sweep();
  void sweep(std::uint64_t budget);
  void end_cycle();
  // Works for about `budget`; true when a cycle ended.
  bool run(std::uint64_t budget);
  void set_pause();
  void abandon_marking();
  void empty_lists();  // gives their memory back

  // Weak tables of this atomic phase.
  std::vector<Table*> weak_values;  // some value may be dead
  std::vector<Table*> ephemerons;   // some key may be dead
  std::vector<Table*> all_weak;
  std::vector<Thread*> threads;  // that this atomic phase found alive

 private:
  void mark_white(Object* object);
  void mark_range(const Value* from, const Value* to) {
    work += static_cast<std::uint64_t>(to - from) * sizeof(Value);
    for (; from < to; ++from) mark(*from);
  }
  void traverse(Object* object);
  void traverse_table(Table& table);
  void traverse_strong(Table& table, std::uint32_t& element, std::uint32_t& entry,
                       std::uint64_t slots);
  void traverse_slice(Table& table);
  void traverse_thread(Thread& thread);
  void traverse_frames(Thread& thread);
  void traverse_proto(Proto& proto);
  // Is the object that an entry refers to weakly still unmarked? Strings count as values: they are
  // marked here and now.
  bool is_dead(const Value& value);

  // Values that become reachable with a key: chains of `pending`, found by key.
  struct Pending {
    Object* value;
    std::uint32_t next;
  };
  void add_pending(Object* key, Object* value);
  static constexpr std::uint32_t kNoPending = 0xffffffff;
  std::unordered_map<Object*, std::uint32_t> pending_heads_;
  std::vector<Pending> pending_;
  std::vector<Object*> newly_marked_;  // while there are pending keys
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
  visit(heap.error);
  for (const Value& value : heap.extra_roots) visit(value);
  for (Object* object : heap.pending_finalizers) visit(object);
}

// Which of a table's references are weak, by its metatable's __mode.
struct Weakness {
  bool keys = false;
  bool values = false;
};
Weakness weakness(Heap& heap, const Table& table);

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
