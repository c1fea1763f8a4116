// Tables against a simple model, and the rules that scripts can see.
#include "heap/table.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "heap/testing.hpp"

namespace moonlet::heap {
namespace {

Value get(const Table* table, const Value& key) { return table_get(*table, key); }

std::vector<std::int64_t> integer_keys_in_order(TestHeap& heap, const Table* table) {
  std::vector<std::int64_t> keys;
  Value key = Value::nil(), value = Value::nil();
  while (table_next(heap, *table, key, key, value) == NextResult::Next) keys.push_back(key.integer);
  return keys;
}

TEST(Table, KeysOfEveryKind) {
  TestHeap heap;
  Table* table = heap.new_table();
  const std::vector<Value> keys = {Value::from(1),
                                   Value::from(0),
                                   Value::from(-1),
                                   Value::from(INT64_MAX),
                                   Value::from(INT64_MIN),
                                   Value::from(1.5),
                                   Value::from(1e300),
                                   Value::from(std::numeric_limits<double>::infinity()),
                                   Value::boolean(true),
                                   Value::boolean(false),
                                   heap.string("short"),
                                   heap.string(std::string(100, 'l')),
                                   heap.table(),
                                   Value::from(heap.main_thread),
                                   Value::from_builtin(7),
                                   Value::light(7),
                                   Value::from(heap.new_userdata(8, 0)),
                                   heap.string(""),
                                   heap.string(std::string_view("\0", 1)),
                                   Value::from(0x1p63),
                                   Value::from(-0x1p64)};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_TRUE(heap.set(table, keys[i], Value::from(static_cast<int>(i))));
    for (std::size_t j = 0; j < keys.size(); ++j) {
      const Value found = get(table, keys[j]);
      if (j <= i) {
        EXPECT_TRUE(is_identical(found, Value::from(static_cast<int>(j)))) << i << " " << j;
      } else {
        EXPECT_TRUE(found.is_nil());
      }
    }
  }
  EXPECT_EQ(heap.check(), "");
}

TEST(Table, IntegralFloatsAreIntegers) {
  TestHeap heap;
  Table* table = heap.new_table();
  ASSERT_TRUE(heap.set(table, Value::from(2.0), Value::from(20)));
  ASSERT_TRUE(heap.set(table, Value::from(-0.0), Value::from(30)));
  ASSERT_TRUE(heap.set(table, Value::from(-0x1p63), Value::from(40)));
  EXPECT_EQ(get(table, Value::from(2)).integer, 20);
  EXPECT_EQ(get(table, Value::from(0)).integer, 30);
  EXPECT_EQ(get(table, Value::from(0.0)).integer, 30);
  EXPECT_EQ(get(table, Value::from(INT64_MIN)).integer, 40);
  EXPECT_TRUE(get(table, Value::from(0x1p63)).is_nil());
  EXPECT_TRUE(get(table, Value::from(2.5)).is_nil());
  Value key = Value::nil(), value = Value::nil();
  while (table_next(heap, *table, key, key, value) == NextResult::Next) {
    EXPECT_TRUE(key.is_integer());
  }
}

TEST(Table, NilAndNanAreNoKeys) {
  TestHeap heap;
  Table* table = heap.new_table();
  const Value nan = Value::from(std::nan(""));
  EXPECT_EQ(table_set(heap, *table, Value::nil(), Value::from(1)), SetResult::NilKey);
  EXPECT_EQ(table_set(heap, *table, nan, Value::from(1)), SetResult::NanKey);
  EXPECT_EQ(table_set(heap, *table, nan, Value::nil()), SetResult::NanKey);
  EXPECT_TRUE(get(table, Value::nil()).is_nil());
  EXPECT_TRUE(get(table, nan).is_nil());
  Value key, value;
  EXPECT_EQ(table_next(heap, *table, nan, key, value), NextResult::Invalid);
}

TEST(Table, BooleanKeysIgnoreTheirPayload) {
  TestHeap heap;
  Table* table = heap.new_table();
  Value odd;
  odd.bits = 0x1234;
  set_boolean(&odd, true);
  ASSERT_TRUE(heap.set(table, odd, Value::from(1)));
  EXPECT_EQ(get(table, Value::boolean(true)).integer, 1);
  ASSERT_TRUE(heap.set(table, Value::boolean(true), Value::from(2)));
  EXPECT_EQ(table->entry_count, 1u);
}

TEST(Table, LongStringsCompareByContent) {
  TestHeap heap;
  for (int filler : {0, 30}) {  // without an index and with one
    Table* table = heap.new_table();
    for (int i = 0; i < filler; ++i) {
      ASSERT_TRUE(heap.set(table, heap.string("f" + std::to_string(i)), Value::from(i)));
    }
    const std::string text(1000, 'q');
    ASSERT_TRUE(heap.set(table, heap.string(text), Value::from(5)));
    EXPECT_EQ(get(table, heap.string(text)).integer, 5);
    EXPECT_TRUE(get(table, heap.string(text + "q")).is_nil());
    EXPECT_EQ(get_field(heap, *table, text).integer, 5);
  }
}

TEST(Table, AppendingFillsTheArrayFromTheFirstElement) {
  TestHeap heap;
  Table* table = heap.new_table();
  std::uint32_t changes = 0, capacity = 0;
  for (int i = 1; i <= 10'000; ++i) {
    ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
    EXPECT_EQ(table->array_count, i);
    EXPECT_EQ(table_length(*table), i);
    if (table->array_capacity != capacity) ++changes, capacity = table->array_capacity;
  }
  EXPECT_EQ(changes, 13u);  // 4, 8, ... 16384
  EXPECT_EQ(table->entry_capacity, 0u);
}

TEST(Table, DescendingFillEndsInTheArray) {
  TestHeap heap;
  Table* table = heap.new_table();
  for (int i = 1000; i >= 1; --i) ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
  EXPECT_EQ(table_length(*table), 1000u);
  EXPECT_EQ(heap.check(), "");
  for (int i = 1; i <= 1000; ++i) EXPECT_EQ(get(table, Value::from(i)).integer, i);
  ASSERT_TRUE(heap.set(table, Value::from(1001), Value::from(1001)));
  EXPECT_GE(table->array_count, 1000u);
}

TEST(Table, ElementsAmongEntriesMoveOverWhenTheirTurnComes) {
  TestHeap heap;
  Table* table = heap.new_table(8, 4);
  for (int i : {100, 5, 4}) ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
  for (int i : {1, 2, 3}) ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
  EXPECT_EQ(table_length(*table), 5u);
  EXPECT_EQ(heap.check(), "");
  EXPECT_EQ(integer_keys_in_order(heap, table), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 100}));
}

