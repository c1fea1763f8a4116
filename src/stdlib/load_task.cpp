#include "stdlib/load_task.hpp"

#include <new>
#include <utility>

#include "heap/long_strings.hpp"

namespace moonlet::stdlib {

namespace {

using heap::StringWork;

// A shorter source is compiled at once: about 200 instructions a byte.
constexpr std::size_t kShortSource = 400;
constexpr int kPaceUnits = 120;
// Compiling is recursive, up to a limit of levels. What is not touched of it is no memory.
constexpr std::size_t kStackBytes = 4 * 1024 * 1024;

Loaded load_at_once(vm::Vm& vm, std::string_view source, std::string_view name, base::Pace* pace) {
  Loaded loaded;
  auto chunk = vm.compile(vm.dialect, source, name, pace);
  if (!chunk) {
    loaded.error = std::move(chunk.error());
  } else if (pace == nullptr || !pace->is_cancelled()) {
    loaded.proto = vm::load_chunk(vm, *std::move(chunk), vm::ProtoOrigin::Script, nullptr, pace);
  }
  return loaded;
}

void drop_task(void* vm) { static_cast<vm::Vm*>(vm)->load_task->cancel(); }

// There is one, which does nothing.
bool ensure_task(vm::Vm& vm) {
  if (vm.load_task != nullptr) return true;
  auto fiber = base::os::Fiber::create(kStackBytes);
  if (fiber == nullptr) return false;
  vm.load_task = {new (std::nothrow) LoadTask(vm, std::move(fiber)),
                  [](LoadTask* task) { delete task; }};
  return vm.load_task != nullptr;
}

}  // namespace

LoadTask::LoadTask(vm::Vm& vm, std::unique_ptr<base::os::Fiber> fiber)
    : vm_(vm),
      fiber_(std::move(fiber)),
      pace_(
          kPaceUnits, [](void* task) { static_cast<LoadTask*>(task)->fiber_->pause(); }, this) {}

LoadTask::~LoadTask() { cancel(); }

void LoadTask::begin(std::string_view source, std::string_view name) {
  source_ = source;
  name_ = name;
  loaded_ = {};
  pace_ = base::Pace(
      kPaceUnits, [](void* task) { static_cast<LoadTask*>(task)->fiber_->pause(); }, this);
  fiber_->begin([](void* task) { static_cast<LoadTask*>(task)->run(); }, this);
}

void LoadTask::run() { loaded_ = load_at_once(vm_, source_, name_, &pace_); }

bool LoadTask::run_piece() {
  fiber_->resume();
  return fiber_->has_ended();
}

void LoadTask::cancel() {
  pace_.cancel();
  while (!fiber_->has_ended()) fiber_->resume();
}

Loaded load_text(vm::Vm& vm, std::string_view source, std::string_view name, Loading loading) {
  heap::Heap& heap = vm.heap;
  if (loading == Loading::AtOnce || source.size() <= kShortSource || heap.grows_whole ||
      !ensure_task(vm)) {
    return load_at_once(vm, source, name, nullptr);
  }
  LoadTask& task = *vm.load_task;
  StringWork work =
      heap::resumed(heap, {StringWork::Kind::Load, source.data(), name.data(), nullptr});
  if (work.on_drop == nullptr) {
    work.on_drop = drop_task;
    work.context = &vm;
    task.begin(source, name);
  }
  bool has_ended = task.run_piece();
  if (!has_ended && heap::wait(heap, work)) {
    Loaded waiting;
    waiting.is_done = false;
    return waiting;
  }
  while (!has_ended) has_ended = task.run_piece();
  heap::end_work(heap);
  return task.take();
}

}  // namespace moonlet::stdlib
