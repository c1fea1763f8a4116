// Collections slice by slice, with random changes between the smallest slices that there are,
// against an oracle that knows what can be reached.
#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "heap/collector.hpp"
#include "heap/testing.hpp"

namespace moonlet::heap {
namespace {

void smallest_slice(TestHeap& heap) {
  heap.step_size_log2 = 6;
  heap.step_multiplier = 1;
  heap.debt = 1;
  heap.Heap::step();
}

// Everything that strong references lead to, and ephemerons whose keys are known.
class Reachable {
 public:
  enum class Finalizers : std::uint8_t { Pending, All };
  explicit Reachable(Heap& heap, Finalizers finalizers = Finalizers::Pending) : heap_(heap) {
    for_each_root(heap, [this](const auto& root) { add(root); });
    if (finalizers == Finalizers::All) {
      for (Object* object : heap.finalizable) add(object);
    }
    while (follow()) {
    }
    // Strings as keys of tables that are weak in both ways go with the values.
    for (const auto& [key, value] : named_) {
      if (has(value)) add(key);
    }
  }
  bool has(const Object* object) const { return object->is_permanent() || known_.contains(object); }
  bool has(const Value& value) const {
    return !value.is_object() || value.is_string() || has(value.object);
  }
  std::size_t count() const { return known_.size(); }

 private:
  void add(Object* object) {
    if (object != nullptr && known_.insert(object).second) found_.push_back(object);
  }
  void add(const Value& value) {
    if (value.is_object()) add(value.object);
  }
  bool follow() {
    while (!found_.empty()) {
      Object* object = found_.back();
      found_.pop_back();
      if (object->kind == Kind::Table) {
        follow_table(*static_cast<Table*>(object));
      } else if (object->kind == Kind::Thread) {
        for_each_reference_of_thread(*static_cast<Thread*>(object),
                                     [this](const auto& to) { add(to); });
      } else {
        for_each_reference(object, [this](const auto& to) { add(to); });
      }
    }
    const std::size_t before = known_.size();
    for (Table* table : ephemerons_) {
      for (std::uint32_t n = 0; n < table->entry_count; ++n) {
        Entry& entry = table->entries[n];
        if (!entry.value_is_nil() && has(entry.key())) add(entry.value());
      }
    }
    return known_.size() != before;
  }
  void follow_table(Table& table) {
    add(table.metatable);
    if (table.is_shaped()) add(table.shape());
    const Weakness weak = weakness(heap_, table);
    const auto add_part = [&](const Value& value, bool is_weak) {
      if (!is_weak || value.is_string()) add(value);
    };
    for (std::uint32_t n = 0; n < table.array_count; ++n) add_part(table.array[n], weak.values);
    if (table.is_shaped()) {
      for (std::uint32_t n = 0; n < table.shape()->count; ++n) {
        add_part(table.fields[n], weak.values);
      }
    }
    const bool is_ephemeron = weak.keys && !weak.values;
    if (is_ephemeron) ephemerons_.push_back(&table);
    for (std::uint32_t n = 0; n < table.entry_count; ++n) {
      if (table.entries[n].value_is_nil()) continue;
      if (weak.keys && weak.values && table.entries[n].key().is_string()) {
        named_.emplace_back(table.entries[n].key(), table.entries[n].value());
      } else {
        add_part(table.entries[n].key(), weak.keys);
      }
      if (!is_ephemeron) add_part(table.entries[n].value(), weak.values);
    }
  }

