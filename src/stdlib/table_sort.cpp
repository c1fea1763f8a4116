// table.sort without a comparator, of numbers or of strings: quicksort in pieces.
//
// The list is sorted in place. All that a piece leaves to the next is in a Buffer (SortState), so
// that the Vm may stop between two of them; a finalizer that ran there may have changed the list,
// so nothing is taken for granted: values that do not compare natively, a list that shrank or got a
// metatable, or an order that contradicts itself (NaN) send the list, which is a permutation of
// what it was, to the prelude.
#include <algorithm>
#include <utility>

#include "stdlib/string_result.hpp"
#include "stdlib/string_state.hpp"
#include "stdlib/table_rows.hpp"
#include "vm/arith.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace {

constexpr std::uint32_t kInsertionSize = 12;
constexpr std::uint32_t kManyElements = 128;  // from here on the pivot is the median of nine

struct Interval {
  std::uint32_t low;
  std::uint32_t high;
};

// Of two intervals the larger one waits, so that 32 are enough for 2^32 elements.
constexpr std::uint32_t kWaitingMax = 32;

struct SortState {
  std::uint32_t count = 0;  // elements of the list
  // The partition under way: elements up to `i` are not greater than the pivot, which stands at
  // interval.high - 1, those from `j` on not less.
  Interval interval{0, 0};
  bool is_partitioning = false;
  std::uint32_t i = 0;
  std::uint32_t j = 0;
  std::uint32_t random = 0;
  std::uint32_t depth = 0;
  Interval waiting[kWaitingMax] = {};
};

constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kStateBytes = 1 + 4 * 7 + 1 + 8 * kWaitingMax;

std::uint32_t save_state(const SortState& state, char* to) {
  StateWriter writer(to);
  writer.u8(kVersion);
  writer.u32(state.count);
  writer.u32(state.interval.low);
  writer.u32(state.interval.high);
  writer.u8(state.is_partitioning ? 1 : 0);
  writer.u32(state.i);
  writer.u32(state.j);
  writer.u32(state.random);
  writer.u32(state.depth);
  for (std::uint32_t n = 0; n < state.depth; ++n) {
    writer.u32(state.waiting[n].low);
    writer.u32(state.waiting[n].high);
  }
  return writer.size();
}

bool is_inside(const Interval& interval, std::uint32_t count) {
  return interval.high < count && interval.low <= interval.high + 1;
}

// False: no activation has left such a state.
bool load_state(SortState& state, std::string_view bytes) {
  StateReader reader(bytes);
  if (reader.u8() != kVersion) return false;
  state.count = reader.u32();
  state.interval.low = reader.u32();
  state.interval.high = reader.u32();
  state.is_partitioning = reader.u8() != 0;
  state.i = reader.u32();
  state.j = reader.u32();
  state.random = reader.u32();
  state.depth = reader.u32();
  if (state.depth > kWaitingMax || !is_inside(state.interval, state.count)) return false;
  const auto& [low, high] = state.interval;
  if (state.is_partitioning &&
      (low >= high || state.i < low || state.i >= high || state.j < low || state.j >= high)) {
    return false;
  }
  for (std::uint32_t n = 0; n < state.depth; ++n) {
    state.waiting[n].low = reader.u32();
    state.waiting[n].high = reader.u32();
    if (!is_inside(state.waiting[n], state.count)) return false;
  }
  return reader.is_at_end();
}

enum class Order : std::uint8_t { Less, NotLess, Foreign };

// Compares by `<` what is of one kind and has an order.
Order order(const Value& a, const Value& b, std::uint64_t& work) {
  ++work;
  if (a.is_integer() && b.is_integer()) return a.integer < b.integer ? Order::Less : Order::NotLess;
  if (a.is_number() && b.is_number()) {
    if (arith::less(a, b)) return Order::Less;
    return arith::less_equal(b, a) ? Order::NotLess : Order::Foreign;  // NaN
  }
  if (a.is_string() && b.is_string()) {
    const std::string_view left = a.string()->view();
    const std::string_view right = b.string()->view();
    const std::size_t shorter = left.size() < right.size() ? left.size() : right.size();
    work += shorter / 16;
    return left < right ? Order::Less : Order::NotLess;
  }
  return Order::Foreign;
}