TEST(Table, StoringNilAtTheEndShrinks) {
  TestHeap heap;
  Table* table = heap.new_table();
  for (int i = 1; i <= 10; ++i) ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
  ASSERT_TRUE(heap.set(table, Value::from(8), Value::nil()));
  ASSERT_TRUE(heap.set(table, Value::from(9), Value::nil()));
  EXPECT_EQ(table_length(*table), 10u);
  ASSERT_TRUE(heap.set(table, Value::from(10), Value::nil()));
  EXPECT_EQ(table_length(*table), 7u);
  EXPECT_EQ(table->array_capacity, 16u);
}

TEST(Table, AQueueDoesNotGrow) {
  TestHeap heap;
  Table* table = heap.new_table();
  for (int i = 1; i <= 100'000; ++i) {
    ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
    if (i > 10) {
      ASSERT_TRUE(heap.set(table, Value::from(i - 10), Value::nil()));
    }
  }
  EXPECT_LE(table->array_capacity, 64u);
  EXPECT_LE(table->entry_capacity, 64u);
  EXPECT_EQ(heap.check(), "");
}

TEST(Table, KeysThatComeAndGoDoNotMakeItGrow) {
  TestHeap heap;
  for (int size : {0, 1, 2, 3, 5, 6, 7, 8, 12, 13, 100, 102}) {
    Table* table = heap.new_table();
    heap.set_global("t", Value::from(table));
    for (int i = 0; i < size; ++i) {
      ASSERT_TRUE(heap.set(table, heap.string("k" + std::to_string(i)), Value::from(i)));
    }
    std::uint32_t capacity = 0;
    const std::uint64_t allocations = heap.allocation_count;
    for (int i = 0; i < 3000; ++i) {
      const Value key = Value::from(i + 0.5);
      ASSERT_TRUE(heap.set(table, key, Value::from(i)));
      ASSERT_TRUE(heap.set(table, key, Value::nil()));
      if (i == 1000) capacity = table->entry_capacity;
    }
    EXPECT_EQ(table->entry_capacity, capacity) << size;
    // Compaction in place takes no memory.
    EXPECT_LE(heap.allocation_count - allocations, 6u) << size;
  }
}

