#include "moonlet/runtime/action_queue.hpp"

#include <algorithm>
#include <utility>

namespace moonlet::runtime {

ActionQueue::ActionQueue(const ActionQueueOptions& options) : options_(options) {}

// REQUIRES: the lock. What is dropped is destroyed by the caller, without it.
bool ActionQueue::make_room(std::unique_lock<std::mutex>& lock, Action& dropped) {
  if (is_closed_) return false;
  if (occupied() < options_.capacity) return true;
  switch (options_.when_full) {
    case WhenFull::Reject:
      return false;
    case WhenFull::Block:
      if (draining_ == std::this_thread::get_id()) return false;
      not_full_.wait(lock, [&] { return is_closed_ || occupied() < options_.capacity; });
      return !is_closed_;
    case WhenFull::DropOldest: {
      const auto oldest = std::find_if(entries_.begin(), entries_.end(),
                                       [](const Entry& entry) { return !entry.is_kept; });
      if (oldest == entries_.end()) return false;
      dropped = std::move(oldest->action);
      entries_.erase(oldest);
      ++stats_.dropped;
      return true;
    }
  }
  return false;
}

void ActionQueue::append(std::unique_lock<std::mutex>& lock, Action action, bool is_kept) {
  const bool was_empty = entries_.empty();
  entries_.push_back({std::move(action), is_kept});
  ++stats_.posted;
  stats_.waiting_most = std::max(stats_.waiting_most, entries_.size());
  lock.unlock();
  if (!was_empty) return;
  not_empty_.notify_one();
  if (waker_) waker_();
}

bool ActionQueue::post(Action action) {
  Action dropped;
  std::unique_lock lock(mutex_);
  if (!make_room(lock, dropped)) {
    ++stats_.rejected;
    lock.unlock();  // what is refused may do anything when it is destroyed
    action = nullptr;
    return false;
  }
  append(lock, std::move(action), false);
  return true;
}

bool ActionQueue::try_reserve() {
  const std::lock_guard lock(mutex_);
  if (is_closed_ || occupied() >= options_.capacity) {
    ++stats_.rejected;
    return false;
  }
  ++reserved_;
  return true;
}

void ActionQueue::post_reserved(Action action) {
  std::unique_lock lock(mutex_);
  --reserved_;
  append(lock, std::move(action), true);
}

void ActionQueue::give_back_reserved() {
  const std::lock_guard lock(mutex_);
  --reserved_;
  not_full_.notify_one();
}

std::size_t ActionQueue::drain(const DrainBudget& budget) {
  using Clock = std::chrono::steady_clock;
  const bool is_timed = budget.time_max != std::chrono::nanoseconds::max();
  const Clock::time_point start = is_timed ? Clock::now() : Clock::time_point();
  std::unique_lock lock(mutex_);
  const std::size_t count_max =
      std::min(std::max<std::size_t>(budget.count_max, 1), entries_.size());
  draining_ = std::this_thread::get_id();
  std::size_t count = 0;
  // Fewer may be left than there were: the oldest are dropped where that is the policy.
  while (count < count_max && !entries_.empty()) {
    Action action = std::move(entries_.front().action);
    entries_.pop_front();
    ++stats_.drained;
    ++count;
    lock.unlock();
    not_full_.notify_one();
    action();
    action = nullptr;
    const bool is_over = is_timed && Clock::now() - start >= budget.time_max;
    lock.lock();
    if (is_over) break;
  }
  draining_ = {};
  return count;
}

bool ActionQueue::wait(std::chrono::nanoseconds time_max) {
  std::unique_lock lock(mutex_);
  const auto is_over = [&] { return is_closed_ || !entries_.empty(); };
  if (time_max == std::chrono::nanoseconds::max()) {
    not_empty_.wait(lock, is_over);
  } else {
    not_empty_.wait_for(lock, time_max, is_over);
  }
  return !entries_.empty();
}

void ActionQueue::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  not_empty_.notify_all();
  not_full_.notify_all();
}

ActionQueueStats ActionQueue::stats() const {
  const std::lock_guard lock(mutex_);
  ActionQueueStats stats = stats_;
  stats.waiting = entries_.size();
  return stats;
}

}  // namespace moonlet::runtime
