// The utf8 library. Walks over long strings go on where the last activation ended; what it had
// found lies in a Buffer behind the arguments.
#include <algorithm>

#include "stdlib/library.hpp"
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"
#include "stdlib/string_builder.hpp"
#include "stdlib/string_state.hpp"
#include "stdlib/utf8_codec.hpp"

namespace moonlet::stdlib {
namespace {

constexpr std::string_view kInvalidCode = "invalid UTF-8 code";

// A character that is decoded, and a byte that is walked over, in bytes that are copied.
constexpr std::int64_t kDecodeWork = 20;
constexpr std::int64_t kWalkWork = 8;

// Like a position, but beyond the beginning it is 0, which no string has.
std::int64_t relative_position(std::int64_t position, std::size_t size) {
  const auto length = static_cast<std::int64_t>(size);
  if (position >= 0) return position;
  return position < -length ? 0 : length + position + 1;
}

Utf8Mode mode_of(const Value* args, int count, int index) {
  return index < count && !args[index].is_falsy() ? Utf8Mode::Lax : Utf8Mode::Strict;
}

constexpr std::uint32_t kUnicodeMax = 0x10ffff;

// What is wrong with a position is said otherwise in Luau.
int throw_bounds(Vm& vm, int index, std::string_view of_lua, std::string_view of_luau) {
  return vm::throw_arg_error(vm, index, vm.dialect == vm::Dialect::Luau ? of_luau : of_lua);
}

bool is_continuation_at(std::string_view text, std::uint64_t at) {
  return at < text.size() && is_continuation(text[at]);
}

// A walk that is not finished: two numbers.
struct Walk {
  std::uint64_t at = 0;
  std::uint64_t count = 0;

