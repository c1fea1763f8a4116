// Locals and upvalues.
#include "stdlib/debug_functions.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms
using heap::Cell;

namespace {

// Numbers of variables are ints in the reference implementation; none is as large.
int variable_number(std::int64_t number) {
  return number > INT32_MAX || number < -INT32_MAX ? 0 : static_cast<int>(number);
}

}  // namespace

// ([thread,] level or function, number)
int debug_getlocal(Vm& vm, Value* args, int count) {
  const auto [thread, first] = debug_target(vm, args, count);
  std::int64_t number;
  if (!arg_integer(vm, args, count, first + 1, number)) return vm.failure;
  if (args[first].is_function()) {
    const Value& function = args[first];
    if (looks_native(function) || variable_number(number) < 1)
      return return_one(args, Value::nil());
    const std::string_view name =
        local_name(*function.closure()->proto, variable_number(number), 0);
    if (name.empty()) return return_one(args, Value::nil());
    return return_string(vm, args, name);
  }
  std::int64_t level_number;
  if (!arg_integer(vm, args, count, first, level_number)) return vm.failure;
  Level level;
  const Walked walked = find_debug_level(vm, *thread, level_number, level);
  if (walked == Walked::Again) return kNoMemory;
  if (walked == Walked::None) return throw_arg_error(vm, first, "level out of range");
  Local local;
  if (!find_local(vm, level, variable_number(number), local)) return return_one(args, Value::nil());
  String* name = vm.heap.new_string(local.name);
  if (name == nullptr) return kNoMemory;
  return return_two(args, Value::from(name), local.slot != nullptr ? *local.slot : Value::nil());
}

// ([thread,] level, number, value)
int debug_setlocal(Vm& vm, Value* args, int count) {
  const auto [thread, first] = debug_target(vm, args, count);
  std::int64_t level_number;
  std::int64_t number;
  if (!arg_integer(vm, args, count, first, level_number) ||
      !arg_integer(vm, args, count, first + 1, number)) {
    return vm.failure;
  }
  Level level;
  const Walked walked = find_debug_level(vm, *thread, level_number, level);
  if (walked == Walked::Again) return kNoMemory;
  if (walked == Walked::None) return throw_arg_error(vm, first, "level out of range");
  if (!arg_any(vm, args, count, first + 2)) return vm.failure;
  Local local;
  if (!find_local(vm, level, variable_number(number), local)) return return_one(args, Value::nil());
  if (local.slot != nullptr && !local.is_writable) return return_one(args, Value::nil());
  String* name = vm.heap.new_string(local.name);
  if (name == nullptr) return kNoMemory;
  if (local.slot != nullptr) {
    *local.slot = args[first + 2];
    vm.heap.thread_changed(*thread);
  }
  return return_one(args, Value::from(name));
}

// ---- Upvalues. Those of the prelude's functions can be counted, but neither seen nor changed.

namespace {

// Cell number `number` (from 1) of a function, or nullptr.
Cell** upvalue_at(const Value& function, std::int64_t number) {
  if (!function.is_closure()) return nullptr;
  Closure* closure = function.closure();
  if (number < 1 || number > closure->proto->upvalue_count) return nullptr;
  return &closure->upvalues()[number - 1];
}

std::string_view upvalue_name(const Value& function, std::int64_t number) {
  if (looks_native(function)) return "";
  const String* name = function.closure()->proto->upvalues[number - 1].name;
  return name != nullptr ? name->view() : "(no name)";
}

// Arguments (function, number) from `first` on.
bool upvalue_arguments(Vm& vm, Value* args, int count, int first, std::int64_t& number) {
  if (!arg_integer(vm, args, count, first + 1, number)) return false;
  if (args[first].is_function()) return true;
  vm.failure = throw_type_error(vm, args, count, first, "function");
  return false;
}

}  // namespace

// (function, number)
int debug_getupvalue(Vm& vm, Value* args, int count) {
  std::int64_t number;
  if (!upvalue_arguments(vm, args, count, 0, number)) return vm.failure;
  Cell** cell = upvalue_at(args[0], number);
  if (cell == nullptr) return return_none();
  String* name = vm.heap.new_string(upvalue_name(args[0], number));
  if (name == nullptr) return kNoMemory;
  return return_two(args, Value::from(name),
                    looks_native(args[0]) ? Value::nil() : *(*cell)->location);
}

// (function, number, value)
int debug_setupvalue(Vm& vm, Value* args, int count) {
  std::int64_t number;
  if (!arg_any(vm, args, count, 2) || !upvalue_arguments(vm, args, count, 0, number)) {
    return vm.failure;
  }
  Cell** cell = upvalue_at(args[0], number);
  if (cell == nullptr || looks_native(args[0])) return return_none();
  String* name = vm.heap.new_string(upvalue_name(args[0], number));
  if (name == nullptr) return kNoMemory;
  *(*cell)->location = args[2];
  vm.heap.barrier(*cell, args[2]);
  return return_one(args, Value::from(name));
}

// (function, number)
int debug_upvalueid(Vm& vm, Value* args, int count) {
  std::int64_t number;
  if (!upvalue_arguments(vm, args, count, 0, number)) return vm.failure;
  Cell** cell = upvalue_at(args[0], number);
  // The prelude's shared cells have had their numbers since they were sealed.
  if (cell == nullptr) return return_one(args, Value::nil());
  if (!vm.heap.can_identify(*cell)) return throw_memory(vm);
  return return_one(args, Value::light(vm.heap.identity(*cell)));
}

// (function1, number1, function2, number2)
int debug_upvaluejoin(Vm& vm, Value* args, int count) {
  Cell** cells[2];
  for (int n = 0; n < 2; ++n) {
    const int first = 2 * n;
    std::int64_t number;
    if (!upvalue_arguments(vm, args, count, first, number)) return vm.failure;
    cells[n] = upvalue_at(args[first], number);
    if (cells[n] == nullptr) return throw_arg_error(vm, first + 1, "invalid upvalue index");
  }
  for (int n = 0; n < 2; ++n) {
    if (looks_native(args[2 * n])) return throw_arg_error(vm, 2 * n, "Lua function expected");
  }
  *cells[0] = *cells[1];
  vm.heap.barrier(args[0].object, *cells[1]);
  return return_none();
}

}  // namespace moonlet::stdlib