  Heap& heap_;
  std::unordered_set<const Object*> known_;
  std::vector<Object*> found_;
  std::vector<Table*> ephemerons_;
  std::vector<std::pair<Value, Value>> named_;
};

// What the weak tables hold.
struct Held {
  Table* table;
  Weakness mode;
  Value key;
  Value value;
};
std::vector<Held> weak_contents(Heap& heap) {
  std::vector<Held> contents;
  for (Object* object = heap.objects; object != nullptr; object = object->next) {
    if (object->kind != Kind::Table) continue;
    auto* table = static_cast<Table*>(object);
    const Weakness mode = weakness(heap, *table);
    if (!mode.any()) continue;
    Value key, value;
    for (std::uint64_t at = table_next_position(*table, 0, key, value); at != 0;
         at = table_next_position(*table, at, key, value)) {
      contents.push_back({table, mode, key, value});
    }
  }
  return contents;
}

bool is_garbage(const Heap& heap, const Value& value) {
  return value.is_object() && (value.object->mark & kWhites & ~heap.current_white) != 0;
}

// Ends the marking, which is about to, and says what is wrong with what it left of weak tables.
std::string end_marking(TestHeap& heap) {
  const Reachable reachable(heap);
  const std::vector<Held> before = weak_contents(heap);
  heap.stress_slices = true;  // so that nothing is swept yet
  while (heap.is_blocked()) heap.go_on();
  heap.stress_slices = false;
  const bool has_ended = heap.phase != Phase::Propagate;
  for (const Held& held : before) {
    if (has_ended && is_garbage(heap, Value::from(held.table))) continue;
    const bool is_there = is_identical(table_get(*held.table, held.key), held.value);
    const bool may_go = has_ended && ((held.mode.values && !reachable.has(held.value)) ||
                                      (held.mode.keys && is_garbage(heap, held.key)));
    if (!is_there && !may_go) return "an entry went whose key and value live";
    const bool must_go = has_ended && ((held.mode.values && is_garbage(heap, held.value)) ||
                                       (held.mode.keys && is_garbage(heap, held.key)));
    if (is_there && must_go) return "an entry stayed whose key or value is garbage";
  }
  if (!has_ended) return "";
  for (Object* object = heap.objects; object != nullptr; object = object->next) {
    if (reachable.has(object) && is_garbage(heap, Value::from_object(object, Tag::Table))) {
      return "something that can be reached is garbage";
    }
  }
  return "";
}

// A program that knows nothing but what its heap holds: a table of roots, and coroutines of which
// one runs.
class Program {
 public:
  explicit Program(std::uint64_t seed) : random_{seed} {
    roots_ = heap.new_table(kRoots);
    heap.set_global("roots", Value::from(roots_));
    const Value list = heap.table();
    heap.set_global("threads", list);
    for (int n = 0; n < 3; ++n) {
      Thread* thread = heap.new_thread(64);
      thread->stack[0] = Value::from_builtin(1);
      thread->top = thread->stack + 1;
      EXPECT_TRUE(heap.set(list.table(), Value::from(n + 1), Value::from(thread)));
      threads_.push_back(thread);
    }
    modes_ = {"k", "k", "v", "kv", ""};
    for (const char* mode : modes_) {
      Table* metatable = heap.new_table();
      EXPECT_TRUE(set_field(heap, *metatable, "__mode", heap.string(mode)));
      EXPECT_TRUE(heap.set(heap.globals, Value::from(static_cast<int>(metatables_.size() + 1)),
                           Value::from(metatable)));
      metatables_.push_back(metatable);
    }
  }

  TestHeap heap;

  void change() {
    const Value value = random_.below(3) == 0 ? make() : pick();
    const Value target = pick();
    switch (random_.below(12)) {
      case 0:
        set_root(random_.below(3) == 0 ? Value::nil() : value);
        break;
      case 1:
        change_stack(value);
        break;
      case 2:
        use_cell(value);
        break;
      case 3:
        run_thread(threads_[random_.below(3)]);
        break;
      case 4:
        change_mode(target);
        break;
      case 5:
        if (Object* object = next_finalizer(heap); object != nullptr && random_.below(2) == 0) {
          set_root(Value::from(static_cast<Table*>(object)));
        }
        break;
      case 6:
        if (target.is_table() && random_.below(2) == 0) {
          EXPECT_TRUE(heap.register_finalizer(target.object));
        }
        break;
      default:
        store(target, value);
    }
  }

