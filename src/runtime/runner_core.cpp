#include "runtime/runner_core.hpp"

#include <utility>

namespace moonlet::runtime::detail {

void CancelJob::operator()() const { core->request_end(id, JobEnd::Cancelled); }

RunnerCore::RunnerCore(Engine engine, Image sources, RunnerOptions options)
    : engine_(std::move(engine)),
      sources_(std::move(sources)),
      source_handler_(sources_, sources_module().name, {"run"}),
      options_(std::move(options)),
      port_(std::make_shared<CorePort<RunnerCore>>(*this)),
      executor_(options_.executor),
      source_cache_(sources_, options_.host),
      slots_(options_.jobs_max),
      room_at_(options_.jobs_max - options_.jobs_max / 4 - (options_.jobs_max < 4 ? 1 : 0)) {
  call_context_.services = options_.services.get();
  call_context_.timers = &timers_;
  call_context_.desk = port_;
  call_context_.on_log = options_.hooks.on_log;
  call_context_.on_emit = options_.hooks.on_emit;
  if (executor_ == nullptr) executor_ = std::make_shared<ThreadExecutor>(options_.worker_count);
  for (std::size_t n = 0; n < std::max<std::size_t>(options_.worker_count, 1); ++n) {
    all_workers_.push_back(std::make_unique<Worker>());
    free_workers_.push_back(all_workers_.back().get());
  }
}

RunnerCore::~RunnerCore() {
  stop(StopMode::EndNow);
  timers_.stop();
  port_->detach();
  if (options_.executor == nullptr) executor_.reset();  // its threads may still be on their way out
}

// ---- Admission.

// Where the job begins; `is_waiting`: its state is in use.
std::optional<Rejection> RunnerCore::place(JobRecord& record, bool& is_waiting) {
  const auto* wanted = std::get_if<PinnedState>(&record.job->state);
  if (wanted == nullptr) return std::nullopt;
  {
    const std::shared_lock lock(pinned_mutex_);
    const auto found = pinned_.find(wanted->name);
    if (found == pinned_.end()) return Rejection::NoSuchState;
    record.pinned = found->second;
  }
  Seat& seat = *record.pinned;
  const std::lock_guard lock(seat.mutex);
  if (seat.is_closed) return Rejection::NoSuchState;
  if (!seat.is_used) {
    seat.is_used = true;
    record.seat = &seat;
    record.has_state = true;
    return std::nullopt;
  }
  if (seat.waiting.size() >= seat.waiting_max) return Rejection::QueueFull;
  seat.waiting.push_back(&record);
  is_waiting = true;
  return std::nullopt;
}

namespace {

void on_deadline(void* self, std::uint64_t who, std::uint64_t) {
  static_cast<RunnerCore*>(self)->request_end(who, JobEnd::TimedOut);
}

}  // namespace

void RunnerCore::add_deadline(JobRecord& record) {
  if (!record.job->deadline) return;
  record.deadline_timer = timers_.add(*record.job->deadline, {on_deadline, this, record.id(), 0});
}

std::expected<JobId, Rejection> RunnerCore::enqueue(Job&& job, ActionQueue* queue,
                                                    ScriptRunner::Callback&& callback) {
  // Counted before the look at `is_accepting_`: stop() clears that first, then looks at the count.
  outstanding_.fetch_add(1, std::memory_order_seq_cst);
  const auto refuse = [&](Rejection why) {
    rejected_.fetch_add(1, std::memory_order_relaxed);
    retire();
    return std::unexpected(why);
  };
  if (!is_accepting_.load(std::memory_order_seq_cst)) return refuse(Rejection::ShuttingDown);
  if (queue != nullptr && !queue->try_reserve()) return refuse(Rejection::QueueFull);
  JobRecord* record = slots_.take();
  if (record == nullptr) {
    if (queue != nullptr) queue->give_back_reserved();
    return refuse(Rejection::QueueFull);
  }
  Lock lock(record->mutex);
  record->state = JobRecord::State::Preparing;
  record->job.emplace(std::move(job));
  record->callback = std::move(callback);
  record->queue = queue;
  if (options_.measures_time) record->enqueued_at = Job::Clock::now();
  const JobId id = record->id();
  if (record->job->cancel.stop_possible()) {
    // It may be called at once, and would wait for the lock.
    lock.unlock();
    record->on_cancel.emplace(record->job->cancel, CancelJob{this, id});
    lock.lock();
  }
  bool is_waiting = false;
  record->references = 1;
  if (const auto why = place(*record, is_waiting)) {
    record->references = 0;
    lock.unlock();
    record->on_cancel.reset();
    lock.lock();
    record->callback = nullptr;
    free_slot(*record, lock);
    if (queue != nullptr) queue->give_back_reserved();
    return refuse(*why);
  }
  accepted_.fetch_add(1, std::memory_order_relaxed);
  add_deadline(*record);
  const Lane lane = lane_of(record->job->priority);
  if (!is_waiting) {
    record->state = JobRecord::State::Queued;
    lock.unlock();
    push(lane, *record);
    return id;
  }
  record->state = JobRecord::State::Waiting;
  if (record->job->state_timeout) {
    record->state_timer =
        timers_.add(time_after(*record->job->state_timeout),
                    {[](void* self, std::uint64_t who, std::uint64_t) {
                       static_cast<RunnerCore*>(self)->request_end(who, JobEnd::NoState);
                     },
                     this, id, 0});
  }
  // What was asked for before it waited found no place to say so.
  const bool is_due = due_end(*record).has_value();
  if (is_due) ++record->references;
  lock.unlock();
  if (is_due) push(Lane::Urgent, *record);
  return id;
}

// REQUIRES: no references. Unlocks.
void RunnerCore::free_slot(JobRecord& record, Lock& lock) {
  record.job.reset();
  record.pinned.reset();
  record.seat = nullptr;
  record.vm.reset();
  record.has_state = false;
  record.has_begun = false;
  record.requested.reset();
  record.queue = nullptr;
  record.usage = {};
  record.fuel_before = 0;
  record.state = JobRecord::State::Free;
  ++record.generation;
  if (record.generation == 0) record.generation = 1;
  lock.unlock();
  slots_.give_back(record);
}

bool RunnerCore::request_end(JobId id, JobEnd end) {
  JobRecord* record = slots_.find(id);
  if (record == nullptr) return false;
  using State = JobRecord::State;
  {
    const std::lock_guard lock(record->mutex);
    if (record->id() != id || record->requested || record->state == State::Free ||
        record->state == State::Done) {
      return false;
    }
    // It has its state: that time-out is over.
    if (end == JobEnd::NoState && record->state != State::Waiting) return false;
    record->requested = end;
    switch (record->state) {
      case State::Running:
        if (record->running != nullptr) record->running->interrupt();
        return true;
      case State::Queued:
      case State::Waiting:
      case State::Suspended:
      case State::Ready:
        ++record->references;
        break;
      case State::Preparing:
      case State::Free:
      case State::Done:
        return true;
    }
  }
  push(Lane::Urgent, *record);
  return true;
}

// ---- Workers.

namespace {

// A turn that is destroyed without having been taken is missed.
class TurnTask {
 public:
  TurnTask(RunnerCore* core, void (*take)(RunnerCore&), void (*lose)(RunnerCore&))
      : core_(core), take_(take), lose_(lose) {}
  TurnTask(TurnTask&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)), take_(other.take_), lose_(other.lose_) {}
  TurnTask& operator=(TurnTask&&) = delete;
  ~TurnTask() {
    if (core_ != nullptr) lose_(*core_);
  }
  void operator()() { take_(*std::exchange(core_, nullptr)); }

