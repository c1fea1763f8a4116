// Runs scripts as jobs on worker threads, and brings back what became of them.
//
//   enqueue() --> queue by priority --> worker: state, run --> result, once, where it is wanted
//                      ^                   |
//                      +---- answer -------+ suspended: costs its bytes, no worker
//
// A job that waits for a host function or sleeps gives its worker to another one; so does one that
// has run for a slice while others wait.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "moonlet/engine.hpp"
#include "moonlet/runtime/action_queue.hpp"
#include "moonlet/runtime/executor.hpp"
#include "moonlet/runtime/job.hpp"
#include "moonlet/runtime/services.hpp"
#include "moonlet/vm.hpp"

namespace moonlet::runtime {

namespace detail {
class RunnerCore;
}

// Called on the workers, several at once; free when empty. They must not throw.
struct RunnerHooks {
  std::function<void(JobId)> on_start;  // its first turn begins
  std::function<void(JobId)> on_pause;  // it waits, or its slice is over
  std::function<void(JobId)> on_resume;
  std::function<void(const JobResult&)> on_end;
  std::function<void(std::uint64_t bytes_before, std::uint64_t bytes_after)> on_collect;
  std::function<void(JobId, const std::string& level, const std::vector<Value>&)> on_log;
  std::function<void(JobId, const std::string& name, const std::vector<Value>&)> on_emit;
};

struct RunnerOptions {
  // Answers the scripts' calls; nullptr: there are no asynchronous functions. Its functions() have
  // to be among the engine's.
  std::shared_ptr<Services> services;
  // Where workers take their turns; nullptr: threads of the runner's own, one a worker. Outlives
  // the runner's end.
  std::shared_ptr<Executor> executor;
  std::size_t worker_count = worker_count_default();
  // With an executor of others: after so many turns a worker lets the executor's other tasks run.
  std::size_t turns_per_task = 64;
  // Jobs that were accepted and have not ended. At most 2^24.
  std::size_t jobs_max = 65'536;
  // Fresh states at the same time; a job that finds none waits for one to end (state_timeout).
  std::size_t states_max = SIZE_MAX;
  // Of SourceText, in fresh states and the workers' own. Their image is sources_module() alone.
  Libraries libraries;
  // Of the workers' own Vms; nothing: that of SourceText.
  std::optional<Image> worker_image;
  Limits worker_limits;
  Host* host = nullptr;  // of all Vms; outlives the runner
  // A turn; nothing is waited for beyond it while others are ready.
  std::uint64_t slice_fuel = 1'000'000;
  // Forks that an idle worker keeps ready for each image that it has seen, awake. 0: none.
  std::size_t warm_forks = 2;
  std::size_t warm_images_max = 16;
  // A Vm that stays is collected in full between jobs: after so many, or when it has grown by so
  // many bytes since the last time.
  std::uint32_t collect_after_jobs = 1000;
  std::uint64_t collect_after_bytes = 4u << 20;
  // A job that waits is put to rest, so that it costs its bytes alone; going on takes as long as
  // thawing (Vm::rest()).
  bool rests_while_waiting = false;
  bool measures_time = false;
  RunnerHooks hooks;
};

struct PinOptions {
  std::size_t mailbox_max = 1024;  // jobs that wait for it
};

struct RunnerStats {
  std::uint64_t accepted = 0;
  std::uint64_t ended[8] = {};  // by JobEnd
  std::uint64_t rejected = 0;   // not accepted
  std::uint64_t turns = 0;
  std::uint64_t warm_forks_used = 0;
  std::uint64_t forks = 0;
  std::uint64_t collections = 0;
  std::size_t outstanding = 0;  // accepted and not ended
  std::size_t workers_active = 0;
};

enum class StopMode : std::uint8_t {
  FinishAll,  // everything that was accepted ends by itself; this may take for ever
  EndNow,     // what has not begun is Rejected, the rest Cancelled
};

// One of the outstanding jobs, for people.
struct JobState {
  JobId id = 0;
  std::string state;  // "queued", "waiting for its state", "running", "suspended in NAME"
  Priority priority = Priority::Normal;
};

// Any thread may call anything. With one worker, one thread that enqueues, and programs and
// services that are deterministic, jobs begin and take turns in an order that is, too.
//
// Results are delivered once for each accepted job, by what was given to enqueue(): a callback on a
// worker (or on the thread whose executor has gone), an action of an ActionQueue, a future, or
// co_await. A callback must not throw; it may enqueue. What is refused at once is no job: the
// answer of enqueue() is all that comes of it.
class ScriptRunner {
 public:
  using Callback = std::move_only_function<void(JobResult)>;

