// A job between enqueue() and its result.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "moonlet/runtime/script_runner.hpp"
#include "runtime/host_calls.hpp"
#include "runtime/timers.hpp"

namespace moonlet::runtime::detail {

struct JobRecord;

// A Vm that stays, and the jobs that want it. Who has it in use owns the Vm.
struct Seat {
  std::mutex mutex;
  // ---- Guarded by mutex.
  bool is_used = false;
  bool is_closed = false;
  std::deque<JobRecord*> waiting;  // each a reference
  // ---- Constant.
  std::size_t waiting_max = SIZE_MAX;
  // ---- Its user's.
  std::optional<Vm> vm;
  std::uint32_t jobs_since_collection = 0;
  std::uint64_t bytes_after_collection = 0;
};

struct CancelJob {
  class RunnerCore* core;
  JobId id;
  void operator()() const;
};

// Where a job stands. References from lanes and waiting lists keep the slot from being used again;
// a reference to a job that is Done means nothing.
//
//   Preparing -> Queued <-> Waiting     Waiting: for its state
//                  |
//               Running -> Suspended -> Ready -> Running -> ... Done
//                  +------ slice over ----^
struct JobRecord {
  enum class State : std::uint8_t {
    Free,
    Preparing,
    Queued,
    Waiting,
    Running,
    Suspended,
    Ready,
    Done
  };

  // ---- Constant, and of the list of free slots.
  std::uint32_t index = 0;
  std::atomic<std::uint32_t> next_free{0};

  std::mutex mutex;
  // ---- Guarded by mutex.
  std::uint32_t generation = 1;
  State state = State::Free;
  std::uint8_t references = 0;
  std::optional<JobEnd> requested;                 // how it is to end
  Vm* running = nullptr;                           // for interrupts
  const std::function<void(Vm&)>* look = nullptr;  // for its worker to call
  bool was_looked_at = false;
  HostCalls calls;

  // ---- Constant while the job lives.
  std::optional<Job> job;  // nothing: the record is free
  ScriptRunner::Callback callback;
  ActionQueue* queue = nullptr;
  std::shared_ptr<Seat> pinned;
  Job::Clock::time_point enqueued_at{};
  Timers::Key deadline_timer;
  std::optional<std::stop_callback<CancelJob>> on_cancel;

  // ---- Of the worker whose turn it is, under the mutex when it changes.
  bool has_state = false;
  bool has_begun = false;
  Seat* seat = nullptr;  // nullptr: fresh
  std::optional<Vm> vm;  // fresh
  Timers::Key state_timer;
  std::uint64_t fuel_before = 0;
  JobUsage usage;

  JobId id() const { return (std::uint64_t{generation} << 32) | index; }
  Vm* state_vm() {
    return seat != nullptr ? (seat->vm ? &*seat->vm : nullptr) : (vm ? &*vm : nullptr);
  }
};

// Records by index, as many as there may be jobs, made when they are first needed.
class JobSlots {
 public:
  explicit JobSlots(std::size_t count_max);
  ~JobSlots();

  // nullptr: all are taken.
  JobRecord* take();
  // REQUIRES: Free, without references.
  void give_back(JobRecord& record);
  // nullptr: there never was such a job. Its generation is still to be compared.
  JobRecord* find(JobId id) const;
  // All that were ever made.
  template <typename F>
  void each(F f) const {
    const std::size_t count = made_.load(std::memory_order_acquire);
    for (std::size_t n = 0; n < count; ++n) f(at(n));
  }

 private:
  static constexpr std::size_t kChunk = 256;
  JobRecord& at(std::size_t index) const { return chunks_[index / kChunk][index % kChunk]; }
  JobRecord* pop();
  void push(JobRecord& record);

  const std::size_t count_max_;
  std::unique_ptr<std::unique_ptr<JobRecord[]>[]> chunks_;
  std::atomic<std::size_t> made_{0};
  std::mutex growing_;
  // Index plus one of the first free record (0: none), and a count of changes above it, without
  // which a thread that was stopped in pop() could take a list that has changed twice for the old.
  alignas(64) std::atomic<std::uint64_t> free_{0};
};

}  // namespace moonlet::runtime::detail
