// The basic functions of Luau.
#include <algorithm>
#include <cmath>

#include "base/elementary.hpp"
#include "base/number_parse.hpp"
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"
#include "stdlib/shared_functions.hpp"
#include "vm/call.hpp"
#include "vm/debug.hpp"

namespace moonlet::stdlib::luau {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

// Memory in use, in KiB.
int base_gcinfo(Vm& vm, Value* args, int) {
  return return_number(args, static_cast<double>(vm.heap.logical_bytes / 1024));
}

int base_assert(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  if (!args[0].is_falsy()) {
    charge(vm, static_cast<std::uint64_t>(count) / 8);
    move_values(args - 1, args, count);
    return count;
  }
  if (is_none_or_nil(args, count, 1)) return throw_error(vm, "assertion failed!");
  String* message;
  if (!arg_string(vm, args, count, 1, message)) return vm.failure;
  return throw_error(vm, message->view());
}

// A number is a message like any text.
int luau_error(Vm& vm, Value* args, int count) {
  String* text;
  if (count > 0 && args[0].is_number() && !arg_string(vm, args, count, 0, text)) return vm.failure;
  int level;
  if (!opt_int(vm, args, count, 1, 1, level)) return vm.failure;
  if (count > 1) args[1] = Value::from(level);
  return base_error(vm, args, count);
}

int base_rawlen(Vm& vm, Value* args, int count) {
  if (count > 0 && args[0].is_string()) return return_number(args, args[0].string()->size);
  if (count == 0 || !args[0].is_table()) {
    return throw_arg_error(vm, 0, "table or string expected");
  }
  return return_number(args, static_cast<double>(heap::table_length(*args[0].table())));
}

int luau_select(Vm& vm, Value* args, int count) {
  if (count > 0 && args[0].is_string() && args[0].string()->view().starts_with('#')) {
    return return_number(args, count - 1);
  }
  int position;
  if (!arg_int(vm, args, count, 0, position)) return vm.failure;
  args[0] = Value::from(position);
  return base_select(vm, args, count);
}

int fast_select(Vm&, Value* slot, unsigned operands) {
  if (operands < 2 || !slot[1].is_string() || !slot[1].string()->view().starts_with('#')) {
    return kNotFast;
  }
  return return_fast(slot, Value::from(static_cast<double>(operands) - 2));
}

// ---- Numerals.

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \f\n\r\t\v";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (std::size_t n = 0; n < text.size(); ++n) {
    if ((text[n] | 0x20) != word[n]) return false;
  }
  return true;
}

// What a numeral of Lua 5.4 does not have: names of what is no number, and hexadecimal digits
// beyond 64 bits.
bool read_special(std::string_view text, double& number) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (is_word(text, "inf") || is_word(text, "infinity")) {
    number = HUGE_VAL;
  } else if (is_word(text, "nan")) {
    number = base::canonical_nan();
    return true;
  } else if (text.size() > 18 && text[0] == '0' && (text[1] | 0x20) == 'x') {
    const base::ParsedNumber wide = base::parse_number(std::string(text) + "p0");
    if (wide.kind != base::NumberKind::Float) return false;
    number = wide.number;
  } else {
    return false;
  }
  if (is_negative) number = -number;
  return true;
}

bool read_numeral(std::string_view text, double& number) {
  text = trimmed(text);
  if (read_special(text, number)) return true;
  const base::ParsedNumber parsed = base::parse_number(text);
  if (parsed.kind == base::NumberKind::None) return false;
  number = parsed.kind == base::NumberKind::Integer ? static_cast<double>(parsed.integer)
                                                    : parsed.number;
  // Minus nothing is less than nothing; as an integer it was not.
  if (number == 0 && text.starts_with('-')) number = -0.0;
  // Read as unsigned.
  const bool is_hex = parsed.kind == base::NumberKind::Integer && number < 0 && text[0] != '-';
  if (is_hex) number = static_cast<double>(static_cast<std::uint64_t>(parsed.integer));
  return true;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int letter = c | 0x20;
  return letter >= 'a' && letter <= 'z' ? letter - 'a' + 10 : 99;
}

