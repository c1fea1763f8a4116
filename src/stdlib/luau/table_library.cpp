// table, of Luau: metamethods do not come into it, and what is frozen is not written.
//
// Work on many elements is done in pieces of kElementsAtOnce. How far it has come stands in an
// argument slot as an integer: a script has none of these.
#include <algorithm>

#include "heap/long_strings.hpp"
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"
#include "stdlib/table_rows.hpp"
#include "vm/call.hpp"

namespace moonlet::stdlib::luau {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

constexpr std::int64_t kElementsAtOnce = 2'000;
// Of a table that is made with them at once, as in Luau.
constexpr int kElementsMax = 1 << 26;
// What a native function of Luau has room for, its arguments included.
constexpr std::int64_t kResultsMax = 8'000;

bool is_frozen(const Table& table) { return (table.flags & heap::kTableReadOnly) != 0; }

int throw_frozen(Vm& vm) { return throw_error(vm, "attempt to modify a readonly table"); }

std::int64_t length_of(const Table& table) {
  return static_cast<std::int64_t>(heap::table_length(table));
}

// A table that may be written; false: the error is set.
bool arg_writable(Vm& vm, Value* args, int count, int index, Table*& table) {
  if (!arg_table(vm, args, count, index, table)) return false;
  if (!is_frozen(*table)) return true;
  throw_frozen(vm);
  return false;
}

// ---- Lists.

int luau_getn(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  return return_number(args, static_cast<double>(length_of(*table)));
}

// Behind the end and before the beginning nothing is moved.
int luau_insert(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  if (count != 2 && count != 3) {
    return throw_error(vm, "wrong number of arguments to 'insert'");
  }
  const std::int64_t length = length_of(*table);
  int position = 0;
  if (count == 3 && !arg_int(vm, args, count, 1, position)) return vm.failure;
  if (is_frozen(*table)) return throw_frozen(vm);
  if (count == 2) return table_insert(vm, args, count);
  if (position >= 1 && position <= length) {
    args[1] = Value::from(position);
    return table_insert(vm, args, count);
  }
  const GrowsInPieces grows(vm);
  return heap::table_set_integer(vm.heap, *table, position, args[2]) == heap::SetResult::NoMemory
             ? kNoMemory
             : 0;
}

int luau_remove(Vm& vm, Value* args, int count) {
  Table* table;
  int position;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  const std::int64_t length = length_of(*table);
  if (!opt_int(vm, args, count, 1, to_int(static_cast<double>(length)), position)) {
    return vm.failure;
  }
  if (position < 1 || position > length) return 0;
  if (is_frozen(*table)) return throw_frozen(vm);
  args[1] = Value::from(position);
  return table_remove(vm, args, 2);
}

int luau_concat(Vm& vm, Value* args, int count) {
  if (is_concat_under_way(args, count)) return intrinsic_concat(vm, args, count);
  Table* table;
  String* separator = nullptr;
  int first;
  int last;
  if (!is_none_or_nil(args, count, 1) && !arg_string(vm, args, count, 1, separator)) {
    return vm.failure;
  }
  if (!arg_table(vm, args, count, 0, table) || !opt_int(vm, args, count, 2, 1, first) ||
      !opt_int(vm, args, count, 3, to_int(static_cast<double>(length_of(*table))), last)) {
    return vm.failure;
  }
  if (separator == nullptr) separator = vm.heap.new_string("");
  if (separator == nullptr) return kNoMemory;
  if (first > last) return return_string(vm, args, {});
  args[1] = Value::from(separator);
  args[2] = Value::from(first);
  args[3] = Value::from(last);
  const int answer = table_concat(vm, args, 4);
  return answer == kDelegate ? intrinsic_concat(vm, args, 4) : answer;
}

int luau_unpack(Vm& vm, Value* args, int count) {
  if (count > 3 && args[1].is_integer() && args[2].is_integer()) {
    return intrinsic_unpack(vm, args, count);
  }
  Table* table;
  int first;
  int last;
  if (!arg_table(vm, args, count, 0, table) || !opt_int(vm, args, count, 1, 1, first) ||
      !opt_int(vm, args, count, 2, to_int(static_cast<double>(length_of(*table))), last)) {
    return vm.failure;
  }
  if (first > last) return 0;
  if (std::int64_t{last} - first + 1 + count > kResultsMax) {
    return throw_error(vm, "too many results to unpack");
  }
  args[1] = args[3] = Value::from(first);
  args[2] = args[4] = Value::from(last);
  const int room = intrinsic_can_unpack(vm, args + 3, 2);
  if (room != 0) return room;
  const std::int64_t more = std::int64_t{last} - first;
  if (more >= kBuiltinSlots) return intrinsic_unpack(vm, args, 3);
  Value* results = args - 1;  // over the table's own slot
  for (std::int64_t n = 0; n <= more; ++n) {
    results[n] = heap::table_get_integer(*table, first + n);
  }
  charge(vm, static_cast<std::uint64_t>(more));
  return static_cast<int>(more) + 1;
}

int luau_pack(Vm& vm, Value* args, int count) {
  // The table of a long list that has been stored in part.
  Table* table = heap::table_that_waits(vm.heap, args);
  if (table == nullptr) table = vm.heap.new_table(static_cast<std::uint32_t>(count), 1);
  if (table == nullptr) return kNoMemory;
  const GrowsInPieces grows(vm);
  if (!heap::table_set_list(vm.heap, *table, 0, args, static_cast<std::uint32_t>(count)) ||
      !heap::set_field(vm.heap, *table, "n", Value::from(static_cast<double>(count)))) {
    return kNoMemory;
  }
  charge(vm, static_cast<std::uint64_t>(count));
  return return_one(args, Value::from(table));
}

int luau_move(Vm& vm, Value* args, int count) {
  Table* source;
  Table* target;
  int first;
  int last;
  int to;
  const int target_index = is_none_or_nil(args, count, 4) ? 0 : 4;
  if (!arg_table(vm, args, count, 0, source) || !arg_int(vm, args, count, 1, first) ||
      !arg_int(vm, args, count, 2, last) || !arg_int(vm, args, count, 3, to) ||
      !arg_table(vm, args, count, target_index, target)) {
    return vm.failure;
  }
  if (last < first) return return_one(args, args[target_index]);
  const std::int64_t size = std::int64_t{last} - first + 1;
  if (size > INT32_MAX) return throw_arg_error(vm, 2, "too many elements to move");
  if (to > INT32_MAX - size + 1) return throw_arg_error(vm, 3, "destination wrap around");
  if (is_frozen(*target)) return throw_frozen(vm);
  args[1] = Value::from(first);
  args[2] = Value::from(last);
  args[3] = Value::from(to);
  return table_move(vm, args, count);
}

int luau_sort(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_writable(vm, args, count, 0, table)) return vm.failure;
  if (!is_none_or_nil(args, count, 1) && !arg_function(vm, args, count, 1)) return vm.failure;
  return table_sort(vm, args, count);
}

