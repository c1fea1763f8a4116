// next, pairs, ipairs: keys that are numbers are floats, and nobody is asked how to go through a
// table.
#include "heap/table.hpp"
#include "stdlib/luau/library.hpp"
#include "stdlib/shared_functions.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

int luau_next(Vm& vm, Value* args, int count) {
  // Keys are integers inside. What is no key is for the function to complain about.
  if (count > 1) static_cast<void>(heap::normalize_key(args[1]));
  const int answer = base_next(vm, args, count);
  if (answer > 0 && args[-1].is_integer()) {
    args[-1] = Value::from(static_cast<double>(args[-1].integer));
  }
  return answer;
}

// What the loop calls, the table, and where it begins.
int begin_loop(Value* args, int builtin, const Value& start) {
  const Value table = args[0];
  args[-1] = Value::from_builtin(static_cast<std::uint32_t>(builtin));
  args[0] = table;
  args[1] = start;
  return 3;
}

int luau_pairs(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  return begin_loop(args, vm.builtins.roles.luau_next, Value::nil());
}

int luau_ipairs(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  return begin_loop(args, vm.builtins.roles.luau_ipairs_step, Value::from(0.0));
}

int luau_ipairs_step(Vm& vm, Value* args, int count) {
  Table* table;
  std::int64_t index;
  if (!arg_table(vm, args, count, 0, table) || !arg_integer(vm, args, count, 1, index)) {
    return vm.failure;
  }
  if (index == INT64_MAX) return return_none();
  const Value value = heap::table_get_integer(*table, index + 1);
  if (value.is_nil()) return return_none();
  return return_two(args, Value::from(static_cast<double>(index + 1)), value);
}

}  // namespace

std::span<const BuiltinRow> luau_iteration_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:next", luau_next},
      {"luau:pairs", luau_pairs},
      {"luau:ipairs", luau_ipairs},
      {"intrinsic.luau_ipairs_step", luau_ipairs_step},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