// Elements as they lie in the table.
struct AnyElements {
  Value* values;
  const Value& operator[](std::uint32_t n) const { return values[n]; }
  void set(std::uint32_t n, const Value& value) const { heap::copy(&values[n], &value); }
};
template <Tag kTag>
struct PackedElements {
  std::uint64_t* payloads;
  Value operator[](std::uint32_t n) const { return Value::make(payloads[n], kTag); }
  void set(std::uint32_t n, const Value& value) const { payloads[n] = value.bits; }
};

enum class Result : std::uint8_t { Done, Again, Foreign };

template <typename ElementsOf>
class Sorter {
 public:
  Sorter(ElementsOf values, SortState& state, std::uint32_t insertion_size)
      : values_(values), state_(state), insertion_size_(insertion_size) {}

  // Works until it is done or the units are used up.
  Result run(std::uint64_t units) {
    while (work_ < units) {
      if (state_.is_partitioning) {
        if (!partition(units)) return Result::Foreign;
      } else if (!is_small(state_.interval)) {
        if (!start_partition()) return Result::Foreign;
      } else {
        if (!insertion_sort(state_.interval)) return Result::Foreign;
        if (state_.depth == 0) return Result::Done;
        state_.interval = state_.waiting[--state_.depth];
      }
    }
    return Result::Again;
  }

  std::uint64_t work() const { return work_; }

 private:
  bool is_small(const Interval& interval) const {
    return interval.high < interval.low + insertion_size_;
  }

  // False when the two have no order that is known here; then `is_less` means nothing.
  bool less(const Value& a, const Value& b, bool& is_less) {
    const Order result = order(a, b, work_);
    is_less = result == Order::Less;
    return result != Order::Foreign;
  }

  void swap(std::uint32_t a, std::uint32_t b) {
    const Value old = values_[a];
    values_.set(a, values_[b]);
    values_.set(b, old);
  }

  // Puts two elements in order.
  bool arrange(std::uint32_t low, std::uint32_t high) {
    bool is_less;
    if (!less(values_[high], values_[low], is_less)) return false;
    if (is_less) swap(low, high);
    return true;
  }

  bool arrange(std::uint32_t low, std::uint32_t middle, std::uint32_t high) {
    return arrange(low, middle) && arrange(low, high) && arrange(middle, high);
  }

  bool insertion_sort(const Interval& interval) {
    for (std::uint32_t next = interval.low + 1; next <= interval.high; ++next) {
      const Value value = values_[next];
      std::uint32_t place = next;
      for (; place > interval.low; --place) {
        bool is_less;
        if (!less(value, values_[place - 1], is_less)) {
          values_.set(place, value);
          return false;
        }
        if (!is_less) break;
        values_.set(place, values_[place - 1]);
      }
      values_.set(place, value);
    }
    return true;
  }

  // Brings a pivot to the place before the last; the ends are not on its wrong sides.
  bool start_partition() {
    const auto [low, high] = state_.interval;
    const std::uint32_t size = high - low + 1;
    std::uint32_t middle = low + size / 2;
    if (size >= kManyElements) {
      const std::uint32_t step = size / 8;
      // After an uneven partition the places depend on a number that no list was made for.
      if (state_.random != 0) {
        state_.random = state_.random * 1664525 + 1013904223;
        middle = low + size / 4 + state_.random % (size / 2);
      }
      if (!arrange(low, low + step, low + 2 * step)) return false;
      if (!arrange(middle - step / 2, middle, middle + step / 2)) return false;
      if (!arrange(high - 2 * step, high - step, high)) return false;
      swap(low, low + step);
      swap(high, high - step);
    }
    if (!arrange(low, middle, high)) return false;
    swap(middle, high - 1);
    state_.i = low;
    state_.j = high - 1;
    state_.is_partitioning = true;
    return true;
  }