  bool load(const Value& value, std::size_t size) {
    StateReader reader({value.buffer()->data(), value.buffer()->size});
    at = reader.u64();
    count = reader.u64();
    return reader.is_at_end() && at <= size;
  }
  // Answers kAgain with the walk in args[slot].
  int suspend(Vm& vm, Value* args, int count_of_args, int slot, const Work& work,
              int slots = 0) const {
    for (int i = count_of_args; i < slot; ++i) args[i] = Value::nil();
    Value value = slot < count_of_args ? args[slot] : Value::nil();
    Buffer* buffer = state_buffer(vm, value, 16);
    if (buffer == nullptr) return kNoMemory;
    StateWriter writer(buffer->data());
    writer.u64(at);
    writer.u64(count);
    buffer->size = writer.size();
    args[slot] = value;
    return work.again(std::max(slot + 1, slots));
  }
};

bool goes_on(const Value* args, int count, int slot) {
  return slot < count && is_buffer(args[slot]);
}

// ---- len(s, i, j, lax)

int utf8_len(Vm& vm, Value* args, int count) {
  constexpr int kWalkSlot = 4;
  String* string = nullptr;
  std::int64_t first = 0;
  std::int64_t last = 0;
  if (!vm::arg_string(vm, args, count, 0, string) ||
      !vm::opt_integer(vm, args, count, 1, 1, first) ||
      !vm::opt_integer(vm, args, count, 2, -1, last)) {
    return vm.failure;
  }
  const std::string_view text = string->view();
  const auto size = static_cast<std::int64_t>(text.size());
  first = relative_position(first, text.size()) - 1;
  last = relative_position(last, text.size()) - 1;
  if (first < 0 || first > size) {
    return throw_bounds(vm, 1, "initial position out of bounds", "initial position out of string");
  }
  if (last >= size) {
    return throw_bounds(vm, 2, "final position out of bounds", "final position out of string");
  }
  const Utf8Mode mode = mode_of(args, count, 3);
  Walk walk{static_cast<std::uint64_t>(first), 0};
  if (goes_on(args, count, kWalkSlot) && !walk.load(args[kWalkSlot], text.size())) {
    return throw_corrupt(vm);
  }
  Work work(vm);
  while (static_cast<std::int64_t>(walk.at) <= last) {
    if (work.is_over())
      return walk.suspend(vm, args, std::min(count, kWalkSlot + 1), kWalkSlot, work);
    const Decoded decoded = decode_utf8(text.substr(walk.at), mode);
    if (decoded.size == 0) {
      return work.end(
          vm::return_two(args, Value::nil(), Value::from(static_cast<std::int64_t>(walk.at) + 1)));
    }
    walk.at += decoded.size;
    ++walk.count;
    work.budget -= decoded.size + kDecodeWork;
  }
  return work.end(vm::return_one(args, Value::from(static_cast<std::int64_t>(walk.count))));
}

// ---- codepoint(s, i, j, lax)

int utf8_codepoint(Vm& vm, Value* args, int count) {
  constexpr std::string_view kTooLong = "string slice too long";
  constexpr int kArguments = 4;
  String* string = nullptr;
  std::int64_t first = 0;
  std::int64_t last = 0;
  if (!vm::arg_string(vm, args, count, 0, string) ||
      !vm::opt_integer(vm, args, count, 1, 1, first)) {
    return vm.failure;
  }
  const std::string_view text = string->view();
  first = relative_position(first, text.size());
  if (!vm::opt_integer(vm, args, count, 2, first, last)) return vm.failure;
  last = relative_position(last, text.size());
  if (first < 1) return throw_bounds(vm, 1, "out of bounds", "out of range");
  if (last > static_cast<std::int64_t>(text.size())) {
    return throw_bounds(vm, 2, "out of bounds", "out of range");
  }
  if (first > last) return vm::return_none();
  if (last - first >= INT32_MAX) return vm::throw_error(vm, kTooLong);
  const Utf8Mode mode = mode_of(args, count, 3);
  Work work(vm);
  const int most = static_cast<int>(last - first) + 1;
  const int reserved = reserve_results(vm, args, count, kArguments, most, kTooLong, work);
  if (reserved != 0) return reserved;
  const auto from = static_cast<std::uint64_t>(first) - 1;
  const auto end = static_cast<std::uint64_t>(last);
  // Results take the place of the function's slot, so mistakes have to be found first. Those that
  // lie behind the arguments and the mark are written on the way.
  constexpr std::uint64_t kBehindMark = kArguments + 2;
  Walk walk{from, 0};
  const bool has_mark = most > vm::kBuiltinSlots;
  if (has_mark && args[kArguments].buffer()->capacity < 16) return throw_corrupt(vm);
  if (has_mark && args[kArguments].buffer()->size != 0 &&
      (!walk.load(args[kArguments], text.size()) || walk.at < from ||
       walk.count > walk.at - from)) {
    return throw_corrupt(vm);
  }
  while (walk.at < end) {
    if (has_mark && work.is_over()) {
      return walk.suspend(vm, args, count, kArguments, work, most);
    }
    const Decoded decoded = decode_utf8(text.substr(walk.at), mode);
    if (decoded.size == 0) return vm::throw_error(vm, kInvalidCode);
    if (walk.count >= kBehindMark) args[walk.count - 1] = Value::from(std::int64_t{decoded.code});
    walk.at += decoded.size;
    ++walk.count;
    work.budget -= decoded.size + kDecodeWork;
  }
  Value* to = args - 1;
  for (std::uint64_t at = from; at < end && to < args + kArguments + 1;) {
    const Decoded decoded = decode_utf8(text.substr(at), mode);
    *to++ = Value::from(std::int64_t{decoded.code});
    at += decoded.size;
  }
  return work.end(static_cast<int>(walk.count));
}

// ---- char(...): as string.pack, the arguments move up for an activation that goes on.

class CharacterJoiner {
 public:
  CharacterJoiner(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm), builder_(vm) {}

  int begin(int count) {
    count_ = count;
    return run();
  }
  int go_on(int slots) {
    shift_ = kShift;
    count_ = slots - kShift;
    StateReader reader({args_[0].buffer()->data(), args_[0].buffer()->size});
    const std::uint32_t next = reader.u32();
    const std::uint32_t built = reader.u32();
    if (count_ < 0 || !reader.is_at_end() || next > static_cast<std::uint32_t>(count_) ||
        !builder_.load(args_ + 1, built)) {
      return throw_corrupt(vm_);
    }
    next_ = static_cast<int>(next);
    return run();
  }

 private:
  static constexpr int kShift = 4;
  static constexpr std::int64_t kCodeWork = 32;

