// The basic functions.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "heap/long_strings.hpp"
#include "stdlib/library.hpp"
#include "stdlib/shared_functions.hpp"
#include "stdlib/string_result.hpp"
#include "vm/call.hpp"
#include "vm/frame_walk.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms
using heap::Event;

namespace {

int base_assert(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  if (!args[0].is_falsy()) {
    move_values(args - 1, args, count);
    return count;
  }
  if (count < 2) return throw_error(vm, "assertion failed!");
  if (!args[1].is_string()) return throw_value(vm, args[1]);
  return throw_error(vm, args[1].string()->view());
}

}  // namespace

int base_error(Vm& vm, Value* args, int count) {
  std::int64_t level;
  if (!opt_integer(vm, args, count, 1, 1, level)) return vm.failure;
  const Value value = count > 0 ? args[0] : Value::nil();
  if (!value.is_string() || level <= 0) return throw_value(vm, value);
  Level at;
  const Walked walked = find_level_in_pieces(vm, *vm.thread(), static_cast<int>(level), at);
  if (walked == Walked::Again) return kNoMemory;
  const std::string position = walked == Walked::Found ? where(at) : std::string();
  charge(vm, value.string()->size / 16);
  return throw_value_text(vm, position + std::string(value.string()->view()));
}

namespace {

int base_type(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  return return_string(vm, args, basic_type_name(args[0]));
}

int fast_type(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 2) return kNotFast;
  String* name = vm.heap.event_names->types[static_cast<int>(heap::basic_type(slot[1]))];
  return name == nullptr ? kNotFast : return_fast(slot, Value::from(name));
}

int base_getmetatable(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  Table* metatable = metatable_of(vm, args[0]);
  if (metatable == nullptr) return return_one(args, Value::nil());
  const Value guard = heap::table_event(vm.heap, metatable, Event::Metatable);
  return return_one(args, guard.is_nil() ? Value::from(metatable) : guard);
}

int base_setmetatable(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  if (count < 2 || !(args[1].is_nil() || args[1].is_table())) {
    return throw_type_error(vm, args, count, 1, "nil or table");
  }
  if (!heap::table_event(vm.heap, table->metatable, Event::Metatable).is_nil()) {
    return throw_error(vm, "cannot change a protected metatable");
  }
  if ((table->flags & heap::kTableReadOnly) != 0) {
    return throw_error(vm, "attempt to modify a readonly table");
  }
  Table* metatable = args[1].is_nil() ? nullptr : args[1].table();
  if (metatable != nullptr && vm.dialect == Dialect::Lua54 &&
      !heap::table_event(vm.heap, metatable, Event::Gc).is_nil()) {
    if (!vm.heap.register_finalizer(table)) return kNoMemory;
  }
  table->metatable = metatable;
  vm.heap.barrier_back(table);  // it may be weak from now on, or not any more
  return return_one(args, args[0]);
}

// A new object gets its class.
int fast_setmetatable(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 3 || !slot[1].is_table() || !slot[2].is_table()) return kNotFast;
  Table* table = slot[1].table();
  Table* metatable = slot[2].table();
  if (table->metatable != nullptr || (table->flags & heap::kTableReadOnly) != 0 ||
      !heap::has_no_event(*metatable, Event::Gc)) {
    return kNotFast;
  }
  table->metatable = metatable;
  vm.heap.barrier_back(table);
  return return_fast(slot, slot[1]);
}

int fast_getmetatable(Vm&, Value* slot, unsigned operands) {
  if (operands != 2 || !slot[1].is_table()) return kNotFast;
  Table* metatable = slot[1].table()->metatable;
  if (metatable == nullptr) return return_fast(slot, Value::nil());
  if (!heap::has_no_event(*metatable, Event::Metatable)) return kNotFast;
  return return_fast(slot, Value::from(metatable));
}

