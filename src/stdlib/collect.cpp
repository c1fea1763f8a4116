// collectgarbage. What may run finalizers continues in the prelude, which calls them.
#include <algorithm>

#include "stdlib/library.hpp"
#include "vm/call.hpp"
#include "vm/debug.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT
using heap::GcMode;

namespace {

int option_error(Vm& vm, std::string_view option) {
  return throw_arg_error(vm, 0, "invalid option '" + std::string(option) + "'");
}

std::string_view mode_name(GcMode mode) {
  return mode == GcMode::Generational ? "generational" : "incremental";
}

// Parameters beyond these would make no difference.
constexpr std::int64_t kPercentMax = 10'000;
constexpr std::int64_t kStepSizeMax = 40;  // as a power of two

int set_percent(Value* args, int& percent, std::int64_t to) {
  const int old = percent;
  percent = static_cast<int>(std::clamp<std::int64_t>(to, 0, kPercentMax));
  return return_one(args, Value::from(old));
}

// A collection that was asked for is work like any other, by the memory that it looks at.
void charge_collection(Vm& vm, std::uint64_t bytes) {
  charge(vm, std::min(bytes, vm.heap.logical_bytes) / 16);
}

// Options that only read or set something; kDelegate for the two that collect.
int base_collectgarbage(Vm& vm, Value* args, int count) {
  heap::Heap& heap = vm.heap;
  std::string_view option = "collect";
  if (!is_none_or_nil(args, count, 0)) {
    String* text;
    if (!arg_string(vm, args, count, 0, text)) return vm.failure;
    option = text->view();
  }
  std::int64_t number = 0;
  const bool takes_number = option == "step" || option == "setpause" || option == "setstepmul";
  if (takes_number && !opt_integer(vm, args, count, 1, 0, number)) return vm.failure;
  const bool collects = option == "collect" || option == "step";
  const bool known = collects || takes_number || option == "stop" || option == "restart" ||
                     option == "count" || option == "isrunning" || option == "generational" ||
                     option == "incremental";
  if (!known) return option_error(vm, option);
  if (heap.is_stopped_internally) return return_one(args, Value::nil());
  if (collects) return kDelegate;
  if (option == "stop") {
    heap.is_stopped_by_user = true;
    return return_one(args, Value::from(0));
  }
  if (option == "restart") {
    heap.is_stopped_by_user = false;
    return return_one(args, Value::from(0));
  }
  if (option == "count") {
    return return_one(args, Value::from(static_cast<double>(heap.logical_bytes) / 1024.0));
  }
  if (option == "isrunning") return return_one(args, Value::boolean(!heap.is_stopped_by_user));
  if (option == "setpause") return set_percent(args, heap.pause_percent, number);
  if (option == "setstepmul") return set_percent(args, heap.step_multiplier, number);
  const std::string_view old = mode_name(heap.mode);
  if (option == "incremental") {
    std::int64_t pause;
    std::int64_t multiplier;
    std::int64_t size;
    if (!opt_integer(vm, args, count, 1, 0, pause) ||
        !opt_integer(vm, args, count, 2, 0, multiplier) ||
        !opt_integer(vm, args, count, 3, 0, size)) {
      return vm.failure;
    }
    if (pause != 0) set_percent(args, heap.pause_percent, pause);
    if (multiplier != 0) set_percent(args, heap.step_multiplier, multiplier);
    if (size != 0) {
      heap.step_size_log2 = static_cast<int>(std::clamp<std::int64_t>(size, 0, kStepSizeMax));
    }
  }
  heap.mode = option == "incremental" ? GcMode::Incremental : GcMode::Generational;
  return return_string(vm, args, old);
}

// Called again for the next slices. A state that was frozen meanwhile has a full collection behind
// it.
int collect_later(Vm& vm, Value* args, bool is_step) {
  args[0] = Value::boolean(true);
  args[1] = Value::boolean(is_step);
  vm.call_count = 2;
  return kAgain;
}

int go_on_collecting(Vm& vm, Value* args, bool is_step) {
  heap::Heap& heap = vm.heap;
  if (!is_step) return return_one(args, Value::from(0));
  // Between two calls there are no slices when the program has stopped the collector.
  if (!heap.has_ended_step()) heap.step();
  if (!heap.has_ended_step()) return collect_later(vm, args, true);
  return return_one(args, Value::boolean(heap.phase == heap::Phase::Pause));
}

// (option, number): the collection itself. Whoever calls it again works slice by slice between two
// calls.
int intrinsic_collect(Vm& vm, Value* args, int count) {
  heap::Heap& heap = vm.heap;
  if (count == 2 && args[0].is(Tag::True)) return go_on_collecting(vm, args, args[1].is(Tag::True));
  if (count > 0 && args[0].is_string() && args[0].string()->view() == "step") {
    std::int64_t size = 0;
    if (count > 1 && !to_integer(args[1], size)) size = 0;
    // Luau's step of nothing is the smallest one.
    if (vm.dialect == Dialect::Luau) size = std::max<std::int64_t>(size, 1);
    const auto kilobytes = static_cast<std::size_t>(std::clamp<std::int64_t>(size, 0, INT32_MAX));
    charge_collection(vm, 1024 * std::max<std::uint64_t>(kilobytes, 8));
    if (heap.mode == GcMode::Incremental) {
      if (!heap.begin_step(kilobytes)) return return_one(args, Value::boolean(false));
      heap.step();  // one at least, before anything is taken to have ended
      return go_on_collecting(vm, args, true);
    }
    // As after a collection of the young: everything that has just died is gone.
    heap.begin_full();
    return collect_later(vm, args, true);
  }
  charge_collection(vm, UINT64_MAX);
  heap.begin_full();
  return collect_later(vm, args, false);
}

// The next finalizer and its object, or nothing. Until the next call the collector is stopped.
int next_finalizer(Vm& vm, Value* args, int) {
  vm.heap.is_stopped_internally = false;
  while (!vm.heap.pending_finalizers.empty()) {
    const Value value = object_value(heap::next_finalizer(vm.heap));
    const Value method = metamethod(vm, value, Event::Gc);
    if (method.is_nil()) continue;
    vm.heap.is_stopped_internally = true;
    return return_two(args, method, value);
  }
  return return_one(args, Value::nil());
}

// How many there are. After the last one: the collector goes on.
int pending_finalizers(Vm& vm, Value* args, int) {
  vm.heap.is_stopped_internally = false;
  return return_one(args,
                    Value::from(static_cast<std::int64_t>(vm.heap.pending_finalizers.size())));
}

int finalizer_failed(Vm& vm, Value* args, int) {
  warn_of_finalizer(vm, args[0]);
  return 0;
}

// Every object with a finalizer becomes due: the state is being closed.
int all_finalizers(Vm& vm, Value*, int) {
  vm.heap.pend_all_finalizers();
  return 0;
}

}  // namespace

std::span<const BuiltinRow> collect_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"collectgarbage", base_collectgarbage},
      {"intrinsic.collect", intrinsic_collect},
      {"intrinsic.next_finalizer", next_finalizer},
      {"intrinsic.pending_finalizers", pending_finalizers},
      {"intrinsic.finalizer_failed", finalizer_failed},
      {"intrinsic.all_finalizers", all_finalizers},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
