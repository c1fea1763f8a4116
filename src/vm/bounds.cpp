// Where a run stops: fuel, clocks, and what the host asks for from outside.
#include <algorithm>

#include "vm/call.hpp"
#include "vm/debug.hpp"

namespace moonlet::vm {

using heap::ThreadEntry;

namespace {

Flow stop_at(Vm& vm, LimitKind limit) {
  vm.outcome = Outcome::Limit;
  vm.limit_hit = limit;
  return Flow::Stop;
}

// The slice is used up, and `vm.fuel` says by how much too far. Stop: something has run out.
Flow end_slice(Vm& vm) {
  const auto overdraft = static_cast<std::uint64_t>(-vm.fuel);
  vm.fuel_used += static_cast<std::uint64_t>(vm.slice_size) + overdraft;
  if (vm.fuel_budget != UINT64_MAX) vm.fuel_budget -= std::min(vm.fuel_budget, overdraft);
  vm.slice_size = 0;
  vm.fuel = 0;
  if (vm.fuel_used >= vm.limits.fuel_max) return stop_at(vm, LimitKind::Fuel);
  if (const LimitKind limit = passed_clock(vm); limit != LimitKind::None) {
    return stop_at(vm, limit);
  }
  if (vm.fuel_budget == 0) {
    vm.outcome = Outcome::Preempted;
    return Flow::Stop;
  }
  refill_fuel(vm);
  return Flow::Reload;
}

}  // namespace

Flow take_stop_request(Vm& vm) {
  if (!is_stop_requested(vm)) return Flow::Reload;
  switch (vm.stop_request->exchange(StopRequest::None, std::memory_order_relaxed)) {
    case StopRequest::None:
      return Flow::Reload;
    case StopRequest::Interrupt:
      vm.outcome = Outcome::Preempted;
      return Flow::Stop;
    case StopRequest::Kill:
      vm.outcome = Outcome::Killed;
      return Flow::Stop;
  }
  ML_UNREACHABLE();
}

void cut_slice(Vm& vm) {
  if (vm.fuel <= 0) return;
  if (vm.fuel_budget != UINT64_MAX) vm.fuel_budget += static_cast<std::uint64_t>(vm.fuel);
  vm.slice_size -= vm.fuel;
  vm.fuel = 0;
}

Flow stop_in_collection(Vm& vm) {
  if (const LimitKind limit = passed_clock(vm); ML_UNLIKELY(limit != LimitKind::None)) {
    return stop_at(vm, limit);
  }
  return is_stop_requested(vm) ? take_stop_request(vm) : Flow::Next;
}

Flow safepoint(Vm& vm, ThreadEntry entry) {
  ++vm.safepoint_count;
  vm.heap.grows_whole = false;
  vm.heap.give_back_some();
  vm.thread()->entry = entry;
  if (vm.trip_every != 0 && vm.safepoint_count % vm.trip_every == 0) {
    vm.outcome = Outcome::Preempted;
    return Flow::Stop;
  }
  if (vm.fuel < 0 && end_slice(vm) == Flow::Stop) return Flow::Stop;
  return take_stop_request(vm);
}

void refill_fuel(Vm& vm) {
  std::uint64_t slice = vm.trip_every != 0 ? 0 : kFuelSlice;
  slice = std::min(slice, vm.fuel_budget);
  slice = std::min(slice, vm.limits.fuel_max - std::min(vm.limits.fuel_max, vm.fuel_used));
  if (vm.fuel_budget != UINT64_MAX) vm.fuel_budget -= slice;
  vm.slice_size = static_cast<std::int64_t>(slice);
  vm.fuel = vm.slice_size;
}

// ---- Clocks. They are only asked when a limit needs them, so that other Vms' states do not depend
// on the time.

void start_clock(Vm& vm) {
  if (vm.limits.run_time_ns_max != UINT64_MAX) vm.run_started_ns = vm.host->steady_ns();
}

void stop_clock(Vm& vm) {
  if (vm.limits.run_time_ns_max == UINT64_MAX) return;
  const std::int64_t now = vm.host->steady_ns();
  vm.run_time_ns += static_cast<std::uint64_t>(std::max<std::int64_t>(now - vm.run_started_ns, 0));
  vm.run_started_ns = now;
}

LimitKind passed_clock(Vm& vm) {
  if (vm.limits.run_time_ns_max != UINT64_MAX) {
    stop_clock(vm);
    if (vm.run_time_ns >= vm.limits.run_time_ns_max) return LimitKind::Time;
  }
  if (vm.limits.deadline_ns != INT64_MAX && vm.host->time_ns() >= vm.limits.deadline_ns) {
    return LimitKind::Deadline;
  }
  return LimitKind::None;
}

LimitKind passed_limit(Vm& vm) {
  if (vm.fuel_used >= vm.limits.fuel_max) return LimitKind::Fuel;
  start_clock(vm);
  return passed_clock(vm);
}

// ---- Errors that say that a limit was hit.

std::string_view limit_text(LimitKind limit) {
  switch (limit) {
    case LimitKind::None:
      return "";
#define ML_LIMIT(name, text) \
  case LimitKind::name:      \
    return text;
#include "vm/limits.def"
  }
  ML_UNREACHABLE();
}

bool is_final(const Vm& vm, LimitKind limit) {
  switch (limit) {
    case LimitKind::Memory:
      return vm.limits.memory_errors_are_final;
    case LimitKind::Depth:
    case LimitKind::Nesting:
      return vm.limits.depth_errors_are_final;
    default:
      return false;
  }
}

int throw_limit(Vm& vm, LimitKind limit, std::string_view message) {
  const int answer = throw_error(vm, message);
  vm.error_limit = limit;
  return answer;
}

int throw_limit_here(Vm& vm, LimitKind limit, std::string_view message) {
  const int answer = throw_here(vm, message);
  vm.error_limit = limit;
  return answer;
}

// ---- Giving up.

namespace {

void give_up(Vm& vm, Thread& thread) {
  heap::close_cells(vm.heap, thread, thread.stack);
  thread.status = heap::ThreadStatus::Dead;
  thread.tbc_count = 0;
  thread.resumer = nullptr;
  thread.native_depth = 0;
  thread.protected_depth = 0;
  thread.in_hook = false;
  thread.base = thread.stack + 1;
  thread.top = thread.stack;
  vm.heap.thread_changed(thread);
}

}  // namespace

void give_up_coroutines(Vm& vm) {
  while (vm.heap.current_thread != vm.heap.main_thread) {
    Thread& thread = *vm.heap.current_thread;
    vm.heap.switch_thread(thread.resumer);
    give_up(vm, thread);
  }
}

void give_up_threads(Vm& vm) {
  give_up_coroutines(vm);
  give_up(vm, *vm.heap.main_thread);
  vm.heap.is_stopped_internally = false;
}

}  // namespace moonlet::vm
