// The table library: fast paths for plain tables. prelude/table.lua has the functions themselves.
#include <cstring>

#include "heap/long_strings.hpp"
#include "stdlib/library.hpp"
#include "stdlib/string_result.hpp"
#include "stdlib/table_rows.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace {

using heap::SetResult;

// Elements that one activation moves: a unit each.
constexpr std::uint64_t kElementsMoved = 8'000;

// Moves array elements inside one table. The collector may have looked at a part of it already.
void move_elements(Vm& vm, Table& table, std::uint64_t from, std::uint64_t to,
                   std::uint64_t count) {
  std::memmove(table.array.place(to), table.array.place(from), table.array.bytes(count));
  vm.heap.table_moved(table);
  charge(vm, count);
}

int insert_at_end(Vm& vm, Table& table, const Value& value) {
  const GrowsInPieces grows(vm);
  const auto place = static_cast<std::int64_t>(table_length(table)) + 1;
  if (table_set_integer(vm.heap, table, place, value) == SetResult::NoMemory) return kNoMemory;
  return return_none();
}

}  // namespace

// table.insert(list, [position,] value)
int table_insert(Vm& vm, Value* args, int count) {
  if (count == 0) return throw_no_list(vm, args);
  if (!is_plain_table(vm, args, count, 0)) return kDelegate;
  Table& table = *args[0].table();
  if (count == 2) return insert_at_end(vm, table, args[1]);
  if (count != 3 || !args[1].is_integer()) return kDelegate;
  const std::uint64_t length = table_length(table);
  const std::uint64_t place = static_cast<std::uint64_t>(args[1].integer) - 1;  // from 0
  if (place == length) return insert_at_end(vm, table, args[2]);
  if (place > length || length != table.array_count || length - place > kElementsMoved) {
    return kDelegate;
  }
  // A full array would be laid out anew by the store below, and might come out smaller.
  if (table.array_count == table.array_capacity || !table.array.can_hold(args[2])) return kDelegate;
  // The last element gets a new place first; there is room for it.
  const Value last = table.array[length - 1];
  const auto end = static_cast<std::int64_t>(length) + 1;
  if (table_set_integer(vm.heap, table, end, last) == SetResult::NoMemory) return kNoMemory;
  move_elements(vm, table, place, place + 1, length - 1 - place);
  table.array.set(place, args[2]);
  vm.heap.barrier_back(&table, args[2]);
  return return_none();
}

// A value behind the last one, where there is room.
int fast_table_insert(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 3 || !is_plain_table(vm, slot, 2, 1)) return kNotFast;
  Table& table = *slot[1].table();
  const std::uint32_t place = table.array_count;
  if (table.entry_count != 0 || place >= table.array_capacity || slot[2].is_nil() ||
      !table.array.can_hold(slot[2])) {
    return kNotFast;
  }
  table.array.set(place, slot[2]);
  table.array_count = place + 1;
  vm.heap.barrier_back(&table, slot[2]);
  return 0;
}

// table.remove(list [, position])
int table_remove(Vm& vm, Value* args, int count) {
  if (count == 0) return throw_no_list(vm, args);
  if (!is_plain_table(vm, args, count, 0)) return kDelegate;
  Table& table = *args[0].table();
  const std::uint64_t length = table_length(table);
  std::uint64_t position = length;
  if (!is_none_or_nil(args, count, 1)) {
    if (!args[1].is_integer()) return kDelegate;
    position = static_cast<std::uint64_t>(args[1].integer);
    if (position != length && position - 1 > length) return kDelegate;
  }
  const auto key = static_cast<std::int64_t>(position);
  const Value removed = table_get_integer(table, key);
  std::int64_t emptied = key;
  if (position < length) {
    if (position == 0 || length != table.array_count || length - position > kElementsMoved) {
      return kDelegate;
    }
    move_elements(vm, table, position, position - 1, length - position);
    emptied = static_cast<std::int64_t>(length);
  }
  // Storing nil takes no memory, and where elements were moved, no time.
  const GrowsInPieces grows(vm);
  if (table_set_integer(vm.heap, table, emptied, Value::nil()) == SetResult::NoMemory) {
    return kNoMemory;
  }
  return return_one(args, removed);
}