 private:
  RunnerCore* core_;
  void (*take_)(RunnerCore&);
  void (*lose_)(RunnerCore&);
};

}  // namespace

void RunnerCore::push(Lane lane, JobRecord& record, By by) {
  lanes_.push(lane, &record, by);
  notify();
}

void RunnerCore::notify() {
  if (is_gone_.load(std::memory_order_seq_cst)) return end_all_here();
  std::size_t active = active_.load(std::memory_order_seq_cst);
  while (active < all_workers_.size()) {
    if (active_.compare_exchange_weak(active, active + 1, std::memory_order_seq_cst)) {
      submit_turn();
      return;
    }
  }
}

void RunnerCore::submit_turn() {
  // What the executor refuses is destroyed, and so is noticed.
  static_cast<void>(executor_->submit(TurnTask(
      this, [](RunnerCore& core) { core.work(); }, [](RunnerCore& core) { core.turn_lost(); })));
}

void RunnerCore::work() {
  const bool is_own = options_.executor == nullptr;
  for (;;) {
    Worker* worker;
    {
      const std::lock_guard lock(workers_mutex_);
      worker = free_workers_.back();
      free_workers_.pop_back();
    }
    work_through(*worker, is_own ? SIZE_MAX : options_.turns_per_task);
    const bool has_more = lanes_.has_any();
    if (!has_more) warm_up(*worker);
    {
      const std::lock_guard lock(workers_mutex_);
      free_workers_.push_back(worker);
    }
    if (has_more && !is_own) return submit_turn();  // others of the executor's come first
    if (!has_more && !stay_active()) return;
  }
}

