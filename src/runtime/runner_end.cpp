// How a job ends, and what becomes of its state.
#include <utility>

#include "runtime/runner_core.hpp"

namespace moonlet::runtime::detail {

using State = JobRecord::State;

void RunnerCore::finish(JobRecord& record, Lock& lock, JobEnd end) {
  JobResult result;
  result.end = end;
  result.message = text_of(end);
  if (end == JobEnd::Rejected) {
    result.rejection = Rejection::ShuttingDown;
    result.message = text_of(result.rejection);
  }
  finish(record, lock, std::move(result));
}

// The one place where a job becomes Done; unlocks. Whoever comes later with a reference finds that,
// and an own reference keeps the slot until the state was given up.
void RunnerCore::finish(JobRecord& record, Lock& lock, JobResult result) {
  record.state = State::Done;
  if (record.look != nullptr) show(record);
  ++record.references;
  result.id = record.id();
  ScriptRunner::Callback callback = std::move(record.callback);
  ActionQueue* const queue = record.queue;
  timers_.cancel(record.deadline_timer);
  timers_.cancel(record.state_timer);
  record.deadline_timer = {};
  record.state_timer = {};
  auto stops = record.calls.drop(timers_);
  lock.unlock();
  for (std::stop_source& stop : stops) stop.request_stop();
  record.on_cancel.reset();  // waits for a call of it that is under way

  if (Vm* vm = record.has_begun ? record.state_vm() : nullptr) {
    if (result.end != JobEnd::Value && result.end != JobEnd::ScriptError &&
        record.seat != nullptr) {
      static_cast<void>(vm->cancel());
    }
    const Usage usage = vm->usage();
    record.usage.fuel = usage.fuel - record.fuel_before;
    record.usage.memory_bytes = usage.memory_bytes;
  }
  result.usage = record.usage;
  if (record.has_state) give_up_state(record);

  lock.lock();
  if (--record.references == 0) {
    free_slot(record, lock);
  } else {
    lock.unlock();
  }
  ended_[static_cast<std::size_t>(result.end)].fetch_add(1, std::memory_order_relaxed);
  if (options_.hooks.on_end) options_.hooks.on_end(result);
  if (queue != nullptr) {
    queue->post_reserved([callback = std::move(callback), result = std::move(result)]() mutable {
      callback(std::move(result));
    });
  } else {
    callback(std::move(result));
    callback = nullptr;
  }
  retire();
}

void RunnerCore::give_up_state(JobRecord& record) {
  record.has_state = false;
  if (record.seat == nullptr) {
    record.vm.reset();
    if (options_.states_max != SIZE_MAX) give_back_fresh();
    return;
  }
  Seat& seat = *record.seat;
  if (record.has_begun) collect_if_due(seat);
  give_back_seat(seat);
}

void RunnerCore::collect_if_due(Seat& seat) {
  if (!seat.vm) return;
  const std::uint64_t bytes = seat.vm->usage().memory_bytes;
  if (++seat.jobs_since_collection < options_.collect_after_jobs &&
      bytes < seat.bytes_after_collection + options_.collect_after_bytes) {
    return;
  }
  seat.vm->collect();
  seat.jobs_since_collection = 0;
  seat.bytes_after_collection = seat.vm->usage().memory_bytes;
  collections_.fetch_add(1, std::memory_order_relaxed);
  if (options_.hooks.on_collect) options_.hooks.on_collect(bytes, seat.bytes_after_collection);
}

// A state is the next one's, who has waited longest.
void RunnerCore::give_back_seat(Seat& seat) {
  for (;;) {
    JobRecord* next;
    {
      const std::lock_guard lock(seat.mutex);
      if (seat.waiting.empty()) {
        seat.is_used = false;
        return;
      }
      next = seat.waiting.front();
      seat.waiting.pop_front();
    }
    Lock lock(next->mutex);
    if (next->state == State::Waiting) {
      next->seat = &seat;
      return hand_on(*next, lock);
    }
    if (--next->references == 0) {
      free_slot(*next, lock);
    }
  }
}

void RunnerCore::give_back_fresh() {
  for (;;) {
    JobRecord* next;
    {
      const std::lock_guard lock(states_mutex_);
      if (states_waiting_.empty()) {
        --states_;
        return;
      }
      next = states_waiting_.front();
      states_waiting_.pop_front();
    }
    Lock lock(next->mutex);
    if (next->state == State::Waiting) return hand_on(*next, lock);
    if (--next->references == 0) {
      free_slot(*next, lock);
    }
  }
}

// The reference of the waiting list becomes the lane's. Unlocks.
void RunnerCore::hand_on(JobRecord& record, Lock& lock) {
  timers_.cancel(record.state_timer);
  record.state_timer = {};
  record.has_state = true;
  record.state = State::Queued;
  const Lane lane = lane_of(record.job->priority);
  lock.unlock();
  push(lane, record, By::Workers);
}

}  // namespace moonlet::runtime::detail