  void forget_all() {
    for (Thread* thread : threads_) {
      run_thread(thread);
      close_cells(heap, *thread, thread->stack);
      thread->top = thread->stack + 1;
    }
    run_thread(threads_[0]);
    for (const char* name : {"roots", "threads"}) heap.set_global(name, Value::nil());
    for (int n = 0; n < 5; ++n) {
      EXPECT_TRUE(heap.set(heap.globals, Value::from(n + 1), Value::nil()));
    }
    heap.current_thread = heap.main_thread;
  }

 private:
  static constexpr std::uint32_t kRoots = 6;

  Value make() {
    switch (random_.below(10)) {
      case 0:
        return heap.string("s" + std::to_string(random_.below(100)));
      case 1:
        return heap.string(std::string(41 + random_.below(20), 'L'));
      case 2:
        return make_closure();
      case 3:
      case 4:
      case 5: {
        const Value table = heap.table();
        table.table()->metatable = metatables_[random_.below(5)];
        return table;
      }
      default:
        return Value::from(heap.new_table(random_.below(3), random_.below(3)));
    }
  }
  // A function over a slot of the thread that runs.
  Value make_closure() {
    Thread& thread = *heap.current_thread;
    const std::size_t bytes = sizeof(Proto);
    auto* proto = static_cast<Proto*>(heap.new_object(Kind::Proto, bytes));
    const Object header = *proto;
    std::memset(static_cast<void*>(proto), 0, bytes);
    static_cast<Object&>(*proto) = header;
    proto->bytes = bytes;
    proto->upvalue_count = 1;
    Closure* closure = heap.new_closure(proto);
    proto->upvalue_count = 0;
    if (thread.top - thread.stack < 2) {
      closure->upvalues()[0] = heap.new_closed_cell(Value::nil());
    } else {
      const auto depth = static_cast<std::uint32_t>(thread.top - thread.stack - 1);
      closure->upvalues()[0] =
          find_open_cell(heap, thread, thread.stack + 1 + random_.below(depth));
    }
    return Value::from(closure);
  }
  Value pick() {
    Value at = table_get_integer(*roots_, 1 + random_.below(kRoots));
    if (random_.below(3) == 0) {
      Thread& thread = *heap.current_thread;
      const auto size = static_cast<std::uint32_t>(thread.top - thread.stack);
      at = size > 1 ? thread.stack[1 + random_.below(size - 1)] : Value::nil();
    }
    for (std::uint32_t hops = random_.below(5); hops > 0; --hops) {
      Value next = Value::nil();
      if (at.is_table()) {
        Value key = Value::nil(), value = Value::nil();
        for (std::uint32_t skip = 1 + random_.below(4); skip > 0; --skip) {
          if (table_next(heap, *at.table(), key, key, value) != NextResult::Next) break;
          next = random_.below(3) == 0 && key.is_object() ? key : value;
        }
      } else if (at.is_closure()) {
        next = *at.closure()->upvalues()[0]->location;
      }
      if (!next.is_object()) break;
      at = next;
    }
    return at;
  }
  void set_root(const Value& value) {
    EXPECT_TRUE(heap.set(roots_, Value::from(static_cast<int>(1 + random_.below(kRoots))), value));
  }
  void change_stack(const Value& value) {
    Thread& thread = *heap.current_thread;
    if (&thread == heap.main_thread) return;
    if (thread.top < thread.stack_end() && random_.below(2) == 0) {
      *thread.top++ = value;
    } else if (thread.top > thread.stack + 1) {
      --thread.top;
      close_cells(heap, thread, thread.top);
    }
  }
  void use_cell(const Value& value) {
    const Value function = pick();
    if (!function.is_closure()) return;
    Cell* cell = function.closure()->upvalues()[0];
    *cell->location = value;
    if (cell->is_black()) heap.barrier(cell, value);
  }
  void run_thread(Thread* thread) {
    if (heap.current_thread != heap.main_thread) {
      heap.current_thread->status = ThreadStatus::Suspended;
    }
    heap.switch_thread(thread);
    thread->status = ThreadStatus::Suspended;
  }
  void change_mode(const Value& target) {
    if (random_.below(3) == 0) {
      Table* metatable = metatables_[random_.below(5)];
      EXPECT_TRUE(set_field(heap, *metatable, "__mode", heap.string(modes_[random_.below(5)])));
    } else if (target.is_table() && target.table() != roots_) {
      target.table()->metatable = metatables_[random_.below(5)];
      heap.barrier_back(target.table());
    }
  }
  void store(const Value& target, const Value& value) {
    if (!target.is_table()) return;
    const Value key =
        random_.below(2) == 0 ? pick() : Value::from(1 + static_cast<int>(random_.below(9)));
    if (key.is_nil()) return;
    EXPECT_TRUE(heap.set(target.table(), key, random_.below(4) == 0 ? Value::nil() : value));
  }

