#include "api/agent_rows.hpp"

#include "api/config_table.hpp"
#include "api/host_caller.hpp"
#include "api/vm_record.hpp"

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

}  // namespace

std::span<const BuiltinRow> agent_rows() { return kRows; }

int call_host_function(vm::Vm& vm, vm::Value* args, int count) {
  VmRecord& record = VmRecord::of(vm);
  const std::size_t index = heap::frame_builtin(args) - record.engine().first_host_function();
  const HostFunction& function = record.engine().functions()[index];
  if (!function.call) return record.suspend(args, count);
  return HostCaller(vm, args, count).call(function.call);
}

}  // namespace moonlet::api
