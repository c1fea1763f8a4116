// byte, char, len, lower, rep, reverse, sub, upper.
#include <algorithm>
#include <cstring>

#include "stdlib/string_character.hpp"
#include "stdlib/string_position.hpp"
#include "stdlib/string_rows.hpp"

namespace moonlet::stdlib {

int string_len(Vm& vm, Value* args, int count) {
  String* string = nullptr;
  if (!vm::arg_string(vm, args, count, 0, string)) return vm.failure;
  return vm::return_one(args, Value::from(std::int64_t{string->size}));
}

int fast_string_len(Vm&, Value* slot, unsigned operands) {
  if (operands != 2 || !slot[1].is_string()) return vm::kNotFast;
  return vm::return_fast(slot, Value::from(std::int64_t{slot[1].string()->size}));
}

int string_sub(Vm& vm, Value* args, int count) {
  String* string = nullptr;
  std::int64_t first = 0;
  std::int64_t last = 0;
  if (!vm::arg_string(vm, args, count, 0, string) || !vm::arg_integer(vm, args, count, 1, first) ||
      !vm::opt_integer(vm, args, count, 2, -1, last)) {
    return vm.failure;
  }
  const std::uint64_t start = start_position(first, string->size);
  const std::uint64_t end = end_position(last, string->size);
  if (start == 1 && end == string->size) return vm::return_one(args, Value::from(string));
  const std::size_t size = start <= end ? end - start + 1 : 0;
  const char* source = size > 0 ? string->data() + start - 1 : string->data();
  Work work(vm);
  return build_string(vm, args, std::min(count, 4), 3, size, work,
                      [source](char* out, std::size_t from, std::size_t to) {
                        std::memcpy(out + from, source + from, to - from);
                      });
}

namespace {

// An interned string as a result that took so much work.
int return_short(Vm& vm, Value* slot, std::string_view text, std::int64_t work) {
  String* string = vm.heap.new_string(text);
  if (string == nullptr) return vm::kNotFast;
  vm::charge(vm, static_cast<std::uint64_t>(work + 15) / 16);
  return vm::return_fast(slot, Value::from(string));
}

}  // namespace

int fast_string_sub(Vm& vm, Value* slot, unsigned operands) {
  if ((operands != 3 && operands != 4) || !slot[1].is_string() || !slot[2].is_integer()) {
    return vm::kNotFast;
  }
  String* string = slot[1].string();
  std::int64_t last = -1;
  if (operands == 4) {
    if (!slot[3].is_integer()) return vm::kNotFast;
    last = slot[3].integer;
  }
  const std::uint64_t start = start_position(slot[2].integer, string->size);
  const std::uint64_t end = end_position(last, string->size);
  if (start == 1 && end == string->size) return vm::return_fast(slot, slot[1]);
  const std::size_t size = start <= end ? end - start + 1 : 0;
  if (size > heap::kShortStringSize) return vm::kNotFast;
  const char* source = size > 0 ? string->data() + start - 1 : string->data();
  return return_short(vm, slot, {source, size}, static_cast<std::int64_t>(size));
}

namespace {

// A result that has the subject's size, made byte by byte.
template <class Fill>
int transform(Vm& vm, Value* args, int count, Fill fill) {
  String* string = nullptr;
  if (!vm::arg_string(vm, args, count, 0, string)) return vm.failure;
  Work work(vm);
  const std::string_view source = string->view();
  return build_string(vm, args, std::min(count, 2), 1, source.size(), work,
                      [source, fill](char* out, std::size_t from, std::size_t to) {
                        for (std::size_t i = from; i < to; ++i) out[i] = fill(source, i);
                      });
}

}  // namespace

int string_lower(Vm& vm, Value* args, int count) {
  return transform(vm, args, count, [](std::string_view source, std::size_t i) {
    return static_cast<char>(to_lower(static_cast<std::uint8_t>(source[i])));
  });
}

int string_upper(Vm& vm, Value* args, int count) {
  return transform(vm, args, count, [](std::string_view source, std::size_t i) {
    return static_cast<char>(to_upper(static_cast<std::uint8_t>(source[i])));
  });
}

int string_reverse(Vm& vm, Value* args, int count) {
  return transform(vm, args, count, [](std::string_view source, std::size_t i) {
    return source[source.size() - 1 - i];
  });
}

namespace {

// Bytes from..to of `unit` (text, then separator) over and over; those before `from` are there.
void fill_repeated(char* out, std::size_t from, std::size_t to, std::string_view text,
                   std::string_view separator) {
  constexpr std::size_t kCopyBytes = 32 * 1024;  // stays in the nearest cache
  const std::size_t unit = text.size() + separator.size();
  std::size_t at = from;
  while (at < to) {
    if (at < unit) {
      const bool in_text = at < text.size();
      const std::size_t offset = in_text ? at : at - text.size();
      const std::string_view part = in_text ? text : separator;
      const std::size_t piece = std::min(to - at, part.size() - offset);
      std::memcpy(out + at, part.data() + offset, piece);
      at += piece;
      continue;
    }
    const std::size_t source = at % unit;
    const std::size_t piece = std::min({to - at, at - source, std::max(unit, kCopyBytes)});
    std::memcpy(out + at, out + source, piece);
    at += piece;
  }
}

}  // namespace

int string_rep(Vm& vm, Value* args, int count) {
  String* string = nullptr;
  String* separator = nullptr;
  std::int64_t times = 0;
  if (!vm::arg_string(vm, args, count, 0, string) || !vm::arg_integer(vm, args, count, 1, times)) {
    return vm.failure;
  }
  std::string_view between;
  if (!vm::is_none_or_nil(args, count, 2)) {
    if (!vm::arg_string(vm, args, count, 2, separator)) return vm.failure;
    between = separator->view();
  }
  const std::string_view text = string->view();
  if (times <= 0) return vm::return_string(vm, args, "");
  const std::uint64_t unit = text.size() + between.size();
  const auto repetitions = static_cast<std::uint64_t>(times);
  if (unit > vm.limits.string_bytes_max / repetitions && unit > 0) {
    return throw_too_large(vm);
  }
  Work work(vm);
  return build_string(vm, args, std::min(count, 4), 3, unit * repetitions - between.size(), work,
                      [text, between](char* out, std::size_t from, std::size_t to) {
                        fill_repeated(out, from, to, text, between);
                      });
}

// One of string.char's arguments, in bytes that are copied.
constexpr std::int64_t kCodeWork = 15;

int fast_string_char(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 2 || !slot[1].is_integer()) return vm::kNotFast;
  const auto code = static_cast<std::uint64_t>(slot[1].integer);
  if (code > 255) return vm::kNotFast;
  const char text = static_cast<char>(code);
  return return_short(vm, slot, {&text, 1}, kCodeWork + 1);
}

