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

constexpr std::array<const CharacterSet*, 256> make_class_sets() {
  std::array<const CharacterSet*, 256> sets{};
  for (const ClassRow& row : kClasses) {
    sets[row.letter] = &row.set;
    sets[to_upper(row.letter)] = &row.complement;
  }
  return sets;
}

}  // namespace

const constinit std::array<const CharacterSet*, 256> kClassSets = make_class_sets();

}  // namespace moonlet::stdlib
