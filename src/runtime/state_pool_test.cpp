#include "moonlet/runtime/state_pool.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace moonlet::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

std::vector<std::unique_ptr<int>> numbers(int count) {
  std::vector<std::unique_ptr<int>> list;
  for (int n = 0; n < count; ++n) list.push_back(std::make_unique<int>(n));
  return list;
}

template <typename T>
void wait_for_waiters(const StatePool<T>& pool, std::size_t count) {
  while (pool.stats().waiting < count) std::this_thread::yield();
}

TEST(StatePool, EachIsLentOnce) {
  StatePool<int> pool(numbers(2));
  auto first = pool.acquire();
  auto second = pool.try_acquire();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, 0);
  EXPECT_EQ(*second, 1);
  EXPECT_FALSE(pool.try_acquire());
  first.release();
  EXPECT_EQ(*pool.try_acquire(), 0);
  EXPECT_EQ(pool.stats().leases, 3);
  EXPECT_EQ(pool.stats().rejected, 1);
  EXPECT_EQ(pool.stats().free, 1);
}

TEST(StatePool, TimeoutEndsEmpty) {
  StatePool<int> pool(numbers(1));
  auto lease = pool.acquire();
  EXPECT_FALSE(pool.acquire_for(milliseconds(1)));
  EXPECT_EQ(pool.stats().timeouts, 1);
  EXPECT_EQ(pool.stats().waiting, 0);
  lease.release();
  EXPECT_TRUE(pool.acquire_for(milliseconds(0)));
}

TEST(StatePool, WhoHasWaitedLongestIsNext) {
  StatePool<int> pool(numbers(1));
  auto lease = pool.acquire();
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int n = 0; n < 5; ++n) {
    threads.emplace_back([&, n] {
      auto mine = n % 2 == 0 ? pool.acquire() : pool.acquire_for(hours(1));
      order.push_back(n);  // guarded by the lease
    });
    wait_for_waiters(pool, static_cast<std::size_t>(n) + 1);
  }
  lease.release();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(StatePool, StopLetsWaitersGoAndLeasesLive) {
  StatePool<int>::Lease lease;
  {
    StatePool<int> pool(numbers(1));
    lease = pool.acquire();
    std::thread waiter([&] { EXPECT_FALSE(pool.acquire()); });
    wait_for_waiters(pool, 1);
    pool.stop();
    waiter.join();
    EXPECT_FALSE(pool.acquire());
    EXPECT_FALSE(pool.acquire_for(hours(1)));
  }
  EXPECT_EQ(*lease, 0);
}

TEST(StatePool, TimeoutsRaceReleases) {
  constexpr int kThreads = 4;
  StatePool<int> pool(numbers(2));
  std::atomic<int> users[2] = {};
  std::atomic<int> got{0};
  std::atomic<int> missed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 2000; ++n) {
        auto lease = pool.acquire_for(std::chrono::microseconds((n + t) % 50));
        if (!lease) {
          ++missed;
          continue;
        }
        EXPECT_EQ(users[*lease].fetch_add(1), 0);
        if (n % 7 == 0) std::this_thread::yield();
        users[*lease].fetch_sub(1);
        ++got;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got + missed, kThreads * 2000);
  const StatePoolStats stats = pool.stats();
  EXPECT_EQ(stats.free, 2);
  EXPECT_EQ(stats.waiting, 0);
  EXPECT_EQ(stats.leases, static_cast<std::uint64_t>(got.load()));
  EXPECT_EQ(stats.timeouts, static_cast<std::uint64_t>(missed.load()));
}

}  // namespace
}  // namespace moonlet::runtime
