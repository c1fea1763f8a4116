// Calls of host functions that run at the same time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "project/host_call.hpp"

namespace moonlet::project {

// Used by one thread; the calls run on others.
class CallPool {
 public:
  CallPool() = default;
  ~CallPool();  // ends the programs that are under way
  CallPool(const CallPool&) = delete;
  CallPool& operator=(const CallPool&) = delete;

  // By the id of the invocation. What is under way, or has ended and was not taken, is known.
  bool knows(const std::string& id) const;
  // The function has to exist until the call has been taken or abandoned.
  void begin(const HostFunction& function, const Invocation& invocation,
             const CallSettings& settings);

  struct Ended {
    std::string id;
    Answer answer;
  };
  // Waits for a call to end, and takes it. REQUIRES: one is known.
  Ended take();
  // Ends all programs, and forgets them.
  void abandon();

 private:
  struct Call;
  void work();

  std::map<std::string, std::shared_ptr<Call>> known_;
  std::vector<std::jthread> workers_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Call>> waiting_;
  std::deque<std::shared_ptr<Call>> ended_;
  bool is_over_ = false;
};

}  // namespace moonlet::project
