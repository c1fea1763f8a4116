// table.concat: short lists at once, long ones in pieces through a buffer.
#include <algorithm>
#include <cstring>

#include "stdlib/table_rows.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace {

constexpr std::uint64_t kBytesPerUnit = 16;

// Bytes of an element: a string's own, or a number's text in `scratch`. False: it is neither.
bool element_text(const Value& element, char (&scratch)[kNumberTextSize], std::string_view& text) {
  if (element.is_string()) {
    text = element.string()->view();
    return true;
  }
  if (!element.is_number()) return false;
  text = number_text(element, scratch);
  return true;
}

int throw_invalid(Vm& vm, const Value& element, std::int64_t index) {
  char scratch[kNumberTextSize];
  return throw_error(vm, {"invalid value (", basic_type_name(element), ") at index ",
                          number_text(Value::from(index), scratch), " in table for 'concat'"});
}

struct Range {
  const Table& table;
  std::string_view separator;
  std::int64_t first;
  std::int64_t last;  // >= first
};

struct Measure {
  enum class Kind : std::uint8_t { Fits, TooMuchWork, Invalid };
  Kind kind;
  std::uint64_t bytes;   // of the result
  std::uint64_t work;    // units
  std::int64_t invalid;  // index of the first element that is neither string nor number
};

Measure measure(const Range& range) {
  Measure result{Measure::Kind::Fits, 0, 0, 0};
  char scratch[kNumberTextSize];
  for (std::int64_t i = range.first;; ++i) {
    std::string_view text;
    if (!element_text(table_get_integer(range.table, i), scratch, text)) {
      result.kind = Measure::Kind::Invalid;
      result.invalid = i;
      return result;
    }
    result.bytes += text.size() + (i != range.last ? range.separator.size() : 0);
    result.work += 1 + (text.size() + range.separator.size()) / kBytesPerUnit;
    if (result.work > kWorkUnits) {
      result.kind = Measure::Kind::TooMuchWork;
      return result;
    }
    if (i == range.last) return result;
  }
}

void fill(const Range& range, char* to) {
  char scratch[kNumberTextSize];
  for (std::int64_t i = range.first;; ++i) {
    std::string_view text;
    element_text(table_get_integer(range.table, i), scratch, text);
    to = std::copy(text.begin(), text.end(), to);
    if (i == range.last) return;
    to = std::copy(range.separator.begin(), range.separator.end(), to);
  }
}

// Makes room for `more` bytes, doubling. Ok, kNoMemory, or kThrow: the result is too large.
enum class Room : std::uint8_t { Ok, NoMemory, TooLarge };
Room ensure_room(Vm& vm, Value& slot, std::uint64_t more) {
  Buffer* buffer = slot.buffer();
  const std::uint64_t needed = buffer->size + more;
  if (needed <= buffer->capacity) return Room::Ok;
  const std::uint64_t most = std::min<std::uint64_t>(vm.limits.string_bytes_max, 0x7fffffff);
  if (needed > most) return Room::TooLarge;
  const std::uint64_t doubled = std::uint64_t{buffer->capacity} * 2;
  const std::uint64_t capacity = std::min(std::max(needed, doubled), most);
  Buffer* larger = vm.heap.new_buffer(static_cast<std::uint32_t>(capacity));
  if (larger == nullptr) return Room::NoMemory;
  std::memcpy(larger->data(), buffer->data(), buffer->size);
  larger->size = buffer->size;
  charge(vm, buffer->size / kBytesPerUnit);
  slot = Value::from(larger);
  return Room::Ok;
}

void append(Buffer& buffer, std::string_view text) {
  std::memcpy(buffer.data() + buffer.size, text.data(), text.size());
  buffer.size += static_cast<std::uint32_t>(text.size());
}

constexpr std::uint32_t kFirstCapacity = 4096;

}  // namespace

int table_concat(Vm& vm, Value* args, int count) {
  if (!is_plain_table(args, count, 0)) return kDelegate;
  const Table& table = *args[0].table();
  std::string_view separator;
  if (!is_none_or_nil(args, count, 1)) {
    String* string;
    if (!arg_string(vm, args, count, 1, string)) return vm.failure;
    separator = string->view();
  }
  std::int64_t first;
  std::int64_t last;
  if (!opt_integer(vm, args, count, 2, 1, first)) return vm.failure;
  const auto length = static_cast<std::int64_t>(table_length(table));
  if (!opt_integer(vm, args, count, 3, length, last)) return vm.failure;
  if (first > last) return return_string(vm, args, {});

  const Range range{table, separator, first, last};
  const Measure size = measure(range);
  if (size.kind == Measure::Kind::TooMuchWork) return kDelegate;
  if (size.kind == Measure::Kind::Invalid) {
    return throw_invalid(vm, table_get_integer(table, size.invalid), size.invalid);
  }
  charge(vm, size.work);
  const auto bytes = static_cast<std::size_t>(size.bytes);
  if (bytes <= heap::kShortStringSize) {
    char text[heap::kShortStringSize];
    fill(range, text);
    return return_string(vm, args, {text, bytes});
  }
  String* result = vm.heap.new_long_string_raw(bytes);
  if (result == nullptr) return kNoMemory;
  fill(range, result->data());
  return return_one(args, Value::from(result));
}

// Slots: the table, the separator, the next index, the last one, the buffer.
int intrinsic_concat(Vm& vm, Value* args, int count) {
  ML_ASSERT(count >= 4 && args[2].integer <= args[3].integer);
  if (count == 4) {
    Buffer* buffer = vm.heap.new_buffer(kFirstCapacity);
    if (buffer == nullptr) return kNoMemory;
    args[4] = Value::from(buffer);
    vm.call_count = 5;
    return kAgain;
  }
  const Table& table = *args[0].table();
  const std::string_view separator = args[1].string()->view();
  char scratch[kNumberTextSize];
  std::uint64_t work = 0;
  while (work < kWorkUnits) {
    const std::int64_t i = args[2].integer;
    const Value element = table_get_integer(table, i);
    std::string_view text;
    if (!element_text(element, scratch, text)) return throw_invalid(vm, element, i);
    const bool is_last = i == args[3].integer;
    const std::uint64_t more = text.size() + (is_last ? 0 : separator.size());
    switch (ensure_room(vm, args[4], more)) {
      case Room::Ok:
        break;
      case Room::NoMemory:
        return kNoMemory;
      case Room::TooLarge:
        return throw_error(vm, "resulting string too large");
    }
    append(*args[4].buffer(), text);
    work += 1 + more / kBytesPerUnit;
    if (is_last) {
      charge(vm, work + args[4].buffer()->size / kBytesPerUnit);
      // Were there no memory for the string, the activation would append the last element again.
      String* result = vm.heap.new_string({args[4].buffer()->data(), args[4].buffer()->size});
      if (result != nullptr) return return_one(args, Value::from(result));
      args[4].buffer()->size -= static_cast<std::uint32_t>(more);
      return kNoMemory;
    }
    append(*args[4].buffer(), separator);
    args[2] = Value::from(i + 1);
  }
  charge(vm, work);
  vm.call_count = 5;
  return kAgain;
}

}  // namespace moonlet::stdlib
