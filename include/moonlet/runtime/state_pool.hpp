// A fixed number of things that are each used by one thread at a time: Vms, connections, buffers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace moonlet::runtime {

struct StatePoolStats {
  std::size_t size = 0;
  std::size_t free = 0;
  std::size_t waiting = 0;
  std::size_t waiting_most = 0;
  std::uint64_t leases = 0;
  std::uint64_t waits = 0;     // acquisitions that found nothing free
  std::uint64_t timeouts = 0;  // and ended without a lease
  std::uint64_t rejected = 0;  // try_acquire() that found nothing
};

// Waiting is a wait on a condition of one's own, without polling. Fair: what is given back goes to
// who has waited longest, and nobody comes in between. Any thread may call anything.
//
// A Lease keeps its thing alive, also when the pool is gone.
template <typename T>
class StatePool {
  struct Waiter {
    std::condition_variable given;
    T* state = nullptr;
    bool is_over = false;
  };

  struct Core {
    std::mutex mutex;
    // ---- Guarded by mutex. There are waiters only when nothing is free.
    std::vector<std::unique_ptr<T>> states;
    std::vector<T*> free;
    std::list<Waiter*> waiters;
    bool is_stopped = false;
    StatePoolStats stats;

    void give_back(T* state) {
      const std::lock_guard lock(mutex);
      if (waiters.empty()) {
        free.push_back(state);
        return;
      }
      Waiter* waiter = waiters.front();
      waiters.pop_front();
      waiter->state = state;
      waiter->is_over = true;
      ++stats.leases;
      waiter->given.notify_one();
    }
  };

 public:
  // The use of one thing; gives it back at its end. Empty: there is none.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : core_(std::move(other.core_)), state_(std::exchange(other.state_, nullptr)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        release();
        core_ = std::move(other.core_);
        state_ = std::exchange(other.state_, nullptr);
      }
      return *this;
    }
    ~Lease() { release(); }

    explicit operator bool() const { return state_ != nullptr; }
    T& operator*() const { return *state_; }
    T* operator->() const { return state_; }
    void release() {
      if (state_ == nullptr) return;
      core_->give_back(std::exchange(state_, nullptr));
      core_.reset();
    }

   private:
    friend class StatePool;
    Lease(std::shared_ptr<Core> core, T* state) : core_(std::move(core)), state_(state) {}
    std::shared_ptr<Core> core_;
    T* state_ = nullptr;
  };

  explicit StatePool(std::vector<std::unique_ptr<T>> states) {
    core_->states = std::move(states);
    // The first one is given out first.
    for (auto state = core_->states.rbegin(); state != core_->states.rend(); ++state) {
      core_->free.push_back(state->get());
    }
  }
  ~StatePool() { stop(); }
  StatePool(const StatePool&) = delete;
  StatePool& operator=(const StatePool&) = delete;

  // Waits as long as it takes. Empty after stop().
  [[nodiscard]] Lease acquire() { return take(nullptr); }

  // Empty: nothing is free now.
  [[nodiscard]] Lease try_acquire() {
    const std::lock_guard lock(core_->mutex);
    if (core_->is_stopped || core_->free.empty()) {
      ++core_->stats.rejected;
      return {};
    }
    return take_free();
  }

  // Waits until something is free, but no longer than this: then it is empty.
  [[nodiscard]] Lease acquire_for(std::chrono::nanoseconds time_max) {
    const auto end = std::chrono::steady_clock::now() + time_max;
    return take(&end);
  }

  // Who waits goes away empty, and nobody gets anything any more.
  void stop() {
    const std::lock_guard lock(core_->mutex);
    core_->is_stopped = true;
    for (Waiter* waiter : core_->waiters) {
      waiter->is_over = true;
      waiter->given.notify_one();
    }
    core_->waiters.clear();
  }

  StatePoolStats stats() const {
    const std::lock_guard lock(core_->mutex);
    StatePoolStats stats = core_->stats;
    stats.size = core_->states.size();
    stats.free = core_->free.size();
    stats.waiting = core_->waiters.size();
    return stats;
  }

 private:
  using Time = std::chrono::steady_clock::time_point;

  // REQUIRES: the lock, and something free.
  Lease take_free() {
    T* state = core_->free.back();
    core_->free.pop_back();
    ++core_->stats.leases;
    return Lease(core_, state);
  }

  Lease take(const Time* end) {
    std::unique_lock lock(core_->mutex);
    if (core_->is_stopped) return {};
    if (!core_->free.empty()) return take_free();
    Waiter waiter;
    const auto place = core_->waiters.insert(core_->waiters.end(), &waiter);
    ++core_->stats.waits;
    core_->stats.waiting_most = std::max(core_->stats.waiting_most, core_->waiters.size());
    const auto is_over = [&] { return waiter.is_over; };
    if (end == nullptr) {
      waiter.given.wait(lock, is_over);
    } else if (!waiter.given.wait_until(lock, *end, is_over)) {
      core_->waiters.erase(place);
      ++core_->stats.timeouts;
      return {};
    }
    return waiter.state != nullptr ? Lease(core_, waiter.state) : Lease();
  }

  const std::shared_ptr<Core> core_ = std::make_shared<Core>();
};

}  // namespace moonlet::runtime