TEST(Table, InsertionIsLinearOnTheWhole) {
  TestHeap heap;
  Table* table = heap.new_table();
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(heap.set(table, Value::from(i + 0.5), Value::from(i)));
  }
  EXPECT_LT(heap.allocation_count, 100u);
}

TEST(Table, OrderIsThatOfInsertionAndANilKeepsItsPlace) {
  TestHeap heap;
  Table* table = heap.new_table(0, 8);
  for (int i : {50, 40, 30, 20}) ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
  ASSERT_TRUE(heap.set(table, Value::from(40), Value::nil()));
  EXPECT_EQ(integer_keys_in_order(heap, table), (std::vector<std::int64_t>{50, 30, 20}));
  ASSERT_TRUE(heap.set(table, Value::from(40), Value::from(1)));
  EXPECT_EQ(integer_keys_in_order(heap, table), (std::vector<std::int64_t>{50, 40, 30, 20}));
  ASSERT_TRUE(heap.set(table, Value::from(60), Value::from(1)));
  EXPECT_EQ(integer_keys_in_order(heap, table), (std::vector<std::int64_t>{50, 40, 30, 20, 60}));
}

TEST(Table, TraversalSurvivesDeletionOfEverything) {
  TestHeap heap;
  for (const bool collect : {false, true}) {
    Table* table = heap.new_table();
    heap.set_global("t", Value::from(table));
    for (int i = 1; i <= 20; ++i) ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(heap.set(table, heap.table(), Value::from(i)));
      ASSERT_TRUE(heap.set(table, heap.string("s" + std::to_string(i)), Value::from(i)));
      ASSERT_TRUE(heap.set(table, Value::from(i + 0.25), Value::from(i)));
    }
    int seen = 0;
    Value key = Value::nil(), value = Value::nil();
    heap.extra_roots.push_back(key);
    while (table_next(heap, *table, key, key, value) == NextResult::Next) {
      ++seen;
      ASSERT_TRUE(heap.set(table, key, Value::nil()));
      heap.extra_roots[0] = key;
      if (collect) heap.collect_full();
    }
    EXPECT_EQ(seen, 80);
    EXPECT_EQ(table_length(*table), 0u);
    EXPECT_EQ(heap.check(), "");
    heap.extra_roots.clear();
  }
}

TEST(Table, DeadKeysAreFoundByIdentityAndComeBackToLife) {
  TestHeap heap;
  Table* table = heap.new_table();
  heap.set_global("t", Value::from(table));
  const Value key = heap.table();
  heap.set_global("key", key);
  ASSERT_TRUE(heap.set(table, key, Value::from(1)));
  ASSERT_TRUE(heap.set(table, Value::from(0.5), Value::from(2)));
  ASSERT_TRUE(heap.set(table, key, Value::nil()));
  heap.collect_full();
  EXPECT_EQ(table->entries[0].key_tag(), Tag::DeadKey);
  Value next = Value::nil(), value = Value::nil();
  EXPECT_EQ(table_next(heap, *table, key, next, value), NextResult::Next);
  EXPECT_EQ(next.number, 0.5);
  ASSERT_TRUE(heap.set(table, key, Value::from(3)));
  EXPECT_EQ(table->entry_count, 2u);
  EXPECT_TRUE(is_identical(table->entries[0].key(), key));
  EXPECT_EQ(get(table, key).integer, 3);
  heap.collect_full();
  EXPECT_EQ(heap.check(), "");
}

TEST(Table, DeadKeyDoesNotKeepTheObject) {
  TestHeap heap;
  Table* table = heap.new_table(0, 4);
  heap.set_global("t", Value::from(table));
  heap.collect_full();
  const std::uint64_t bytes = heap.logical_bytes;
  const Value key = heap.table();
  ASSERT_TRUE(heap.set(table, key, Value::from(1)));
  ASSERT_TRUE(heap.set(table, key, Value::nil()));
  heap.collect_full();
  EXPECT_EQ(heap.logical_bytes, bytes);
}

