// What is freed, what stays, what weak tables and finalizers see, and how far the collector goes.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "heap/testing.hpp"

namespace moonlet::heap {
namespace {

// The smallest steps that there are: one object, or one piece of a table. At the usual multiplier
// they are some objects.
void small_step(TestHeap& heap, int multiplier = 1) {
  heap.step_size_log2 = 6;
  heap.step_multiplier = multiplier;
  heap.debt = 1;
  heap.step();
}
void finish_cycle(TestHeap& heap) {
  while (heap.phase != Phase::Pause) small_step(heap);
}
void start_marking(TestHeap& heap) {
  finish_cycle(heap);
  while (heap.phase != Phase::Propagate) small_step(heap);
}
std::size_t count_objects(const Heap& heap) {
  std::size_t count = 0;
  for (const Object* object = heap.objects; object != nullptr; object = object->next) ++count;
  return count;
}

Proto* new_proto(TestHeap& heap, std::uint32_t constants, std::uint16_t upvalues) {
  const std::size_t bytes =
      sizeof(Proto) + constants * sizeof(Value) + upvalues * sizeof(UpvalueInfo);
  auto* proto = static_cast<Proto*>(heap.new_object(Kind::Proto, bytes));
  const Object header = *proto;
  std::memset(static_cast<void*>(proto), 0, bytes);
  static_cast<Object&>(*proto) = header;
  proto->bytes = bytes;
  proto->constants = reinterpret_cast<Value*>(proto + 1);
  proto->constant_count = constants;
  proto->upvalues = reinterpret_cast<UpvalueInfo*>(proto->constants + constants);
  proto->upvalue_count = upvalues;
  return proto;
}
Closure* new_closure_of(TestHeap& heap, Cell* cell) {
  Closure* closure = heap.new_closure(new_proto(heap, 0, 1));
  closure->upvalues()[0] = cell;
  return closure;
}

TEST(Collector, CyclesAreGarbage) {
  TestHeap heap;
  heap.collect_full();
  const std::uint64_t bytes = heap.logical_bytes;
  for (int i = 0; i < 1000; ++i) {
    Table* a = heap.new_table();
    Table* b = heap.new_table();
    ASSERT_TRUE(heap.set(a, Value::from(1), Value::from(b)));
    ASSERT_TRUE(heap.set(b, Value::from(a), Value::from(a)));
    a->metatable = a;
  }
  heap.collect_full();
  EXPECT_EQ(heap.logical_bytes, bytes);
  EXPECT_EQ(heap.check(), "");
}

TEST(Collector, EveryKindOfReferenceKeepsItsObject) {
  TestHeap heap;
  Userdata* userdata = heap.new_userdata(3, 2);
  userdata->metatable = heap.new_table();
  userdata->user_values()[1] = heap.string("user value");
  Cell* cell = heap.new_closed_cell(Value::from(userdata));
  Proto* proto = new_proto(heap, 2, 1);
  proto->root = new_proto(heap, 0, 0);
  proto->constants[0] = heap.string("constant");
  proto->constants[1] = Value::from(1);
  proto->upvalues[0].name = heap.new_string("upvalue");
  proto->source = heap.new_string("source");
  Closure* closure = heap.new_closure(proto);
  closure->upvalues()[0] = cell;
  heap.extra_roots.push_back(Value::from(closure));
  heap.collect_full();
  const std::size_t objects = count_objects(heap);
  EXPECT_EQ(heap.check(), "");
  EXPECT_EQ(userdata->user_values()[1].string()->view(), "user value");
  EXPECT_EQ(proto->upvalues[0].name->view(), "upvalue");
  heap.extra_roots.clear();
  heap.collect_full();
  EXPECT_EQ(objects - count_objects(heap), 10u);
  EXPECT_EQ(heap.check(), "");
}

TEST(Collector, LongChainsNeedNoNativeStack) {
  TestHeap heap;
  Value list = Value::nil();
  for (int i = 0; i < 300'000; ++i) {
    Table* node = heap.new_table(1);
    ASSERT_TRUE(heap.set(node, Value::from(1), list));
    list = Value::from(node);
  }
  heap.set_global("list", list);
  heap.collect_full();
  EXPECT_GT(heap.logical_bytes, 300'000 * sizeof(Table));
  heap.set_global("list", Value::nil());
  heap.collect_full();
  EXPECT_LT(heap.logical_bytes, 100'000u);
}

TEST(Collector, StoppedCollectorTakesExplicitStepsOnly) {
  TestHeap heap;
  heap.debt = 1;
  EXPECT_TRUE(heap.wants_step());
  heap.is_stopped_by_user = true;
  EXPECT_FALSE(heap.wants_step());
  heap.is_stopped_by_user = false;
  heap.is_stopped_internally = true;
  EXPECT_FALSE(heap.wants_step());
  heap.is_stopped_internally = false;
  heap.is_stopped_by_user = true;
  int steps = 0;
  while (!heap.step_once(0)) ASSERT_LT(++steps, 1000);
  EXPECT_TRUE(heap.step_once(100'000));
}

TEST(Collector, StepsOfManyKilobytesEndACycleAtOnce) {
  TestHeap heap;
  for (int i = 0; i < 10'000; ++i)
    ASSERT_TRUE(heap.set(heap.globals, Value::from(i), heap.table()));
  heap.collect_full();
  EXPECT_FALSE(heap.step_once(1));  // less than the pause
  EXPECT_TRUE(heap.step_once(20'000));
}

// Automatic steps alone bound the memory, whatever is allocated.
TEST(Collector, PaceKeepsUpWithAllocation) {
  TestHeap heap;
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(heap.set(heap.globals, Value::from(i), heap.table()));
  heap.collect_full();
  const std::uint64_t live = heap.logical_bytes;
  std::uint64_t peak = 0;
  for (int i = 0; i < 400'000; ++i) {
    ASSERT_TRUE(heap.set(heap.globals, Value::from(i % 5000), heap.table()));
    if (i % 100 == 0) (void)heap.new_string(std::string(5000, 'x'));
    if (heap.wants_step()) heap.step();
    peak = std::max(peak, heap.logical_bytes);
  }
  EXPECT_LT(peak, live * 3);
  EXPECT_EQ(heap.check(), "");
}

TEST(Collector, AHugeTableIsTraversedInPieces) {
  TestHeap heap;
  Table* huge = heap.new_table();
  heap.set_global("huge", Value::from(huge));
  for (int i = 1; i <= 200'000; ++i) {
    ASSERT_TRUE(heap.set(huge, Value::from(i), heap.table()));
  }
  for (int i = 1; i <= 50'000; ++i) ASSERT_TRUE(heap.set(huge, Value::from(i + 0.5), heap.table()));
  start_marking(heap);
  int steps = 0;
  for (; heap.phase == Phase::Propagate; ++steps) {
    small_step(heap, 100);
    if (steps % 8000 == 0) {
      ASSERT_EQ(heap.check(), "");
    }
  }
  EXPECT_GT(steps, 250'000 / 2048);
  finish_cycle(heap);
  EXPECT_EQ(heap.check(), "");
  EXPECT_EQ(table_length(*huge), 200'000u);
}

// The table grows, shrinks, is rehashed and written to while it is half traversed.
TEST(Collector, AHugeTableMayChangeWhileItIsTraversed) {
  TestHeap heap;
  TestRandom random{7};
  Table* huge = heap.new_table();
  heap.set_global("huge", Value::from(huge));
  for (int i = 0; i < 12'000; ++i) {
    const bool among_entries = random.below(2) == 0;
    const int number = static_cast<int>(random.below(8'000));
    ASSERT_TRUE(heap.set(huge, among_entries ? Value::from(number + 0.5) : Value::from(number),
                         heap.table()));
  }
  for (int round = 0; round < 6; ++round) {
    start_marking(heap);
    for (int i = 0; heap.phase == Phase::Propagate; ++i) {
      small_step(heap, 100);
      for (int k = 0; k < 20; ++k) {
        const int number = static_cast<int>(random.below(9'000));
        const Value key = random.below(2) == 0 ? Value::from(number + 0.5) : Value::from(number);
        const Value value = random.below(3) == 0 ? Value::nil() : heap.table();
        ASSERT_TRUE(heap.set(huge, key, value));
      }
      const std::uint64_t length = table_length(*huge);
      ASSERT_TRUE(heap.set(huge, Value::from(static_cast<std::int64_t>(length + 1)), heap.table()));
      if (i % 500 == 0) {
        ASSERT_EQ(heap.check(), "");
      }
    }
    ASSERT_EQ(heap.check(), "");
    finish_cycle(heap);
    ASSERT_EQ(heap.check(), "");
  }
}

// No barrier tells of values that only change places, when nothing white is stored.
TEST(Collector, ARehashDuringTheTraversalHidesNothing) {
  TestHeap heap;
  Table* huge = heap.new_table();
  heap.set_global("huge", Value::from(huge));
  for (int i = 0; i < 8192; ++i) {
    ASSERT_TRUE(heap.set(huge, Value::from(i + 0.5), heap.table()));
  }
  start_marking(heap);
  // Until its first piece has been traversed.
  while (!huge->is_black() || huge->entries[0].value().object->is_white()) small_step(heap);
  ASSERT_TRUE(huge->entries[huge->entry_count - 1].value().object->is_white());
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(heap.set(huge, Value::from(i + 0.5), Value::nil()));
  }
  for (int i = 0; i < 4000; ++i) {
    ASSERT_TRUE(heap.set(huge, Value::from(-i - 0.5), Value::from(1)));
  }
  finish_cycle(heap);
  EXPECT_EQ(heap.check(), "");
}

TEST(Collector, ElementsThatMoveIntoTheArrayDuringTheTraversalAreSeen) {
  TestHeap heap;
  Table* huge = heap.new_table(8192, 3000);
  heap.set_global("huge", Value::from(huge));
  for (int i = 1; i <= 3000; ++i) ASSERT_TRUE(heap.set(huge, Value::from(i), Value::from(i)));
  for (int i = 0; i < 2990; ++i) ASSERT_TRUE(heap.set(huge, Value::from(i + 0.5), Value::from(i)));
  ASSERT_TRUE(heap.set(huge, Value::from(3040), heap.table()));  // too far to fill the gap
  ASSERT_EQ(huge->array_count, 3000u);
  start_marking(heap);
  while (!huge->is_black()) small_step(heap);
  small_step(heap);
  small_step(heap);
  for (int i = 3001; i < 3040; ++i) ASSERT_TRUE(heap.set(huge, Value::from(i), Value::from(i)));
  ASSERT_EQ(huge->array_count, 3040u);
  finish_cycle(heap);
  EXPECT_EQ(heap.check(), "");
}

// ---- Weak tables.

TEST(Weak, ValuesGoWhenNobodyElseHasThem) {
  TestHeap heap;
  Table* weak = heap.weak_table("v");
  heap.set_global("weak", Value::from(weak));
  const Value kept = heap.table();
  heap.set_global("kept", kept);
  ASSERT_TRUE(heap.set(weak, Value::from(1), heap.table()));
  ASSERT_TRUE(heap.set(weak, Value::from(2), kept));
  ASSERT_TRUE(heap.set(weak, Value::from(3), heap.table()));
  ASSERT_TRUE(heap.set(weak, heap.string("a"), heap.table()));
  ASSERT_TRUE(heap.set(weak, heap.string("b"), heap.string("strings are values")));
  ASSERT_TRUE(heap.set(weak, heap.string("c"), Value::from(5)));
  const Value key = heap.table();  // keys of this table are strong
  ASSERT_TRUE(heap.set(weak, key, kept));
  heap.collect_full();
  EXPECT_TRUE(table_get(*weak, Value::from(1)).is_nil());
  EXPECT_TRUE(is_identical(table_get(*weak, Value::from(2)), kept));
  EXPECT_EQ(weak->array_count, 2u);
  EXPECT_TRUE(get_field(heap, *weak, "a").is_nil());
  EXPECT_EQ(get_field(heap, *weak, "b").string()->view(), "strings are values");
  EXPECT_EQ(get_field(heap, *weak, "c").integer, 5);
  EXPECT_TRUE(is_identical(table_get(*weak, key), kept));
  EXPECT_EQ(heap.check(), "");
}

TEST(Weak, KeysGoWithTheirValues) {
  TestHeap heap;
  Table* weak = heap.weak_table("k");
  heap.set_global("weak", Value::from(weak));
  const Value kept = heap.table();
  heap.set_global("kept", kept);
  ASSERT_TRUE(heap.set(weak, heap.table(), Value::from(1)));
  ASSERT_TRUE(heap.set(weak, kept, heap.string("of the kept")));
  const Value lost = heap.table();
  ASSERT_TRUE(heap.set(weak, lost, lost));  // refers to its own key
  ASSERT_TRUE(heap.set(weak, heap.string("text"), Value::from(3)));
  ASSERT_TRUE(heap.set(weak, Value::from(1), heap.table()));
  heap.collect_full();
  Value key = Value::nil(), value = Value::nil();
  int count = 0;
  while (table_next(heap, *weak, key, key, value) == NextResult::Next) ++count;
  EXPECT_EQ(count, 3);
  EXPECT_EQ(table_get(*weak, kept).string()->view(), "of the kept");
  EXPECT_EQ(heap.check(), "");
}

TEST(Weak, BothWays) {
  TestHeap heap;
  Table* weak = heap.weak_table("kv");
  heap.set_global("weak", Value::from(weak));
  const Value kept = heap.table();
  heap.set_global("kept", kept);
  ASSERT_TRUE(heap.set(weak, kept, heap.table()));
  ASSERT_TRUE(heap.set(weak, heap.table(), kept));
  ASSERT_TRUE(heap.set(weak, kept, kept));
  ASSERT_TRUE(heap.set(weak, heap.string(std::string(60, 'k')), heap.string("v")));
  ASSERT_TRUE(heap.set(weak, Value::from(1), heap.table()));
  heap.collect_full();
  Value key = Value::nil(), value = Value::nil();
  int count = 0;
  while (table_next(heap, *weak, key, key, value) == NextResult::Next) ++count;
  EXPECT_EQ(count, 2);
  EXPECT_EQ(heap.check(), "");
}

TEST(Weak, ChainOfEphemeronsLivesAsLongAsItsHead) {
  for (const bool reversed : {false, true}) {
    for (const int tables : {1, 50}) {
      TestHeap heap;
      constexpr int kLength = 3000;
      std::vector<Table*> weak;
      for (int i = 0; i < tables; ++i) {
        weak.push_back(heap.weak_table("k"));
        ASSERT_TRUE(heap.set(heap.globals, Value::from(i + 1), Value::from(weak.back())));
      }
      std::vector<Value> links;
      for (int i = 0; i <= kLength; ++i) links.push_back(heap.table());
      for (int n = 0; n < kLength; ++n) {
        const int i = reversed ? kLength - 1 - n : n;
        ASSERT_TRUE(heap.set(weak[static_cast<std::size_t>(i % tables)], links[i], links[i + 1]));
      }
      heap.set_global("head", links[0]);
      heap.collect_full();
      EXPECT_EQ(heap.check(), "");
      for (int i = 0; i < kLength; ++i) {
        ASSERT_TRUE(is_identical(table_get(*weak[static_cast<std::size_t>(i % tables)], links[i]),
                                 links[i + 1]));
      }
      heap.set_global("head", Value::nil());
      heap.collect_full();
      Value key = Value::nil(), value = Value::nil();
      for (const Table* table : weak) {
        EXPECT_EQ(table_next(heap, *table, Value::nil(), key, value), NextResult::End);
      }
    }
  }
}

TEST(Weak, EphemeronReachedThroughAnEphemeron) {
  TestHeap heap;
  Table* outer = heap.weak_table("k");
  Table* inner = heap.weak_table("k");
  const Value first = heap.table();
  const Value second = heap.table();
  heap.set_global("outer", Value::from(outer));
  heap.set_global("first", first);
  ASSERT_TRUE(heap.set(inner, first, second));
  ASSERT_TRUE(heap.set(outer, first, Value::from(inner)));
  ASSERT_TRUE(heap.set(outer, second, heap.string("end of the chain")));
  heap.collect_full();
  EXPECT_EQ(heap.check(), "");
  EXPECT_EQ(table_get(*outer, second).string()->view(), "end of the chain");
}

TEST(Weak, ModeIsReadWhenItMatters) {
  TestHeap heap;
  Table* table = heap.weak_table("v");
  heap.set_global("table", Value::from(table));
  ASSERT_TRUE(heap.set(table, Value::from(1), heap.table()));
  ASSERT_TRUE(set_field(heap, *table->metatable, "__mode", Value::nil()));
  heap.collect_full();
  EXPECT_TRUE(table_get(*table, Value::from(1)).is_table());
  ASSERT_TRUE(set_field(heap, *table->metatable, "__mode", heap.string("v")));
  heap.collect_full();
  EXPECT_TRUE(table_get(*table, Value::from(1)).is_nil());
}

// ---- Finalizers.

std::vector<Object*> take_finalizers(TestHeap& heap) {
  std::vector<Object*> objects;
  while (Object* object = next_finalizer(heap)) objects.push_back(object);
  return objects;
}

TEST(Finalizers, InReverseOrderOfRegistrationAndOldCyclesFirst) {
  TestHeap heap;
  std::vector<Object*> objects;
  for (int i = 0; i < 6; ++i) {
    objects.push_back(heap.new_table());
    ASSERT_TRUE(heap.register_finalizer(objects.back()));
  }
  ASSERT_TRUE(heap.register_finalizer(objects[0]));  // once is enough
  heap.set_global("a", Value::from(static_cast<Table*>(objects[4])));
  heap.set_global("b", Value::from(static_cast<Table*>(objects[1])));
  heap.collect_full();
  heap.set_global("a", Value::nil());
  heap.set_global("b", Value::nil());
  heap.collect_full();
  EXPECT_EQ(take_finalizers(heap), (std::vector<Object*>{objects[5], objects[3], objects[2],
                                                         objects[0], objects[4], objects[1]}));
  const std::size_t before = count_objects(heap);
  heap.collect_full();
  EXPECT_EQ(before - count_objects(heap), 6u);
  EXPECT_EQ(heap.check(), "");
}

TEST(Finalizers, ObjectMayComeBackAndRegisterAgain) {
  TestHeap heap;
  Table* object = heap.new_table();
  ASSERT_TRUE(set_field(heap, *object, "content", heap.table()));
  ASSERT_TRUE(heap.register_finalizer(object));
  for (int round = 0; round < 3; ++round) {
    heap.collect_full();
    ASSERT_EQ(take_finalizers(heap), std::vector<Object*>{object});
    heap.set_global("back", Value::from(object));
    heap.collect_full();
    EXPECT_TRUE(get_field(heap, *object, "content").is_table());
    EXPECT_EQ(next_finalizer(heap), nullptr);
    ASSERT_TRUE(heap.register_finalizer(object));
    heap.set_global("back", Value::nil());
  }
  EXPECT_EQ(heap.check(), "");
}

// The manual, 2.5.4: out of weak values before the finalizer runs, out of weak keys after it.
TEST(Finalizers, ResurrectedObjectsInWeakTables) {
  TestHeap heap;
  Table* values = heap.weak_table("v");
  Table* keys = heap.weak_table("k");
  Table* both = heap.weak_table("kv");
  heap.set_global("values", Value::from(values));
  heap.set_global("keys", Value::from(keys));
  heap.set_global("both", Value::from(both));
  Table* object = heap.new_table();
  Table* held = heap.new_table();  // by the object
  ASSERT_TRUE(set_field(heap, *object, "held", Value::from(held)));
  ASSERT_TRUE(heap.register_finalizer(object));
  for (Table* table : {object, held}) {
    ASSERT_TRUE(heap.set(values, heap.string(table == object ? "o" : "h"), Value::from(table)));
    ASSERT_TRUE(heap.set(keys, Value::from(table), heap.table()));
    ASSERT_TRUE(heap.set(both, Value::from(table), heap.string("s")));
  }
  heap.collect_full();
  EXPECT_TRUE(get_field(heap, *values, "o").is_nil());
  EXPECT_TRUE(get_field(heap, *values, "h").is_nil());
  EXPECT_TRUE(table_get(*keys, Value::from(object)).is_table());
  EXPECT_TRUE(table_get(*keys, Value::from(held)).is_table());
  EXPECT_TRUE(table_get(*both, Value::from(object)).is_string());
  EXPECT_EQ(heap.check(), "");
  ASSERT_EQ(take_finalizers(heap), std::vector<Object*>{object});
  heap.collect_full();
  Value key, value;
  EXPECT_EQ(table_next(heap, *keys, Value::nil(), key, value), NextResult::End);
  EXPECT_EQ(table_next(heap, *both, Value::nil(), key, value), NextResult::End);
  EXPECT_EQ(heap.check(), "");
}

TEST(Finalizers, WeakTableThatComesBackIsClearedToo) {
  TestHeap heap;
  Table* object = heap.new_table();
  Table* values = heap.weak_table("v");
  Table* keys = heap.weak_table("k");
  ASSERT_TRUE(set_field(heap, *object, "values", Value::from(values)));
  ASSERT_TRUE(set_field(heap, *object, "keys", Value::from(keys)));
  ASSERT_TRUE(heap.set(values, heap.string("x"), heap.table()));
  ASSERT_TRUE(heap.set(values, Value::from(1), heap.table()));
  ASSERT_TRUE(heap.set(keys, heap.table(), Value::from(1)));
  ASSERT_TRUE(heap.set(keys, Value::from(object), heap.table()));
  ASSERT_TRUE(heap.register_finalizer(object));
  heap.collect_full();
  EXPECT_EQ(heap.check(), "");
  EXPECT_TRUE(get_field(heap, *values, "x").is_nil());
  EXPECT_EQ(values->array_count, 0u);
  EXPECT_TRUE(table_get(*keys, Value::from(object)).is_table());
  Value key, value;
  EXPECT_EQ(table_next(heap, *keys, Value::from(object), key, value), NextResult::End);
}

TEST(Finalizers, AllAreDueAtTheEnd) {
  TestHeap heap;
  std::vector<Object*> objects;
  for (int i = 0; i < 3; ++i) {
    objects.push_back(heap.new_table());
    heap.set_global("o" + std::to_string(i), Value::from(static_cast<Table*>(objects.back())));
    ASSERT_TRUE(heap.register_finalizer(objects.back()));
  }
  heap.pend_all_finalizers();
  EXPECT_EQ(take_finalizers(heap), (std::vector<Object*>{objects[2], objects[1], objects[0]}));
}

// ---- Threads and cells.

TEST(Collector, OpenCellOfAnUnreachableThreadKeepsItsValue) {
  TestHeap heap;
  Thread* thread = heap.new_thread(10);
  thread->stack[0] = Value::from_builtin(1);
  thread->stack[1] = heap.table();
  thread->top = thread->stack + 2;
  Cell* cell = find_open_cell(heap, *thread, thread->stack + 1);
  Cell* unused = find_open_cell(heap, *thread, thread->stack);
  ASSERT_NE(unused, nullptr);
  heap.extra_roots.push_back(Value::from(new_closure_of(heap, cell)));
  // Written to through the cell while the marking is on its way.
  start_marking(heap);
  while (heap.phase == Phase::Propagate && cell->is_white()) small_step(heap);
  *cell->location = heap.string("written late");
  heap.barrier(cell, *cell->location);
  while (heap.phase == Phase::Propagate) small_step(heap);
  finish_cycle(heap);
  EXPECT_EQ(heap.check(), "");
  EXPECT_FALSE(cell->is_open());
  EXPECT_EQ(cell->location->string()->view(), "written late");
}

TEST(Collector, OpenCellsDieWithTheirLastClosure) {
  TestHeap heap;
  constexpr std::uint32_t kCells = 40'000;
  Thread* thread = heap.new_thread(kCells + 1);
  heap.extra_roots.push_back(Value::from(thread));
  for (std::uint32_t i = 0; i < kCells; ++i) thread->stack[i] = Value::from(static_cast<int>(i));
  thread->top = thread->stack + kCells;
  Table* closures = heap.new_table();
  heap.extra_roots.push_back(Value::from(closures));
  Proto* proto = new_proto(heap, 0, 1);
  std::vector<Closure*> kept;
  for (std::uint32_t i = 0; i < kCells; ++i) {
    Closure* closure = heap.new_closure(proto);
    closure->upvalues()[0] = find_open_cell(heap, *thread, thread->stack + i);
    if (i % 3 == 0) {
      ASSERT_TRUE(
          heap.set(closures, Value::from(static_cast<int>(kept.size() + 1)), Value::from(closure)));
      kept.push_back(closure);
    }
  }
  heap.collect_full();
  ASSERT_EQ(heap.check(), "");
  std::uint32_t open = 0;
  for (Cell* cell = thread->open_cells; cell != nullptr; cell = cell->open.next_open) ++open;
  EXPECT_EQ(open, kept.size());
  EXPECT_EQ(kept[5]->upvalues()[0]->location, thread->stack + 15);
  heap.extra_roots[0] = Value::nil();
  heap.collect_full();
  ASSERT_EQ(heap.check(), "");
  for (std::size_t i = 0; i < kept.size(); ++i) {
    ASSERT_FALSE(kept[i]->upvalues()[0]->is_open());
    ASSERT_EQ(kept[i]->upvalues()[0]->closed.integer, i * 3);
  }
}

TEST(Collector, ThreadOfADeadCellChain) {
  TestHeap heap;
  heap.collect_full();
  const std::uint64_t bytes = heap.logical_bytes;
  for (int round = 0; round < 20; ++round) {
    Thread* thread = heap.new_thread(200);
    for (int i = 0; i < 100; ++i) thread->stack[i] = heap.table();
    thread->top = thread->stack + 100;
    for (int i = 0; i < 100; ++i) {
      ASSERT_NE(find_open_cell(heap, *thread, thread->stack + (i * 37) % 100), nullptr);
    }
  }
  EXPECT_EQ(heap.check(), "");
  heap.collect_full();
  EXPECT_EQ(heap.logical_bytes, bytes);
}

// ---- Random programs.

class Mutation : public testing::TestWithParam<int> {};

// A random graph that changes between steps of all sizes. Reachable objects carry a number of their
// own; if one is freed too early, poison and the check find it.
TEST_P(Mutation, InvariantsHoldAtEveryStep) {
  TestHeap heap;
  TestRandom random{static_cast<std::uint64_t>(GetParam()) * 77};
  constexpr int kRoots = 8;
  std::vector<Cell*> cells;
  Table* roots = heap.new_table(kRoots);
  heap.set_global("roots", Value::from(roots));
  Thread* thread = heap.new_thread(64);
  heap.extra_roots.push_back(Value::from(thread));
  thread->stack[0] = Value::from_builtin(1);
  thread->top = thread->stack + 1;
  const auto make = [&]() -> Value {
    switch (random.below(12)) {
      case 0:
        return heap.string("s" + std::to_string(random.below(100)));
      case 1:
        return heap.string(std::string(41 + random.below(40), 'L'));
      case 2:
        return Value::from(heap.weak_table(random.below(2) == 0 ? "k" : "v"));
      case 3:
        return Value::from(heap.weak_table("kv"));
      case 4: {
        Userdata* userdata = heap.new_userdata(random.below(30), 2);
        return Value::from(userdata);
      }
      case 5: {
        Table* table = heap.new_table();
        EXPECT_TRUE(heap.register_finalizer(table));
        return Value::from(table);
      }
      default:
        return Value::from(heap.new_table(random.below(3), random.below(3)));
    }
  };
  const auto pick = [&]() -> Value {
    Value at = table_get_integer(*roots, 1 + random.below(kRoots));
    for (std::uint32_t hops = random.below(6); hops > 0; --hops) {
      Value next = Value::nil();
      if (at.is_table()) {
        Value key = Value::nil(), value = Value::nil();
        for (std::uint32_t skip = 1 + random.below(4); skip > 0; --skip) {
          if (table_next(heap, *at.table(), key, key, value) != NextResult::Next) break;
          next = random.below(3) == 0 && key.is_object() ? key : value;
        }
      } else if (at.is_userdata()) {
        next = at.userdata()->user_values()[random.below(2)];
      }
      if (!next.is_object()) break;
      at = next;
    }
    return at;
  };
  for (int step = 0; step < 4000; ++step) {
    const Value value = random.below(3) == 0 ? make() : pick();
    const Value target = pick();
    switch (random.below(10)) {
      case 0:
        ASSERT_TRUE(heap.set(roots, Value::from(static_cast<int>(1 + random.below(kRoots))),
                             random.below(4) == 0 ? Value::nil() : value));
        break;
      case 1:
        if (target.is_userdata()) {
          target.userdata()->user_values()[random.below(2)] = value;
          heap.barrier_back(target.userdata(), value);
        }
        break;
      case 2:
        if (target.is_table() && value.is_table() && random.below(4) == 0) {
          target.table()->metatable = value.table();
          heap.barrier_back(target.table());
        }
        break;
      case 3:  // stack
        if (thread->top < thread->stack_end() && random.below(2) == 0) {
          *thread->top++ = value;
        } else if (thread->top > thread->stack + 1) {
          --thread->top;
          close_cells(heap, *thread, thread->top);
        }
        heap.thread_changed(*thread);
        break;
      case 4:
        if (thread->top > thread->stack + 1 && cells.size() < 20) {
          const auto depth = static_cast<std::uint32_t>(thread->top - thread->stack - 1);
          Cell* cell = find_open_cell(heap, *thread, thread->stack + 1 + random.below(depth));
          heap.thread_changed(*thread);
          cells.push_back(cell);
          heap.extra_roots.push_back(Value::from(new_closure_of(heap, cell)));
        } else if (!cells.empty() && random.below(4) == 0) {
          cells.pop_back();
          heap.extra_roots.pop_back();
        }
        break;
      case 5:
        if (!cells.empty()) {
          Cell* cell = cells[random.below(static_cast<std::uint32_t>(cells.size()))];
          *cell->location = value;
          heap.barrier(cell, value);
        }
        break;
      default:
        if (target.is_table()) {
          const Value key = random.below(2) == 0 && value.is_object()
                                ? pick()
                                : Value::from(static_cast<int>(random.below(12)));
          if (!key.is_nil()) {
            ASSERT_TRUE(heap.set(target.table(), key, random.below(4) == 0 ? Value::nil() : value));
          }
        }
    }
    if (random.below(3) == 0) small_step(heap);
    if (random.below(400) == 0) heap.collect_full();
    if (random.below(50) == 0) {
      if (Object* object = next_finalizer(heap); object != nullptr && random.below(2) == 0) {
        ASSERT_TRUE(heap.set(roots, Value::from(1), Value::from(static_cast<Table*>(object))));
      }
    }
    if (step % 7 == 0) {
      ASSERT_EQ(heap.check(), "") << "step " << step;
    }
  }
  heap.extra_roots.clear();
  heap.set_global("roots", Value::nil());
  // What a pending finalizer still refers to may have a finalizer of its own.
  bool has_pending = true;
  while (has_pending) {
    heap.collect_full();
    has_pending = !take_finalizers(heap).empty();
  }
  EXPECT_EQ(heap.check(), "");
  EXPECT_LT(count_objects(heap), 100u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Mutation, testing::Range(1, 30));

// ---- Determinism.

TEST(Collector, PaceDependsOnLogicalAllocationAlone) {
  const auto run = [](TestHeap& heap) {
    std::vector<std::uint64_t> trace;
    TestRandom random{5};
    for (int i = 0; i < 60'000; ++i) {
      const Value key = random.below(2) == 0 ? heap.string(std::to_string(random.below(3000)))
                                             : Value::from(static_cast<int>(random.below(3000)));
      (void)heap.set(heap.globals, key, random.below(3) == 0 ? Value::nil() : heap.table());
      if (heap.wants_step()) {
        heap.step();
        trace.push_back(heap.logical_bytes * 4 + static_cast<std::uint64_t>(heap.phase));
      }
    }
    return trace;
  };
  TestHeap first;
  CountingHost host;
  TestHeap second(host.allocator());
  for (int i = 0; i < 50; ++i) {
    void* block = second.allocate(static_cast<std::size_t>(16 + i * 8));
    second.release(block, static_cast<std::size_t>(16 + i * 8));
  }
  const auto a = run(first);
  EXPECT_GT(a.size(), 30u);
  EXPECT_EQ(a, run(second));
}

}  // namespace
}  // namespace moonlet::heap
