// Blocks: sizes, reuse, accounting, limits, failure.
#include "heap/heap.hpp"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "heap/testing.hpp"

namespace moonlet::heap {
namespace {

TEST(Heap, BlocksAreAlignedAndCountedInEights) {
  Heap heap(default_host_allocator());
  for (std::size_t bytes = 1; bytes < 3000; bytes += 7) {
    const std::uint64_t before = heap.logical_bytes;
    void* block = heap.allocate(bytes);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % (bytes > 512 ? 16 : 8), 0u);
    std::memset(block, 1, bytes);
    EXPECT_EQ(heap.logical_bytes - before, (bytes + 7) / 8 * 8);
    if (bytes % 2 == 0) {
      heap.release(block, bytes);
      EXPECT_EQ(heap.logical_bytes, before);
    }
  }
}

TEST(Heap, DebtFollowsLogicalBytes) {
  Heap heap(default_host_allocator());
  const std::int64_t before = heap.debt;
  void* block = heap.allocate(100);
  EXPECT_EQ(heap.debt, before + 104);
  heap.release(block, 100);
  EXPECT_EQ(heap.debt, before);
}

TEST(Heap, ReleasedBlocksAreUsedAgain) {
  CountingHost host;
  Heap heap(host.allocator());
  for (int round = 0; round < 1000; ++round) {
    void* blocks[20];
    for (int i = 0; i < 20; ++i) blocks[i] = heap.allocate(static_cast<std::size_t>(i + 1) * 24);
    for (int i = 0; i < 20; ++i) heap.release(blocks[i], static_cast<std::size_t>(i + 1) * 24);
  }
  EXPECT_EQ(heap.logical_bytes, 0u);
  EXPECT_LT(host.bytes, 20'000u);
}

TEST(Heap, ChunksGrowFromOneToSixtyFourKilobytes) {
  CountingHost host;
  Heap heap(host.allocator());
  (void)heap.allocate(16);
  EXPECT_EQ(host.bytes, 1024u);
  for (int i = 0; i < 4000; ++i) (void)heap.allocate(512);
  // Less than one chunk is ahead of what is used.
  EXPECT_LT(host.bytes, heap.logical_bytes * 102 / 100 + 64 * 1024);
}

TEST(Heap, MemoryOfAPeakGoesBackToTheHost) {
  CountingHost host;
  TestHeap heap(host.allocator());
  heap.collect_full();
  const std::size_t before = host.bytes;
  Table* list = heap.new_table();
  heap.set_global("list", Value::from(list));
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(heap.set(list, Value::from(i), heap.string(std::string(i % 400, 'p'))));
  }
  EXPECT_GT(host.bytes, before + 2'000'000);
  heap.set_global("list", Value::nil());
  heap.collect_full();
  EXPECT_LT(host.bytes, before + 200'000);
  EXPECT_EQ(heap.check(), "");
}

// One size after the other, up to the limit, with something left behind in every chunk.
TEST(Heap, SizesThatChangeDoNotMultiplyTheMemory) {
  CountingHost host;
  TestHeap heap(host.allocator());
  constexpr std::size_t kLive = 2'000'000;
  Table* kept = heap.new_table();
  heap.set_global("kept", Value::from(kept));
  std::int64_t kept_count = 0;
  for (std::size_t size = 41; size < 450; size += 16) {
    Table* list = heap.new_table();
    heap.set_global("list", Value::from(list));
    for (std::size_t i = 1; i * size < kLive; ++i) {
      String* string = heap.new_long_string_raw(size);
      ASSERT_NE(string, nullptr);
      ASSERT_TRUE(heap.set(list, Value::from(static_cast<std::int64_t>(i)), Value::from(string)));
      if (i % 400 == 0) {
        ASSERT_TRUE(heap.set(kept, Value::from(++kept_count), Value::from(string)));
      }
      if (heap.wants_step()) heap.step();
    }
    ASSERT_EQ(heap.check(), "");
  }
  EXPECT_LT(host.bytes_peak, 6 * kLive);
}

TEST(Heap, DefragmentedMemoryIsUsable) {
  CountingHost host;
  TestHeap heap(host.allocator());
  TestRandom random{3};
  for (int round = 0; round < 30; ++round) {
    Table* list = heap.new_table();
    heap.set_global("list", Value::from(list));
    const std::uint32_t range = 1 + random.below(500);
    const int count = random.below(2) == 0 ? 3000 : 300;
    for (int i = 1; i <= count; ++i) {
      Buffer* buffer = heap.new_buffer(1 + random.below(range));
      std::memset(buffer->data(), round, buffer->capacity);
      if (random.below(3) != 0) {
        ASSERT_TRUE(heap.set(list, Value::from(i), Value::from(buffer)));
      }
    }
    heap.collect_full();
    ASSERT_EQ(heap.check(), "");
    for (int i = 1; i <= count; ++i) {
      const Value value = table_get_integer(*list, i);
      if (value.is_nil()) continue;
      for (std::uint32_t k = 0; k < value.buffer()->capacity; ++k) {
        ASSERT_EQ(value.buffer()->data()[k], round);
      }
    }
  }
  EXPECT_LT(host.bytes_peak, 4'000'000u);
}

TEST(Heap, DestructionReturnsEverything) {
  CountingHost host;
  {
    TestHeap heap(host.allocator());
    for (int i = 0; i < 3000; ++i) {
      heap.set_global("name" + std::to_string(i), heap.string(std::string(i % 700, 'x')));
    }
    EXPECT_GT(host.blocks, 0u);
  }
  EXPECT_EQ(host.blocks, 0u);
  EXPECT_EQ(host.bytes, 0u);
}

TEST(Heap, LargeBlocksGoBackToTheHost) {
  CountingHost host;
  Heap heap(host.allocator());
  void* a = heap.allocate(100'000);
  void* b = heap.allocate(200'000);
  void* c = heap.allocate(300'000);
  heap.release(b, 200'000);
  heap.release(c, 300'000);
  heap.release(a, 100'000);
  EXPECT_EQ(host.bytes, 0u);
}

TEST(Heap, LimitHasAnOverdraftForSmallBlocksOnly) {
  Heap heap(default_host_allocator());
  heap.memory_limit = 4096;
  EXPECT_EQ(heap.allocate(5000), nullptr);
  EXPECT_NE(heap.allocate(4000), nullptr);
  EXPECT_EQ(heap.allocate(600), nullptr);
  std::size_t small = 0;
  while (heap.allocate(64) != nullptr) small += 64;
  EXPECT_EQ(small, (4096 - 4000 + 1024) / 64 * 64u);
  EXPECT_LE(heap.logical_bytes, heap.memory_limit + 1024);
  heap.memory_limit = UINT64_MAX;
  EXPECT_NE(heap.allocate(5000), nullptr);
}

TEST(Heap, LimitBelowWhatIsInUseFailsAndStaysUsable) {
  Heap heap(default_host_allocator());
  void* block = heap.allocate(10'000);
  heap.memory_limit = 100;
  EXPECT_EQ(heap.allocate(8), nullptr);
  EXPECT_EQ(heap.allocate(8000), nullptr);
  heap.release(block, 10'000);
  EXPECT_NE(heap.allocate(8), nullptr);
}

TEST(Heap, AbsurdSizesFail) {
  Heap heap(default_host_allocator());
  EXPECT_EQ(heap.allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(heap.allocate(SIZE_MAX / 2), nullptr);
  EXPECT_EQ(heap.new_long_string_raw(SIZE_MAX - 100), nullptr);
  EXPECT_EQ(heap.logical_bytes, 0u);
}

TEST(Heap, HostWithoutMemoryIsAnAnswerNotACrash) {
  CountingHost host;
  host.bytes_max = 8000;
  TestHeap heap(host.allocator());
  int count = 0;
  while (heap.new_table(4, 4) != nullptr) ++count;
  EXPECT_GT(count, 0);
  EXPECT_EQ(heap.check(), "");
  heap.collect_full();
  EXPECT_NE(heap.new_table(4, 4), nullptr);
}

// Every kind of object, with each of its allocations failing in turn.
TEST(Heap, FailedAllocationLeavesNothingBehind) {
  TestHeap heap;
  Table* table = heap.new_table();
  heap.set_global("table", Value::from(table));
  const auto try_all = [&heap, table]() -> bool {
    const std::string name(100, 'n');
    return heap.new_string("a string that is not there yet") != nullptr &&
           heap.new_string(std::string(1000, 'x')) != nullptr &&
           heap.new_table(10, 20) != nullptr && heap.new_closed_cell(Value::from(1)) != nullptr &&
           heap.new_userdata(100, 3) != nullptr && heap.new_buffer(1000) != nullptr &&
           heap.new_thread(100) != nullptr && set_field(heap, *table, "field", Value::from(1)) &&
           heap.set(table, Value::from(1), Value::from(2)) &&
           heap.set(table, Value::from(heap.globals), Value::from(3)) &&
           heap.set(table, Value::from(1e100), Value::from(3)) &&
           heap.set(table, Value::from(1e200), Value::from(3)) &&
           grow_stack(heap, *heap.main_thread, 500) &&
           find_open_cell(heap, *heap.main_thread, heap.main_thread->stack) != nullptr;
  };
  heap.main_thread->stack[0] = Value::nil();
  bool done = false;
  for (int n = 0; !done; ++n) {
    ASSERT_LT(n, 1000);
    heap.fail_countdown = n;
    done = try_all();
    heap.fail_countdown = -1;
    ASSERT_EQ(heap.check(), "") << "allocation " << n;
  }
  heap.collect_full();
  EXPECT_EQ(heap.check(), "");
}

TEST(Heap, IdentitiesCountFromOneAndStay) {
  TestHeap heap;
  Table* a = heap.new_table();
  Table* b = heap.new_table();
  const std::uint64_t first = heap.identity(b);
  EXPECT_EQ(heap.identity(a), first + 1);
  EXPECT_EQ(heap.identity(b), first);
  a->set_identity(0xb'1234'5678);
  EXPECT_EQ(a->identity(), 0xb'1234'5678u);
}

TEST(Heap, TypeNames) {
  TestHeap heap;
  EXPECT_EQ(basic_type_name(basic_type(Value::nil())), "nil");
  EXPECT_EQ(basic_type_name(basic_type(Value::boolean(false))), "boolean");
  EXPECT_EQ(basic_type_name(basic_type(Value::from(1.5))), "number");
  EXPECT_EQ(basic_type_name(basic_type(Value::from_builtin(3))), "function");
  EXPECT_EQ(basic_type_name(basic_type(Value::light(1))), "userdata");
  EXPECT_EQ(basic_type_name(basic_type(heap.table())), "table");
  EXPECT_EQ(basic_type_name(basic_type(Value::from(heap.main_thread))), "thread");
}

}  // namespace
}  // namespace moonlet::heap
