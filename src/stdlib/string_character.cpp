#include "stdlib/string_character.hpp"

namespace moonlet::stdlib {
namespace {

struct ClassRow {
  std::uint8_t letter;
  CharacterSet set;
  CharacterSet complement;
};

struct Range {
  unsigned low;
  unsigned high;
};

template <std::size_t N>
constexpr ClassRow make_row(char letter, const Range (&ranges)[N]) {
  CharacterSet set;
  for (const Range& range : ranges) set.add_range(range.low, range.high);
  return {static_cast<std::uint8_t>(letter), set, set.complement()};
}

// %z is undocumented since Lua 5.2 and still works in the reference.
constexpr ClassRow kClasses[] = {
    make_row('a', {{'A', 'Z'}, {'a', 'z'}}),
    make_row('c', {{0, 31}, {127, 127}}),
    make_row('d', {{'0', '9'}}),
    make_row('g', {{33, 126}}),
    make_row('l', {{'a', 'z'}}),
    make_row('p', {{33, 47}, {58, 64}, {91, 96}, {123, 126}}),
    make_row('s', {{9, 13}, {32, 32}}),
    make_row('u', {{'A', 'Z'}}),
    make_row('w', {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}),
    make_row('x', {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}),
    make_row('z', {{0, 0}}),
};

// Row of each lower-case letter, or -1.
constexpr std::array<std::int8_t, 26> make_rows_by_letter() {
  std::array<std::int8_t, 26> rows{};
  rows.fill(-1);
  std::int8_t index = 0;
  for (const ClassRow& row : kClasses) rows[row.letter - 'a'] = index++;
  return rows;
}
constexpr std::array<std::int8_t, 26> kRowsByLetter = make_rows_by_letter();

}  // namespace

const CharacterSet* class_set(std::uint8_t letter) {
  if (!is_alpha(letter)) return nullptr;
  const int row = kRowsByLetter[to_lower(letter) - 'a'];
  if (row < 0) return nullptr;
  return is_lower(letter) ? &kClasses[row].set : &kClasses[row].complement;
}

}  // namespace moonlet::stdlib