  int run() {
    for (; next_ < count_; ++next_) {
      if (work_.is_over()) return suspend();
      std::int64_t code = 0;
      if (!vm::arg_integer(vm_, args_ + shift_, count_, next_, code)) return vm_.failure;
      const bool is_luau = vm_.dialect == vm::Dialect::Luau;
      if (code < 0 || code > std::int64_t{is_luau ? kUnicodeMax : kCodePointMax}) {
        return vm::throw_arg_error(vm_, next_, "value out of range");
      }
      char bytes[kSequenceBytesMax];
      const std::size_t size = encode_utf8(bytes, static_cast<std::uint32_t>(code));
      switch (builder_.append({bytes, size})) {
        case Append::Ok:
          break;
        case Append::NoMemory:
          return kNoMemory;
        case Append::TooLarge:
          return throw_too_large(vm_);
      }
      work_.budget -= kCodeWork;
    }
    Value slots[StringBuilder::kSlots] = {Value::nil(), Value::nil(), Value::nil()};
    if (shift_ != 0) slots[2] = args_[3];
    const Making made = builder_.finish(slots, work_.budget);
    if (made == Making::NoMemory) return kNoMemory;
    if (made == Making::Done) return work_.end(vm::return_one(args_, slots[2]));
    if (!save()) return kNoMemory;
    args_[3] = slots[2];
    return work_.again(kShift + count_);
  }

  int suspend() { return save() ? work_.again(kShift + count_) : kNoMemory; }

  bool save() {
    if (!builder_.prepare()) return false;
    Value state = shift_ != 0 ? args_[0] : Value::nil();
    Buffer* buffer = state_buffer(vm_, state, 8);
    if (buffer == nullptr) return false;
    if (shift_ == 0) {
      std::copy_backward(args_, args_ + count_, args_ + count_ + kShift);
      args_[3] = Value::nil();
      shift_ = kShift;
    }
    args_[0] = state;
    builder_.commit(args_ + 1);
    StateWriter writer(buffer->data());
    writer.u32(static_cast<std::uint32_t>(next_));
    writer.u32(builder_.size());
    buffer->size = writer.size();
    return true;
  }