int base_rawequal(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0) || !arg_any(vm, args, count, 1)) return vm.failure;
  if (args[0].is_string() && args[1].is_string()) {
    const String& a = *args[0].string();
    const String& b = *args[1].string();
    if (&a != &b && a.is_long() && a.size == b.size) {
      const heap::Compared compared = heap::compare_in_pieces(vm.heap, a, b);
      if (!compared.is_done) return kNoMemory;
      charge(vm, a.size / 16);
      return return_one(args, Value::boolean(compared.order == 0));
    }
  }
  return return_one(args, Value::boolean(raw_equal(args[0], args[1])));
}

int base_rawlen(Vm& vm, Value* args, int count) {
  if (count > 0 && args[0].is_string()) {
    return return_one(args, Value::from(static_cast<std::int64_t>(args[0].string()->size)));
  }
  if (count == 0 || !args[0].is_table()) {
    return throw_type_error(vm, args, count, 0, "table or string");
  }
  return return_one(args,
                    Value::from(static_cast<std::int64_t>(heap::table_length(*args[0].table()))));
}

int base_rawget(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table) || !arg_any(vm, args, count, 1)) return vm.failure;
  if (!is_ready_as_key(vm, args[1])) return kNoMemory;
  return return_one(args, heap::table_get(*table, args[1]));
}

int base_rawset(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table) || !arg_any(vm, args, count, 1) ||
      !arg_any(vm, args, count, 2)) {
    return vm.failure;
  }
  if ((table->flags & heap::kTableReadOnly) != 0) {
    return throw_error(vm, "attempt to modify a readonly table");
  }
  if (!is_ready_as_key(vm, args[1])) return kNoMemory;
  const GrowsInPieces grows(vm);
  switch (heap::table_set(vm.heap, *table, args[1], args[2])) {
    case heap::SetResult::Ok:
      return return_one(args, args[0]);
    case heap::SetResult::NoMemory:
      return kNoMemory;
    case heap::SetResult::NilKey:
      return throw_value_text(vm, "table index is nil");
    case heap::SetResult::NanKey:
      return throw_value_text(
          vm, args[1].is_vector() ? "table index contains NaN" : "table index is NaN");
  }
  ML_UNREACHABLE();
}

}  // namespace

int base_select(Vm& vm, Value* args, int count) {
  if (count > 0 && args[0].is_string() && args[0].string()->view().substr(0, 1) == "#") {
    return return_one(args, Value::from(count - 1));
  }
  std::int64_t n;
  if (!arg_integer(vm, args, count, 0, n)) return vm.failure;
  if (n < 0) {
    n += count;
  } else if (n > count) {
    n = count;
  }
  if (n < 1) return throw_arg_error(vm, 0, "index out of range");
  const int results = count - static_cast<int>(n);
  charge_values(vm, results);
  move_values(args - 1, args + n, results);
  return results;
}

