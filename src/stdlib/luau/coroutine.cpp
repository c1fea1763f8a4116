// Coroutines, where Luau's functions are not those of Lua 5.4.
#include "stdlib/luau/environment.hpp"
#include "stdlib/luau/library.hpp"
#include "stdlib/shared_functions.hpp"
#include "vm/call.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

int create_inheriting(Vm& vm, Value* args, int count) {
  const Value frame = args[-1];  // a result takes its place, and without memory it is called again
  const int answer = coroutine_create(vm, args, count);
  if (answer != 1 || inherit_globals(vm, *vm.thread(), *args[-1].thread())) return answer;
  args[-1] = frame;
  return kNoMemory;
}

// The main thread is no coroutine.
int running(Vm& vm, Value* args, int) {
  Thread* self = vm.thread();
  return return_one(args, self == vm.heap.main_thread ? Value::nil() : Value::from(self));
}

// A script is run by somebody who could wait for it.
int is_yieldable(Vm& vm, Value* args, int count) {
  if (vm.thread() == vm.heap.main_thread) return return_one(args, Value::boolean(true));
  return coroutine_isyieldable(vm, args, count);
}

}  // namespace

std::span<const BuiltinRow> luau_coroutine_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:coroutine.create", create_inheriting},
      {"luau:coroutine.isyieldable", is_yieldable},
      {"luau:coroutine.running", running},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
