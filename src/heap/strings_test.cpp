// Interning of short strings, hashing of long ones.
#include <set>

#include <gtest/gtest.h>

#include "heap/testing.hpp"

namespace moonlet::heap {
namespace {

TEST(Strings, ShortOnesAreInterned) {
  TestHeap heap;
  for (std::size_t size = 0; size <= kShortStringSize; ++size) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    String* string = heap.new_string(text);
    EXPECT_EQ(string, heap.new_string(std::string(text)));
    EXPECT_FALSE(string->is_long());
    EXPECT_EQ(string->view(), text);
    EXPECT_EQ(string->data()[size], '\0');
  }
}

TEST(Strings, LongOnesAreNot) {
  TestHeap heap;
  const std::string text(kShortStringSize + 1, 'x');
  String* a = heap.new_string(text);
  String* b = heap.new_string(text);
  EXPECT_NE(a, b);
  EXPECT_TRUE(a->is_long());
  EXPECT_TRUE(is_equal_long(*a, *b));
  EXPECT_EQ(a->flags & kStringHasHash, 0);
  EXPECT_EQ(string_hash(*a), string_hash(*b));
  EXPECT_NE(a->flags & kStringHasHash, 0);
}

TEST(Strings, ZerosAndInvalidUtf8AreBytesLikeOthers) {
  TestHeap heap;
  const std::string_view with_zero("a\0b", 3);
  EXPECT_NE(heap.new_string(with_zero), heap.new_string("a"));
  EXPECT_NE(heap.new_string(with_zero), heap.new_string(std::string_view("a\0c", 3)));
  EXPECT_EQ(heap.new_string(with_zero), heap.new_string(std::string_view("a\0b", 3)));
  EXPECT_EQ(heap.new_string("\xff\xfe\x80")->size, 3u);
}

TEST(Strings, GarbageLeavesTheSet) {
  TestHeap heap;
  heap.collect_full();
  const std::uint32_t before = heap.strings.count;
  const std::uint64_t bytes = heap.logical_bytes;
  for (int i = 0; i < 20'000; ++i) (void)heap.new_string("string " + std::to_string(i));
  EXPECT_EQ(heap.strings.count, before + 20'000);
  heap.collect_full();
  EXPECT_EQ(heap.strings.count, before);
  EXPECT_EQ(heap.logical_bytes, bytes);
  EXPECT_EQ(heap.check(), "");
}

// Collisions move up when one of them goes.
TEST(Strings, RemovalKeepsTheOthersFindable) {
  TestHeap heap;
  TestRandom random{1};
  std::set<std::string> live;
  for (int round = 0; round < 60; ++round) {
    Table* table = heap.new_table();
    heap.set_global("keep", Value::from(table));
    live.clear();
    for (int i = 0; i < 300; ++i) {
      const std::string text = std::to_string(random.below(5000));
      String* string = heap.new_string(text);
      if (random.below(3) == 0) {
        ASSERT_TRUE(heap.set(table, Value::from(string), Value::boolean(true)));
        live.insert(text);
      }
    }
    heap.collect_full();
    ASSERT_EQ(heap.check(), "");
    const std::uint32_t count = heap.strings.count;
    for (const std::string& text : live) (void)heap.new_string(text);
    ASSERT_EQ(heap.strings.count, count);
  }
}

// A large set gets its new size while strings come, are asked for, and go.
TEST(Strings, TheSetChangesItsSizePieceByPiece) {
  TestHeap heap;
  TestRandom random{3};
  constexpr std::uint32_t kCount = 20'000;
  Table* table = heap.new_table();
  heap.set_global("table", Value::from(table));
  std::set<std::uint32_t> capacities;
  for (const int lives : {90, 2, 60}) {
    for (std::uint32_t n = 0; n < 2 * kCount; ++n) {
      const std::uint32_t number = random.below(kCount);
      String* string = heap.new_string("text " + std::to_string(number));
      ASSERT_EQ(heap.new_string("text " + std::to_string(number)), string);
      const bool is_kept = random.below(100) < static_cast<std::uint32_t>(lives);
      ASSERT_TRUE(heap.set(table, Value::from(static_cast<int>(number)),
                           is_kept ? Value::from(string) : Value::nil()));
      if (n % 5 == 0) heap.debt = 1, heap.step();
      if (n % 999 == 0) {
        ASSERT_EQ(heap.check(), "");
      }
      capacities.insert(heap.strings.capacity);
    }
    heap.collect_full();
    ASSERT_EQ(heap.check(), "");
    for (std::uint32_t n = 0; n < kCount; ++n) {
      const Value kept = table_get_integer(*table, n);
      if (!kept.is_nil()) {
        ASSERT_EQ(heap.new_string("text " + std::to_string(n)), kept.string());
      }
    }
  }
  EXPECT_GT(capacities.size(), 8u);
}

// A string that the marking did not reach may be asked for before it is swept.
TEST(Strings, DyingStringIsBroughtBack) {
  TestHeap heap;
  for (int i = 0; i < 500; ++i) (void)heap.new_string("dying " + std::to_string(i));
  int brought_back = 0;
  while (heap.phase != Phase::Sweep) heap.debt = 1, heap.step_size_log2 = 6, heap.step();
  Table* table = heap.new_table();
  heap.set_global("table", Value::from(table));
  for (int i = 0; i < 500; ++i) {
    String* string = heap.new_string("dying " + std::to_string(i));
    ASSERT_EQ(string->mark & kWhites, heap.current_white);
    ASSERT_TRUE(heap.set(table, Value::from(string), Value::from(i)));
    ++brought_back;
  }
  while (heap.phase != Phase::Pause) heap.debt = 1, heap.step();
  EXPECT_EQ(heap.check(), "");
  for (int i = 0; i < brought_back; ++i) {
    EXPECT_EQ(get_field(heap, *table, "dying " + std::to_string(i)).integer, i);
  }
}

TEST(Strings, ImageStringsComeFirst) {
  TestHeap image;
  String* shared = image.new_string("from the image");
  shared->mark = kPermanent;
  TestHeap heap;
  heap.image_strings = &image.strings;
  EXPECT_EQ(heap.new_string("from the image"), shared);
  EXPECT_NE(heap.new_string("not from the image"), shared);
}

TEST(Strings, RawLongString) {
  TestHeap heap;
  String* string = heap.new_long_string_raw(1000);
  std::memset(string->data(), 'r', 1000);
  EXPECT_EQ(string->view(), std::string(1000, 'r'));
  EXPECT_EQ(string->data()[1000], '\0');
}

}  // namespace
}  // namespace moonlet::heap
