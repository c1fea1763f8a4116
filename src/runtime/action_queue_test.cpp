#include "moonlet/runtime/action_queue.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace moonlet::runtime {
namespace {

TEST(ActionQueue, RunsInOrderWithinTheBudget) {
  ActionQueue queue;
  std::string order;
  for (char c = 'a'; c <= 'e'; ++c) ASSERT_TRUE(queue.post([&order, c] { order += c; }));
  EXPECT_EQ(queue.drain({.count_max = 2}), 2);
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(queue.drain({.time_max = std::chrono::nanoseconds(0)}), 1);
  EXPECT_EQ(order, "abc");
  EXPECT_EQ(queue.drain(), 2);
  EXPECT_EQ(order, "abcde");
  EXPECT_EQ(queue.drain(), 0);
}

TEST(ActionQueue, WhatIsPostedMeanwhileIsForTheNextFrame) {
  ActionQueue queue;
  int count = 0;
  std::function<void()> again = [&] {
    ++count;
    queue.post([&] { again(); });
  };
  queue.post([&] { again(); });
  EXPECT_EQ(queue.drain(), 1);
  EXPECT_EQ(queue.drain(), 1);
  EXPECT_EQ(count, 2);
}

TEST(ActionQueue, RejectsWhenFull) {
  ActionQueue queue({.capacity = 2, .when_full = WhenFull::Reject});
  const auto token = std::make_shared<int>(1);
  EXPECT_TRUE(queue.post([token] {}));
  EXPECT_TRUE(queue.post([token] {}));
  EXPECT_FALSE(queue.post([token] {}));
  EXPECT_EQ(token.use_count(), 3);  // what was refused is gone
  EXPECT_EQ(queue.stats().rejected, 1);
  queue.drain();
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_TRUE(queue.post([] {}));
}

TEST(ActionQueue, DropsTheOldestButNoReservedPlace) {
  ActionQueue queue({.capacity = 3, .when_full = WhenFull::DropOldest});
  std::string order;
  ASSERT_TRUE(queue.try_reserve());
  queue.post_reserved([&] { order += 'r'; });
  queue.post([&] { order += 'a'; });
  queue.post([&] { order += 'b'; });
  EXPECT_TRUE(queue.post([&] { order += 'c'; }));
  EXPECT_EQ(queue.stats().dropped, 1);
  queue.drain();
  EXPECT_EQ(order, "rbc");
  for (int n = 0; n < 3; ++n) ASSERT_TRUE(queue.try_reserve());
  EXPECT_FALSE(queue.post([] {}));  // nothing that might be dropped
  queue.give_back_reserved();
  EXPECT_TRUE(queue.post([] {}));
}

TEST(ActionQueue, BlocksUntilThereIsRoom) {
  ActionQueue queue({.capacity = 1, .when_full = WhenFull::Block});
  std::vector<int> seen;
  std::thread producer([&] {
    for (int n = 0; n < 1000; ++n) queue.post([&seen, n] { seen.push_back(n); });
  });
  while (seen.size() < 1000) {
    queue.wait();
    queue.drain();
  }
  producer.join();
  for (int n = 0; n < 1000; ++n) EXPECT_EQ(seen[static_cast<std::size_t>(n)], n);
  // The thread that drains would wait for itself.
  bool was_posted = true;
  queue.post([&] {
    queue.post([] {});
    was_posted = queue.post([] {});
  });
  queue.drain();
  EXPECT_FALSE(was_posted);
}

TEST(ActionQueue, CloseLetsWaitersGo) {
  ActionQueue queue({.capacity = 1, .when_full = WhenFull::Block});
  ASSERT_TRUE(queue.post([] {}));
  std::thread producer([&] { EXPECT_FALSE(queue.post([] {})); });
  queue.close();
  producer.join();
  EXPECT_FALSE(queue.try_reserve());
  EXPECT_TRUE(queue.wait());
  EXPECT_EQ(queue.drain(), 1);
  EXPECT_FALSE(queue.wait());
}

TEST(ActionQueue, ManyProducersLoseNothing) {
  constexpr int kThreads = 4;
  constexpr int kEach = 5000;
  ActionQueue queue({.capacity = 64, .when_full = WhenFull::Block});
  std::vector<int> last(kThreads, -1);
  std::atomic<int> wakes{0};
  queue.set_waker([&] { ++wakes; });
  int count = 0;
  std::vector<std::thread> producers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([&, t] {
      for (int n = 0; n < kEach; ++n) {
        queue.post([&, t, n] {
          EXPECT_EQ(last[static_cast<std::size_t>(t)], n - 1);
          last[static_cast<std::size_t>(t)] = n;
          ++count;
        });
      }
    });
  }
  while (count < kThreads * kEach) {
    queue.wait();
    queue.drain({.count_max = 100});
  }
  for (std::thread& thread : producers) thread.join();
  EXPECT_GE(wakes.load(), 1);
  EXPECT_LE(queue.stats().waiting_most, 64);
}

}  // namespace
}  // namespace moonlet::runtime
