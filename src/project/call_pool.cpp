#include "project/call_pool.hpp"

#include <algorithm>

namespace moonlet::project {

namespace {
constexpr std::size_t kAtOnceMax = 32;
}

struct CallPool::Call {
  const HostFunction& function;
  Invocation invocation;
  CallSettings settings;
  std::atomic<bool> is_abandoned{false};
  Answer answer;
};

CallPool::~CallPool() {
  abandon();
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  workers_.clear();  // waits for them, while there is what they use
}

bool CallPool::knows(const std::string& id) const { return known_.contains(id); }

void CallPool::begin(const HostFunction& function, const Invocation& invocation,
                     const CallSettings& settings) {
  const std::shared_ptr<Call> call(new Call{function, invocation, settings, false, {}});
  call->settings.is_abandoned = &call->is_abandoned;
  known_.emplace(invocation.id, call);
  if (workers_.size() < std::min(known_.size(), kAtOnceMax)) {
    workers_.emplace_back([this] { work(); });
  }
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(call);
  }
  changed_.notify_all();
}

void CallPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
    if (is_over_) return;
    const std::shared_ptr<Call> call = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    call->answer = call_host_function(call->function, call->invocation, call->settings);
    lock.lock();
    if (call->is_abandoned) continue;
    ended_.push_back(call);
    changed_.notify_all();
  }
}

CallPool::Ended CallPool::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ended_.empty(); });
  const std::shared_ptr<Call> call = ended_.front();
  ended_.pop_front();
  known_.erase(call->invocation.id);
  return {call->invocation.id, std::move(call->answer)};
}

void CallPool::abandon() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, call] : known_) call->is_abandoned = true;
  known_.clear();
  waiting_.clear();
  ended_.clear();
}

}  // namespace moonlet::project
