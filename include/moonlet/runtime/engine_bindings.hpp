// What scripts of a game or editor reach their engine by: the table `engine`.
//
//   engine.log(level, text)
//   engine.spawn_entity(template)               a request handle, at once; the main thread spawns
//   engine.post_to_main_thread(fn_id, data)     calls a function there, some frame; no answer
//   engine.call_main(fn_id, ...)                the same, and waits for what it returns: the Vm is
//                                               suspended, no worker waits
//
// An engine that needs others defines its own in the same way: Services, and an ActionQueue.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "moonlet/runtime/action_queue.hpp"
#include "moonlet/runtime/services.hpp"

namespace moonlet::runtime {

// Filled before install(); outlives what runs with it, as does the queue.
class EngineBindings {
 public:
  explicit EngineBindings(ActionQueue& main_thread) : main_thread_(main_thread) {}
  EngineBindings(const EngineBindings&) = delete;
  EngineBindings& operator=(const EngineBindings&) = delete;

  // On the worker, several at once. Empty: to the standard error.
  std::function<void(const std::string& level, const std::string& text)> on_log;
  // On the main thread.
  std::function<void(std::uint64_t handle, const Value& entity_template)> on_spawn;
  // On the main thread, by the scripts' fn_id. The result is call_main's.
  void add_function(std::string fn_id,
                    std::function<HostResult(const std::vector<Value>& arguments)> function) {
    functions_.insert_or_assign(std::move(fn_id), std::move(function));
  }

  // Adds the four functions. A full queue is an error of the script, at the line of its call.
  void install(Services& services);

 private:
  HostResult call(const std::string& fn_id, const std::vector<Value>& arguments) const;

  // ---- Constant after install().
  ActionQueue& main_thread_;
  std::map<std::string, std::function<HostResult(const std::vector<Value>&)>> functions_;

  std::atomic<std::uint64_t> next_handle_{1};
};

}  // namespace moonlet::runtime
