// table.concat: short lists at once, long ones in pieces through a StringBuilder.
#include "stdlib/string_builder.hpp"
#include "stdlib/table_rows.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace {

constexpr std::uint64_t kBytesPerUnit = 16;

// Bytes of an element: a string's own, or a number's text in `scratch`. False: it is neither.
bool element_text(Vm& vm, const Value& element, char (&scratch)[kNumberTextSize],
                  std::string_view& text) {
  if (element.is_string()) {
    text = element.string()->view();
    return true;
  }
  if (!element.is_number()) return false;
  text = number_text(vm, element, scratch);
  return true;
}

int throw_invalid(Vm& vm, const Value& element, std::int64_t index) {
  char scratch[kNumberTextSize];
  return throw_error(vm, {"invalid value (", basic_type_name(element), ") at index ",
                          number_text(Value::from(index), scratch), " in table for 'concat'"});
}

struct Range {
  Vm& vm;
  const Table& table;
  std::string_view separator;
  std::int64_t first;
  std::int64_t last;  // >= first
};

// What is joined in one activation.
constexpr std::uint64_t kWholeUnits = 3'000;

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
    if (!element_text(range.vm, table_get_integer(range.table, i), scratch, text)) {
      result.kind = Measure::Kind::Invalid;
      result.invalid = i;
      return result;
    }
    result.bytes += text.size() + (i != range.last ? range.separator.size() : 0);
    result.work += 1 + (text.size() + range.separator.size()) / kBytesPerUnit;
    if (result.work > kWholeUnits) {
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
    element_text(range.vm, table_get_integer(range.table, i), scratch, text);
    to = std::copy(text.begin(), text.end(), to);
    if (i == range.last) return;
    to = std::copy(range.separator.begin(), range.separator.end(), to);
  }
}

// Slots of intrinsic.concat from its second activation on.
enum Slot : int {
  kList,
  kSeparator,
  kNext,  // index of the element under way; nil: all are in the builder
  kLast,
  kOffset,  // bytes of it, and of the separator behind it, that are in the builder
  kSize,    // bytes in the builder
  kBuilder,
  kSlots = kBuilder + StringBuilder::kSlots
};

bool is_index(const Value& value) { return value.is_integer() && value.integer >= 0; }

class Concatenation {
 public:
  Concatenation(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm), builder_(vm) {}

  bool load(int count) {
    has_slots_ = count == kSlots;
    if ((count != 4 && !has_slots_) || !args_[kList].is_table() || !args_[kSeparator].is_string() ||
        !args_[kLast].is_integer()) {
      return false;
    }
    is_complete_ = args_[kNext].is_nil();
    if (!is_complete_) {
      if (!args_[kNext].is_integer() || args_[kNext].integer > args_[kLast].integer) return false;
      next_ = args_[kNext].integer;
    }
    if (!has_slots_) return !is_complete_;
    if (!is_index(args_[kOffset]) || !is_index(args_[kSize])) return false;
    offset_ = static_cast<std::size_t>(args_[kOffset].integer);
    return args_[kSize].integer <= 0x7fffffff &&
           builder_.load(args_ + kBuilder, static_cast<std::uint32_t>(args_[kSize].integer));
  }

  int run() {
    const Table& table = *args_[kList].table();
    const std::string_view separator = args_[kSeparator].string()->view();
    while (!is_complete_) {
      if (work_.is_over()) return suspend();
      char scratch[kNumberTextSize];
      const Value element = table_get_integer(table, next_);
      std::string_view text;
      if (!element_text(vm_, element, scratch, text)) return throw_invalid(vm_, element, next_);
      const bool is_last = next_ == args_[kLast].integer;
      const int answer = append(text, is_last ? std::string_view{} : separator);
      if (answer != kGoOn) return answer;
      if (offset_ < text.size() + (is_last ? 0 : separator.size())) continue;
      offset_ = 0;
      work_.budget -= static_cast<std::int64_t>(kBytesPerUnit);
      if (is_last) {
        is_complete_ = true;
      } else {
        ++next_;
      }
    }
    return finish();
  }

 private:
  static constexpr int kGoOn = -100;  // no answer yet

  // Adds a piece of the element and the separator behind it, as `offset_` says.
  int append(std::string_view text, std::string_view separator) {
    std::string_view piece =
        offset_ < text.size() ? text.substr(offset_)
                              : separator.substr(std::min(offset_ - text.size(), separator.size()));
    const auto budget = static_cast<std::size_t>(std::max<std::int64_t>(work_.budget, 1));
    piece = piece.substr(0, budget);
    switch (builder_.append(piece)) {
      case Append::Ok:
        break;
      case Append::NoMemory:
        return kNoMemory;
      case Append::TooLarge:
        return throw_too_large(vm_);
    }
    offset_ += piece.size();
    work_.budget -= static_cast<std::int64_t>(piece.size());
    return kGoOn;
  }

  int finish() {
    Value slots[StringBuilder::kSlots] = {Value::nil(), Value::nil(), Value::nil()};
    if (has_slots_) slots[2] = args_[kBuilder + 2];
    switch (builder_.finish(slots, work_.budget)) {
      case Making::NoMemory:
        return kNoMemory;
      case Making::Done:
        return work_.end(return_one(args_, slots[2]));
      case Making::Running:
        break;
    }
    const int answer = suspend();
    if (answer == kAgain) args_[kBuilder + 2] = slots[2];
    return answer;
  }

  int suspend() {
    if (!builder_.prepare()) return kNoMemory;
    args_[kNext] = is_complete_ ? Value::nil() : Value::from(next_);
    args_[kOffset] = Value::from(static_cast<std::int64_t>(offset_));
    args_[kSize] = Value::from(static_cast<std::int64_t>(builder_.size()));
    if (!has_slots_) args_[kBuilder + 2] = Value::nil();
    builder_.commit(args_ + kBuilder);
    return work_.again(kSlots);
  }

  Vm& vm_;
  Value* args_;
  Work work_;
  StringBuilder builder_;
  std::int64_t next_ = 0;
  std::size_t offset_ = 0;
  bool is_complete_ = false;
  bool has_slots_ = false;
};

}  // namespace

int table_concat(Vm& vm, Value* args, int count) {
  if (count == 0) return throw_no_list(vm, args);
  if (!is_plain_table(vm, args, count, 0)) return kDelegate;
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

  const Range range{vm, table, separator, first, last};
  const Measure size = measure(range);
  if (size.kind == Measure::Kind::TooMuchWork) return kDelegate;
  if (size.kind == Measure::Kind::Invalid) {
    return throw_invalid(vm, table_get_integer(table, size.invalid), size.invalid);
  }
  const auto bytes = static_cast<std::size_t>(size.bytes);
  if (bytes <= heap::kShortStringSize) {
    charge(vm, size.work);
    char text[heap::kShortStringSize];
    fill(range, text);
    return return_string(vm, args, {text, bytes});
  }
  String* result = vm.heap.new_long_string_raw(bytes);
  if (result == nullptr) return kNoMemory;
  charge(vm, size.work);
  fill(range, result->data());
  return return_one(args, Value::from(result));
}

bool is_concat_under_way(const Value* args, int count) {
  return count == kSlots && is_buffer(args[kBuilder]);
}

int intrinsic_concat(Vm& vm, Value* args, int count) {
  Concatenation concatenation(vm, args);
  return concatenation.load(count) ? concatenation.run() : throw_corrupt(vm);
}

}  // namespace moonlet::stdlib
