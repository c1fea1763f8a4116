#include "moonlet/runtime/executor.hpp"

#include <algorithm>
#include <utility>

namespace moonlet::runtime {

std::size_t worker_count_default() {
  const unsigned cores = std::thread::hardware_concurrency();
  return std::max(cores, 2u) - 1;
}

ThreadExecutor::ThreadExecutor(std::size_t thread_count) {
  threads_.reserve(thread_count);
  for (std::size_t n = 0; n < std::max<std::size_t>(thread_count, 1); ++n) {
    threads_.emplace_back([this] { work(); });
  }
}

ThreadExecutor::~ThreadExecutor() { stop(); }

bool ThreadExecutor::submit(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return false;
    tasks_.push_back(std::move(task));
  }
  not_empty_.notify_one();
  return true;
}

void ThreadExecutor::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  not_empty_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ThreadExecutor::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    not_empty_.wait(lock, [&] { return is_stopped_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace moonlet::runtime