// table.move(source, first, last, to [, target]) where all lies in array parts.
int table_move(Vm& vm, Value* args, int count) {
  std::int64_t first;
  std::int64_t last;
  std::int64_t to;
  if (!arg_integer(vm, args, count, 1, first)) return vm.failure;
  if (!arg_integer(vm, args, count, 2, last)) return vm.failure;
  if (!arg_integer(vm, args, count, 3, to)) return vm.failure;
  const int target_index = is_none_or_nil(args, count, 4) ? 0 : 4;
  if (!is_plain_table(vm, args, count, 0) || !is_plain_table(vm, args, count, target_index)) {
    return kDelegate;
  }
  const Table& source = *args[0].table();
  Table& target = *args[target_index].table();
  if (first > last) return return_one(args, args[target_index]);
  if (first < 1 || last > static_cast<std::int64_t>(source.array_count)) return kDelegate;
  const std::int64_t size = last - first + 1;
  const auto target_count = static_cast<std::int64_t>(target.array_count);
  if (size > static_cast<std::int64_t>(kElementsMoved) || to < 1 || to > target_count + 1) {
    return kDelegate;
  }
  if (target.array.is_packed() && source.array.packed() != target.array.packed()) return kDelegate;
  const std::int64_t end = to - 1 + size;  // elements of the target that are there afterwards
  if (end > target_count) {
    // Keys behind the array part may be in the dictionary; the last element must not be nil.
    const bool has_others = (target.flags & heap::kTableIntegerEntries) != 0;
    if (has_others || source.array[static_cast<std::size_t>(last - 1)].is_nil()) return kDelegate;
    const GrowsInPieces grows(vm);
    if (!table_reserve_array(vm.heap, target, static_cast<std::uint32_t>(end - target_count)))
      return kNoMemory;
  } else if (end == target_count && source.array[static_cast<std::size_t>(last - 1)].is_nil()) {
    return kDelegate;
  }
  const auto from = static_cast<std::size_t>(first) - 1;
  const auto place = static_cast<std::size_t>(to) - 1;
  const auto moved = static_cast<std::size_t>(size);
  if (source.array.packed() == target.array.packed()) {
    std::memmove(target.array.place(place), source.array.place(from), target.array.bytes(moved));
  } else {
    for (std::size_t n = 0; n < moved; ++n) target.array.set(place + n, source.array[from + n]);
  }
  if (end > target_count) target.array_count = static_cast<std::uint32_t>(end);
  if (!target.array.is_packed()) {
    vm.heap.barrier_store(target, target.array.values() + place, moved);
  }
  charge(vm, static_cast<std::uint64_t>(size));
  return return_one(args, args[target_index]);
}

namespace {

// table.pack(...)
int table_pack(Vm& vm, Value* args, int count) {
  // The table of a long list that has been stored in part.
  Table* table = heap::table_that_waits(vm.heap, args);
  if (table == nullptr) table = vm.heap.new_table(static_cast<std::uint32_t>(count), 1);
  if (table == nullptr) return kNoMemory;
  const GrowsInPieces grows(vm);
  if (!table_set_list(vm.heap, *table, 0, args, static_cast<std::uint32_t>(count))) {
    return kNoMemory;
  }
  if (!set_field(vm.heap, *table, "n", Value::from(count))) return kNoMemory;
  charge(vm, static_cast<std::uint64_t>(count));
  return return_one(args, Value::from(table));
}

// intrinsic.acts_as_table(value, needs): is it a table, or has it the metamethods that are needed?
// needs: 1 reading, 2 writing, 4 a length, or sums.
int intrinsic_acts_as_table(Vm& vm, Value* args, int count) {
  if (count != 2 || !args[1].is_integer()) return throw_corrupt(vm);
  bool acts = args[0].is_table();
  if (!acts) {
    Table* metatable = metatable_of(vm, args[0]);
    const std::int64_t needs = args[1].integer;
    const auto has = [&](std::int64_t need, Event event) {
      return (needs & need) == 0 || !table_event(vm.heap, metatable, event).is_nil();
    };
    acts = metatable != nullptr && has(1, Event::Index) && has(2, Event::NewIndex) &&
           has(4, Event::Len);
  }
  return return_one(args, Value::boolean(acts));
}

// intrinsic.is_plain_table(value): do reads and writes run no code of the script?
int intrinsic_is_plain_table(Vm& vm, Value* args, int count) {
  return return_one(args, Value::boolean(is_plain_table(vm, args, count, 0)));
}

constexpr BuiltinRow kRows[] = {
    {"table.concat", table_concat},
    {.name = "table.insert", .call = table_insert, .fast = fast_table_insert},
    {"table.move", table_move},
    {"table.pack", table_pack},
    {"table.remove", table_remove},
    {"table.sort", table_sort},
    {"table.unpack", table_unpack},
    {"intrinsic.acts_as_table", intrinsic_acts_as_table},
    {"intrinsic.can_unpack", intrinsic_can_unpack},
    {"intrinsic.concat", intrinsic_concat},
    {"intrinsic.is_plain_table", intrinsic_is_plain_table},
    {"intrinsic.unpack", intrinsic_unpack},
};

}  // namespace

std::span<const vm::BuiltinRow> table_rows() { return kRows; }

}  // namespace moonlet::stdlib
