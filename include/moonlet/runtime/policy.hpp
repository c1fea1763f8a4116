// Which program is next: replaceable.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

namespace moonlet::runtime {

// Whose programs share what is theirs, however many they are.
struct Owner {
  std::string name;
  std::uint32_t share = 1;
  std::atomic<std::uint64_t> active{0};  // shares of its programs that are ready or run
};

// A program that is ready, as a policy sees it.
struct Turn {
  virtual ~Turn() = default;
  // ---- Constant.
  std::uint32_t share = 1;
  Owner* owner = nullptr;  // nullptr: its own
  int priority = 0;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  // ---- The policy's.
  std::uint64_t position = 0;
  std::uint64_t arrival = 0;

  // What it has used as it weighs: half as much for twice the share. In 1024ths.
  std::uint64_t weighed(std::uint64_t used) const;
};

// There is one for each thread of a scheduler, used under a lock. What take() and give() answer is
// in it no more.
class Policy {
 public:
  virtual ~Policy() = default;
  virtual void add(Turn& turn) = 0;
  virtual Turn* take() = 0;  // the next; nullptr: none
  virtual Turn* give() = 0;  // one for another thread; nullptr: none
  virtual std::size_t count() const = 0;
  // It has run, and used so much fuel of a slice of so much. Called before it is added again.
  virtual void charge(Turn& turn, std::uint64_t fuel, std::uint64_t slice_fuel) {
    static_cast<void>(turn);
    static_cast<void>(fuel);
    static_cast<void>(slice_fuel);
  }
  // The same for one that has not waited: its slice is over, or it comes from another thread.
  virtual void put_back(Turn& turn) { add(turn); }
  // How far the one has come that is furthest behind, in slices that each of a single share has
  // had; a slice is kSlice. Threads that are ahead take from those behind. 0: it does not say; then
  // threads with fewer programs do.
  static constexpr std::uint64_t kSlice = 1024 * 1024;
  virtual std::uint64_t progress() const { return 0; }
  // The others are there already; called when it is empty.
  virtual void catch_up(std::uint64_t progress) { static_cast<void>(progress); }
};
using PolicyMaker = std::function<std::unique_ptr<Policy>()>;

// A heap by `Before`, and among equals by arrival.
template <typename Before>
class OrderedPolicy : public Policy {
 public:
  void add(Turn& turn) override {
    turn.arrival = ++arrivals_;
    heap_.push(&turn);
  }
  Turn* take() override {
    if (heap_.empty()) return nullptr;
    Turn* turn = heap_.top();
    heap_.pop();
    return turn;
  }
  Turn* give() override { return take(); }
  std::size_t count() const override { return heap_.size(); }
  const Turn* next() const { return heap_.empty() ? nullptr : heap_.top(); }

 private:
  struct Later {
    bool operator()(const Turn* a, const Turn* b) const {
      if (Before()(*a, *b)) return false;
      if (Before()(*b, *a)) return true;
      return a->arrival > b->arrival;
    }
  };
  std::priority_queue<Turn*, std::vector<Turn*>, Later> heap_;
  std::uint64_t arrivals_ = 0;
};

struct ByPosition {
  bool operator()(const Turn& a, const Turn& b) const { return a.position < b.position; }
};
struct ByPriority {
  bool operator()(const Turn& a, const Turn& b) const { return a.priority > b.priority; }
};
// Programs without a deadline come last.
struct ByDeadline {
  bool operator()(const Turn& a, const Turn& b) const {
    if (!a.deadline || !b.deadline) return a.deadline.has_value() && !b.deadline;
    return *a.deadline < *b.deadline;
  }
};

// Fair by fuel and shares: whoever has used least, weighed, is next. What counts is the part of its
// slice that a program has used: all that are ready have slices of the same size, and one that had
// a long one while it was alone does not pay for it when others come. Who has waited begins where
// the others stand, so that nobody saves up. All threads count alike, so that a thread which the
// system holds up does not hold up its programs.
class FairPolicy final : public OrderedPolicy<ByPosition> {
 public:
  void add(Turn& turn) override;
  Turn* take() override;
  // Whoever lags behind may catch up.
  void put_back(Turn& turn) override { OrderedPolicy::add(turn); }
  void charge(Turn& turn, std::uint64_t fuel, std::uint64_t slice_fuel) override;
  std::uint64_t progress() const override { return next() != nullptr ? next()->position : now_; }
  void catch_up(std::uint64_t progress) override { now_ = std::max(now_, progress); }

 private:
  std::uint64_t now_ = 1;  // the position of who was taken last
};
// The highest priority first, each after the others of its own.
using PriorityPolicy = OrderedPolicy<ByPriority>;
// The earliest deadline first.
using DeadlinePolicy = OrderedPolicy<ByDeadline>;

}  // namespace moonlet::runtime