  Vm& vm_;
  Value* args_;
  int shift_ = 0;
  int count_ = 0;
  int next_ = 0;
  Work work_;
  StringBuilder builder_;
};

int utf8_char(Vm& vm, Value* args, int count) {
  CharacterJoiner joiner(vm, args);
  return goes_on(args, count, 0) ? joiner.go_on(count) : joiner.begin(count);
}

// ---- offset(s, n, i)

int utf8_offset(Vm& vm, Value* args, int count) {
  constexpr int kWalkSlot = 3;
  String* string = nullptr;
  std::int64_t n = 0;
  std::int64_t position = 0;
  if (!vm::arg_string(vm, args, count, 0, string) || !vm::arg_integer(vm, args, count, 1, n)) {
    return vm.failure;
  }
  const std::string_view text = string->view();
  const auto size = static_cast<std::int64_t>(text.size());
  if (!vm::opt_integer(vm, args, count, 2, n >= 0 ? 1 : size + 1, position)) return vm.failure;
  position = relative_position(position, text.size()) - 1;
  if (position < 0 || position > size) {
    return throw_bounds(vm, 2, "position out of bounds", "position out of range");
  }
  Work work(vm);
  // `at` stands at the beginning of a character, `left` characters away from the one wanted.
  Walk walk{static_cast<std::uint64_t>(position), static_cast<std::uint64_t>(n > 0 ? n - 1 : n)};
  const bool is_continued = goes_on(args, count, kWalkSlot);
  if (is_continued && !walk.load(args[kWalkSlot], text.size())) return throw_corrupt(vm);
  if (n != 0 && !is_continued && is_continuation_at(text, walk.at)) {
    return vm::throw_error(vm, "initial position is a continuation byte");
  }
  auto left = static_cast<std::int64_t>(walk.count);
  // One byte a turn; a character is passed when the byte reached is not a continuation.
  for (;;) {
    const bool is_inside = is_continuation_at(text, walk.at);
    if (n == 0) {
      if (walk.at == 0 || !is_inside) break;
    } else if (n < 0) {
      if (walk.at == 0 || (left == 0 && !is_inside)) break;
    } else if (left == 0 && !is_inside) {
      break;
    }
    if (n > 0 && walk.at >= text.size()) break;
    if (work.is_over()) {
      walk.count = static_cast<std::uint64_t>(left);
      return walk.suspend(vm, args, std::min(count, kWalkSlot + 1), kWalkSlot, work);
    }
    work.budget -= kWalkWork;
    if (n > 0) {
      if (!is_continuation_at(text, ++walk.at)) --left;
    } else {
      --walk.at;
      if (n < 0 && (walk.at == 0 || !is_continuation_at(text, walk.at))) ++left;
    }
  }
  const bool is_found = n == 0 || left == 0;
  return work.end(vm::return_one(
      args, is_found ? Value::from(static_cast<std::int64_t>(walk.at) + 1) : Value::nil()));
}

// ---- codes(s, lax)

// The control value is the position of the last character; bytes of it, and stray continuation
// bytes, are passed. A walk over many of them goes on from where it came to.
int next_code(Vm& vm, Value* args, int count, Utf8Mode mode) {
  String* string = nullptr;
  if (!vm::arg_string(vm, args, count, 0, string)) return vm.failure;
  std::int64_t position = 0;
  if (count > 1) vm::to_integer(args[1], position);
  const std::string_view text = string->view();
  auto at = static_cast<std::uint64_t>(position);
  Work work(vm);
  while (is_continuation_at(text, at)) {
    if (work.is_over()) {
      args[1] = Value::from(static_cast<std::int64_t>(at));
      return work.again(2);
    }
    work.budget -= kWalkWork;
    ++at;
  }
  if (at >= text.size()) return work.end(vm::return_none());
  const Decoded decoded = decode_utf8(text.substr(at), mode);
  if (decoded.size == 0 || is_continuation_at(text, at + decoded.size)) {
    return vm::throw_error(vm, kInvalidCode);
  }
  return work.end(vm::return_two(args, Value::from(static_cast<std::int64_t>(at) + 1),
                                 Value::from(std::int64_t{decoded.code})));
}

int next_code_strict(Vm& vm, Value* args, int count) {
  return next_code(vm, args, count, Utf8Mode::Strict);
}

int next_code_lax(Vm& vm, Value* args, int count) {
  return next_code(vm, args, count, Utf8Mode::Lax);
}

constexpr std::string_view kStrictIterator = "utf8:next_code_strict";
constexpr std::string_view kLaxIterator = "utf8:next_code_lax";
constexpr std::string_view kLuauIterator = "utf8:next_code_luau";

int utf8_codes(Vm& vm, Value* args, int count) {
  String* string = nullptr;
  if (!vm::arg_string(vm, args, count, 0, string)) return vm.failure;
  if (is_continuation_at(string->view(), 0)) return vm::throw_arg_error(vm, 0, kInvalidCode);
  const bool is_luau = vm.dialect == vm::Dialect::Luau;
  const bool is_lax = !is_luau && mode_of(args, count, 1) == Utf8Mode::Lax;
  const int iterator = vm.builtins.find(is_luau  ? kLuauIterator
                                        : is_lax ? kLaxIterator
                                                 : kStrictIterator);
  ML_CHECK(iterator >= 0);
  args[-1] = Value::from_builtin(static_cast<std::uint32_t>(iterator));
  args[0] = Value::from(string);
  args[1] = is_luau ? Value::from(0.0) : Value::from(0);
  return 3;
}

constexpr vm::BuiltinRow kRows[] = {
    {"utf8.char", utf8_char},      {"utf8.codepoint", utf8_codepoint},
    {"utf8.codes", utf8_codes},    {"utf8.len", utf8_len},
    {"utf8.offset", utf8_offset},  {kStrictIterator, next_code_strict},
    {kLaxIterator, next_code_lax},
};

constexpr vm::BuiltinRow kLuauRows[] = {
    {"luau:utf8.char", utf8_char},
    {"luau:utf8.codepoint", luau::on_floats<utf8_codepoint>},
    {"luau:utf8.codes", utf8_codes},
    {"luau:utf8.len", luau::on_floats<utf8_len>},
    {"luau:utf8.offset", luau::on_floats<utf8_offset>},
    {kLuauIterator, luau::on_floats<next_code_strict>},
};

}  // namespace

std::span<const vm::BuiltinRow> utf8_rows() { return kRows; }
std::span<const vm::BuiltinRow> luau::utf8_rows() { return kLuauRows; }

bool fill_utf8(Vm& vm, Table& library) {
  // Matches one character of a valid string.
  static constexpr char kPattern[] = "[\0-\x7F\xC2-\xFD][\x80-\xBF]*";
  String* pattern = vm.heap.new_string({kPattern, sizeof kPattern - 1});
  return pattern != nullptr &&
         heap::set_field(vm.heap, library, "charpattern", Value::from(pattern));
}

}  // namespace moonlet::stdlib