// After this turn has found nothing: false, and the turn is none any more, which who stops the
// runner may wait for. Whoever pushed after the lanes were empty either saw this turn as active, or
// is seen here.
bool RunnerCore::stay_active() {
  const std::lock_guard lock(idle_mutex_);
  std::size_t active = active_.fetch_sub(1, std::memory_order_seq_cst) - 1;
  if (!lanes_.has_any()) {
    if (active == 0) idle_.notify_all();
    return false;
  }
  while (active < all_workers_.size()) {
    if (active_.compare_exchange_weak(active, active + 1, std::memory_order_seq_cst)) return true;
  }
  return false;
}

void RunnerCore::work_through(Worker& worker, std::size_t turns_max) {
  JobRecord* record;
  for (std::size_t n = 0; n < turns_max && lanes_.take(record, worker.takes); ++n) {
    take_turn(worker, *record);
  }
}

// Forks for the next jobs, while nobody waits.
void RunnerCore::warm_up(Worker& worker) {
  for (Worker::Warm& warm : worker.warm) {
    while (warm.vms.size() < options_.warm_forks) {
      ForkOptions fork;
      fork.host = options_.host;
      auto vm = warm.image.fork(fork);
      if (!vm) return;
      static_cast<void>(vm->usage());  // wakes it
      warm.vms.push_back(std::move(*vm));
    }
  }
}

// The executor has ended, or its thread has. Nothing will run any more: all that is outstanding
// ends here.
void RunnerCore::turn_lost() {
  refuse_from_now_on();
  is_gone_.store(true, std::memory_order_seq_cst);
  slots_.each([&](JobRecord& record) {
    JobId id;
    {
      const std::lock_guard lock(record.mutex);
      id = record.id();
    }
    request_end(id, JobEnd::WorkerGone);
  });
  end_all_here();
  const std::lock_guard lock(idle_mutex_);
  if (active_.fetch_sub(1, std::memory_order_seq_cst) == 1) idle_.notify_all();
}

// Without an executor whoever pushes takes what is there to its end, but not inside of doing so:
// what has waited for a state would be deep in each other.
void RunnerCore::end_all_here() {
  static thread_local bool is_ending = false;
  if (is_ending) return;
  is_ending = true;
  active_.fetch_add(1, std::memory_order_seq_cst);
  Worker nobody;
  work_through(nobody, SIZE_MAX);
  {
    const std::lock_guard lock(idle_mutex_);
    if (active_.fetch_sub(1, std::memory_order_seq_cst) == 1) idle_.notify_all();
  }
  is_ending = false;
}

