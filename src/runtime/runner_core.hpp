// What stands behind ScriptRunner.
//
// A worker is a turn that some thread of the executor takes: while there is work, up to
// `worker_count` turns are active; each takes records from the lanes until there are none. So an
// idle runner has nothing running, and enqueue() submits a turn only when one more may be active.
//
// Locks, in the order in which they may be taken together: a record's, a seat's or
// `states_mutex_`, the timers'. No callback, and no function of the executor's, is called with one
// held.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "moonlet/runtime/script_runner.hpp"
#include "runtime/core_port.hpp"
#include "runtime/folded_stacks.hpp"
#include "runtime/job_record.hpp"
#include "runtime/ready_lanes.hpp"
#include "runtime/source_cache.hpp"
#include "runtime/timers.hpp"

namespace moonlet::runtime::detail {

// What a turn has to itself while it is active.
struct Worker {
  struct Warm {
    Image image;
    std::vector<Vm> vms;
    std::uint64_t used = 0;
  };
  Seat own;
  std::vector<Warm> warm;
  std::uint64_t uses = 0;
  std::uint32_t takes = 0;
};

class RunnerCore {
 public:
  RunnerCore(Engine engine, Image sources, RunnerOptions options);
  ~RunnerCore();

  std::expected<JobId, Rejection> enqueue(Job&& job, ActionQueue* queue,
                                          ScriptRunner::Callback&& callback);
  bool cancel(JobId id) { return request_end(id, JobEnd::Cancelled); }
  bool answer(JobId id, std::uint64_t call, HostResult result);
  void call_timed_out(JobId id, std::uint64_t call);

  std::expected<void, std::string> pin(const std::string& name, Vm vm, const PinOptions& options);
  std::expected<Vm, std::string> unpin(const std::string& name);
  bool with_pinned(const std::string& name, const std::function<void(Vm&)>& look);
  std::vector<std::string> pinned() const;

  void wait_idle();
  bool wait_for_room(std::chrono::nanoseconds time_max);
  void stop(StopMode mode);
  bool with_job(JobId id, const std::function<void(Vm&)>& look);
  RunnerStats stats() const;
  std::vector<JobState> jobs() const;

  void begin_profile(unsigned samples_per_second);
  std::string end_profile();

  // Ends a job that has not ended. False: it has.
  bool request_end(JobId id, JobEnd end);

 private:
  friend class RunnerTurn;
  using Lock = std::unique_lock<std::mutex>;

  // ---- Admission.
  std::optional<Rejection> place(JobRecord& record, bool& is_waiting);
  void free_slot(JobRecord& record, Lock& lock);
  void add_deadline(JobRecord& record);

  // ---- Workers.
  void notify();
  void submit_turn();
  void work();
  void work_through(Worker& worker, std::size_t turns_max);
  bool stay_active();
  void turn_lost();
  void end_all_here();
  using By = ReadyLanes<JobRecord*>::By;
  void push(Lane lane, JobRecord& record, By by = By::Others);
  void refuse_from_now_on();
  void warm_up(Worker& worker);
  void retire();

  // ---- One turn (runner_turn.cpp).
  void take_turn(Worker& worker, JobRecord& record);
  bool take_state(Worker& worker, JobRecord& record);
  std::expected<void, JobResult> begin(Worker& worker, JobRecord& record);
  std::expected<Vm, std::string> make_state(Worker& worker, JobRecord& record);
  std::optional<Vm> take_warm(Worker& worker, const Image& image);
  void run(JobRecord& record, Lock& lock);
  std::optional<JobEnd> due_end(const JobRecord& record) const;

  // ---- Calls of scripts (runner_calls.cpp). False: it waits, or is to end.
  bool dispatch(JobRecord& record, const Command& command, Lock& lock);

  // ---- The end (runner_end.cpp).
  void finish(JobRecord& record, Lock& lock, JobResult result);
  void finish(JobRecord& record, Lock& lock, JobEnd end);
  void give_up_state(JobRecord& record);
  void give_back_seat(Seat& seat);
  void give_back_fresh();
  void collect_if_due(Seat& seat);
  void hand_on(JobRecord& record, Lock& lock);

  void sample(const Vm& vm);
  void show(JobRecord& record);

  // ---- Constant.
  const Engine engine_;
  const Image sources_;
  const Handler source_handler_;
  const RunnerOptions options_;
  const std::shared_ptr<CorePort<RunnerCore>> port_;
  std::shared_ptr<Executor> executor_;

  SourceCache source_cache_;
  JobSlots slots_;
  ReadyLanes<JobRecord*> lanes_;
  Timers timers_;
  CallContext call_context_;  // constant

  std::atomic<bool> is_accepting_{true};
  std::atomic<bool> ends_now_{false};
  std::atomic<bool> is_gone_{false};  // the executor
  std::atomic<bool> is_profiling_{false};
  alignas(64) std::atomic<std::size_t> active_{0};
  alignas(64) std::atomic<std::size_t> outstanding_{0};
  std::mutex idle_mutex_;
  std::condition_variable idle_;
  std::condition_variable room_;  // with idle_mutex_
  const std::size_t room_at_;     // so many outstanding: there is room again
  std::atomic<std::size_t> room_waiters_{0};

  std::mutex workers_mutex_;
  std::vector<std::unique_ptr<Worker>> all_workers_;  // guarded by workers_mutex_
  std::vector<Worker*> free_workers_;                 // and so is this

  std::mutex states_mutex_;
  std::size_t states_ = 0;                 // guarded by states_mutex_
  std::deque<JobRecord*> states_waiting_;  // and so is this; each a reference

  mutable std::shared_mutex pinned_mutex_;
  std::map<std::string, std::shared_ptr<Seat>> pinned_;  // guarded by pinned_mutex_

  std::mutex looking_;              // one looks at a time
  std::condition_variable looked_;  // with the record's mutex

  std::mutex profile_mutex_;
  FoldedStacks profile_;  // guarded by profile_mutex_
  Timers::Key profile_timer_;
  std::chrono::nanoseconds profile_period_{0};

  alignas(64) std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> rejected_{0};
  std::array<std::atomic<std::uint64_t>, 8> ended_{};
  alignas(64) std::atomic<std::uint64_t> turns_{0};
  std::atomic<std::uint64_t> warm_forks_used_{0};
  std::atomic<std::uint64_t> forks_{0};
  std::atomic<std::uint64_t> collections_{0};
};

}  // namespace moonlet::runtime::detail
