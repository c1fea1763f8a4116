#include "runtime/timers.hpp"

#include <utility>

namespace moonlet::runtime {

Timers::Key Timers::add(Clock::time_point when, const Target& target) {
  const std::lock_guard lock(mutex_);
  const Key key{when, next_number_++};
  if (is_stopped_) return key;
  const auto place = targets_.emplace(key, target).first;
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { work(); });
  } else if (place == targets_.begin()) {
    changed_.notify_one();
  }
  return key;
}

void Timers::cancel(const Key& key) {
  if (key.number == 0) return;
  const std::lock_guard lock(mutex_);
  // The thread may wake for nothing once, at the time that was the first.
  targets_.erase(key);
}

void Timers::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    targets_.clear();
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Timers::work() {
  std::unique_lock lock(mutex_);
  while (!is_stopped_) {
    if (targets_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = targets_.begin();
    const Clock::time_point when = first->first.when;
    if (Clock::now() < when) {
      changed_.wait_until(lock, when);
      continue;
    }
    const Target target = first->second;
    targets_.erase(first);
    lock.unlock();
    target.call(target.self, target.who, target.what);
    lock.lock();
  }
}

namespace {
constexpr std::chrono::hours kFarAhead{24 * 365 * 50};
}

Timers::Clock::time_point time_after(std::chrono::nanoseconds duration) {
  return Timers::Clock::now() + std::min<std::chrono::nanoseconds>(duration, kFarAhead);
}

Timers::Clock::time_point time_after_seconds(double seconds) {
  const double most = std::chrono::duration<double>(kFarAhead).count();
  const std::chrono::duration<double> duration(seconds < most ? seconds : most);
  return Timers::Clock::now() + std::chrono::duration_cast<std::chrono::nanoseconds>(duration);
}

}  // namespace moonlet::runtime