int string_char(Vm& vm, Value* args, int count) {
  // An earlier activation left its Buffer behind the arguments.
  const bool goes_on = count > 0 && is_buffer(args[count - 1]);
  const int size = goes_on ? count - 1 : count;
  if (goes_on && !is_unfinished(args[size], static_cast<std::size_t>(size))) {
    return throw_corrupt(vm);
  }
  const std::int64_t done = goes_on ? args[size].buffer()->size : 0;
  // The result takes the place of the function's slot, so mistakes have to be found first.
  constexpr std::int64_t kCodesMax = 1024;
  const std::int64_t end = std::min<std::int64_t>(size, done + kCodesMax);
  for (auto i = static_cast<int>(done); i < end; ++i) {
    std::int64_t code = 0;
    if (!vm::arg_integer(vm, args, size, i, code)) return vm.failure;
    if (code < 0 || code > 255) {
      return vm::throw_arg_error(
          vm, i, vm.dialect == vm::Dialect::Luau ? "invalid value" : "value out of range");
    }
  }
  Work work(vm);
  work.budget -= (end - done) * kCodeWork;
  return build_string(
      vm, args, count, size, static_cast<std::size_t>(size), work,
      [args](char* out, std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) {
          std::int64_t code = 0;
          vm::to_integer(args[i], code);
          out[i] = static_cast<char>(code);
        }
      },
      kCodesMax);
}

// One that is there.
int fast_string_byte(Vm&, Value* slot, unsigned operands) {
  if ((operands != 2 && operands != 3) || !slot[1].is_string()) return vm::kNotFast;
  std::int64_t position = 1;
  if (operands == 3) {
    if (!slot[2].is_integer()) return vm::kNotFast;
    position = slot[2].integer;
  }
  const String* string = slot[1].string();
  const std::uint64_t index = static_cast<std::uint64_t>(position) - 1;
  if (index >= string->size) return vm::kNotFast;
  const auto byte = static_cast<unsigned char>(string->data()[index]);
  return vm::return_fast(slot, Value::from(std::int64_t{byte}));
}

int string_byte(Vm& vm, Value* args, int count) {
  String* string = nullptr;
  std::int64_t first = 0;
  std::int64_t last = 0;
  if (!vm::arg_string(vm, args, count, 0, string) ||
      !vm::opt_integer(vm, args, count, 1, 1, first) ||
      !vm::opt_integer(vm, args, count, 2, first, last)) {
    return vm.failure;
  }
  const std::uint64_t start = start_position(first, string->size);
  const std::uint64_t end = end_position(last, string->size);
  if (start > end) return vm::return_none();
  const std::uint64_t size = end - start + 1;
  if (size >= static_cast<std::uint64_t>(INT32_MAX)) {
    return vm::throw_error(vm, "string slice too long");
  }
  const int results = static_cast<int>(size);
  Work work(vm);
  const int reserved = reserve_results(vm, args, count, 3, results, "string slice too long", work);
  if (reserved != 0) return reserved;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(string->data()) + start - 1;
  // Behind the mark, which is in args[3], some at a time.
  constexpr int kBehindMark = 5;
  constexpr int kResultsMax = 8000;
  if (results > vm::kBuiltinSlots) {
    Buffer& mark = *args[3].buffer();
    std::uint64_t done = kBehindMark;
    if (mark.capacity < sizeof done) return throw_corrupt(vm);
    if (mark.size == sizeof done) std::memcpy(&done, mark.data(), sizeof done);
    if (done < kBehindMark || done > static_cast<std::uint64_t>(results)) return throw_corrupt(vm);
    const int stop = std::min(results, static_cast<int>(done) + kResultsMax);
    for (int i = static_cast<int>(done); i < stop; ++i) {
      args[i - 1] = Value::from(std::int64_t{bytes[i]});
    }
    work.budget -= stop - static_cast<int>(done);
    if (stop < results) {
      done = static_cast<std::uint64_t>(stop);
      std::memcpy(mark.data(), &done, sizeof done);
      mark.size = sizeof done;
      return work.again(results);
    }
  }
  for (int i = 0; i < std::min(results, vm::kBuiltinSlots); ++i) {
    args[i - 1] = Value::from(std::int64_t{bytes[i]});
  }
  return work.end(results);
}

}  // namespace moonlet::stdlib