  TestRandom random_;
  Table* roots_;
  std::vector<Thread*> threads_;
  std::vector<const char*> modes_;
  std::vector<Table*> metatables_;
};

class Slices : public testing::TestWithParam<int> {};

TEST_P(Slices, WeakTablesLoseWhatIsDeadAndNothingElse) {
  Program program(static_cast<std::uint64_t>(GetParam()) * 7919);
  TestHeap& heap = program.heap;
  int endings = 0;
  for (int step = 0; step < 6000; ++step) {
    program.change();
    if (GetParam() % 3 == 0 || step % 3 == 0) smallest_slice(heap);
    if (heap.is_blocked()) {
      ++endings;
      ASSERT_EQ(end_marking(heap), "") << "step " << step;
    }
    if (step % 11 == 0) {
      ASSERT_EQ(heap.check(), "") << "step " << step;
    }
  }
  EXPECT_GT(endings, 2);
  // What is left after a full collection is what can be reached; what finalizers bring back, too,
  // and keys of which only the value was weak: their entries went in this collection.
  do {
    const Reachable before(heap, Reachable::Finalizers::All);
    heap.collect_full();
    ASSERT_EQ(heap.check(), "");
    const Reachable reachable(heap);
    std::size_t lost = 0;
    for (Object* object = heap.objects; object != nullptr; object = object->next) {
      const bool is_unseen = object->kind == Kind::String || object->kind == Kind::Shape;
      if (!is_unseen && !reachable.has(object) && !before.has(object)) ++lost;
    }
    ASSERT_EQ(lost, 0u);
  } while (next_finalizer(heap) != nullptr);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Slices, testing::Range(1, 40));

// ---- Single cases.

void begin_marking(TestHeap& heap) {
  heap.collect_full();
  while (heap.phase != Phase::Propagate) smallest_slice(heap);
}
void finish_cycle(TestHeap& heap) {
  while (heap.phase != Phase::Pause) smallest_slice(heap);
}
// Slices of the usual size for which the script has to wait, when a marking ends.
int blocked_slices(TestHeap& heap) {
  heap.collect_full();
  heap.step_size_log2 = 13;
  heap.step_multiplier = 100;
  int blocked = 0;
  do {
    heap.debt = 1;
    heap.Heap::step();
    if (heap.is_blocked()) ++blocked;
  } while (heap.phase != Phase::Sweep);
  return blocked;
}

TEST(CollectorSlices, WhatIsStoredThroughAnUnmarkedCellIntoAWalkedStackStays) {
  TestHeap heap;
  Thread* thread = heap.new_thread(10);
  thread->stack[0] = Value::from_builtin(1);
  thread->stack[1] = Value::from(1);
  thread->top = thread->stack + 2;
  heap.set_global("thread", Value::from(thread));
  begin_marking(heap);
  Cell* cell = find_open_cell(heap, *thread, thread->stack + 1);
  while (!cell->is_black()) smallest_slice(heap);
  ASSERT_EQ(heap.phase, Phase::Propagate);
  ASSERT_TRUE(cell->is_white());
  *cell->location = heap.table();
  heap.barrier(cell, *cell->location);
  finish_cycle(heap);
  EXPECT_EQ(heap.check(), "");
  EXPECT_EQ(thread->open_cells, nullptr);
  EXPECT_TRUE(thread->stack[1].is_table());
}

TEST(CollectorSlices, ALongStackIsWalkedInPieces) {
  TestHeap heap;
  constexpr std::uint32_t kSlots = 100'000;
  Thread* thread = heap.new_thread(kSlots);
  for (std::uint32_t n = 0; n < kSlots; ++n) thread->stack[n] = Value::from(1);
  thread->stack[10] = heap.table();
  thread->top = thread->stack + kSlots;
  heap.set_global("thread", Value::from(thread));
  begin_marking(heap);
  int slices = 0;
  for (; heap.phase == Phase::Propagate; ++slices) smallest_slice(heap);
  EXPECT_GT(slices, 100);
  finish_cycle(heap);
  EXPECT_EQ(heap.check(), "");
}

TEST(CollectorSlices, AThreadThatRanIsWalkedOnceMore) {
  TestHeap heap;
  Thread* thread = heap.new_thread(5000);
  thread->stack[0] = Value::from_builtin(1);
  for (int n = 1; n < 4000; ++n) thread->stack[n] = Value::from(n);
  thread->top = thread->stack + 4000;
  heap.set_global("thread", Value::from(thread));
  for (const int slices : {0, 2, 4, 6, 9, 100}) {
    begin_marking(heap);
    while (!thread->is_black()) smallest_slice(heap);
    for (int n = 0; n < slices && heap.phase == Phase::Propagate; ++n) smallest_slice(heap);
    while (heap.is_blocked()) heap.go_on();
    heap.switch_thread(thread);
    thread->stack[3] = heap.table();
    heap.switch_thread(heap.main_thread);
    thread->status = ThreadStatus::Suspended;
    finish_cycle(heap);
    ASSERT_EQ(heap.check(), "");
    ASSERT_TRUE(thread->stack[3].is_table());
  }
}

// Larger than what is looked at in one piece, and rehashed in between.
TEST(CollectorSlices, ALargeWeakTableMayChangeWhileItIsLookedAt) {
  for (const char* mode : {"k", "v", "kv"}) {
    TestHeap heap;
    TestRandom random{11};
    Table* weak = heap.weak_table(mode);
    heap.set_global("weak", Value::from(weak));
    Table* kept = heap.new_table();
    heap.set_global("kept", Value::from(kept));
    const auto add = [&] {
      const Value object = heap.table();
      const Value other = random.below(4) == 0 ? Value::from(7) : heap.table();
      if (random.below(2) == 0) {
        ASSERT_TRUE(heap.set(kept, Value::from(static_cast<int>(random.below(3000))), object));
      }
      const bool is_key = random.below(2) == 0;
      ASSERT_TRUE(heap.set(weak, is_key ? object : other, is_key ? other : object));
      if (random.below(8) == 0) {
        ASSERT_TRUE(heap.set(weak, Value::from(static_cast<int>(random.below(2000))), object));
      }
    };
    for (int n = 0; n < 4000; ++n) add();
    int endings = 0;
    for (int step = 0; endings < 4; ++step) {
      ASSERT_LT(step, 2'000'000);
      if (random.below(30) == 0) add();
      if (random.below(30) == 0) {
        ASSERT_TRUE(
            heap.set(kept, Value::from(static_cast<int>(random.below(3000))), Value::nil()));
      }
      smallest_slice(heap);
      if (!heap.is_blocked()) continue;
      ASSERT_EQ(end_marking(heap), "");
      if (heap.phase != Phase::Propagate) ++endings;
      ASSERT_EQ(heap.check(), "");
    }
  }
}

// Whatever it was when it was looked at: its value is not weak, and its key comes back.
TEST(CollectorSlices, ATableThatBecomesAnEphemeronKeepsWhatAFinalizerIsToGet) {
  for (int slices = 0; slices < 60; ++slices) {
    TestHeap heap;
    Table* weak = heap.weak_table("kv");
    heap.set_global("weak", Value::from(weak));
    Table* key = heap.new_table();
    ASSERT_TRUE(heap.register_finalizer(key));
    ASSERT_TRUE(heap.set(weak, Value::from(key), heap.table()));
    while (heap.phase != Phase::Propagate) smallest_slice(heap);
    for (int n = 0; n < slices && heap.phase == Phase::Propagate; ++n) smallest_slice(heap);
    if (heap.phase != Phase::Propagate || heap.is_blocked()) break;
    ASSERT_TRUE(set_field(heap, *weak->metatable, "__mode", heap.string("k")));
    finish_cycle(heap);
    ASSERT_EQ(next_finalizer(heap), key) << slices;
    EXPECT_TRUE(table_get(*weak, Value::from(key)).is_table()) << slices;
    EXPECT_EQ(heap.check(), "");
  }
}

TEST(CollectorSlices, EphemeronsInTheWorstOrderTakeTimeByTheirNumber) {
  const auto work = [](int length) {
    TestHeap heap;
    Table* weak = heap.weak_table("k");
    heap.set_global("weak", Value::from(weak));
    Value link = heap.table();
    for (int n = 0; n < length; ++n) {
      const Value before = heap.table();
      EXPECT_TRUE(heap.set(weak, before, link));
      link = before;
    }
    heap.set_global("head", link);
    begin_marking(heap);
    heap.step_multiplier = 100;
    int slices = 0;
    for (; heap.phase != Phase::Sweep; ++slices) {
      heap.debt = 1;
      heap.Heap::step();
    }
    return slices;
  };
  EXPECT_LT(work(40'000), 5 * work(10'000));
}

// What lives is marked before the script has to wait, whatever it is.
TEST(CollectorSlices, AMarkingEndsSoon) {
  TestHeap heap;
  Table* all = heap.new_table();
  heap.set_global("all", Value::from(all));
  Table* weak = heap.weak_table("k");
  heap.set_global("weak", Value::from(weak));
  Table* cache = heap.weak_table("v");
  heap.set_global("cache", Value::from(cache));
  for (int n = 1; n <= 30'000; ++n) {
    Table* table = heap.new_table();
    ASSERT_TRUE(heap.register_finalizer(table));
    ASSERT_TRUE(heap.set(all, Value::from(n), Value::from(table)));
    ASSERT_TRUE(heap.set(weak, Value::from(table), heap.table()));
    ASSERT_TRUE(heap.set(cache, Value::from(n), Value::from(table)));
    ASSERT_TRUE(heap.set(all, Value::from(-n), Value::from(heap.new_thread(20))));
  }
  EXPECT_LT(blocked_slices(heap), 5);
}

TEST(CollectorSlices, FinalizersThatAreRegisteredMeanwhile) {
  TestHeap heap;
  std::vector<Object*> objects;
  const auto add = [&](bool lives) {
    objects.push_back(heap.new_table());
    ASSERT_TRUE(heap.register_finalizer(objects.back()));
    if (lives) {
      ASSERT_TRUE(heap.set(heap.globals, Value::from(static_cast<int>(objects.size())),
                           Value::from(static_cast<Table*>(objects.back()))));
    }
  };
  for (int n = 0; n < 1000; ++n) add(n % 3 == 0);
  begin_marking(heap);
  EXPECT_FALSE(heap.pending_finalizers.empty());
  heap.pending_finalizers.clear();
  std::vector<Object*> dead;
  const std::size_t old = objects.size();
  for (int n = 0; heap.phase == Phase::Propagate; ++n) {
    smallest_slice(heap);
    if (n % 5 == 0 && heap.phase == Phase::Propagate) add(n % 2 == 0);
  }
  while (heap.is_blocked()) heap.go_on();
  for (std::size_t n = old; n < objects.size(); ++n) {
    if (get_field(heap, *heap.globals, "none").is_nil() &&
        table_get_integer(*heap.globals, static_cast<std::int64_t>(n + 1)).is_nil()) {
      dead.push_back(objects[n]);
    }
  }
  EXPECT_FALSE(dead.empty());
  std::vector<Object*> pending;
  while (Object* object = next_finalizer(heap)) pending.push_back(object);
  std::reverse(pending.begin(), pending.end());
  EXPECT_EQ(pending, dead);
  finish_cycle(heap);
  EXPECT_EQ(heap.check(), "");
}

}  // namespace
}  // namespace moonlet::heap
