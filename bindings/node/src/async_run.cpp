#include "async_run.hpp"

namespace moonlet::node {

namespace {

// Plain Node-API: its completion is also called while an environment ends, where nothing of
// JavaScript may be run and no error can be thrown.
struct AsyncRun {
  std::shared_ptr<Core> core;
  RunOptions options;
  std::optional<Outcome> outcome;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

void execute(napi_env, void* data) {
  auto& run = *static_cast<AsyncRun*>(data);
  run.outcome = run.core->vm->run(run.options);
}

void complete(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<AsyncRun> run(static_cast<AsyncRun*>(data));
  run->core->is_running = false;
  run->core->outcome = std::move(run->outcome);
  napi_delete_async_work(env, run->work);
  if (status == napi_cancelled) return;
  napi_value undefined = nullptr;
  if (napi_get_undefined(env, &undefined) != napi_ok) return;
  static_cast<void>(napi_resolve_deferred(env, run->deferred, undefined));
}

}  // namespace

Napi::Value begin_async_run(Napi::Env env, std::shared_ptr<Core> core, std::uint64_t fuel) {
  auto run = std::make_unique<AsyncRun>();
  run->core = core;
  run->options.fuel = fuel;
  napi_value promise = nullptr;
  const napi_value name = Napi::String::New(env, "moonlet run");
  const auto check = [&](napi_status status) {
    if (status != napi_ok) throw Napi::Error::New(env);
  };
  check(napi_create_async_work(env, nullptr, name, execute, complete, run.get(), &run->work));
  check(napi_create_promise(env, &run->deferred, &promise));
  core->is_running = true;
  if (napi_queue_async_work(env, run->work) != napi_ok) {
    core->is_running = false;
    throw Napi::Error::New(env);
  }
  static_cast<void>(run.release());
  return {env, promise};
}

}  // namespace moonlet::node
