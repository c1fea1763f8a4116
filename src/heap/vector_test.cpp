// Vectors as values, and as keys of tables, which keep them as strings.
#include "heap/vector.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "heap/testing.hpp"

namespace moonlet::heap {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Vector, KeepsItsLanes) {
  const Value v = make_vector({1.5F, -2, 3e30F});
  EXPECT_TRUE(v.is_vector());
  EXPECT_EQ(vector_lanes(v), (Lanes{1.5F, -2, 3e30F}));
  EXPECT_EQ(sizeof v, 16u);
}

TEST(Vector, HasOneNan) {
  const LaneBits bits = vector_lane_bits(make_vector({kNan, -kNan, std::nanf("77")}));
  EXPECT_EQ(bits, (LaneBits{kCanonicalNan32, kCanonicalNan32, kCanonicalNan32}));
  Value v;
  EXPECT_TRUE(try_vector(bits, v));
  EXPECT_FALSE(try_vector({0, 0xffc00000, 0}, v));
  EXPECT_FALSE(try_vector({0, 0, 0x7f800001}, v));
}

TEST(Vector, IsEqualAsFloatsAre) {
  EXPECT_TRUE(is_equal_vector(make_vector({0, 1, 2}), make_vector({-0.0F, 1, 2})));
  EXPECT_FALSE(is_equal_vector(make_vector({0, 1, 2}), make_vector({0, 1, 3})));
  EXPECT_FALSE(is_equal_vector(make_vector({kNan, 1, 2}), make_vector({kNan, 1, 2})));
}

TEST(Vector, IsAKey) {
  TestHeap heap;
  Table* table = heap.new_table();
  heap.set_global("table", Value::from(table));
  constexpr int kCount = 300;
  for (int n = 0; n < kCount; ++n) {
    const auto lane = static_cast<float>(n);
    ASSERT_TRUE(heap.set(table, make_vector({lane, 1, -lane}), make_vector({1, 2, lane})));
  }
  EXPECT_EQ(heap.check(), "");
  heap.collect_full();
  EXPECT_EQ(heap.check(), "");
  for (int n = 0; n < kCount; ++n) {
    const auto lane = static_cast<float>(n);
    const Value found = table_get(*table, make_vector({lane, 1, -lane}));
    ASSERT_TRUE(found.is_vector()) << n;
    EXPECT_EQ(vector_lanes(found)[2], lane);
  }
  EXPECT_TRUE(table_get(*table, make_vector({1, 1, 1})).is_nil());
  // The same bytes as a string are another key.
  const Value text = heap.string(vector_key_text(make_vector({1, 1, -1})).view());
  EXPECT_TRUE(table_get(*table, text).is_nil());
  ASSERT_TRUE(heap.set(table, text, Value::from(7)));
  EXPECT_TRUE(table_get(*table, make_vector({1, 1, -1})).is_vector());
  EXPECT_EQ(table_get(*table, text).integer, 7);
}

TEST(Vector, IsAKeyWhateverTheSignOfItsZeros) {
  TestHeap heap;
  Table* table = heap.new_table();
  ASSERT_TRUE(heap.set(table, make_vector({0, -0.0F, 0}), Value::from(1)));
  EXPECT_EQ(table_get(*table, make_vector({-0.0F, 0, -0.0F})).integer, 1);
}

TEST(Vector, WithANanIsNoKey) {
  TestHeap heap;
  Table* table = heap.new_table();
  EXPECT_EQ(table_set(heap, *table, make_vector({0, kNan, 0}), Value::from(1)), SetResult::NanKey);
  EXPECT_TRUE(table_get(*table, make_vector({0, kNan, 0})).is_nil());
}

TEST(Vector, IsIteratedOver) {
  TestHeap heap;
  Table* table = heap.new_table();
  heap.set_global("table", Value::from(table));
  constexpr int kCount = 20;
  for (int n = 0; n < kCount; ++n) {
    ASSERT_TRUE(heap.set(table, make_vector({static_cast<float>(n), 0, 0}), Value::from(n)));
  }
  Value key = Value::nil();
  Value value;
  int seen = 0;
  Value next[2];
  while (true) {
    EXPECT_FALSE(!key.is_nil() && table_next_quickly(heap, *table, key, next));
    const NextResult result = table_next(heap, *table, key, key, value);
    if (result == NextResult::End) break;
    ASSERT_EQ(result, NextResult::Next);
    ASSERT_TRUE(key.is_vector());
    EXPECT_EQ(vector_lanes(key)[0], static_cast<float>(seen++));
    ASSERT_TRUE(heap.set(table, key, Value::nil()));  // as a traversal may
    if (seen == kCount / 2) heap.collect_full();
  }
  EXPECT_EQ(seen, kCount);
  EXPECT_EQ(heap.check(), "");
}

TEST(Vector, IsNoWeakReference) {
  TestHeap heap;
  for (const char* mode : {"k", "v", "kv"}) {
    Table* table = heap.weak_table(mode);
    heap.set_global("weak", Value::from(table));
    ASSERT_TRUE(heap.set(table, make_vector({1, 2, 3}), make_vector({4, 5, 6})));
    ASSERT_TRUE(heap.set(table, make_vector({7, 8, 9}), Value::from(heap.new_table())));
    heap.collect_full();
    EXPECT_EQ(heap.check(), "");
    EXPECT_TRUE(table_get(*table, make_vector({1, 2, 3})).is_vector()) << mode;
    const bool holds_values = std::string(mode) == "k";
    EXPECT_EQ(table_get(*table, make_vector({7, 8, 9})).is_table(), holds_values) << mode;
  }
}

TEST(Vector, LeavesATableAsItWasWithoutMemoryForAKey) {
  CountingHost host;
  TestHeap heap(host.allocator());
  Table* table = heap.new_table();
  heap.set_global("table", Value::from(table));
  int refused = 0;
  for (int n = 0; n < 200; ++n) {
    const Value key = make_vector({static_cast<float>(n), 0.5F, 0});
    host.bytes_max = host.bytes;
    heap.memory_limit = heap.logical_bytes;
    const SetResult result = table_set(heap, *table, key, Value::from(n));
    host.bytes_max = SIZE_MAX;
    heap.memory_limit = UINT64_MAX;
    if (result == SetResult::NoMemory) {
      ++refused;
      ASSERT_TRUE(table_get(*table, key).is_nil());
      ASSERT_TRUE(heap.set(table, key, Value::from(n)));
    }
    ASSERT_EQ(table_get(*table, key).integer, n);
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(heap.check(), "");
}

}  // namespace
}  // namespace moonlet::heap