// (size, value, table, elements so far)
int luau_create(Vm& vm, Value* args, int count) {
  int size;
  if (!arg_int(vm, args, count, 0, size)) return vm.failure;
  if (size < 0) return throw_arg_error(vm, 0, "size out of range");
  if (size > kElementsMax) return throw_error(vm, "table overflow");
  const bool goes_on = count == 4 && args[2].is_table() && args[3].is_integer();
  if (!goes_on) {
    Table* fresh = vm.heap.new_table();
    if (fresh == nullptr) return kNoMemory;
    if (count < 2) args[1] = Value::nil();
    args[2] = Value::from(fresh);
    args[3] = Value::from(0);
    if (size > kElementsAtOnce) {
      vm.call_count = 4;
      return kAgain;
    }
  }
  Table& table = *args[2].table();
  const GrowsInPieces grows(vm);
  const std::int64_t done = args[3].integer;
  if (done < 0 || done > size || is_frozen(table)) return throw_corrupt(vm);
  if (table.array_capacity < static_cast<std::uint32_t>(size) &&
      !heap::table_reserve_array(vm.heap, table,
                                 static_cast<std::uint32_t>(size) - table.array_count)) {
    return kNoMemory;
  }
  const std::int64_t end =
      args[1].is_nil() ? size : std::min<std::int64_t>(size, done + kElementsAtOnce);
  if (!args[1].is_nil()) {
    for (std::int64_t n = done; n < end; ++n) {
      if (heap::table_set_integer(vm.heap, table, n + 1, args[1]) != heap::SetResult::Ok) {
        return kNoMemory;
      }
    }
    charge(vm, static_cast<std::uint64_t>(end - done));
  }
  if (end == size) return return_one(args, args[2]);
  args[3] = Value::from(end);
  vm.call_count = 4;
  return kAgain;
}

