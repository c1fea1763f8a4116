// What scripts ask of their host, and the answers.
#include <utility>

#include "runtime/runner_core.hpp"

namespace moonlet::runtime::detail {

using State = JobRecord::State;

// REQUIRES: Running. The lock is open while functions of the host begin.
bool RunnerCore::dispatch(JobRecord& record, const Command& command, Lock& lock) {
  const JobId id = record.id();
  record.calls.begin(call_context_, id, command, lock);
  if (record.calls.has_answer()) return true;
  if (due_end(record)) return false;
  if (options_.hooks.on_pause) {
    lock.unlock();
    options_.hooks.on_pause(id);
    lock.lock();
    if (record.calls.has_answer() || due_end(record)) {
      lock.unlock();
      if (options_.hooks.on_resume) options_.hooks.on_resume(id);
      lock.lock();
      return record.calls.has_answer();
    }
  }
  record.state = State::Suspended;
  if (options_.rests_while_waiting) static_cast<void>(record.state_vm()->rest());
  return false;
}

bool RunnerCore::answer(JobId id, std::uint64_t call, HostResult result) {
  JobRecord* record = slots_.find(id);
  if (record == nullptr) return false;
  {
    const std::lock_guard lock(record->mutex);
    if (record->id() != id || record->state == State::Free || record->state == State::Done ||
        !record->calls.accept(timers_, call, std::move(result))) {
      return false;
    }
    // Otherwise its worker is about to look, or it waits for another one.
    if (record->state != State::Suspended || !record->calls.has_answer()) return true;
    record->state = State::Ready;
    ++record->references;
  }
  push(Lane::Answered, *record);
  return true;
}

void RunnerCore::call_timed_out(JobId id, std::uint64_t call) {
  JobRecord* record = slots_.find(id);
  if (record == nullptr) return;
  std::optional<std::pair<std::stop_source, std::string>> late;
  {
    const std::lock_guard lock(record->mutex);
    if (record->id() == id) late = record->calls.time_out(call);
  }
  if (late && answer(id, call, std::unexpected(Value(late->second)))) late->first.request_stop();
}

}  // namespace moonlet::runtime::detail
