// The items of a format: numbers, characters, addresses, literals, strings.
#include <charconv>
#include <string>

#include "stdlib/string_formatter.hpp"
#include "stdlib/string_quote.hpp"

namespace moonlet::stdlib {
namespace {

constexpr std::int64_t kItemWork = 512;
constexpr std::string_view kFloatFlags = "-+#0 ";
constexpr std::string_view kHexFlags = "-#0";
constexpr std::string_view kSignedFlags = "-+0 ";
constexpr std::string_view kUnsignedFlags = "-0";
constexpr std::string_view kTextFlags = "-";

}  // namespace

int Formatter::step_item() {
  // A number with a hundred digits takes as long as this.
  work_.budget -= kItemWork;
  if (++argument_ >= count_) return throw_no_argument();
  const FormatItem here = item();
  if (is_luau()) return step_luau_item(here);
  if (here.is_too_long) return vm::throw_error(vm_, "invalid format (too long)");
  switch (here.letter) {
    case 'c':
      return add_character(here);
    case 'd':
    case 'i':
      return add_integer(here, kSignedFlags);
    case 'u':
      return add_integer(here, kUnsignedFlags);
    case 'o':
    case 'x':
    case 'X':
      return add_integer(here, kHexFlags);
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return add_float(here);
    case 'p':
      return add_pointer(here);
    case 'q':
      return add_literal(here);
    case 's':
      return add_string(here);
    default:
      return invalid_item(here, "invalid conversion '%", "' to 'format'");
  }
}

int Formatter::throw_no_argument() {
  if (!is_luau()) return vm::throw_arg_error(vm_, argument_, "no value");
  return vm::throw_error(vm_, "missing argument #" + std::to_string(argument_ + 1));
}

int Formatter::step_luau_item(const FormatItem& item) {
  if (const std::string_view mistake = luau_mistake(item); !mistake.empty()) {
    return vm::throw_error(vm_, mistake);
  }
  String* text;
  switch (item.letter) {
    case 'c':
      return add_character(item);
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return add_integer(item, kFloatFlags);
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return add_float(item);
    case 'q':
      if (!vm::arg_string(vm_, arguments(), count_, argument_, text)) return vm_.failure;
      return add_literal(item);
    case 's':
      if (!vm::arg_string(vm_, arguments(), count_, argument_, text)) return vm_.failure;
      value_ = Value::from(text);
      return take_string();
    case '*':
      if (item.has_modifiers()) return vm::throw_error(vm_, "'%*' does not take a form");
      return add_string(item);
    default:
      return vm::throw_error(vm_, {"invalid option '%", {&item.letter, 1}, "' to 'format'"});
  }
}

// The message shows the item up to a zero, as C would.
int Formatter::invalid_item(const FormatItem& item, std::string_view before,
                            std::string_view after) {
  return vm::throw_error(vm_, {before, item.text.substr(0, item.text.find('\0')), after});
}

int Formatter::add_integer(const FormatItem& item, std::string_view flags) {
  std::int64_t value = 0;
  if (!vm::arg_integer(vm_, arguments(), count_, argument_, value)) return vm_.failure;
  if (const Value& given = arguments()[argument_];
      is_luau() && given.is_float() && given.number >= 0x1p63 && given.number < 0x1p64) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(given.number));
  }
  NumberSpec spec;
  if (!check_format_item(item, flags, Precision::Allowed, spec)) {
    return invalid_item(item, "invalid conversion specification: '%", "'");
  }
  char text[kNumberItemSize];
  const int answer = append({text, format_integer(text, spec, value)});
  return answer != kGoOn ? answer : item_done();
}

int Formatter::add_float(const FormatItem& item) {
  NumberSpec spec;
  const bool is_good = check_format_item(item, kFloatFlags, Precision::Allowed, spec);
  double value = 0;
  // Which of two mistakes is reported differs between the letters in the reference, too.
  const bool is_hexadecimal = item.letter == 'a' || item.letter == 'A';
  if ((is_good || !is_hexadecimal) && !vm::arg_number(vm_, arguments(), count_, argument_, value)) {
    return vm_.failure;
  }
  if (!is_good) return invalid_item(item, "invalid conversion specification: '%", "'");
  char text[kNumberItemSize];
  const int answer = append({text, format_float(text, spec, value)});
  return answer != kGoOn ? answer : item_done();
}

