// An engine's existing thread pool as Executor: scripts run between its other tasks.
// docs/patterns/executor.md
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/script_runner.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

// The engine's, which knows nothing of scripts.
class ThreadPool {
 public:
  explicit ThreadPool(int count) {
    for (int n = 0; n < count; ++n) threads_.emplace_back([this] { work(); });
  }
  ~ThreadPool() { shut_down(); }
  bool submit(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (is_over_) return false;
    tasks_.push_back(std::move(task));
    changed_.notify_one();
    return true;
  }
  // What has not begun is thrown away.
  void shut_down() {
    std::deque<std::function<void()>> dropped;
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
      dropped.swap(tasks_);
      changed_.notify_all();
    }
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return is_over_ || !tasks_.empty(); });
      if (is_over_) return;
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

// All that Moonlet wants of it.
class PoolExecutor final : public Executor {
 public:
  explicit PoolExecutor(ThreadPool& pool) : pool_(pool) {}
  bool submit(Task task) override {
    // The pool's tasks can be copied, ours cannot.
    auto shared = std::make_shared<Task>(std::move(task));
    return pool_.submit([shared] { (*shared)(); });
  }

 private:
  ThreadPool& pool_;
};

int main() {
  ThreadPool pool(2);
  const Engine engine = *Engine::make();
  ImageOptions image_options;
  image_options.sources = {{"m", "return {double = function(n) return n * 2 end}", "m.lua"}};
  const Image image = *Image::compile(engine, image_options);
  RunnerOptions options;
  options.executor = std::make_shared<PoolExecutor>(pool);
  options.worker_count = 2;    // of the pool's threads at a time
  options.turns_per_task = 8;  // then the pool's other tasks come first
  auto runner = ScriptRunner::make(engine, options);
  if (!runner) return 1;

  const Handler handler(image, "m", {"double"});
  std::atomic<std::int64_t> sum{0};
  std::atomic<int> others{0};
  constexpr int kJobs = 1'000;
  for (int n = 1; n <= kJobs; ++n) {
    Job job;
    job.program = handler;
    job.arguments = {n};
    const auto id = runner->enqueue(std::move(job), [&](JobResult result) {
      if (result.end == JobEnd::Value) sum += *result.values.at(0).integer();
    });
    if (!id || !pool.submit([&] { ++others; })) return 1;
  }
  runner->wait_idle();
  while (others != kJobs) std::this_thread::yield();
  std::printf("%d jobs gave %lld, beside %d other tasks\n", kJobs, static_cast<long long>(sum),
              others.load());

  // The pool goes first: what is enqueued then has an end, too.
  pool.shut_down();
  Job late;
  late.program = handler;
  late.arguments = {1};
  const JobResult result = runner->run(std::move(late)).get();
  std::printf("after the pool's end: %s\n", text_of(result.end));
  return sum == std::int64_t{kJobs} * (kJobs + 1) && result.end == JobEnd::WorkerGone ? 0 : 1;
}