TEST(Table, NextOfAKeyThatNeverWas) {
  TestHeap heap;
  Table* table = heap.new_table(4, 4);
  ASSERT_TRUE(heap.set(table, Value::from(1), Value::from(1)));
  Value key, value;
  EXPECT_EQ(table_next(heap, *table, Value::from(9), key, value), NextResult::Invalid);
  EXPECT_EQ(table_next(heap, *table, heap.string("x"), key, value), NextResult::Invalid);
  EXPECT_EQ(table_next(heap, *table, heap.table(), key, value), NextResult::Invalid);
  EXPECT_EQ(table_next(heap, *table, Value::from(1.0), key, value), NextResult::End);
}

TEST(Table, PositionsVisitTheSameAsKeys) {
  TestHeap heap;
  Table* table = heap.new_table(10, 3);
  for (int i : {1, 2, 4, 7, 100}) ASSERT_TRUE(heap.set(table, Value::from(i), Value::from(i)));
  ASSERT_TRUE(heap.set(table, heap.string("a"), Value::from(1)));
  Value key = Value::nil(), value, by_position;
  std::uint64_t position = 0;
  for (;;) {
    const NextResult result = table_next(heap, *table, key, key, value);
    position = table_next_position(*table, position, by_position, value);
    if (result == NextResult::End) break;
    EXPECT_TRUE(is_identical(key, by_position));
  }
  EXPECT_EQ(position, 0u);
}

// ---- Length.

TEST(Table, LengthGoesOnInTheEntriesBehindAFullArray) {
  TestHeap heap;
  Table* table = heap.new_table(4);
  const Value values[] = {Value::from(1), Value::from(2), Value::nil(), Value::from(4)};
  ASSERT_TRUE(table_set_list(heap, *table, 0, values, 4));
  // Four of eight are not more than half.
  ASSERT_TRUE(heap.set(table, Value::from(5), Value::from(5)));
  EXPECT_EQ(table->array_capacity, 4u);
  EXPECT_EQ(table_length(*table), 5u);
  ASSERT_TRUE(heap.set(table, Value::from(4), Value::nil()));
  EXPECT_EQ(table_length(*table), 2u);
  ASSERT_TRUE(heap.set(table, Value::from(3), Value::from(3)));
  ASSERT_TRUE(heap.set(table, Value::from(4), Value::from(4)));
  EXPECT_EQ(table_length(*table), 5u);
  EXPECT_EQ(heap.check(), "");
}

TEST(Table, LengthNearTheLargestInteger) {
  TestHeap heap;
  Table* table = heap.new_table(0, 8);
  ASSERT_TRUE(heap.set(table, Value::from(INT64_MAX), Value::from(1)));
  EXPECT_EQ(table_length(*table), 0u);
  ASSERT_TRUE(heap.set(table, Value::from(1), Value::from(1)));
  ASSERT_TRUE(heap.set(table, Value::from(2), Value::from(1)));
  EXPECT_EQ(table_length(*table), 2u);
}

TEST(Table, ConstructorWithHolesKeepsThemInTheArray) {
  TestHeap heap;
  Table* table = heap.new_table(5);
  const Value values[] = {Value::nil(), Value::nil(), Value::from(3), Value::nil(), Value::from(5)};
  ASSERT_TRUE(table_set_list(heap, *table, 0, values, 5));
  EXPECT_EQ(table_length(*table), 5u);
  EXPECT_EQ(table->array_capacity, 5u);
  EXPECT_EQ(integer_keys_in_order(heap, table), (std::vector<std::int64_t>{3, 5}));
}

TEST(Table, ConstructorListReplacesWhatKeysHadSet) {
  TestHeap heap;
  Table* table = heap.new_table(2, 2);
  for (int i : {2, 4}) ASSERT_TRUE(heap.set(table, Value::from(i), heap.string("old")));
  const Value values[] = {Value::from(1), Value::from(2), Value::from(3)};
  ASSERT_TRUE(table_set_list(heap, *table, 0, values, 3));
  EXPECT_EQ(heap.check(), "");
  EXPECT_EQ(get(table, Value::from(2)).integer, 2);
  EXPECT_TRUE(get(table, Value::from(4)).is_string());
  EXPECT_EQ(table_length(*table), 4u);
  EXPECT_EQ(integer_keys_in_order(heap, table), (std::vector<std::int64_t>{1, 2, 3, 4}));
}

// ---- Metamethods.