  // The error is one of compiling sources_module(): an unknown library.
  [[nodiscard]] static std::expected<ScriptRunner, std::string> make(const Engine& engine,
                                                                     RunnerOptions options = {});
  ScriptRunner(ScriptRunner&&) noexcept;
  ScriptRunner& operator=(ScriptRunner&&) = delete;
  ~ScriptRunner();  // stop(EndNow)

  // On a worker.
  [[nodiscard]] std::expected<JobId, Rejection> enqueue(Job job, Callback callback);
  // By who drains the queue. A place for the result is taken now; the queue outlives the job.
  [[nodiscard]] std::expected<JobId, Rejection> enqueue(Job job, ActionQueue& queue,
                                                        Callback callback);
  // A job that is refused is a result, too.
  [[nodiscard]] std::future<JobResult> run(Job job);

  // co_await runner.result_of(job): goes on on a worker, or where the queue is drained.
  class Awaiter {
   public:
    Awaiter(ScriptRunner& runner, Job job, ActionQueue* queue)
        : runner_(runner), job_(std::move(job)), queue_(queue) {}
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> waiting);
    JobResult await_resume() { return std::move(result_); }

   private:
    ScriptRunner& runner_;
    Job job_;
    ActionQueue* queue_;
    JobResult result_;
  };
  [[nodiscard]] Awaiter result_of(Job job, ActionQueue* queue = nullptr) {
    return Awaiter(*this, std::move(job), queue);
  }

  // For who was refused with QueueFull: waits until a quarter of jobs_max is free, or for so long,
  // or until the runner stops. Then it is worth trying again: true. On a worker that would wait for
  // itself: do not.
  bool wait_for_room(std::chrono::nanoseconds time_max = std::chrono::nanoseconds::max());

  // False: it has ended, or never was.
  bool cancel(JobId id);

  // A Vm that stays, for jobs one after the other. The name may be taken again after unpin().
  [[nodiscard]] std::expected<void, std::string> pin(const std::string& name, Vm vm,
                                                     const PinOptions& options = {});
  // Gives it back. The error: nothing is pinned there, or jobs use it or wait for it.
  [[nodiscard]] std::expected<Vm, std::string> unpin(const std::string& name);
  // Calls `look` with the Vm while nothing runs in it. False: there is none, or it is in use.
  bool with_pinned(const std::string& name, const std::function<void(Vm&)>& look);
  std::vector<std::string> pinned() const;

  // Waits until nothing is outstanding; its results are delivered.
  void wait_idle();
  // Accepts nothing any more, and returns when everything has ended and is delivered. A second call
  // makes EndNow of FinishAll. Not to be called by a worker.
  void stop(StopMode mode);

  // Calls `look` with the job's Vm while it does not run; one that runs is stopped for it. False:
  // the job has ended, or has no Vm yet. `look` may be called by a worker, and must not call the
  // runner; it may look, and fork.
  bool with_job(JobId id, const std::function<void(Vm&)>& look);

  RunnerStats stats() const;
  std::vector<JobState> jobs() const;

  // Samples where the programs are that run, so many times a second; ends the profile before it.
  void begin_profile(unsigned samples_per_second);
  // "outer;inner COUNT" a line, as flame graphs are made of; ends it.
  std::string end_profile();

 private:
  explicit ScriptRunner(std::shared_ptr<detail::RunnerCore> core);
  std::shared_ptr<detail::RunnerCore> core_;
};

// The module that runs SourceText. An image that has it among its sources lets its pinned Vms run
// some, too, and a Console evaluate in its Vms.
Source sources_module();

}  // namespace moonlet::runtime
