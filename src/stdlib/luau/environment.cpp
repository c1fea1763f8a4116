// getfenv, setfenv, loadstring.
#include "stdlib/luau/environment.hpp"

#include "stdlib/libraries.hpp"
#include "stdlib/luau/library.hpp"
#include "stdlib/shared_functions.hpp"
#include "vm/debug.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

Table* environments(Vm& vm) {
  const Value found = heap::get_field(vm.heap, *vm.heap.registry, kEnvironments);
  return found.is_table() ? found.table() : nullptr;
}

// Whose keys are weak.
Table* ensure_environments(Vm& vm) {
  if (Table* found = environments(vm); found != nullptr) return found;
  heap::Heap& heap = vm.heap;
  Table* table = heap.new_table();
  Table* metatable = heap.new_table();
  String* mode = heap.new_string("k");
  if (table == nullptr || metatable == nullptr || mode == nullptr ||
      !heap::set_field(heap, *metatable, "__mode", Value::from(mode))) {
    return nullptr;
  }
  table->metatable = metatable;
  heap.barrier_back(table);
  return heap::set_field(heap, *heap.registry, kEnvironments, Value::from(table)) ? table : nullptr;
}

Value noted(Vm& vm, const Value& key) {
  const Table* table = environments(vm);
  return table == nullptr ? Value::nil() : heap::table_get(*table, key);
}

bool note(Vm& vm, const Value& key, const Value& environment) {
  Table* table = ensure_environments(vm);
  return table != nullptr &&
         heap::table_set(vm.heap, *table, key, environment) == heap::SetResult::Ok;
}

// -1: it has none.
int environment_upvalue(const Closure& closure) {
  const Proto& proto = *closure.proto;
  for (int n = 0; n < proto.upvalue_count; ++n) {
    const String* name = proto.upvalues[n].name;
    if (name != nullptr && name->view() == kEnvironmentUpvalue) return n;
  }
  return -1;
}

}  // namespace

Value thread_globals(Vm& vm, Thread& thread) {
  const Value own = noted(vm, Value::from(&thread));
  if (!own.is_nil()) return own;
  const Value script = heap::get_field(vm.heap, *vm.heap.registry, kScriptGlobals);
  if (!script.is_nil()) return script;
  Level level;
  if (find_level(vm, thread, 1, level) && !looks_native(level.function())) {
    return environment_of(vm, level.function());
  }
  return Value::from(vm.heap.globals);
}

bool set_thread_globals(Vm& vm, Thread& thread, const Value& globals) {
  return note(vm, Value::from(&thread), globals);
}

bool inherit_globals(Vm& vm, Thread& maker, Thread& made) {
  const Value own = noted(vm, Value::from(&maker));
  return own.is_nil() || note(vm, Value::from(&made), own);
}

Value environment_of(Vm& vm, const Value& function) {
  if (looks_native(function)) return thread_globals(vm, *vm.thread());
  Closure& closure = *function.closure();
  if (const int n = environment_upvalue(closure); n >= 0) return *closure.upvalues()[n]->location;
  const Value own = noted(vm, function);
  return own.is_nil() ? thread_globals(vm, *vm.thread()) : own;
}

bool set_environment(Vm& vm, const Value& function, const Value& environment) {
  Closure& closure = *function.closure();
  const int n = environment_upvalue(closure);
  if (n < 0) return note(vm, function, environment);
  // Other functions that have the upvalue keep what they have.
  heap::Cell* cell = vm.heap.new_closed_cell(environment);
  if (cell == nullptr) return false;
  closure.upvalues()[n] = cell;
  vm.heap.barrier(&closure, cell);
  return true;
}

