#include "stdlib/string_format_spec.hpp"

#include <algorithm>

#include "stdlib/string_character.hpp"

namespace moonlet::stdlib {
namespace {

constexpr std::string_view kModifiers = "-+#0 123456789.";

bool digit_at(std::string_view text, std::size_t i) {
  return i < text.size() && is_digit(static_cast<std::uint8_t>(text[i]));
}

// Up to two digits at `at`.
int read_number(std::string_view text, std::size_t& at) {
  int number = 0;
  for (int digits = 0; digits < 2 && digit_at(text, at); ++digits) {
    number = number * 10 + (text[at++] - '0');
  }
  return number;
}

void set_flag(NumberSpec& spec, char flag) {
  switch (flag) {
    case '-':
      spec.left = true;
      break;
    case '+':
      spec.plus = true;
      break;
    case ' ':
      spec.space = true;
      break;
    case '#':
      spec.alternate = true;
      break;
    default:
      spec.zero = true;
      break;
  }
}

}  // namespace

FormatItem read_format_item(std::string_view rest) {
  FormatItem item;
  const std::size_t modifiers =
      std::min(rest.substr(0, FormatItem::kTextMax).find_first_not_of(kModifiers),
               std::min(rest.size(), FormatItem::kTextMax));
  // The letter counts, there or not.
  item.is_too_long = modifiers + 1 >= FormatItem::kTextMax;
  item.letter = modifiers < rest.size() ? rest[modifiers] : '\0';
  item.text = rest.substr(0, std::min(rest.size(), modifiers + 1));
  return item;
}

std::string_view luau_mistake(const FormatItem& item) {
  constexpr std::string_view kFlags = "-+ #0";
  const std::string_view text = item.text;
  std::size_t at = 0;
  while (at < text.size() && kFlags.find(text[at]) != std::string_view::npos) ++at;
  if (at > kFlags.size()) return "invalid format (repeated flags)";
  static_cast<void>(read_number(text, at));
  if (at < text.size() && text[at] == '.') {
    ++at;
    static_cast<void>(read_number(text, at));
  }
  return digit_at(text, at) ? "invalid format (width or precision too long)" : std::string_view();
}

bool check_format_item(const FormatItem& item, std::string_view flags, Precision precision,
                       NumberSpec& spec) {
  const std::string_view text = item.text;
  std::size_t at = 0;
  while (at < text.size() && flags.find(text[at]) != std::string_view::npos) {
    set_flag(spec, text[at++]);
  }
  spec.letter = item.letter;
  // A width does not begin with '0'; where that is no flag it is a mistake.
  if (at < text.size() && text[at] == '0') return false;
  spec.width = read_number(text, at);
  if (at < text.size() && text[at] == '.' && precision == Precision::Allowed) {
    ++at;
    spec.precision = read_number(text, at);
  }
  return at + 1 == text.size() && is_alpha(static_cast<std::uint8_t>(text[at]));
}

}  // namespace moonlet::stdlib
