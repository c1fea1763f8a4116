// debug.sethook and debug.gethook. Which hook a thread has is in the thread; the registry's table
// _HOOKKEY, which scripts know, mirrors the functions.
#include "stdlib/debug_functions.hpp"
#include "vm/hooks.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms
using heap::SetResult;

namespace {

constexpr std::string_view kHookTable = "_HOOKKEY";

// The table from threads to hooks, with weak keys; nullptr: no memory.
Table* ensure_hook_table(Vm& vm) {
  const Value found = heap::get_field(vm.heap, *vm.heap.registry, kHookTable);
  if (found.is_table()) return found.table();
  Table* table = vm.heap.new_table();
  String* mode = vm.heap.new_string("k");
  if (table == nullptr || mode == nullptr ||
      !heap::set_field(vm.heap, *table, "__mode", Value::from(mode)) ||
      !heap::set_field(vm.heap, *vm.heap.registry, kHookTable, Value::from(table))) {
    return nullptr;
  }
  table->metatable = table;
  vm.heap.barrier_back(table);
  return table;
}

std::uint8_t mask_of(std::string_view letters, std::int64_t count) {
  const auto has = [letters](char letter) {
    return letters.find(letter) != std::string_view::npos;
  };
  int mask = 0;
  if (has('c')) mask |= heap::kHookCall;
  if (has('r')) mask |= heap::kHookReturn;
  if (has('l')) mask |= heap::kHookLine;
  if (count > 0) mask |= heap::kHookCount;
  return static_cast<std::uint8_t>(mask);
}

std::string letters_of(std::uint8_t mask) {
  std::string letters;
  if ((mask & heap::kHookCall) != 0) letters += 'c';
  if ((mask & heap::kHookReturn) != 0) letters += 'r';
  if ((mask & heap::kHookLine) != 0) letters += 'l';
  return letters;
}

}  // namespace

// ([thread,] [function, mask [, count]])
int debug_sethook(Vm& vm, Value* args, int count) {
  const auto [thread, first] = debug_target(vm, args, count);
  Value function = Value::nil();
  std::int64_t every = 0;
  std::uint8_t mask = 0;
  if (!is_none_or_nil(args, count, first)) {
    String* letters;
    if (!arg_string(vm, args, count, first + 1, letters)) return vm.failure;
    if (!args[first].is_function()) return throw_type_error(vm, args, count, first, "function");
    if (!opt_integer(vm, args, count, first + 2, 0, every)) return vm.failure;
    every = static_cast<std::int32_t>(every);
    mask = mask_of(letters->view(), every);
    function = args[first];
  }
  Table* table = ensure_hook_table(vm);
  if (table == nullptr ||
      heap::table_set(vm.heap, *table, Value::from(thread), function) != SetResult::Ok) {
    return kNoMemory;
  }
  set_hook(vm, *thread, function, mask, static_cast<std::int32_t>(every));
  if (thread != vm.thread()) return return_none();
  // The running loop has to look at its thread's hooks anew.
  thread->top = args;
  thread->results_from = thread->number(args);
  thread->entry = heap::ThreadEntry::Deliver;
  return kReload;
}

// ([thread])
int debug_gethook(Vm& vm, Value* args, int count) {
  const Thread& thread = *debug_target(vm, args, count).thread;
  if (thread.hook_mask == 0) return return_one(args, Value::nil());
  String* letters = vm.heap.new_string(letters_of(thread.hook_mask));
  if (letters == nullptr) return kNoMemory;
  const Value function = thread.hook_function;
  const std::int32_t every = thread.hook_count;
  return_two(args, function, Value::from(letters));
  args[1] = Value::from(every);
  return 3;
}

}  // namespace moonlet::stdlib
