#include "moonlet/runtime/engine_bindings.hpp"

#include <cstdio>
#include <utility>

namespace moonlet::runtime {

namespace {

std::unexpected<Value> queue_is_full(const char* name) {
  return std::unexpected(Value(std::string(name) + ": the main thread's queue is full"));
}

}  // namespace

HostResult EngineBindings::call(const std::string& fn_id,
                                const std::vector<Value>& arguments) const {
  const auto found = functions_.find(fn_id);
  if (found == functions_.end()) {
    return std::unexpected(Value("the main thread has no function '" + fn_id + "'"));
  }
  return found->second(arguments);
}

void EngineBindings::install(Services& services) {
  services.add_immediate("engine.log", [this](const HostCall& call) -> HostResult {
    const auto level = call.string(0);
    const auto text = call.string(1);
    if (!level) return std::unexpected(call.wrong_argument(0, "string"));
    if (!text) return std::unexpected(call.wrong_argument(1, "string"));
    if (on_log) {
      on_log(std::string(*level), std::string(*text));
    } else {
      std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(level->size()), level->data(),
                   static_cast<int>(text->size()), text->data());
    }
    return results();
  });
  services.add_immediate("engine.spawn_entity", [this](const HostCall& call) -> HostResult {
    const std::uint64_t handle = next_handle_.fetch_add(1, std::memory_order_relaxed);
    const bool is_posted = main_thread_.post([this, handle, what = call.argument(0)] {
      if (on_spawn) on_spawn(handle, what);
    });
    if (!is_posted) return queue_is_full("engine.spawn_entity");
    return results(static_cast<std::int64_t>(handle));
  });
  services.add_immediate("engine.post_to_main_thread", [this](const HostCall& call) -> HostResult {
    const auto fn_id = call.string(0);
    if (!fn_id) return std::unexpected(call.wrong_argument(0, "string"));
    const std::string id(*fn_id);
    if (!functions_.contains(id)) {
      return std::unexpected(Value("the main thread has no function '" + id + "'"));
    }
    const bool is_posted = main_thread_.post(
        [this, id, data = call.argument(1)] { static_cast<void>(this->call(id, {data})); });
    if (!is_posted) return queue_is_full("engine.post_to_main_thread");
    return results();
  });
  services.add("engine.call_main", [this](AsyncCall call, Responder respond) {
    const std::string* fn_id = call.arguments.empty() ? nullptr : call.arguments[0].string();
    if (fn_id == nullptr) {
      respond(std::unexpected(Value("engine.call_main: the name of a function is needed")));
      return;
    }
    // A full queue drops the action, and with it the Responder: it must say why itself.
    auto shared = std::make_shared<Responder>(std::move(respond));
    auto stop = call.stop;
    std::vector<Value> arguments(call.arguments.begin() + 1, call.arguments.end());
    const bool is_posted =
        main_thread_.post([this, shared, stop, id = *fn_id, arguments = std::move(arguments)] {
          // Nobody waits for it any more; what was cancelled is not done.
          if (!stop.stop_requested()) (*shared)(this->call(id, arguments));
        });
    if (!is_posted) (*shared)(queue_is_full("engine.call_main"));
  });
}

}  // namespace moonlet::runtime
