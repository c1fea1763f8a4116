// Work for one thread, posted by many: results and requests for the main thread of an engine.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace moonlet::runtime {

// What post() does when there is no room.
enum class WhenFull : std::uint8_t {
  Reject,      // answers false
  Block,       // waits for room; on the thread that is draining, where that never comes: Reject
  DropOldest,  // makes room; results of jobs are never dropped
};

struct ActionQueueOptions {
  std::size_t capacity = 65'536;
  WhenFull when_full = WhenFull::Reject;
};

// What a drain may take: it ends at whichever comes first, but runs one action at least.
struct DrainBudget {
  std::size_t count_max = SIZE_MAX;
  std::chrono::nanoseconds time_max = std::chrono::nanoseconds::max();
};

struct ActionQueueStats {
  std::uint64_t posted = 0;
  std::uint64_t drained = 0;
  std::uint64_t rejected = 0;
  std::uint64_t dropped = 0;
  std::size_t waiting = 0;
  std::size_t waiting_most = 0;
};

// Actions run in the order in which they were posted. Each belongs to the queue until it has run,
// was dropped, or the queue ends; whoever posts moves it in, so there is nothing to free.
//
// Any thread may call anything but drain() and wait(), which are one consumer's. An action must not
// throw. It may post, and enqueue jobs.
class ActionQueue {
 public:
  using Action = std::move_only_function<void()>;

  explicit ActionQueue(const ActionQueueOptions& options = {});
  // REQUIRES: nobody else uses it any more. What has not run is dropped.
  ~ActionQueue() = default;
  ActionQueue(const ActionQueue&) = delete;
  ActionQueue& operator=(const ActionQueue&) = delete;

  // False: there is no room, or the queue is closed; the action is then destroyed.
  bool post(Action action);

  // A place taken in advance, so that what comes later is neither refused, dropped nor kept
  // waiting. False: no room, or closed. Each place is used once, or given back.
  [[nodiscard]] bool try_reserve();
  void post_reserved(Action action);
  void give_back_reserved();

  // Runs what was there when it began, within the budget. Answers how many actions that was.
  std::size_t drain(const DrainBudget& budget = {});
  // Waits until there is something to drain (true), or for so long, or until close().
  bool wait(std::chrono::nanoseconds time_max = std::chrono::nanoseconds::max());

  // Called without locks when the queue stops being empty: for loops that wait elsewhere. Set
  // before others use the queue.
  void set_waker(std::function<void()> waker) { waker_ = std::move(waker); }

  // No more is accepted, but for reserved places. What is there can still be drained.
  void close();

  ActionQueueStats stats() const;

 private:
  struct Entry {
    Action action;
    bool is_kept;  // never dropped
  };

  std::size_t occupied() const { return entries_.size() + reserved_; }
  bool make_room(std::unique_lock<std::mutex>& lock, Action& dropped);
  void append(std::unique_lock<std::mutex>& lock, Action action, bool is_kept);

  // ---- Constant.
  const ActionQueueOptions options_;
  std::function<void()> waker_;

  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  std::condition_variable not_full_;
  // ---- Guarded by mutex_.
  std::deque<Entry> entries_;
  std::size_t reserved_ = 0;
  bool is_closed_ = false;
  std::thread::id draining_;
  ActionQueueStats stats_;
};

}  // namespace moonlet::runtime