TEST(Table, AbsenceOfEventsIsNotedAndForgotten) {
  TestHeap heap;
  Table* metatable = heap.new_table();
  EXPECT_TRUE(table_event(heap, metatable, Event::Index).is_nil());
  EXPECT_NE(metatable->absent_events(), 0u);
  ASSERT_TRUE(set_field(heap, *metatable, "__index", Value::from(1)));
  EXPECT_EQ(table_event(heap, metatable, Event::Index).integer, 1);
  ASSERT_TRUE(set_field(heap, *metatable, "__index", Value::nil()));
  EXPECT_TRUE(table_event(heap, metatable, Event::Index).is_nil());
  // The entry is there already; its value comes back.
  ASSERT_TRUE(set_field(heap, *metatable, "__index", Value::from(2)));
  EXPECT_EQ(table_event(heap, metatable, Event::Index).integer, 2);
  EXPECT_TRUE(table_event(heap, nullptr, Event::Index).is_nil());
}

// ---- Against a model.

struct Model {
  using Key = std::pair<int, double>;  // kind and number
  std::map<Key, std::int64_t> values;
};

class TableModel : public testing::TestWithParam<int> {};

TEST_P(TableModel, RandomOperations) {
  TestHeap heap;
  TestRandom random{static_cast<std::uint64_t>(GetParam())};
  Table* table = heap.new_table(random.below(3) == 0 ? random.below(20) : 0,
                                random.below(3) == 0 ? random.below(20) : 0);
  heap.set_global("t", Value::from(table));
  Table* objects = heap.new_table();
  heap.set_global("objects", Value::from(objects));
  const std::uint32_t range = 1 + random.below(200);
  for (std::uint32_t i = 1; i <= range; ++i) {
    ASSERT_TRUE(heap.set(objects, Value::from(static_cast<int>(i)), heap.table()));
  }
  const auto make_key = [&](const Model::Key& key) {
    const int number = static_cast<int>(key.second);
    switch (key.first) {
      case 0:
        return Value::from(number);
      case 1:
        return heap.string("k" + std::to_string(number));
      case 2:
        return Value::from(key.second + 0.5);
      case 3:
        return heap.string(std::string(50, 'k') + std::to_string(number));
      default:
        return table_get_integer(*objects, number);
    }
  };
  const int kinds = 1 + static_cast<int>(random.below(5));
  Model model;
  for (int step = 0; step < 3000; ++step) {
    const Model::Key key = {static_cast<int>(random.below(static_cast<std::uint32_t>(kinds))),
                            1 + random.below(range)};
    const std::uint32_t action = random.below(20);
    if (action < 10) {
      ASSERT_TRUE(heap.set(table, make_key(key), Value::from(step)));
      model.values[key] = step;
    } else if (action < 16) {
      ASSERT_TRUE(heap.set(table, make_key(key), Value::nil()));
      model.values.erase(key);
    } else if (action == 16) {
      const std::uint64_t length = table_length(*table);
      const auto next = static_cast<std::int64_t>(length) + 1;
      ASSERT_TRUE(get(table, Value::from(next)).is_nil());
      ASSERT_TRUE(heap.set(table, Value::from(next), Value::from(step)));
      model.values[{0, static_cast<double>(next)}] = step;
    } else if (action == 17) {
      const std::uint64_t length = table_length(*table);
      ASSERT_TRUE(length == 0 ||
                  !get(table, Value::from(static_cast<std::int64_t>(length))).is_nil());
      if (length > 0) {
        ASSERT_TRUE(heap.set(table, Value::from(static_cast<std::int64_t>(length)), Value::nil()));
        model.values.erase({0, static_cast<double>(length)});
      }
    } else if (action == 18 && random.below(10) == 0) {
      heap.collect_full();
    } else if (action == 19 && random.below(20) == 0) {
      // Deletes some of it while traversing it.
      Value at = Value::nil(), value;
      std::size_t count = 0;
      const std::size_t expected = model.values.size();
      while (table_next(heap, *table, at, at, value) == NextResult::Next) {
        ++count;
        if (random.below(4) != 0) continue;
        ASSERT_TRUE(heap.set(table, at, Value::nil()));
        for (auto i = model.values.begin(); i != model.values.end(); ++i) {
          if (i->second == value.integer) {
            model.values.erase(i);
            break;
          }
        }
      }
      ASSERT_EQ(count, expected);
    } else if (action == 18 && random.below(10) == 0) {
      ASSERT_TRUE(random.below(2) == 0 ? table_reserve_array(heap, *table, random.below(30))
                                       : table_reserve_entries(heap, *table, random.below(30)));
    }
    const Value found = get(table, make_key(key));
    const auto expected = model.values.find(key);
    if (expected == model.values.end()) {
      ASSERT_TRUE(found.is_nil());
    } else {
      ASSERT_EQ(found.integer, expected->second);
    }
    if (step % 50 == 0) {
      ASSERT_EQ(heap.check(), "") << "step " << step;
      std::size_t count = 0;
      Value at = Value::nil(), value;
      while (table_next(heap, *table, at, at, value) == NextResult::Next) ++count;
      ASSERT_EQ(count, model.values.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, TableModel, testing::Range(1, 60));

// The same operations on tables of two heaps give the same layout, wherever the objects lie.
TEST(Table, LayoutDependsOnHistoryAlone) {
  TestHeap first, second;
  std::vector<void*> scattered;
  for (int i = 0; i < 100; ++i) scattered.push_back(second.allocate(24 + 16 * (i % 7)));
  Table* a = first.new_table();
  Table* b = second.new_table();
  TestRandom random{99};
  for (int i = 0; i < 20'000; ++i) {
    const int number = static_cast<int>(random.below(400));
    const bool is_string = random.below(2) == 0;
    const Value value = random.below(3) == 0 ? Value::nil() : Value::from(i);
    const std::string name = "n" + std::to_string(number);
    for (auto [heap, table] : {std::pair{&first, a}, std::pair{&second, b}}) {
      const Value key = is_string ? heap->string(name) : Value::from(number);
      ASSERT_TRUE(heap->set(table, key, value));
    }
    ASSERT_EQ(a->array_capacity, b->array_capacity);
    ASSERT_EQ(a->array_count, b->array_count);
    ASSERT_EQ(a->entry_capacity, b->entry_capacity);
    ASSERT_EQ(a->entry_count, b->entry_count);
  }
}

// Blocks that become longer where they are, and those that are copied: as many pieces, and the same
// count of bytes after each.
TEST(Table, LargeOnesGrowAlikeByPagesAndByCopies) {
  CountingHost without_pages;
  TestHeap by_pages;
  TestHeap by_copies(without_pages.allocator());
  TestRandom random{7};
  for (const bool is_dictionary : {false, true}) {
    Table* tables[2] = {by_pages.new_table(), by_copies.new_table()};
    for (std::int64_t i = 1; i <= 150'000; ++i) {
      const Value key = is_dictionary ? Value::from(static_cast<double>(i) + 0.5) : Value::from(i);
      // A packed array, and one that is not.
      const Value value = i % 2 == 0 && is_dictionary ? Value::boolean(true) : Value::from(i);
      const bool starts_over = random.below(3) == 0;
      int pieces[2] = {};
      for (const int n : {0, 1}) {
        TestHeap& heap = n == 0 ? by_pages : by_copies;
        heap.may_grow_in_pieces = true;
        heap.grows_whole = false;
        while (!heap.set(tables[n], key, value)) {
          ASSERT_EQ(heap.refusal, Refusal::Again);
          // The table is as it was, all the while.
          ASSERT_TRUE(get(tables[n], key).is_nil());
          if (i > 2 && !is_dictionary) ASSERT_EQ(get(tables[n], Value::from(i - 1)).integer, i - 1);
          if (++pieces[n] == 3 && starts_over) heap.drop_waiting_growth();
        }
      }
      ASSERT_EQ(pieces[0], pieces[1]) << i;
      ASSERT_EQ(by_pages.logical_bytes, by_copies.logical_bytes) << i;
    }
    for (std::int64_t i = 1; i <= 150'000; ++i) {
      const Value key = is_dictionary ? Value::from(static_cast<double>(i) + 0.5) : Value::from(i);
      ASSERT_EQ(get(tables[0], key).bits, get(tables[1], key).bits) << i;
      ASSERT_EQ(get(tables[0], key).tag(), get(tables[1], key).tag()) << i;
      ASSERT_FALSE(get(tables[0], key).is_nil()) << i;
    }
  }
}

}  // namespace
}  // namespace moonlet::heap