int Formatter::add_character(const FormatItem& item) {
  NumberSpec spec;
  if (!check_format_item(item, is_luau() ? kFloatFlags : kTextFlags,
                         is_luau() ? Precision::Allowed : Precision::Refused, spec)) {
    return invalid_item(item, "invalid conversion specification: '%", "'");
  }
  spec.precision = -1;
  std::int64_t value = 0;
  if (!vm::arg_integer(vm_, arguments(), count_, argument_, value)) return vm_.failure;
  const char c = static_cast<char>(value);
  return add_padded(spec, {&c, 1});
}

int Formatter::add_pointer(const FormatItem& item) {
  NumberSpec spec;
  if (!check_format_item(item, kTextFlags, Precision::Refused, spec)) {
    return invalid_item(item, "invalid conversion specification: '%", "'");
  }
  const Value& value = arguments()[argument_];
  std::string text = "(null)";
  if (value.is_object() && !vm_.heap.can_identify(value.object)) return vm::throw_memory(vm_);
  if (value.is_string()) {
    char digits[16];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, vm_.heap.identity(value.object), 16).ptr;
    const auto size = static_cast<std::size_t>(end - digits);
    text = "0x" + std::string(size < 8 ? 8 - size : 0, '0') + std::string(digits, size);
  } else if (value.is_object() || value.is_builtin() || value.is(Tag::LightUserdata)) {
    text = vm::basic_text(vm_, value);
    text.erase(0, text.rfind("0x"));
  }
  return add_padded(spec, text);
}

int Formatter::add_padded(const NumberSpec& spec, std::string_view text) {
  if (spec.precision >= 0) text = text.substr(0, static_cast<std::size_t>(spec.precision));
  const auto width = static_cast<std::size_t>(spec.width);
  char spaces[100];
  std::fill_n(spaces, sizeof spaces, ' ');
  const std::string_view padding{spaces, width > text.size() ? width - text.size() : 0};
  int answer = append(spec.left ? text : padding);
  if (answer == kGoOn) answer = append(spec.left ? padding : text);
  return answer != kGoOn ? answer : item_done();
}

int Formatter::add_literal(const FormatItem& item) {
  if (item.has_modifiers() && !is_luau()) {
    return vm::throw_error(vm_, "specifier '%q' cannot have modifiers");
  }
  const Value& value = arguments()[argument_];
  char text[kLiteralSize];
  switch (value.tag()) {
    case Tag::String:
      value_ = value;
      value_at_ = 0;
      phase_ = Phase::Quote;
      return append("\"");
    case Tag::Integer:
    case Tag::Float: {
      const int answer = append(number_literal(value, text));
      return answer != kGoOn ? answer : item_done();
    }
    case Tag::Nil:
    case Tag::True:
    case Tag::False: {
      const int answer = append(vm::basic_text(vm_, value));
      return answer != kGoOn ? answer : item_done();
    }
    default:
      return vm::throw_arg_error(vm_, argument_, "value has no literal form");
  }
}

int Formatter::step_quote() {
  const std::string_view text = value_text();
  const std::size_t end = std::min<std::size_t>(text.size(), value_at_ + kWindowBytes);
  char quoted[kQuotedByteMax];
  while (value_at_ < end) {
    const auto rest = text.substr(value_at_, end - value_at_);
    const std::size_t plain = is_luau() ? luau_plain_prefix(rest) : plain_prefix(rest);
    work_.budget -= static_cast<std::int64_t>(plain) * 3 + 16;
    int answer = append(text.substr(value_at_, plain));
    value_at_ += static_cast<std::uint32_t>(plain);
    if (answer == kGoOn && value_at_ < end) {
      answer = append(is_luau() ? luau_quote_byte(text[value_at_])
                                : quote_byte(text, value_at_, quoted));
      ++value_at_;
    }
    if (answer != kGoOn) return answer;
  }
  if (value_at_ < text.size()) return kGoOn;
  value_ = Value::nil();
  const int answer = append("\"");
  return answer != kGoOn ? answer : item_done();
}

