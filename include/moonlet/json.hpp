// Values as JSON (RFC 8259), both ways.
//
// null is nil. A number without fraction and exponent that fits 64 bits is an integer, every other
// one a double; doubles are written with the fewest digits that give the same double, and with a
// fraction or exponent, so that they come back as doubles. A number beyond the range of doubles is
// an error. Members keep their order; of those with the same name the last one counts. Lists and
// objects nest up to kValueDepthMax levels. Any thread may call these; they use no Vm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "moonlet/value.hpp"

namespace moonlet {

enum class JsonLayout : std::uint8_t { Compact, Indented };

// `text` is one value, in UTF-8. The error says what is wrong and at which byte, counted from 0,
// and if it is not the first, in which line.
[[nodiscard]] std::expected<Value, std::string> from_json(std::string_view text);

// The same, for who shows the place in another way.
struct JsonError {
  std::size_t byte = 0;  // counted from 0
  std::string what;
};
[[nodiscard]] std::expected<Value, JsonError> parse_json(std::string_view text);

// The error names the place, as in ".items[2].name": infinities and NaN, bytes that are not UTF-8,
// maps, host objects.
[[nodiscard]] std::expected<std::string, std::string> to_json(
    const Value& value, JsonLayout layout = JsonLayout::Compact);

}  // namespace moonlet
