// One turn of a job: from a lane, through its Vm, to where it stands next.
#include <utility>

#include "runtime/runner_core.hpp"

namespace moonlet::runtime::detail {

using State = JobRecord::State;

// How the job has to end, if it has to.
std::optional<JobEnd> RunnerCore::due_end(const JobRecord& record) const {
  if (record.requested) return record.requested;
  if (is_gone_.load(std::memory_order_relaxed)) return JobEnd::WorkerGone;
  if (ends_now_.load(std::memory_order_relaxed)) {
    return record.has_begun ? JobEnd::Cancelled : JobEnd::Rejected;
  }
  return std::nullopt;
}

// Uses up the reference that the lane had.
void RunnerCore::take_turn(Worker& worker, JobRecord& record) {
  Lock lock(record.mutex);
  --record.references;
  if (record.state == State::Done) {
    if (record.references == 0) free_slot(record, lock);
    return;
  }
  if (const auto end = due_end(record)) return finish(record, lock, *end);
  if (!record.has_state && !take_state(worker, record)) return;
  const bool has_begun = std::exchange(record.has_begun, true);
  record.state = State::Running;
  ++record.usage.turns;
  turns_.fetch_add(1, std::memory_order_relaxed);
  lock.unlock();
  if (!has_begun) {
    if (options_.measures_time) record.usage.waited = Job::Clock::now() - record.enqueued_at;
    if (options_.hooks.on_start) options_.hooks.on_start(record.id());
    if (auto begun = begin(worker, record); !begun) {
      lock.lock();
      return finish(record, lock, std::move(begun.error()));
    }
  } else if (options_.hooks.on_resume) {
    options_.hooks.on_resume(record.id());
  }
  lock.lock();
  run(record, lock);
}

// False: it waits until there is one.
bool RunnerCore::take_state(Worker& worker, JobRecord& record) {
  const auto wait = [&](std::deque<JobRecord*>& list) {
    ++record.references;
    record.state = State::Waiting;
    list.push_back(&record);
    if (!record.job->state_timeout) return;
    record.state_timer =
        timers_.add(time_after(*record.job->state_timeout),
                    {[](void* self, std::uint64_t who, std::uint64_t) {
                       static_cast<RunnerCore*>(self)->request_end(who, JobEnd::NoState);
                     },
                     this, record.id(), 0});
  };
  if (std::holds_alternative<WorkerState>(record.job->state)) {
    const std::lock_guard lock(worker.own.mutex);
    if (worker.own.is_used) {
      wait(worker.own.waiting);
      return false;
    }
    worker.own.is_used = true;
    record.seat = &worker.own;
  } else if (options_.states_max != SIZE_MAX) {
    const std::lock_guard lock(states_mutex_);
    if (states_ >= options_.states_max) {
      wait(states_waiting_);
      return false;
    }
    ++states_;
  }
  record.has_state = true;
  return true;
}

std::optional<Vm> RunnerCore::take_warm(Worker& worker, const Image& image) {
  if (options_.warm_forks == 0) return std::nullopt;
  ++worker.uses;
  for (Worker::Warm& warm : worker.warm) {
    if (warm.image != image) continue;
    warm.used = worker.uses;
    if (warm.vms.empty()) return std::nullopt;
    std::optional<Vm> vm(std::move(warm.vms.back()));
    warm.vms.pop_back();
    return vm;
  }
  if (options_.warm_images_max == 0) return std::nullopt;
  if (worker.warm.size() >= options_.warm_images_max) {
    const auto oldest =
        std::min_element(worker.warm.begin(), worker.warm.end(),
                         [](const auto& a, const auto& b) { return a.used < b.used; });
    worker.warm.erase(oldest);
  }
  worker.warm.push_back({image, {}, worker.uses});
  return std::nullopt;
}

std::expected<Vm, std::string> RunnerCore::make_state(Worker& worker, JobRecord& record) {
  ForkOptions fork;
  fork.host = options_.host;
  if (const auto* frozen = std::get_if<FrozenState>(&record.job->program)) {
    fork.limits = record.job->limits;
    return Vm::thaw(frozen->image, frozen->bytes, fork);
  }
  const auto* handler = std::get_if<Handler>(&record.job->program);
  const Image& image = handler != nullptr ? handler->image() : sources_;
  const bool is_plain = record.job->limits == Limits{};
  if (is_plain) {
    if (auto vm = take_warm(worker, image)) {
      warm_forks_used_.fetch_add(1, std::memory_order_relaxed);
      return std::move(*vm);
    }
  } else {
    fork.limits = record.job->limits;
  }
  forks_.fetch_add(1, std::memory_order_relaxed);
  return image.fork(fork);
}

namespace {

JobResult not_runnable(std::string message) {
  JobResult result;
  result.end = JobEnd::Rejected;
  result.rejection = Rejection::NotRunnable;
  result.message = std::move(message);
  return result;
}

}  // namespace

// Prepares the call in its state.
std::expected<void, JobResult> RunnerCore::begin(Worker& worker, JobRecord& record) {
  Job& job = *record.job;
  const bool is_frozen = std::holds_alternative<FrozenState>(job.program);
  if (record.seat == nullptr) {
    if (const auto* source = std::get_if<SourceText>(&job.program)) {
      if (auto known = source_cache_.find(*source)) job.program = std::move(*known);
    }
    auto vm = make_state(worker, record);
    if (!vm) return std::unexpected(not_runnable(vm.error()));
    record.vm.emplace(std::move(*vm));
  } else {
    if (is_frozen) return std::unexpected(not_runnable("a frozen state is always a fresh one"));
    if (!record.seat->vm) {
      ForkOptions fork;
      fork.host = options_.host;
      fork.limits = options_.worker_limits;
      auto vm = (options_.worker_image ? *options_.worker_image : sources_).fork(fork);
      if (!vm) return std::unexpected(not_runnable(vm.error()));
      record.seat->vm.emplace(std::move(*vm));
    }
    record.fuel_before = record.seat->vm->usage().fuel;
  }
  Vm& vm = *record.state_vm();
  if (is_frozen) {
    record.fuel_before = vm.usage().fuel;
    return {};
  }
  const auto start = [&](const Handler& handler) -> std::expected<void, JobResult> {
    auto started = vm.start(handler, job.arguments);
    if (!started) return std::unexpected(not_runnable(started.error()));
    return {};
  };
  if (const auto* handler = std::get_if<Handler>(&job.program)) return start(*handler);
  auto& source = std::get<SourceText>(job.program);
  job.arguments.insert(job.arguments.begin(), {Value(std::move(source.text)), Value(source.name)});
  return start(source_handler_);
}

namespace {

JobResult result_of(Failed failed, JobEnd end) {
  JobResult result;
  result.end = end;
  result.message = std::move(failed.message);
  result.error = std::move(failed.error);
  result.traceback = std::move(failed.traceback);
  return result;
}

// How a run ended that will not go on.
JobResult final_result(Outcome& outcome) {
  JobResult result;
  if (auto* finished = std::get_if<Finished>(&outcome)) {
    result.values = std::move(finished->values);
  } else if (auto* failed = std::get_if<Failed>(&outcome)) {
    result = result_of(std::move(*failed), JobEnd::ScriptError);
  } else if (auto* hit = std::get_if<LimitHit>(&outcome)) {
    result = result_of(std::move(hit->error), JobEnd::Limit);
    result.limit = hit->limit;
  } else if (const auto* exited = std::get_if<Exited>(&outcome)) {
    result.values = {Value(exited->code)};
  } else {
    result.end = JobEnd::Cancelled;
    result.message = "the Vm was killed";
  }
  return result;
}

}  // namespace

// REQUIRES: Running. Goes on until the job ends, waits, or lets others go first.
void RunnerCore::run(JobRecord& record, Lock& lock) {
  Vm& vm = *record.state_vm();
  const RunOptions slice{.fuel = options_.slice_fuel};
  for (;;) {
    if (const auto end = due_end(record)) return finish(record, lock, *end);
    if (record.look != nullptr) show(record);
    if (record.calls.has_answer()) {
      if (auto given = record.calls.deliver(vm); !given) {
        return finish(record, lock, result_of({{}, given.error(), {}}, JobEnd::ScriptError));
      }
    }
    record.running = &vm;
    lock.unlock();
    const auto start = options_.measures_time ? Job::Clock::now() : Job::Clock::time_point();
    Outcome outcome = vm.run(slice);
    if (options_.measures_time) record.usage.run_time += Job::Clock::now() - start;
    lock.lock();
    record.running = nullptr;
    if (record.look != nullptr) show(record);
    if (const auto* suspended = std::get_if<Suspended>(&outcome)) {
      if (dispatch(record, suspended->command, lock)) continue;
      if (record.state != State::Running) {  // it waits
        if (record.look != nullptr) show(record);
        return;
      }
      continue;  // it is to end
    }
    const auto* preempted = std::get_if<Preempted>(&outcome);
    if (preempted == nullptr) return finish(record, lock, final_result(outcome));
    if (preempted->reason == PreemptReason::Interrupt && !record.requested &&
        is_profiling_.load(std::memory_order_relaxed)) {
      sample(vm);
    }
    // An interrupt ends the slice, too: a profile's would begin it again and again.
    if (!lanes_.has_any() || due_end(record)) continue;
    record.state = State::Ready;
    ++record.references;
    const Lane lane = lane_of(record.job->priority);
    lock.unlock();
    if (options_.hooks.on_pause) options_.hooks.on_pause(record.id());
    push(lane, record, By::Workers);
    return;
  }
}

}  // namespace moonlet::runtime::detail
