// The debug library: its rows, and the functions that look at values rather than at frames.
#include "stdlib/debug_functions.hpp"
#include "stdlib/io_rows.hpp"
#include "stdlib/library.hpp"
#include "vm/frame_walk.hpp"
#include "vm/host_types.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

int debug_getregistry(Vm& vm, Value* args, int) {
  return return_one(args, Value::from(vm.heap.registry));
}

int debug_getmetatable(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  // Metatables of host types are not the script's, not even to look at.
  if (host_type_of(vm, args[0]) != nullptr) return return_one(args, Value::boolean(false));
  Table* metatable = metatable_of(vm, args[0]);
  return return_one(args, metatable != nullptr ? Value::from(metatable) : Value::nil());
}

// Of any value: types other than table and userdata have one metatable for all their values.
int debug_setmetatable(Vm& vm, Value* args, int count) {
  if (count < 2 || !(args[1].is_nil() || args[1].is_table())) {
    return throw_type_error(vm, args, count, 1, "nil or table");
  }
  if (host_type_of(vm, args[0]) != nullptr) {
    return throw_error(vm, "cannot change a protected metatable");
  }
  Table* metatable = args[1].is_nil() ? nullptr : args[1].table();
  if (!args[0].is_table() && !args[0].is_userdata()) {
    // Agents' strings keep the methods that their image gave them.
    const Table* old = vm.heap.basic_metatable(heap::basic_type(args[0]));
    if (old != nullptr && (old->flags & heap::kTableReadOnly) != 0) {
      return throw_error(vm, "cannot change a protected metatable");
    }
    if (!vm.heap.set_basic_metatable(heap::basic_type(args[0]), metatable)) return kNoMemory;
    return return_one(args, args[0]);
  }
  if (args[0].is_table() && (args[0].table()->flags & heap::kTableReadOnly) != 0) {
    return throw_error(vm, "attempt to modify a readonly table");
  }
  heap::Object* object = args[0].object;
  if (!heap::table_event(vm.heap, metatable, Event::Gc).is_nil() &&
      !vm.heap.register_finalizer(object)) {
    return kNoMemory;
  }
  if (args[0].is_table()) {
    args[0].table()->metatable = metatable;
    vm.heap.barrier_back(object);  // it may be weak from now on, or not any more
  } else {
    args[0].userdata()->metatable = metatable;
    vm.heap.barrier(object, args[1]);
  }
  return return_one(args, args[0]);
}

// User value `number` of a userdata, or nullptr.
Value* user_value(const Value& value, std::int64_t number) {
  Userdata* userdata = value.userdata();
  if (number < 1 || number > userdata->user_value_count) return nullptr;
  return &userdata->user_values()[number - 1];
}

// (userdata [, number])
int debug_getuservalue(Vm& vm, Value* args, int count) {
  std::int64_t number;
  if (!opt_integer(vm, args, count, 1, 1, number)) return vm.failure;
  if (count == 0 || !args[0].is_userdata()) return return_one(args, Value::nil());
  const Value* found = user_value(args[0], number);
  if (found == nullptr) return return_one(args, Value::nil());
  return return_two(args, *found, Value::boolean(true));
}

// (userdata, value [, number])
int debug_setuservalue(Vm& vm, Value* args, int count) {
  std::int64_t number;
  if (!opt_integer(vm, args, count, 2, 1, number)) return vm.failure;
  if (count == 0 || !args[0].is_userdata()) {
    return throw_type_error(vm, args, count, 0, "userdata");
  }
  if (!arg_any(vm, args, count, 1)) return vm.failure;
  Value* found = user_value(args[0], number);
  if (found == nullptr) return return_one(args, Value::nil());
  *found = args[1];
  vm.heap.barrier_back(args[0].object, args[1]);
  return return_one(args, args[0]);
}

// ([thread,] [message [, level]])
int debug_traceback(Vm& vm, Value* args, int count) {
  const auto [thread, first] = debug_target(vm, args, count);
  std::string text;
  if (!is_none_or_nil(args, count, first)) {
    const Value& message = args[first];
    if (!message.is_string() && !message.is_number()) return return_one(args, message);
    text = basic_text(vm, message) + "\n";
  }
  std::int64_t level;
  if (!opt_integer(vm, args, count, first + 1, thread == vm.thread() ? 1 : 0, level)) {
    return vm.failure;
  }
  const bool is_level = level >= 0 && level <= INT32_MAX;
  std::string traceback;
  if (!traceback_in_pieces(vm, *thread, is_level ? static_cast<int>(level) : -1, traceback)) {
    return kNoMemory;
  }
  return return_string(vm, args, text + traceback);
}

// Does nothing, as in the reference implementation since 5.4.3.
int debug_setcstacklimit(Vm& vm, Value* args, int count) {
  std::int64_t limit;
  if (!arg_integer(vm, args, count, 0, limit)) return vm.failure;
  return return_one(args, Value::from(static_cast<std::int64_t>(vm.limits.native_depth_max)));
}

int debug_debug(Vm&, Value*, int) { return kDelegate; }

// intrinsic.write_error(texts ...), for the host.
int intrinsic_write_error(Vm& vm, Value* args, int count) {
  for (int n = 0; n < count; ++n) vm.host->write_error(basic_text(vm, args[n]));
  return return_none();
}

constexpr BuiltinRow kRows[] = {
    {"debug.debug", debug_debug, nullptr, LibrarySet::All},
    {"debug.gethook", debug_gethook},
    {"debug.getinfo", debug_getinfo},
    {"debug.getlocal", debug_getlocal},
    {"debug.getmetatable", debug_getmetatable},
    {"debug.getregistry", debug_getregistry, nullptr, LibrarySet::All},
    {"debug.getupvalue", debug_getupvalue},
    {"debug.getuservalue", debug_getuservalue},
    {"debug.setcstacklimit", debug_setcstacklimit},
    {"debug.sethook", debug_sethook},
    {"debug.setlocal", debug_setlocal},
    {"debug.setmetatable", debug_setmetatable},
    {"debug.setupvalue", debug_setupvalue},
    {"debug.setuservalue", debug_setuservalue},
    {"debug.traceback", debug_traceback},
    {"debug.upvalueid", debug_upvalueid},
    {"debug.upvaluejoin", debug_upvaluejoin},
    {"intrinsic.write_error", intrinsic_write_error, nullptr, LibrarySet::All},
};

}  // namespace

std::span<const vm::BuiltinRow> debug_rows() { return kRows; }

}  // namespace moonlet::stdlib