// In another base: 64 bits without a sign, of which a minus sign makes the complement; more digits
// are the highest number.
bool read_in_base(std::string_view text, std::uint64_t base, double& number) {
  text = trimmed(text);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const bool has_mark = base == 16 && text.size() > 2 && text[0] == '0' &&
                        (text[1] | 0x20) == 'x' && digit_of(text[2]) < 16;
  if (has_mark) text.remove_prefix(2);
  if (text.empty()) return false;
  std::uint64_t value = 0;
  bool is_too_large = false;
  for (const char c : text) {
    const int digit = digit_of(c);
    if (digit >= static_cast<int>(base)) return false;
    is_too_large = is_too_large || value > (UINT64_MAX - static_cast<std::uint64_t>(digit)) / base;
    value = value * base + static_cast<std::uint64_t>(digit);
  }
  if (is_too_large) {
    value = UINT64_MAX;
  } else if (is_negative) {
    value = 0 - value;
  }
  number = static_cast<double>(value);
  return true;
}

int luau_tonumber(Vm& vm, Value* args, int count) {
  int base;
  if (!opt_int(vm, args, count, 1, 10, base)) return vm.failure;
  double number;
  if (base == 10) {
    if (!arg_any(vm, args, count, 0)) return vm.failure;
    if (args[0].is_number()) return return_one(args, as_float(args[0]));
    if (!args[0].is_string()) return return_one(args, Value::nil());
  } else {
    String* text;
    if (!arg_string(vm, args, count, 0, text)) return vm.failure;
    if (base < 2 || base > 36) return throw_arg_error(vm, 1, "base out of range");
  }
  const std::string_view text = args[0].string()->view();
  charge(vm, std::min<std::uint64_t>(text.size(), kNumeralBytesMax));
  const bool is_numeral =
      text.size() <= kNumeralBytesMax &&
      (base == 10 ? read_numeral(text, number)
                  : read_in_base(text, static_cast<std::uint64_t>(base), number));
  return return_one(args, is_numeral ? Value::from(number) : Value::nil());
}

// ---- Types.

int luau_typeof(Vm& vm, Value* args, int count) {
  if (!arg_any(vm, args, count, 0)) return vm.failure;
  return return_string(vm, args, type_name(vm, args[0]));
}

int fast_typeof(Vm& vm, Value* slot, unsigned operands) {
  if (operands != 2 || slot[1].is_userdata()) return kNotFast;
  const heap::BasicType type = heap::basic_type(slot[1]);
  String* name = vm.heap.event_names->types[static_cast<int>(type)];
  const bool may_be_named = type != heap::BasicType::Table && type != heap::BasicType::String &&
                            vm.heap.basic_metatable(type) != nullptr;
  return name == nullptr || may_be_named ? kNotFast : return_fast(slot, Value::from(name));
}

int luau_newproxy(Vm& vm, Value* args, int count) {
  if (!is_none_or_nil(args, count, 0) && !args[0].is_boolean()) {
    return throw_type_error(vm, args, count, 0, "nil or boolean");
  }
  const bool has_metatable = count > 0 && !args[0].is_falsy();
  Table* metatable = has_metatable ? vm.heap.new_table() : nullptr;
  Userdata* proxy = vm.heap.new_userdata(0, 0);
  if (proxy == nullptr || (has_metatable && metatable == nullptr)) return kNoMemory;
  proxy->type = kProxyUserdata;
  proxy->metatable = metatable;
  return return_one(args, Value::from(proxy));
}

}  // namespace

std::span<const BuiltinRow> base_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:assert", base_assert},
      {"luau:error", luau_error},
      {"luau:gcinfo", base_gcinfo},
      {"luau:newproxy", luau_newproxy},
      {"luau:rawlen", base_rawlen},
      {.name = "luau:select", .call = luau_select, .fast = fast_select},
      {"luau:tonumber", luau_tonumber},
      {.name = "luau:typeof", .call = luau_typeof, .fast = fast_typeof},
  };
  return kRows;
}

}  // namespace moonlet::stdlib::luau
