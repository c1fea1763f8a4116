// Many values from one table: the stack grows and fills in pieces.
#include "stdlib/string_result.hpp"
#include "stdlib/table_rows.hpp"
#include "vm/call.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace {

// Slots that the stack always keeps for what comes after the results.
constexpr std::uint64_t kStackReserve = 256;

// Would `size` results fit on the current thread's stack?
bool has_room(Vm& vm, const Value* args, std::uint64_t size) {
  const std::uint64_t used = vm.thread()->number(args) + kStackReserve;
  return used < vm.limits.stack_slots_max && size < vm.limits.stack_slots_max - used;
}

int throw_too_many(Vm& vm) { return throw_error(vm, "too many results to unpack"); }

}  // namespace

int table_unpack(Vm& vm, Value* args, int count) {
  if (!is_plain_table(vm, args, count, 0)) return kDelegate;
  const Table& table = *args[0].table();
  std::int64_t first = 1;
  std::int64_t last = 0;
  if (!opt_integer(vm, args, count, 1, 1, first)) return vm.failure;
  const auto length = static_cast<std::int64_t>(table_length(table));
  if (!opt_integer(vm, args, count, 2, length, last)) return vm.failure;
  if (first > last) return return_none();
  const std::uint64_t more = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  if (!has_room(vm, args, more)) return throw_too_many(vm);
  if (more >= static_cast<std::uint64_t>(kBuiltinSlots)) {
    // Before the stack moves: the prelude calls intrinsic.unpack.
    return kDelegate;
  }
  // The table's own slot is overwritten by the second result.
  Value* results = args - 1;
  for (std::uint64_t i = 0; i <= more; ++i) {
    results[i] = table_get_integer(table, first + static_cast<std::int64_t>(i));
  }
  charge(vm, more);
  return static_cast<int>(more) + 1;
}

int intrinsic_can_unpack(Vm& vm, Value* args, int count) {
  if (count != 2 || !args[0].is_integer() || !args[1].is_integer()) return throw_corrupt(vm);
  const std::uint64_t more =
      static_cast<std::uint64_t>(args[1].integer) - static_cast<std::uint64_t>(args[0].integer);
  if (!has_room(vm, args, more)) return throw_too_many(vm);
  return return_none();
}

// Values that one activation reads.
constexpr std::uint64_t kValuesMax = 2'000;

// Slots: the table, the next index, the last one, and behind them the values so far. Many are
// delivered by an activation of its own.
int intrinsic_unpack(Vm& vm, Value* args, int count) {
  if (count < 3 || !args[0].is_table() || !args[1].is_integer() || !args[2].is_integer()) {
    return throw_corrupt(vm);
  }
  const std::int64_t next = args[1].integer;
  const std::uint64_t left =
      static_cast<std::uint64_t>(args[2].integer) - static_cast<std::uint64_t>(next) + 1;
  if (left > vm.limits.stack_slots_max) return throw_corrupt(vm);
  const std::uint64_t size = left < kValuesMax ? left : kValuesMax;
  switch (ensure_stack(vm, args, static_cast<std::uint64_t>(count) + size + kBuiltinSlots)) {
    case StackResult::Ok:
      break;
    case StackResult::Overflow:
      return throw_too_many(vm);
    case StackResult::NoMemory:
      return kNoMemory;
  }
  const Table& table = *args[0].table();
  Value* to = args + count;
  for (std::uint64_t i = 0; i < size; ++i) {
    to[i] = table_get_integer(table, next + static_cast<std::int64_t>(i));
  }
  charge(vm, size);
  const int filled = count + static_cast<int>(size);
  if (size < left || (left != 0 && count > 3)) {
    args[1] = Value::from(static_cast<std::int64_t>(static_cast<std::uint64_t>(next) + size));
    vm.call_count = filled;
    return kAgain;
  }
  // The stack may have moved, which only the slow way back notices.
  Thread& thread = *vm.thread();
  thread.top = args + filled;
  thread.results_from = thread.number(args + 3);
  thread.entry = heap::ThreadEntry::Deliver;
  return kReload;
}

}  // namespace moonlet::stdlib
