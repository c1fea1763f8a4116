// Calls back at a time, on a thread of its own, which waits on a condition until then.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

namespace moonlet::runtime {

class Timers {
 public:
  using Clock = std::chrono::steady_clock;
  // What is called, and with what. A call may still be on its way when cancel() has returned, so
  // numbers say what it is about, not pointers.
  struct Target {
    void (*call)(void* self, std::uint64_t who, std::uint64_t what);
    void* self;  // outlives the Timers
    std::uint64_t who;
    std::uint64_t what;
  };
  struct Key {
    Clock::time_point when{};
    std::uint64_t number = 0;  // 0: none
    auto operator<=>(const Key&) const = default;
  };

  Timers() = default;
  ~Timers() { stop(); }
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // The thread begins with the first one.
  Key add(Clock::time_point when, const Target& target);
  void cancel(const Key& key);
  // Calls nothing any more, and waits for a call under way.
  void stop();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  // ---- Guarded by mutex_.
  std::map<Key, Target> targets_;
  std::uint64_t next_number_ = 1;
  bool is_stopped_ = false;
  std::thread thread_;
};

// Far ahead means never: sums with it must not overflow.
Timers::Clock::time_point time_after(std::chrono::nanoseconds duration);
// As sys.sleep() gives them.
Timers::Clock::time_point time_after_seconds(double seconds);

}  // namespace moonlet::runtime
