// What Responders hold of a runner or scheduler: it may be gone when they answer.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

#include "runtime/host_calls.hpp"

namespace moonlet::runtime::detail {

template <typename Core>
class CorePort final : public CallDesk {
 public:
  explicit CorePort(Core& core) : core_(&core) {}

  bool answer(std::uint64_t who, std::uint64_t call, HostResult result) override {
    const std::shared_lock lock(mutex_);
    return core_ != nullptr && core_->answer(who, call, std::move(result));
  }
  void call_timed_out(std::uint64_t who, std::uint64_t call) override {
    const std::shared_lock lock(mutex_);
    if (core_ != nullptr) core_->call_timed_out(who, call);
  }
  // Waits for answers under way.
  void detach() {
    const std::unique_lock lock(mutex_);
    core_ = nullptr;
  }

 private:
  std::shared_mutex mutex_;
  Core* core_;  // nullptr: gone
};

}  // namespace moonlet::runtime::detail
