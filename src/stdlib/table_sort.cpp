// table.sort without a comparator, of numbers or of strings: quicksort in pieces.
//
// The list is sorted in place. All that a piece leaves to the next is in a Buffer (SortState), so
// that the Vm may stop between two of them; a finalizer that ran there may have changed the list,
// so nothing is taken for granted: values that do not compare natively, a list that shrank or got a
// metatable, or an order that contradicts itself (NaN) send the list, which is a permutation of
// what it was, to the prelude.
#include <cstring>
#include <utility>

#include "stdlib/table_rows.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace {

constexpr std::uint32_t kInsertionSize = 12;
constexpr std::uint32_t kManyElements = 128;  // from here on the pivot is the median of nine

struct Interval {
  std::uint32_t low;
  std::uint32_t high;
};

struct SortState {
  std::uint32_t count;  // elements of the list
  // The partition under way: elements below `i` are not greater than the pivot at `interval.high` -
  // 1, those above `j` not less.
  Interval interval;
  std::uint32_t i;
  std::uint32_t j;
  std::uint32_t is_partitioning;
  std::uint32_t random;
  std::uint32_t depth;
  // Of two intervals the larger one waits, so that 32 are enough for 2^32 elements.
  Interval waiting[32];
};

enum class Order : std::uint8_t { Less, NotLess, Foreign };

// Compares by `<` what is of one kind and has an order.
Order order(const Value& a, const Value& b, std::uint64_t& work) {
  ++work;
  if (a.is_integer() && b.is_integer()) return a.integer < b.integer ? Order::Less : Order::NotLess;
  if (a.is_float() && b.is_float()) {
    if (a.number < b.number) return Order::Less;
    return a.number >= b.number ? Order::NotLess : Order::Foreign;
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

class Sorter {
 public:
  Sorter(Value* values, SortState& state) : values_(values), state_(state) {}

  enum class Result : std::uint8_t { Done, Again, Foreign };

  // Works until it is done or the units are used up.
  Result run(std::uint64_t units) {
    while (work_ < units) {
      if (state_.is_partitioning != 0) {
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
  static bool is_small(const Interval& interval) {
    return interval.high < interval.low + kInsertionSize;
  }

  // False when the two have no order that is known here; then `is_less` means nothing.
  bool less(const Value& a, const Value& b, bool& is_less) {
    const Order result = order(a, b, work_);
    is_less = result == Order::Less;
    return result != Order::Foreign;
  }

  void swap(std::uint32_t a, std::uint32_t b) { std::swap(values_[a], values_[b]); }

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
          values_[place] = value;
          return false;
        }
        if (!is_less) break;
        values_[place] = values_[place - 1];
      }
      values_[place] = value;
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
    state_.is_partitioning = 1;
    return true;
  }

  bool partition(std::uint64_t units) {
    const auto [low, high] = state_.interval;
    const Value pivot = values_[high - 1];
    bool is_less;
    while (work_ < units) {
      do {
        if (++state_.i >= high) return false;
        if (!less(values_[state_.i], pivot, is_less)) return false;
      } while (is_less);
      do {
        if (--state_.j <= low && state_.j != low) return false;
        if (!less(pivot, values_[state_.j], is_less)) return false;
        if (is_less && state_.j == low) return false;
      } while (is_less);
      if (state_.j <= state_.i) {
        finish_partition();
        return true;
      }
      swap(state_.i, state_.j);
    }
    return true;
  }

  void finish_partition() {
    const auto [low, high] = state_.interval;
    const std::uint32_t place = state_.i;
    swap(place, high - 1);
    state_.is_partitioning = 0;
    Interval smaller{low, place - 1};
    Interval larger{place + 1, high};
    if (place - low > high - place) std::swap(smaller, larger);
    if ((larger.high - larger.low) / 16 > smaller.high - smaller.low + 1) {
      state_.random = high * 2654435761u | 1;
    }
    state_.waiting[state_.depth++] = larger;
    state_.interval = smaller;
  }

  Value* values_;
  SortState& state_;
  std::uint64_t work_ = 0;
};

}  // namespace

// Slots: the list, nil, and the buffer with the state from the second piece on.
int table_sort(Vm& vm, Value* args, int count) {
  if (!is_plain_table(args, count, 0) || (count > 1 && !args[1].is_nil())) return kDelegate;
  Table& table = *args[0].table();
  SortState state{};
  const bool goes_on = count == 3 && args[2].is(Tag::Buffer);
  if (goes_on) {
    std::memcpy(&state, args[2].buffer()->data(), sizeof state);
    if (state.count > table.array_count) return kDelegate;
  } else {
    if (table_length(table) != table.array_count) return kDelegate;
    state.count = table.array_count;
    if (state.count < 2) return return_none();
    state.interval = {0, state.count - 1};
  }
  Sorter sorter(table.array, state);
  const Sorter::Result result = sorter.run(kWorkUnits);
  vm.heap.barrier_back(&table);
  charge(vm, sorter.work());
  if (result == Sorter::Result::Foreign) return kDelegate;
  if (result == Sorter::Result::Done) return return_none();
  if (!goes_on) {
    Buffer* buffer = vm.heap.new_buffer(sizeof state);
    if (buffer == nullptr) return kNoMemory;  // the list is a permutation still: it starts over
    buffer->size = sizeof state;
    args[1] = Value::nil();
    args[2] = Value::from(buffer);
  }
  std::memcpy(args[2].buffer()->data(), &state, sizeof state);
  vm.call_count = 3;
  return kAgain;
}

}  // namespace moonlet::stdlib