void RunnerCore::retire() {
  const std::size_t left = outstanding_.fetch_sub(1, std::memory_order_seq_cst) - 1;
  const bool has_room = left == room_at_ && room_waiters_.load(std::memory_order_seq_cst) != 0;
  if (left != 0 && !has_room) return;
  const std::lock_guard lock(idle_mutex_);
  if (left == 0) idle_.notify_all();
  if (has_room) room_.notify_all();
}

// Counted as a waiter before the look at `outstanding_`: who brings that down to `room_at_` later
// sees the count.
bool RunnerCore::wait_for_room(std::chrono::nanoseconds time_max) {
  std::unique_lock lock(idle_mutex_);
  room_waiters_.fetch_add(1, std::memory_order_seq_cst);
  const auto is_over = [&] {
    return !is_accepting_.load(std::memory_order_seq_cst) ||
           outstanding_.load(std::memory_order_seq_cst) <= room_at_;
  };
  if (time_max == std::chrono::nanoseconds::max()) {
    room_.wait(lock, is_over);
  } else {
    room_.wait_for(lock, time_max, is_over);
  }
  room_waiters_.fetch_sub(1, std::memory_order_relaxed);
  return is_over() && is_accepting_.load(std::memory_order_seq_cst);
}

void RunnerCore::wait_idle() {
  std::unique_lock lock(idle_mutex_);
  idle_.wait(lock, [&] { return outstanding_.load() == 0; });
}

// Those who wait for room have none to wait for.
void RunnerCore::refuse_from_now_on() {
  const std::lock_guard lock(idle_mutex_);
  is_accepting_.store(false, std::memory_order_seq_cst);
  room_.notify_all();
}

void RunnerCore::stop(StopMode mode) {
  refuse_from_now_on();
  if (mode == StopMode::EndNow) {
    ends_now_.store(true, std::memory_order_seq_cst);
    // A turn that takes a record's lock later than this sees it.
    slots_.each([&](JobRecord& record) {
      JobId id;
      JobEnd end;
      {
        const std::lock_guard lock(record.mutex);
        id = record.id();
        end = record.has_begun ? JobEnd::Cancelled : JobEnd::Rejected;
      }
      request_end(id, end);
    });
  }
  std::unique_lock lock(idle_mutex_);
  idle_.wait(lock, [&] { return outstanding_.load() == 0 && active_.load() == 0; });
}

RunnerStats RunnerCore::stats() const {
  RunnerStats stats;
  stats.accepted = accepted_.load();
  stats.rejected = rejected_.load();
  for (std::size_t n = 0; n < ended_.size(); ++n) stats.ended[n] = ended_[n].load();
  stats.turns = turns_.load();
  stats.warm_forks_used = warm_forks_used_.load();
  stats.forks = forks_.load();
  stats.collections = collections_.load();
  stats.outstanding = outstanding_.load();
  stats.workers_active = active_.load();
  return stats;
}

bool RunnerCore::with_job(JobId id, const std::function<void(Vm&)>& look) {
  JobRecord* record = slots_.find(id);
  if (record == nullptr) return false;
  const std::lock_guard alone(looking_);
  Lock lock(record->mutex);
  using State = JobRecord::State;
  if (record->id() != id || record->state == State::Free || record->state == State::Done ||
      !record->has_begun) {
    return false;
  }
  record->look = &look;
  record->was_looked_at = false;
  if (record->state != State::Running) {
    show(*record);
  } else if (record->running != nullptr) {
    record->running->interrupt();
  }
  looked_.wait(lock, [&] { return record->look == nullptr; });
  return record->was_looked_at;
}

// REQUIRES: the lock, and that its Vm does not run.
void RunnerCore::show(JobRecord& record) {
  if (Vm* vm = record.state != JobRecord::State::Done ? record.state_vm() : nullptr) {
    (*record.look)(*vm);
    record.was_looked_at = true;
  }
  record.look = nullptr;
  looked_.notify_all();
}

