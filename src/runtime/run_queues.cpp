#include "runtime/run_queues.hpp"

#include <algorithm>

namespace moonlet::runtime::detail {

namespace {
// So often a thread looks whether others have fewer.
constexpr std::uint32_t kEvenOutEvery = 16;
}  // namespace

RunQueues::RunQueues(std::size_t count, const PolicyMaker& maker) {
  for (std::size_t n = 0; n < std::max<std::size_t>(count, 1); ++n) {
    queues_.push_back(std::make_unique<Queue>());
    queues_.back()->policy = maker ? maker() : std::make_unique<FairPolicy>();
  }
}

std::size_t RunQueues::place() const {
  std::size_t best = 0;
  for (std::size_t n = 1; n < queues_.size(); ++n) {
    if (count(n) < count(best)) best = n;
  }
  return best;
}

void RunQueues::add(Turn& turn, std::size_t to, const Used& used, From from) {
  Queue& queue = *queues_[to];
  bool was_asleep;
  std::size_t count;
  {
    const std::uint64_t others = queue.count.load() == 0 && queues_.size() > 1 ? furthest() : 0;
    const std::lock_guard lock(queue.mutex);
    if (used.fuel != 0) queue.policy->charge(turn, used.fuel, used.slice_fuel);
    if (others != 0 && queue.policy->count() == 0) queue.policy->catch_up(others);
    if (from == From::Running) {
      queue.policy->put_back(turn);
    } else {
      queue.policy->add(turn);
    }
    publish(queue);
    count = queue.policy->count();
    was_asleep = queue.is_asleep;
    if (was_asleep) queue.changed.notify_one();
  }
  // Its thread is at work, or has one already to wake for; somebody else may have this one.
  if ((!was_asleep || count > 1) && sleepers_.load(std::memory_order_seq_cst) > 0) {
    call_sleeper(to);
  }
}

void RunQueues::call_sleeper(std::size_t except) {
  for (std::size_t n = 0; n < queues_.size(); ++n) {
    if (n == except) continue;
    Queue& queue = *queues_[n];
    const std::lock_guard lock(queue.mutex);
    if (!queue.is_asleep || queue.is_called) continue;
    queue.is_called = true;
    queue.changed.notify_one();
    return;
  }
}

bool RunQueues::has_any() const {
  return std::any_of(queues_.begin(), queues_.end(), [](const auto& queue) {
    return queue->count.load(std::memory_order_seq_cst) != 0;
  });
}

Turn* RunQueues::take_own(Queue& queue, bool& is_due) {
  const std::lock_guard lock(queue.mutex);
  Turn* turn = queue.policy->take();
  publish(queue);
  is_due = ++queue.takes % kEvenOutEvery == 0;
  return turn;
}

Turn* RunQueues::try_take(std::size_t of) {
  for (;;) {
    bool is_due;
    if (Turn* turn = take_own(*queues_[of], is_due)) {
      if (is_due && queues_.size() > 1) even_out(of);
      return turn;
    }
    if (!steal(of)) return nullptr;
  }
}

Turn* RunQueues::take(std::size_t of) {
  Queue& queue = *queues_[of];
  while (!is_stopped_.load(std::memory_order_seq_cst)) {
    if (Turn* turn = try_take(of)) return turn;
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    if (!has_any()) {
      std::unique_lock lock(queue.mutex);
      queue.is_asleep = true;
      queue.changed.wait(lock, [&] {
        return queue.is_called || queue.policy->count() != 0 ||
               is_stopped_.load(std::memory_order_relaxed);
      });
      queue.is_asleep = false;
      queue.is_called = false;
    }
    sleepers_.fetch_sub(1, std::memory_order_seq_cst);
  }
  return nullptr;
}

// False: nobody has anything.
bool RunQueues::steal(std::size_t to) {
  std::size_t from = to;
  std::size_t most = 0;
  for (std::size_t n = 0; n < queues_.size(); ++n) {
    if (n == to || count(n) <= most) continue;
    most = count(n);
    from = n;
  }
  if (from == to) return false;
  stolen_.fetch_add(move(from, to, (most + 1) / 2), std::memory_order_relaxed);
  return true;  // perhaps somebody was faster; then the next look says so
}

// REQUIRES: the lock.
void RunQueues::publish(Queue& queue) {
  queue.progress.store(queue.policy->progress(), std::memory_order_relaxed);
  queue.count.store(queue.policy->count(), std::memory_order_seq_cst);
}

std::uint64_t RunQueues::furthest() const {
  std::uint64_t furthest = 0;
  for (const auto& queue : queues_) furthest = std::max(furthest, queue->progress.load());
  return furthest;
}

// Shares are equal only if all threads come along as fast. Whoever is ahead by more than a turn of
// each takes some of those that are furthest behind; where the policy does not say, whoever has
// more than others gives.
void RunQueues::even_out(std::size_t self) {
  const Queue& mine = *queues_[self];
  const std::uint64_t progress = mine.progress.load();
  std::size_t behind = self;
  std::size_t least = self;
  for (std::size_t n = 0; n < queues_.size(); ++n) {
    if (count(n) < count(least)) least = n;
    const Queue& other = *queues_[n];
    if (count(n) > 1 && other.progress.load() < queues_[behind]->progress.load()) behind = n;
  }
  std::size_t moved = 0;
  if (progress != 0) {
    if (progress > queues_[behind]->progress.load() + Policy::kSlice) {
      moved = move(behind, self, count(behind) / 4 + 1);
    }
  } else if (count(self) - count(least) > 2 + count(self) / 64) {
    moved = move(self, least, (count(self) - count(least)) / 2);
  }
  evened_.fetch_add(moved, std::memory_order_relaxed);
}

std::size_t RunQueues::move(std::size_t from, std::size_t to, std::size_t count) {
  std::vector<Turn*> moved;
  {
    Queue& queue = *queues_[from];
    const std::lock_guard lock(queue.mutex);
    while (moved.size() < count) {
      Turn* turn = queue.policy->give();
      if (turn == nullptr) break;
      moved.push_back(turn);
    }
    publish(queue);
  }
  if (moved.empty()) return 0;
  Queue& queue = *queues_[to];
  const std::lock_guard lock(queue.mutex);
  for (Turn* turn : moved) queue.policy->put_back(*turn);
  publish(queue);
  if (queue.is_asleep) queue.changed.notify_one();
  return moved.size();
}

void RunQueues::stop() {
  is_stopped_.store(true, std::memory_order_seq_cst);
  for (const auto& queue : queues_) {
    const std::lock_guard lock(queue->mutex);
    queue->changed.notify_all();
  }
}

}  // namespace moonlet::runtime::detail