namespace {

// ---- tostring and print.

int base_tostring(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  const Value handler = metamethod(vm, args[0], Event::ToString);
  if (!handler.is_nil()) {
    args[2] = args[0];
    args[1] = handler;
    vm.call_slot = args + 1;
    vm.call_count = 1;
    return kCall;
  }
  if (args[0].is_string()) return return_one(args, args[0]);
  if (args[0].is_object() && !vm.heap.can_identify(args[0].object)) return throw_memory(vm);
  const std::string text = basic_text(vm, args[0]);
  charge(vm, text.size() / 16);
  return return_string(vm, args, text);
}

int tostring_resume(Vm& vm, Value* args, Value* results, int count) {
  if (count == 0 || !(results[0].is_string() || results[0].is_number())) {
    return throw_error(vm, "'__tostring' must return a string");
  }
  if (results[0].is_number()) return return_string(vm, args, basic_text(vm, results[0]));
  return return_one(args, results[0]);
}

int base_print(Vm& vm, Value* args, int count) {
  for (int n = 0; n < count; ++n) {
    if (!metamethod(vm, args[n], Event::ToString).is_nil()) return kDelegate;
  }
  std::string line;
  for (int n = 0; n < count; ++n) {
    if (n > 0) line += '\t';
    line += basic_text(vm, args[n]);
  }
  line += '\n';
  charge(vm, line.size() / 16);
  vm.host->write(line);
  return 0;
}

int intrinsic_write(Vm& vm, Value* args, int count) {
  for (int n = 0; n < count; ++n) vm.host->write(basic_text(vm, args[n]));
  return 0;
}

int base_warn(Vm& vm, Value* args, int count) {
  String* piece;
  if (!arg_string(vm, args, count, 0, piece)) return vm.failure;
  for (int n = 1; n < count; ++n) {
    if (!arg_string(vm, args, count, n, piece)) return vm.failure;
  }
  const std::string_view first = args[0].string()->view();
  if (count == 1 && !first.empty() && first[0] == '@') {
    if (first == "@on") vm.warnings_on = true;
    if (first == "@off") vm.warnings_on = false;
    return 0;
  }
  if (!vm.warnings_on) return 0;
  for (int n = 0; n < count; ++n) vm.host->warn(args[n].string()->view(), n + 1 < count);
  return 0;
}

// ---- tonumber.

int tonumber_in_base(Vm& vm, Value* args, int count) {
  std::int64_t base;
  if (!arg_integer(vm, args, count, 1, base)) return vm.failure;
  if (!args[0].is_string()) return throw_type_error(vm, args, count, 0, "string");
  if (base < 2 || base > 36) return throw_arg_error(vm, 1, "base out of range");
  std::string_view text = args[0].string()->view();
  if (text.size() > kNumeralBytesMax) return return_one(args, Value::nil());
  constexpr std::string_view kSpace = " \f\n\r\t\v";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return return_one(args, Value::nil());
  text = text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
  bool negative = false;
  if (text[0] == '-' || text[0] == '+') {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return return_one(args, Value::nil());
  charge(vm, text.size());
  std::uint64_t number = 0;
  for (const char c : text) {
    int digit = 99;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'z') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') digit = c - 'A' + 10;
    if (digit >= base) return return_one(args, Value::nil());
    number = number * static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(digit);
  }
  return return_one(args, Value::from(static_cast<std::int64_t>(negative ? 0 - number : number)));
}

int base_tonumber(Vm& vm, Value* args, int count) {
  if (!is_none_or_nil(args, count, 1)) return tonumber_in_base(vm, args, count);
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  Value number;
  if (!to_number(args[0], number)) number = Value::nil();
  if (args[0].is_string()) charge(vm, std::min(args[0].string()->size, kNumeralBytesMax));
  return return_one(args, number);
}

// ---- Iteration.

}  // namespace

int base_next(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  Value key;
  Value value;
  // Behind the arguments, an earlier activation left the position that it came to.
  std::uint64_t position = 0;
  const bool goes_on =
      count == 3 && is_buffer(args[2]) && args[2].buffer()->size == sizeof position;
  if (goes_on) std::memcpy(&position, args[2].buffer()->data(), sizeof position);
  switch (
      heap::table_next(vm.heap, *table, count > 1 ? args[1] : Value::nil(), position, key, value)) {
    case heap::NextResult::Again: {
      Value slot = goes_on ? args[2] : Value::nil();
      Buffer* buffer = state_buffer(vm, slot, sizeof position);
      if (buffer == nullptr) return kNoMemory;
      std::memcpy(buffer->data(), &position, sizeof position);
      buffer->size = sizeof position;
      if (count == 1) args[1] = Value::nil();
      args[2] = slot;
      charge(vm, heap::kSkippedMax / 8);
      vm.call_count = 3;
      return kAgain;
    }
    case heap::NextResult::Next:
      return return_two(args, key, value);
    case heap::NextResult::End:
      return return_one(args, Value::nil());
    case heap::NextResult::Invalid:
      return throw_value_text(vm, "invalid key to 'next'");
  }
  ML_UNREACHABLE();
}