namespace {

// A function, or the level of one; 0 is the thread (`function` is nil then). False: an error.
bool arg_function_or_level(Vm& vm, Value* args, int count, std::int64_t fallback, Value& function) {
  if (count > 0 && args[0].is_function()) {
    function = args[0];
    return true;
  }
  std::int64_t number = fallback;
  if (!is_none_or_nil(args, count, 0) || fallback < 0) {
    if (!arg_integer(vm, args, count, 0, number)) return false;
  }
  function = Value::nil();
  if (number == 0) return true;
  Level level;
  if (number < 0) {
    throw_arg_error(vm, 0, "level must be non-negative");
    return false;
  }
  if (number > INT32_MAX || !find_level(vm, *vm.thread(), static_cast<int>(number), level)) {
    throw_arg_error(vm, 0, "invalid level");
    return false;
  }
  function = level.function();
  return true;
}

int base_getfenv(Vm& vm, Value* args, int count) {
  Value function;
  if (!arg_function_or_level(vm, args, count, 1, function)) return vm.failure;
  return return_one(
      args, function.is_nil() ? thread_globals(vm, *vm.thread()) : environment_of(vm, function));
}

int base_setfenv(Vm& vm, Value* args, int count) {
  Table* table;
  Value function;
  if (!arg_table(vm, args, count, 1, table)) return vm.failure;
  if (!arg_function_or_level(vm, args, count, -1, function)) return vm.failure;
  if (function.is_nil()) {
    return set_thread_globals(vm, *vm.thread(), args[1]) ? return_none() : kNoMemory;
  }
  if (looks_native(function)) {
    return throw_error(vm, "'setfenv' cannot change environment of given object");
  }
  if (!set_environment(vm, function, args[1])) return kNoMemory;
  return return_one(args, function);
}

// (source [, name]): as `load` of Lua 5.4, of texts only.
int base_loadstring(Vm& vm, Value* args, int count) {
  String* text;
  if (!arg_string(vm, args, count, 0, text)) return vm.failure;
  String* name = text;
  if (!is_none_or_nil(args, count, 1) && !arg_string(vm, args, count, 1, name)) return vm.failure;
  String* mode = vm.heap.new_string("t");
  if (mode == nullptr) return kNoMemory;
  const Value globals = thread_globals(vm, *vm.thread());
  args[1] = Value::from(name);
  args[2] = Value::from(mode);
  args[3] = globals;
  return load_function(vm, args, 4);
}

// ---- For require.

int read_text(Vm& vm, Value* args, int count) {
  String* path;
  if (!arg_string(vm, args, count, 0, path)) return vm.failure;
  std::string contents;
  std::string message;
  if (!vm.host->read_file(path->view(), contents, message)) return return_one(args, Value::nil());
  return return_string(vm, args, contents);
}

// The file of the script's function that has called the library's; nil: none.
int caller_source(Vm& vm, Value* args, int) {
  Level level;
  bool is_there = find_level(vm, *vm.thread(), 1, level);
  while (is_there && looks_native(level.function())) is_there = next_level(vm, level);
  if (!is_there) return return_one(args, Value::nil());
  const String* source = level.function().closure()->proto->source;
  if (source == nullptr || !source->view().starts_with('@')) return return_one(args, Value::nil());
  return return_string(vm, args, source->view().substr(1));
}

// The prelude's, in prelude/luau/comparison.luau.
int less_equal(Vm&, Value*, int) { return kDelegate; }

int new_globals(Vm& vm, Value* args, int) {
  Table* globals = new_script_globals(vm);
  return globals == nullptr ? kNoMemory : return_one(args, Value::from(globals));
}

// What modules have returned, by file; the files that were meant; who requires what is being
// loaded.
int required(Vm& vm, Value* args, int) {
  Value tables[3];
  constexpr std::string_view kNames[] = {"_REQUIRED", "_REQUIRED_FILES", "_REQUIRING"};
  for (const int n : {0, 1, 2}) {
    tables[n] = heap::get_field(vm.heap, *vm.heap.registry, kNames[n]);
    if (tables[n].is_table()) continue;
    Table* table = vm.heap.new_table();
    if (table == nullptr) return kNoMemory;
    tables[n] = Value::from(table);
    if (!heap::set_field(vm.heap, *vm.heap.registry, kNames[n], tables[n])) return kNoMemory;
  }
  for (const int n : {0, 1, 2}) args[n - 1] = tables[n];
  return 3;
}

}  // namespace

std::span<const BuiltinRow> luau_environment_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:getfenv", base_getfenv},
      {"luau:setfenv", base_setfenv},
      {"luau:loadstring", base_loadstring},
      {"intrinsic.read_text", read_text, nullptr, LibrarySet::All},
      {"intrinsic.caller_source", caller_source},
      {"intrinsic.new_globals", new_globals},
      {"intrinsic.luau_less_equal", less_equal},
      {"intrinsic.required", required},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