std::vector<JobState> RunnerCore::jobs() const {
  std::vector<JobState> list;
  slots_.each([&](JobRecord& record) {
    using State = JobRecord::State;
    const std::lock_guard lock(record.mutex);
    if (record.state == State::Free || record.state == State::Done) return;
    JobState state{record.id(), "queued", record.job->priority};
    if (record.state == State::Waiting) state.state = "waiting for its state";
    if (record.state == State::Running) state.state = "running";
    if (record.state == State::Suspended) state.state = "suspended in " + record.calls.name();
    list.push_back(std::move(state));
  });
  return list;
}

// ---- Pinned Vms.

std::expected<void, std::string> RunnerCore::pin(const std::string& name, Vm vm,
                                                 const PinOptions& options) {
  auto seat = std::make_shared<Seat>();
  seat->vm.emplace(std::move(vm));
  seat->waiting_max = options.mailbox_max;
  const std::unique_lock lock(pinned_mutex_);
  if (!pinned_.emplace(name, std::move(seat)).second) {
    return std::unexpected("a Vm is pinned as '" + name + "' already");
  }
  return {};
}

std::expected<Vm, std::string> RunnerCore::unpin(const std::string& name) {
  const std::unique_lock lock(pinned_mutex_);
  const auto found = pinned_.find(name);
  if (found == pinned_.end()) return std::unexpected("nothing is pinned as '" + name + "'");
  Seat& seat = *found->second;
  {
    const std::lock_guard seat_lock(seat.mutex);
    if (seat.is_used) return std::unexpected("jobs use '" + name + "', or wait for it");
    seat.is_closed = true;
  }
  Vm vm = std::move(*seat.vm);
  pinned_.erase(found);
  return vm;
}

bool RunnerCore::with_pinned(const std::string& name, const std::function<void(Vm&)>& look) {
  std::shared_ptr<Seat> seat;
  {
    const std::shared_lock lock(pinned_mutex_);
    const auto found = pinned_.find(name);
    if (found == pinned_.end()) return false;
    seat = found->second;
  }
  {
    const std::lock_guard lock(seat->mutex);
    if (seat->is_used || seat->is_closed) return false;
    seat->is_used = true;
  }
  look(*seat->vm);
  give_back_seat(*seat);
  return true;
}

std::vector<std::string> RunnerCore::pinned() const {
  const std::shared_lock lock(pinned_mutex_);
  std::vector<std::string> names;
  for (const auto& [name, seat] : pinned_) names.push_back(name);
  return names;
}

// ---- Profile: a timer interrupts what runs, and its worker looks where it is.

void RunnerCore::begin_profile(unsigned samples_per_second) {
  static_cast<void>(end_profile());
  const std::lock_guard lock(profile_mutex_);
  profile_.clear();
  profile_period_ = std::chrono::nanoseconds(1'000'000'000 / std::max(samples_per_second, 1u));
  is_profiling_.store(true);
  struct Tick {
    static void call(void* self, std::uint64_t, std::uint64_t) {
      auto& core = *static_cast<RunnerCore*>(self);
      if (!core.is_profiling_.load()) return;
      core.slots_.each([](JobRecord& record) {
        const std::lock_guard record_lock(record.mutex);
        if (record.running != nullptr) record.running->interrupt();
      });
      const std::lock_guard profile_lock(core.profile_mutex_);
      if (!core.is_profiling_.load()) return;
      core.profile_timer_ =
          core.timers_.add(time_after(core.profile_period_), {Tick::call, self, 0, 0});
    }
  };
  profile_timer_ = timers_.add(time_after(profile_period_), {Tick::call, this, 0, 0});
}

std::string RunnerCore::end_profile() {
  const std::lock_guard lock(profile_mutex_);
  is_profiling_.store(false);
  timers_.cancel(profile_timer_);
  return profile_.text();
}

void RunnerCore::sample(const Vm& vm) {
  const std::vector<StackFrame> stack = vm.stack(64);
  const std::lock_guard lock(profile_mutex_);
  if (is_profiling_.load()) profile_.add(stack);
}

}  // namespace moonlet::runtime::detail
