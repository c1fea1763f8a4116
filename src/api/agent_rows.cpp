#include "api/agent_rows.hpp"

#include "api/config_table.hpp"
#include "api/convert.hpp"
#include "api/vm_record.hpp"
#include "vm/call.hpp"

namespace moonlet::api {

using vm::BuiltinRow;
using vm::LibrarySet;

namespace {

// A name, then anything.
int suspend_named(vm::Vm& vm, vm::Value* args, int count) {
  heap::String* name;
  if (!vm::arg_string(vm, args, count, 0, name)) return vm.failure;
  return VmRecord::of(vm).suspend(args, count);
}

// Marks a function as one that the host may call: it is the function itself.
int host_export(vm::Vm& vm, vm::Value* args, int count) {
  if (count == 0 || !args[0].is_function()) {
    return vm::throw_type_error(vm, args, count, 0, "function");
  }
  return vm::return_one(args, args[0]);
}

constexpr BuiltinRow kRows[] = {
    {"host:invoke", suspend_named},
    {"host:emit", suspend_named},
    {"host:log", suspend_named},
    {"host:config", host_config},
    {"host:export", host_export},
    {"host:config_index", config_index},
    {"host:config_newindex", config_newindex},
    {"host:config_length", config_length},
    {"host:config_pairs", config_pairs},
    {"host:call", suspend_named},
};

// Results from the function slot up. False: no memory.
bool place_results(vm::Vm& vm, vm::Value* args, const std::vector<Value>& values) {
  vm::Value* slot = args;
  const std::uint32_t number = vm.thread()->number(args);
  if (vm::ensure_stack(vm, slot, values.size() + 1) != vm::StackResult::Ok) return false;
  args = vm.thread()->slot(number);
  std::vector<vm::Value> converted(values.size());
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (!to_guest(vm, values[n], converted[n])) return false;
  }
  for (std::size_t n = 0; n < values.size(); ++n) {
    args[static_cast<std::ptrdiff_t>(n) - 1] = converted[n];
  }
  return true;
}

// The function has had its effect: nothing may make it run again.
int answer_call(vm::Vm& vm, vm::Value* args, const HostResult& result) {
  const std::uint32_t number = vm.thread()->number(args);
  const std::vector<Value> values = result ? *result : std::vector<Value>{result.error()};
  for (const Value& value : values) {
    if (!is_shallow(value)) return vm::throw_error(vm, "the host's answer is nested too deeply");
  }
  if (!result && result.error().string() != nullptr) {
    return vm::throw_error(vm, *result.error().string());
  }
  if (!result) {
    vm::Value error;
    if (!to_guest_collecting(vm, result.error(), error)) return vm::throw_memory(vm);
    return vm::throw_value(vm, error);
  }
  if (!place_results(vm, args, values)) {
    vm::collect_for_memory(vm, vm::Standing::Inside);
    if (!place_results(vm, vm.thread()->slot(number), values)) {
      return vm::throw_memory(vm);
    }
  }
  return static_cast<int>(values.size());
}

}  // namespace

std::span<const BuiltinRow> agent_rows() { return kRows; }

int call_host_function(vm::Vm& vm, vm::Value* args, int count) {
  VmRecord& record = VmRecord::of(vm);
  const std::size_t index = heap::frame_builtin(args) - record.engine().first_host_function();
  const HostFunction& function = record.engine().functions()[index];
  if (!function.call) return record.suspend(args, count);
  std::vector<Value> arguments;
  for (int n = 0; n < count; ++n) {
    auto value = to_host(vm, args[n], "argument " + std::to_string(n + 1));
    if (!value) return vm::throw_error(vm, value.error());
    arguments.push_back(std::move(*value));
  }
  return answer_call(vm, args, record.call_function(function, arguments));
}

}  // namespace moonlet::api