// ---- Strings.

int Formatter::add_string(const FormatItem& item) {
  const Value& value = arguments()[argument_];
  const Value handler = vm::metamethod(vm_, value, heap::Event::ToString);
  if (!handler.is_nil()) return call_to_string(handler);
  if (value.is_string()) {
    value_ = value;
    return take_string();
  }
  if (value.is_number()) {
    char text[vm::kNumberTextSize];
    return add_text(item, vm::number_text(vm_, value, text));
  }
  return add_text(item, vm::basic_text(vm_, value));
}

int Formatter::call_to_string(const Value& handler) {
  const Value value = arguments()[argument_];
  const int grown = ensure_slots(vm_, args_, kShift + count_ + 2, "too many arguments");
  if (grown != 0) return grown;
  phase_ = Phase::Callback;
  if (!save()) return kNoMemory;
  Value* slot = args_ + kShift + count_;
  slot[0] = handler;
  slot[1] = value;
  vm_.call_slot = slot;
  vm_.call_count = 1;
  return work_.end(vm::kCall);
}

// A string that is not in the heap, and short or of a type's name.
int Formatter::add_text(const FormatItem& item, std::string_view text) {
  NumberSpec spec;
  if (item.has_modifiers()) {
    if (text.find('\0') != std::string_view::npos) {
      return vm::throw_arg_error(vm_, argument_, "string contains zeros");
    }
    if (!check_format_item(item, text_flags(), Precision::Allowed, spec)) {
      return invalid_item(item, "invalid conversion specification: '%", "'");
    }
  }
  return add_padded(spec, text);
}

// The string of the item is in value_: from the argument or from __tostring.
int Formatter::take_string() {
  if (value_.is_number()) {
    char text[vm::kNumberTextSize];
    const std::string_view number = vm::number_text(vm_, value_, text);
    value_ = Value::nil();
    return add_text(item(), number);
  }
  if (!value_.is_string()) return vm::throw_error(vm_, "'__tostring' must return a string");
  value_at_ = 0;
  phase_ = item().has_modifiers() ? Phase::Zeros : Phase::Copy;
  return kGoOn;
}

int Formatter::step_zeros() {
  const std::string_view text = value_text();
  const std::size_t size = window(text.size() - value_at_);
  if (!is_luau() && text.substr(value_at_, size).find('\0') != std::string_view::npos) {
    return vm::throw_arg_error(vm_, argument_, "string contains zeros");
  }
  value_at_ += static_cast<std::uint32_t>(size);
  work_.budget -= static_cast<std::int64_t>(size);
  if (value_at_ < text.size()) return kGoOn;

  const FormatItem here = item();
  NumberSpec spec;
  if (!check_format_item(here, text_flags(), Precision::Allowed, spec)) {
    return invalid_item(here, "invalid conversion specification: '%", "'");
  }
  constexpr std::size_t kWholeFrom = 100;  // longer than any width
  if (!here.has_precision() && text.size() >= kWholeFrom) {
    value_at_ = 0;
    phase_ = Phase::Copy;
    return kGoOn;
  }
  const Value value = value_;
  value_ = Value::nil();
  return add_padded(spec, value.string()->view());
}

int Formatter::step_copy() {
  const std::string_view text = value_text();
  const std::size_t size = window(text.size() - value_at_);
  const int answer = append(text.substr(value_at_, size));
  if (answer != kGoOn) return answer;
  value_at_ += static_cast<std::uint32_t>(size);
  if (value_at_ < text.size()) return kGoOn;
  value_ = Value::nil();
  return item_done();
}

}  // namespace moonlet::stdlib
