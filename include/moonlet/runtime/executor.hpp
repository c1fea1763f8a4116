// Where workers run: threads of the runtime's own, or the pool that a program has already.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace moonlet::runtime {

// A task is a turn of a worker: it runs what is ready, and returns.
using Task = std::move_only_function<void()>;

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs the task once, some time, on some thread. May be called from any thread, also by a task.
  // False: it takes no more tasks. A task that it took and cannot run is destroyed, which is
  // noticed.
  virtual bool submit(Task task) = 0;
};

// Cores minus one, at least one: the main thread has one for itself.
std::size_t worker_count_default();

// Threads that wait on a condition when there is nothing to do.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(std::size_t thread_count = worker_count_default());
  // Runs what was submitted, then ends the threads. REQUIRES: is not called by one of them.
  ~ThreadExecutor() override;

  bool submit(Task task) override;
  // Takes no more tasks, runs those that it has, and ends the threads.
  void stop();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable not_empty_;
  // ---- Guarded by mutex_.
  std::deque<Task> tasks_;
  bool is_stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace moonlet::runtime