// ---- Any table.

// intrinsic.luau_places(table): how many keys it has, and had.
int places(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  const std::int64_t fields = table->is_shaped() ? table->shape()->count : table->entry_count;
  return return_one(args, Value::from(fields + table->array_count));
}

// Is the script asked whether these are equal?
bool asks_script(Vm& vm, const Value& a, const Value& b) {
  return a.tag() == b.tag() && (a.is_table() || a.is_userdata()) && a.object != b.object &&
         !metamethod(vm, a, heap::Event::Eq).is_nil();
}

// (table, value, next position)
int luau_find(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table) || !arg_any(vm, args, count, 1)) return vm.failure;
  if (count < 3 || !args[2].is_integer()) {
    int first;
    if (!opt_int(vm, args, count, 2, 1, first)) return vm.failure;
    if (first < 1) return throw_arg_error(vm, 2, "index out of range");
    args[2] = Value::from(first);
    // Long strings are compared in pieces: then the position has to be known to the next
    // activation.
    if (args[1].is_string() && args[1].string()->is_long()) {
      vm.call_count = 3;
      return kAgain;
    }
  }
  const Value& wanted = args[1];
  std::int64_t at = args[2].integer;
  for (std::int64_t n = 0; n < kElementsAtOnce; ++n, ++at) {
    const Value element = heap::table_get_integer(*table, at);
    if (element.is_nil()) {
      charge(vm, static_cast<std::uint64_t>(n));
      return return_one(args, Value::nil());
    }
    if (asks_script(vm, element, wanted)) {
      args[2] = Value::from(at);
      if (count >= 3) return kDelegate;
      vm.call_count = 3;
      return kAgain;
    }
    bool is_it = false;
    if (element.is_string() && wanted.is_string() && element.string()->is_long() &&
        element.string()->size == wanted.string()->size && element.object != wanted.object) {
      args[2] = Value::from(at);
      const heap::Compared compared =
          heap::compare_in_pieces(vm.heap, *element.string(), *wanted.string());
      if (!compared.is_done) return kNoMemory;
      n += static_cast<std::int64_t>(element.string()->size / 64);
      is_it = compared.order == 0;
    } else {
      is_it = raw_equal(element, wanted);
    }
    if (is_it) {
      charge(vm, static_cast<std::uint64_t>(n));
      return return_number(args, static_cast<double>(at));
    }
  }
  charge(vm, static_cast<std::uint64_t>(kElementsAtOnce));
  args[2] = Value::from(at);
  vm.call_count = 3;
  return kAgain;
}

// Keys keep their places until new ones need room, so that a traversal under way comes to its end.
// (table, next entry)
int luau_clear(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_writable(vm, args, count, 0, table)) return vm.failure;
  table->array_count = 0;
  if (table->is_shaped()) {
    std::for_each_n(table->fields, table->shape()->count,
                    [](Value& field) { heap::set_nil(&field); });
    return 0;
  }
  const bool goes_on = count == 2 && args[1].is_integer() && args[1].integer >= 0;
  const auto from = goes_on ? static_cast<std::uint64_t>(args[1].integer) : 0;
  const std::uint64_t to = std::min<std::uint64_t>(
      table->entry_count, from + static_cast<std::uint64_t>(kElementsAtOnce));
  for (std::uint64_t n = from; n < to; ++n) table->entries[n].set_value(Value::nil());
  if (from < to) charge(vm, to - from);
  if (to >= table->entry_count) return 0;
  args[1] = Value::from(static_cast<std::int64_t>(to));
  vm.call_count = 2;
  return kAgain;
}

