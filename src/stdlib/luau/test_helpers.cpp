// What Luau's conformance scripts expect of the program that runs them (moonlet exec
// --luau-test-helpers); prelude/luau/test_helpers.luau has the rest.
#include "stdlib/luau/library.hpp"
#include "vm/call.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

// (coroutine, error): raises the error where the coroutine has yielded.
int resume_error(Vm& vm, Value* args, int count) {
  if (count < 2 || !args[0].is_thread()) return throw_type_error(vm, args, count, 0, "thread");
  Thread& co = *args[0].thread();
  if (co.status != heap::ThreadStatus::Suspended) {
    return throw_error(vm, "cannot resume this coroutine");
  }
  const Value error = args[1];
  // What follows is as if a wrapped coroutine's function had been called.
  args[-1].bits = static_cast<std::uint64_t>(vm.builtins.roles.resume_wrap);
  const int answer = resume_coroutine(vm, co, args + 1, 0);
  if (answer == kReload) {
    vm.heap.error = error;
    co.entry = heap::ThreadEntry::Throw;
  }
  return answer;
}

// From now on, does every allocation fail?
int block_allocations(Vm& vm, Value* args, int count) {
  const bool blocks = count > 0 && !args[0].is_falsy();
  vm.heap.fail_countdown = blocks ? 0 : -1;
  vm.heap.fail_length = blocks ? INT64_MAX : 0;
  return return_none();
}

// A pointer of the host's, as the number is.
int make_light(Vm& vm, Value* args, int count) {
  double number;
  if (count > 0 && args[0].is_string()) {
    return return_one(args, Value::light(vm.heap.identity(args[0].object)));
  }
  if (!arg_number(vm, args, count, 0, number)) return vm.failure;
  Value light;
  light.meta = static_cast<std::uint64_t>(Tag::LightUserdata);
  light.bits = static_cast<std::uint64_t>(number);
  return return_one(args, light);
}

// The function that is asked for what vectors do not have themselves.
int set_vector_index(Vm& vm, Value* args, int) {
  Table* metatable = vm.heap.new_table();
  if (metatable == nullptr || !heap::set_field(vm.heap, *metatable, "__index", args[0]) ||
      !vm.heap.set_basic_metatable(heap::BasicType::Vector, metatable)) {
    return kNoMemory;
  }
  return return_none();
}

int helpers(Vm&, Value*, int) { return kDelegate; }

}  // namespace

std::span<const BuiltinRow> luau_test_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"intrinsic.test_helpers", helpers, nullptr, LibrarySet::All},
      {"intrinsic.test_yielding_iterator", helpers, nullptr, LibrarySet::All},
      {"intrinsic.test_resume_error", resume_error, nullptr, LibrarySet::All},
      {"intrinsic.test_block_allocations", block_allocations, nullptr, LibrarySet::All},
      {"intrinsic.test_make_light", make_light, nullptr, LibrarySet::All},
      {"intrinsic.test_set_vector_index", set_vector_index, nullptr, LibrarySet::All},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