  bool partition(std::uint64_t units) {
    const auto [low, high] = state_.interval;
    const Value pivot = values_[high - 1];
    bool is_less;
    while (work_ < units) {
      for (;;) {
        if (++state_.i >= high) return false;
        if (!less(values_[state_.i], pivot, is_less)) return false;
        if (!is_less) break;
        if (work_ >= units) return true;
      }
      for (;;) {
        if (state_.j == low) return false;
        --state_.j;
        if (!less(pivot, values_[state_.j], is_less)) return false;
        if (!is_less) break;
        if (work_ >= units) {
          --state_.i;  // looked at once more when the work goes on
          return true;
        }
      }
      if (state_.j <= state_.i) return finish_partition();
      swap(state_.i, state_.j);
    }
    return true;
  }

  bool finish_partition() {
    const auto [low, high] = state_.interval;
    const std::uint32_t place = state_.i;
    swap(place, high - 1);
    state_.is_partitioning = false;
    Interval smaller{low, place - 1};
    Interval larger{place + 1, high};
    if (place - low > high - place) std::swap(smaller, larger);
    if ((larger.high - larger.low) / 16 > smaller.high - smaller.low + 1) {
      state_.random = high * 2654435761u | 1;
    }
    if (state_.depth == kWaitingMax) return false;  // only in a forged state
    state_.waiting[state_.depth++] = larger;
    state_.interval = smaller;
    return true;
  }

  ElementsOf values_;
  SortState& state_;
  const std::uint32_t insertion_size_;  // what is sorted in one step
  std::uint64_t work_ = 0;
};

Result sort_elements(Vm& vm, const Table& table, SortState& state, std::uint32_t insertion_size,
                     std::uint64_t units) {
  const auto sort = [&](auto elements) {
    Sorter sorter(elements, state, insertion_size);
    const Result result = sorter.run(units);
    charge(vm, sorter.work());
    return result;
  };
  const heap::Elements& array = table.array;
  if (array.packed() == Tag::Integer) return sort(PackedElements<Tag::Integer>{array.payloads()});
  if (array.packed() == Tag::Float) return sort(PackedElements<Tag::Float>{array.payloads()});
  return sort(AnyElements{array.values()});
}

// A comparison of numbers is one.
constexpr std::uint64_t kSortUnits = 2'000;
constexpr std::uint32_t kInsertionOfLong = 3;

// Lists are of one kind, mostly: the first few tell.
bool has_long_strings(const Table& table) {
  const std::uint32_t count = std::min(table.array_count, 100u);
  const Value* values = table.array.values();
  return !table.array.is_packed() && std::any_of(values, values + count, [](const Value& value) {
    return value.is_string() && value.string()->is_long();
  });
}

}  // namespace

// Slots: the list, nil, and the Buffer with the state from the second activation on.
int table_sort(Vm& vm, Value* args, int count) {
  if (count == 0) return throw_no_list(vm, args);
  if (!is_plain_table(vm, args, count, 0) || (count > 1 && !args[1].is_nil())) return kDelegate;
  Table& table = *args[0].table();
  SortState state;
  Value slot = Value::nil();
  if (count == 3 && is_buffer(args[2])) {
    slot = args[2];
    const Buffer* buffer = slot.buffer();
    if (!load_state(state, {slot.buffer()->data(), buffer->size})) return throw_corrupt(vm);
    if (state.count > table.array_count) return kDelegate;
  } else {
    if (table_length(table) != table.array_count) return kDelegate;
    state.count = table.array_count;
    if (state.count < 2) return return_none();
    state.interval = {0, state.count - 1};
  }
  // Were there no memory for the state afterwards, the work would be lost.
  const bool has_long = has_long_strings(table);
  const bool may_suspend = state.count > kSortUnits / 32 || has_long;
  if (may_suspend && state_buffer(vm, slot, kStateBytes) == nullptr) return kNoMemory;

  const Result result =
      sort_elements(vm, table, state, has_long ? kInsertionOfLong : kInsertionSize,
                    may_suspend ? kSortUnits : UINT64_MAX);
  vm.heap.table_moved(table);
  if (result == Result::Foreign) return kDelegate;
  if (result == Result::Done) return return_none();
  args[1] = Value::nil();
  args[2] = slot;
  slot.buffer()->size = save_state(state, slot.buffer()->data());
  vm.call_count = 3;
  return kAgain;
}

}  // namespace moonlet::stdlib
