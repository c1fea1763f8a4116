// Queues of what is ready, by urgency; lock-free, many producers and consumers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include <concurrentqueue/concurrentqueue.h>

#include "moonlet/runtime/job.hpp"

namespace moonlet::runtime::detail {

enum class Lane : std::uint8_t { Urgent, Answered, High, Normal, Low };
inline constexpr std::size_t kLaneCount = 5;

inline Lane lane_of(Priority priority) {
  switch (priority) {
    case Priority::High:
      return Lane::High;
    case Priority::Normal:
      return Lane::Normal;
    case Priority::Low:
      return Lane::Low;
  }
  return Lane::Low;
}

// What one thread pushes to a lane comes out in that order; between threads there is none. So what
// workers put back, because its slice is over or its state was in use, has a queue of its own in
// each lane, which alternates with that of what is new: neither passes the other by.
//
// Counts are raised before an item is visible and lowered after it was taken, so `has_any` is never
// wrongly false.
template <typename T>
class ReadyLanes {
 public:
  enum class By : std::uint8_t { Others, Workers };

  void push(Lane lane, T item, By by) {
    Content& content = lanes_[static_cast<std::size_t>(lane)];
    content.count.fetch_add(1, std::memory_order_seq_cst);
    content.queues[static_cast<std::size_t>(by)].enqueue(item);
  }

  bool has_any() const {
    for (const Content& lane : lanes_) {
      if (lane.count.load(std::memory_order_seq_cst) != 0) return true;
    }
    return false;
  }

  // The first of the most urgent lane; every sixteenth time of the least urgent one, so that
  // nothing waits for ever. `takes` is the caller's own. False: there is nothing.
  bool take(T& item, std::uint32_t& takes) {
    ++takes;
    while (has_any()) {
      if (takes % 16 == 0) {
        if (take_of(Lane::Urgent, item)) return true;
        for (std::size_t n = kLaneCount; n-- > 1;) {
          if (take_of(static_cast<Lane>(n), item)) return true;
        }
      } else {
        for (std::size_t n = 0; n < kLaneCount; ++n) {
          if (take_of(static_cast<Lane>(n), item)) return true;
        }
      }
      // A producer stands between the count and the item.
      std::this_thread::yield();
    }
    return false;
  }

 private:
  struct alignas(64) Content {
    std::atomic<std::size_t> count{0};
    std::atomic<std::uint32_t> turn{0};
    moodycamel::ConcurrentQueue<T> queues[2];
  };

  bool take_of(Lane lane, T& item) {
    Content& content = lanes_[static_cast<std::size_t>(lane)];
    if (content.count.load(std::memory_order_relaxed) == 0) return false;
    const std::uint32_t first = content.turn.fetch_add(1, std::memory_order_relaxed) % 2;
    if (!content.queues[first].try_dequeue(item) && !content.queues[1 - first].try_dequeue(item)) {
      return false;
    }
    content.count.fetch_sub(1, std::memory_order_seq_cst);
    return true;
  }

  std::array<Content, kLaneCount> lanes_;
};

}  // namespace moonlet::runtime::detail
