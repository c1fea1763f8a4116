// What is ready, one queue a thread; stealing and evening out.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "moonlet/runtime/policy.hpp"

namespace moonlet::runtime::detail {

// Only one queue's lock is held at a time. A thread sleeps only after it was counted as a sleeper
// and has found all queues empty since; whoever adds looks at the sleepers afterwards. So what is
// ready is never overlooked, and nobody looks without a reason.
class RunQueues {
 public:
  RunQueues(std::size_t count, const PolicyMaker& maker);

  // Of who was never in a queue: the shortest one's.
  std::size_t place() const;
  // What it has used since it was last in a queue, and of how much.
  struct Used {
    std::uint64_t fuel = 0;
    std::uint64_t slice_fuel = 0;
  };
  enum class From : std::uint8_t { Running, Waiting };
  void add(Turn& turn, std::size_t queue, const Used& used, From from);
  // The next of this queue, or taken from others. nullptr: there is none.
  Turn* try_take(std::size_t queue);
  // Waits for one. nullptr: stopped.
  Turn* take(std::size_t queue);
  void stop();

  std::size_t count(std::size_t queue) const { return queues_[queue]->count.load(); }
  std::size_t size() const { return queues_.size(); }
  std::uint64_t stolen() const { return stolen_.load(); }
  std::uint64_t evened() const { return evened_.load(); }

 private:
  struct alignas(64) Queue {
    std::mutex mutex;
    std::condition_variable changed;
    // ---- Guarded by mutex.
    std::unique_ptr<Policy> policy;
    bool is_asleep = false;
    bool is_called = false;
    std::uint32_t takes = 0;
    // ---- Of the policy, for others to see.
    std::atomic<std::size_t> count{0};
    std::atomic<std::uint64_t> progress{0};
  };

  Turn* take_own(Queue& queue, bool& is_due);
  bool steal(std::size_t to);
  void even_out(std::size_t self);
  std::uint64_t furthest() const;
  static void publish(Queue& queue);
  std::size_t move(std::size_t from, std::size_t to, std::size_t count);
  void call_sleeper(std::size_t except);
  bool has_any() const;

  std::vector<std::unique_ptr<Queue>> queues_;
  std::atomic<std::size_t> sleepers_{0};
  std::atomic<bool> is_stopped_{false};
  std::atomic<std::uint64_t> stolen_{0};
  std::atomic<std::uint64_t> evened_{0};
};

}  // namespace moonlet::runtime::detail
