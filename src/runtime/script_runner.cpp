#include "moonlet/runtime/script_runner.hpp"

#include <utility>

#include "runtime/runner_core.hpp"

namespace moonlet::runtime {

Source sources_module() {
  return {"moonlet.sources",
          "local load, error = load, error\n"
          "local function run(text, name, ...)\n"
          "  local compiled, message = load(text, '=' .. name, 't')\n"
          "  if not compiled then error(message, 0) end\n"
          "  return compiled(...)\n"
          "end\n"
          "local function evaluate(text)\n"
          "  local as_value = 'return ' .. text\n"
          "  return run(load(as_value, '=', 't') and as_value or text, 'console')\n"
          "end\n"
          "local module = {run = run, evaluate = evaluate}\n"
          "module.keep = function(text, name)\n"
          "  module.kept = load(text, '=' .. name, 't')\n"
          "  return module.kept ~= nil\n"
          "end\n"
          "return module\n",
          "[sources]"};
}

std::expected<ScriptRunner, std::string> ScriptRunner::make(const Engine& engine,
                                                            RunnerOptions options) {
  ImageOptions image;
  image.sources = {sources_module()};
  image.libraries = options.libraries;
  auto sources = Image::compile(engine, image);
  if (!sources) return std::unexpected(sources.error());
  return ScriptRunner(
      std::make_shared<detail::RunnerCore>(engine, std::move(*sources), std::move(options)));
}

ScriptRunner::ScriptRunner(std::shared_ptr<detail::RunnerCore> core) : core_(std::move(core)) {}
ScriptRunner::ScriptRunner(ScriptRunner&&) noexcept = default;
ScriptRunner::~ScriptRunner() = default;

std::expected<JobId, Rejection> ScriptRunner::enqueue(Job job, Callback callback) {
  return core_->enqueue(std::move(job), nullptr, std::move(callback));
}

std::expected<JobId, Rejection> ScriptRunner::enqueue(Job job, ActionQueue& queue,
                                                      Callback callback) {
  return core_->enqueue(std::move(job), &queue, std::move(callback));
}

namespace {

JobResult refused(Rejection why) {
  JobResult result;
  result.end = JobEnd::Rejected;
  result.rejection = why;
  result.message = text_of(why);
  return result;
}

}  // namespace

std::future<JobResult> ScriptRunner::run(Job job) {
  auto promise = std::make_shared<std::promise<JobResult>>();
  std::future<JobResult> future = promise->get_future();
  const auto id = enqueue(std::move(job),
                          [promise](JobResult result) { promise->set_value(std::move(result)); });
  if (!id) promise->set_value(refused(id.error()));
  return future;
}

bool ScriptRunner::Awaiter::await_suspend(std::coroutine_handle<> waiting) {
  auto deliver = [this, waiting](JobResult result) {
    result_ = std::move(result);
    waiting.resume();
  };
  // Once it is accepted, the coroutine may go on elsewhere, and this be gone.
  const auto id = queue_ != nullptr ? runner_.enqueue(std::move(job_), *queue_, std::move(deliver))
                                    : runner_.enqueue(std::move(job_), std::move(deliver));
  if (id) return true;
  result_ = refused(id.error());
  return false;
}

bool ScriptRunner::wait_for_room(std::chrono::nanoseconds time_max) {
  return core_->wait_for_room(time_max);
}
bool ScriptRunner::cancel(JobId id) { return core_->cancel(id); }

std::expected<void, std::string> ScriptRunner::pin(const std::string& name, Vm vm,
                                                   const PinOptions& options) {
  return core_->pin(name, std::move(vm), options);
}
std::expected<Vm, std::string> ScriptRunner::unpin(const std::string& name) {
  return core_->unpin(name);
}
bool ScriptRunner::with_pinned(const std::string& name, const std::function<void(Vm&)>& look) {
  return core_->with_pinned(name, look);
}
std::vector<std::string> ScriptRunner::pinned() const { return core_->pinned(); }

void ScriptRunner::wait_idle() { core_->wait_idle(); }
void ScriptRunner::stop(StopMode mode) { core_->stop(mode); }
bool ScriptRunner::with_job(JobId id, const std::function<void(Vm&)>& look) {
  return core_->with_job(id, look);
}
RunnerStats ScriptRunner::stats() const { return core_->stats(); }
std::vector<JobState> ScriptRunner::jobs() const { return core_->jobs(); }

void ScriptRunner::begin_profile(unsigned samples_per_second) {
  core_->begin_profile(samples_per_second);
}
std::string ScriptRunner::end_profile() { return core_->end_profile(); }

}  // namespace moonlet::runtime