bool arg_unprotected(Vm& vm, Value* args, int count, Table*& table) {
  if (!arg_table(vm, args, count, 0, table)) return false;
  if (heap::table_event(vm.heap, table->metatable, heap::Event::Metatable).is_nil()) return true;
  throw_arg_error(vm, 0, "table has a protected metatable");
  return false;
}

int luau_freeze(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  if (is_frozen(*table)) return throw_arg_error(vm, 0, "table is already frozen");
  if (!arg_unprotected(vm, args, count, table)) return vm.failure;
  table->flags |= heap::kTableReadOnly;
  return return_one(args, args[0]);
}

int luau_isfrozen(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_table(vm, args, count, 0, table)) return vm.failure;
  return return_one(args, Value::boolean(is_frozen(*table)));
}

// (table, copy, position in the table)
int luau_clone(Vm& vm, Value* args, int count) {
  Table* table;
  if (!arg_unprotected(vm, args, count, table)) return vm.failure;
  const bool goes_on = count == 3 && args[1].is_table() && args[2].is_integer();
  if (!goes_on) {
    Table* fresh = vm.heap.new_table();
    if (fresh == nullptr) return kNoMemory;
    args[1] = Value::from(fresh);
    args[2] = Value::from(0);
    const std::uint64_t places = std::uint64_t{table->array_count} + table->entry_count;
    if (places > static_cast<std::uint64_t>(kElementsAtOnce)) {
      vm.call_count = 3;
      return kAgain;
    }
  }
  Table& copy = *args[1].table();
  if (is_frozen(copy) || args[2].integer < 0) return throw_corrupt(vm);
  const GrowsInPieces grows(vm);
  auto position = static_cast<std::uint64_t>(args[2].integer);
  if (position == 0 && copy.array_capacity < table->array_count &&
      !heap::table_reserve_array(vm.heap, copy, table->array_count)) {
    return kNoMemory;
  }
  for (std::int64_t n = 0; n < kElementsAtOnce; ++n) {
    Value key;
    Value value;
    const std::uint64_t next = heap::table_next_position(*table, position, key, value);
    if (next == 0) {
      copy.metatable = table->metatable;
      vm.heap.barrier_back(&copy);
      charge(vm, static_cast<std::uint64_t>(n));
      return return_one(args, args[1]);
    }
    const bool is_field = table->is_shaped() && key.is_string();
    const heap::SetResult done = is_field
                                     ? heap::table_set_named(vm.heap, copy, key.string(), value)
                                     : heap::table_set(vm.heap, copy, key, value);
    if (done != heap::SetResult::Ok) return kNoMemory;
    position = next;
    args[2] = Value::from(static_cast<std::int64_t>(position));
  }
  charge(vm, static_cast<std::uint64_t>(kElementsAtOnce));
  vm.call_count = 3;
  return kAgain;
}

}  // namespace

std::span<const BuiltinRow> table_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:table.clear", luau_clear},
      {"luau:table.clone", luau_clone},
      {"luau:table.concat", luau_concat},
      {"luau:table.create", luau_create},
      {"luau:table.find", luau_find},
      {"luau:table.freeze", luau_freeze},
      {"luau:table.getn", luau_getn},
      {.name = "luau:table.insert", .call = luau_insert, .fast = fast_table_insert},
      {"luau:table.isfrozen", luau_isfrozen},
      {"luau:table.move", luau_move},
      {"luau:table.pack", luau_pack},
      {"luau:table.remove", luau_remove},
      {"luau:table.sort", luau_sort},
      {"luau:table.unpack", luau_unpack},
      {"luau:unpack", luau_unpack},
      {"intrinsic.luau_places", places},
  };
  return kRows;
}

}  // namespace moonlet::stdlib::luau
