#include "stdlib/string_captures.hpp"

#include <charconv>

namespace moonlet::stdlib {

bool has_open_capture(const MatchState& match, int count) {
  for (int i = 0; i < count; ++i) {
    if (is_open_capture(match, i)) return true;
  }
  return false;
}

Making make_captures(Vm& vm, const MatchState& match, std::string_view subject, Value* slots,
                     int& next, int count, std::int64_t& budget) {
  for (; next < count; ++next) {
    if (is_position_capture(match, next)) {
      const std::int64_t position = capture_position(match, next);
      slots[next] = vm.dialect == vm::Dialect::Luau ? Value::from(static_cast<double>(position))
                                                    : Value::from(position);
      continue;
    }
    const Making made = make_string(vm, slots[next], capture_text(match, subject, next), budget);
    if (made != Making::Done) return made;
  }
  return Making::Done;
}

int throw_match_error(Vm& vm, const MatchState& match) {
  const std::string_view text = match_error_text(match.error);
  if (match.error != MatchError::InvalidCaptureIndex) return vm::throw_error(vm, text);
  char digits[12];
  const auto end = std::to_chars(digits, digits + sizeof digits, match.depth).ptr;
  return vm::throw_error(vm, {text, {digits, static_cast<std::size_t>(end - digits)}});
}

}  // namespace moonlet::stdlib
