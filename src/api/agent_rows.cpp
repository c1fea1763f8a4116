#include "api/agent_rows.hpp"

#include <utility>

#include "api/config_table.hpp"
#include "api/host_caller.hpp"
#include "api/vm_record.hpp"
#include "heap/table.hpp"
#include "vm/call.hpp"
#include "vm/loader.hpp"

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

// What main chunks and modules returned, by name, and the libraries.
int modules(vm::Vm& vm, vm::Value* args, int) {
  return vm::return_two(args, heap::get_field(vm.heap, *vm.heap.registry, kModules),
                        heap::get_field(vm.heap, *vm.heap.registry, "_LOADED"));
}

// The text of a file that a module may be in, or nil.
int find_file(vm::Vm& vm, vm::Value* args, int count) {
  heap::String* name;
  if (!vm::arg_string(vm, args, count, 0, name)) return vm.failure;
  const VmRecord& record = VmRecord::of(vm);
  if (record.find_module == nullptr) return vm::return_one(args, vm::Value::nil());
  const auto source = (*record.find_module)(name->view());
  if (!source) return vm::return_one(args, vm::Value::nil());
  return vm::return_string(vm, args, source->text);
}

// The main chunk of a module that is not there yet, as a function.
int find_module(vm::Vm& vm, vm::Value* args, int count) {
  heap::String* name;
  if (!vm::arg_string(vm, args, count, 0, name)) return vm.failure;
  const VmRecord& record = VmRecord::of(vm);
  if (record.find_module == nullptr) {
    return vm::throw_error(vm, {"module '", name->view(),
                                "' is not in this image: what a program may need has to be "
                                "required while its main chunks run"});
  }
  auto source = (*record.find_module)(name->view());
  if (!source) {
    return vm::throw_error(vm, {"module '", name->view(), "' not found: ", source.error()});
  }
  source->name = name->view();
  auto chunk = compile_source(vm.dialect, *source);
  if (!chunk) {
    return vm::throw_error(vm, {"error loading module '", name->view(), "': ", chunk.error()});
  }
  vm::Proto* proto = vm::load_chunk(vm, *std::move(chunk), vm::ProtoOrigin::Script);
  if (proto == nullptr) return vm::kNoMemory;
  vm::Table* globals = stdlib::new_script_globals(vm);
  if (globals == nullptr) return vm::kNoMemory;
  vm::Closure* main = vm::new_main_closure(vm, proto, vm::Value::from(globals));
  if (main == nullptr) return vm::kNoMemory;
  return vm::return_one(args, vm::Value::from(main));
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
    {"intrinsic.await", suspend_named},
    {"intrinsic.sleep", suspend_named},
    {"intrinsic.modules", modules},
    {"intrinsic.find_file", find_file},
    {"intrinsic.find_module", find_module},
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
