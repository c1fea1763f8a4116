// Conversion specifications of string.format: reading and checking them.
#pragma once

#include <string_view>

#include "stdlib/string_number_format.hpp"

namespace moonlet::stdlib {

// '%', flags, width, precision and letter, as the script wrote them.
struct FormatItem {
  static constexpr std::size_t kTextMax = 22;

  std::string_view text;  // without '%'; with the letter unless the format ended
  char letter = '\0';
  bool is_too_long = false;

  bool has_modifiers() const { return text.size() > 1; }
  bool has_precision() const { return text.find('.') != std::string_view::npos; }
};

// The item at the beginning of `rest`, which follows a '%'.
FormatItem read_format_item(std::string_view rest);

enum class Precision : bool { Refused, Allowed };

// Checks that an item has only these flags, at most two digits of width, and a precision of at most
// two digits if one is allowed. False: "invalid conversion specification".
[[nodiscard]] bool check_format_item(const FormatItem& item, std::string_view flags,
                                     Precision precision, NumberSpec& spec);

// What Luau has against the modifiers of an item; empty: nothing.
std::string_view luau_mistake(const FormatItem& item);

}  // namespace moonlet::stdlib