namespace {

int base_pairs(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  const Value handler = metamethod(vm, args[0], Event::Pairs);
  if (!handler.is_nil()) {
    args[2] = args[0];
    args[1] = handler;
    vm.call_slot = args + 1;
    vm.call_count = 1;
    return kCall;
  }
  // What is no table is next's to complain about, as in the reference.
  const Value table = args[0];
  args[-1] = Value::from_builtin(static_cast<std::uint32_t>(vm.builtins.roles.next));
  args[0] = table;
  args[1] = Value::nil();
  return 3;
}

int pairs_resume(Vm&, Value* args, Value* results, int count) {
  for (int n = 0; n < 3; ++n) args[n - 1] = n < count ? results[n] : Value::nil();
  return 3;
}

int intrinsic_ipairs_step(Vm& vm, Value* args, int count) {
  if (count >= 2 && args[0].is_table() && args[1].is_integer()) {
    const std::int64_t index =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(args[1].integer) + 1);
    const Value value = heap::table_get_integer(*args[0].table(), index);
    if (!value.is_nil()) return return_two(args, Value::from(index), value);
    if (args[0].table()->metatable == nullptr) return return_one(args, Value::nil());
  }
  static_cast<void>(vm);
  return kDelegate;
}

int base_ipairs(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  const Value table = args[0];
  args[-1] = Value::from_builtin(static_cast<std::uint32_t>(vm.builtins.roles.ipairs_step));
  args[0] = table;
  args[1] = Value::from(0);
  return 3;
}

// ---- Protected calls. pcall's frame stays under the callee's; unwinding knows it by its index.

int base_pcall(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  vm.call_slot = args;
  vm.call_count = count - 1;
  return kCall;
}

int pcall_resume(Vm&, Value* args, Value* results, int count) {
  args[-1] = Value::boolean(true);
  move_values(args, results, count);
  return count + 1;
}

int base_xpcall(Vm& vm, Value* args, int count) {
  if (count < 2 || !args[1].is_function()) {
    return throw_type_error(vm, args, count, 1, "function");
  }
  for (int n = count; n > 2; --n) args[n] = args[n - 1];
  args[2] = args[0];
  vm.thread()->top = args + count + 1;
  vm.call_slot = args + 2;
  vm.call_count = count - 2;
  return kCall;
}

int closing_start(Vm& vm, Value*, int) { return throw_error(vm, "not a function of scripts"); }

}  // namespace

std::span<const BuiltinRow> base_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"assert", base_assert},
      {"error", base_error},
      {.name = "getmetatable", .call = base_getmetatable, .fast = fast_getmetatable},
      {"ipairs", base_ipairs},
      {"next", base_next},
      {"pairs", base_pairs, pairs_resume, LibrarySet::Safe, Callbacks::MayYield},
      {"pcall", base_pcall, pcall_resume, LibrarySet::Safe, Callbacks::MayYield},
      {"print", base_print},
      {"rawequal", base_rawequal},
      {"rawget", base_rawget},
      {"rawlen", base_rawlen},
      {"rawset", base_rawset},
      {"select", base_select},
      {.name = "setmetatable", .call = base_setmetatable, .fast = fast_setmetatable},
      {"tonumber", base_tonumber},
      {"tostring", base_tostring, tostring_resume},
      {.name = "type", .call = base_type, .fast = fast_type},
      {"warn", base_warn},
      {"xpcall", base_xpcall, pcall_resume, LibrarySet::Safe, Callbacks::MayYield},
      {"intrinsic.closing", closing_start, closing_resume, LibrarySet::Safe, Callbacks::MayYield},
      {"intrinsic.ipairs_step", intrinsic_ipairs_step},
      {"intrinsic.write", intrinsic_write},
      {"intrinsic.tostring", base_tostring, tostring_resume},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
