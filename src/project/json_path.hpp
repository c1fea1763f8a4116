// Places in JSON: the way to a value, and where that stands in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "moonlet/moonlet.hpp"

namespace moonlet::project {

// A member's name, or a position in a list, counted from 0.
using Step = std::variant<std::string, std::size_t>;
using Path = std::vector<Step>;

// scenarios.order.mocks["send email"][0].error; empty for the whole value.
std::string path_text(const Path& path);
// The same behind a word that names the value: "argument" gives argument.items[0].
std::string path_text(std::string_view value_name, const Path& path);
// A path as people write it, names and [numbers] with dots between them; the error says what is
// wrong with it.
[[nodiscard]] std::expected<Path, std::string> parse_path(std::string_view text);

// The value there, or nullptr.
const Value* value_at(const Value& root, const Path& path);

// Counted from 1, in bytes, as editors and compilers do.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;
};
TextPlace place_of_byte(std::string_view text, std::size_t byte);

// Where a value begins in a text that parse_json() accepts, or the name of the member that it is.
// Where there is no such value: the one that it would be in.
enum class PlaceOf : std::uint8_t { Value, Name };
TextPlace place_of_path(std::string_view text, const Path& path, PlaceOf which);

}  // namespace moonlet::project
