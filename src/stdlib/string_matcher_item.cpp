// Reading single items of a pattern. Mistakes are found where they are reached, as the reference
// does.
#include "base/check.hpp"
#include "stdlib/string_matcher.hpp"

namespace moonlet::stdlib {

bool Matcher::item_at(std::uint32_t position, Item& item) {
  const std::uint8_t c = pattern_at(position);
  item = {Item::Kind::Literal, c, nullptr, position + 1};
  if (c == '.') {
    item.kind = Item::Kind::Any;
  } else if (c == '%') {
    if (position + 1 >= pattern_.size()) {
      raise(MatchError::EndsWithEscape);
      return false;
    }
    item.end = position + 2;
    item.literal = pattern_at(position + 1);
    item.set = class_set(item.literal);
    if (item.set != nullptr) item.kind = Item::Kind::Set;
  } else if (c == '[') {
    const CachedSet* cached = nullptr;
    if (!set_at(position, cached)) return false;
    item.kind = Item::Kind::Set;
    item.set = &cached->set;
    item.end = cached->end;
  }
  return true;
}

namespace {

// Adds the members between the brackets: [from, to) without '[', '^' and ']'.
void add_members(CharacterSet& set, std::string_view pattern, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const auto c = static_cast<std::uint8_t>(pattern[i]);
    if (c == '%') {
      ++i;
      const auto letter = static_cast<std::uint8_t>(pattern[i]);
      const CharacterSet* members = class_set(letter);
      if (members != nullptr) {
        set.add_all(*members);
      } else {
        set.add(letter);
      }
    } else if (i + 2 < to && pattern[i + 1] == '-') {
      set.add_range(c, static_cast<std::uint8_t>(pattern[i + 2]));
      i += 2;
    } else {
      set.add(c);
    }
  }
}

}  // namespace

bool Matcher::set_at(std::uint32_t position, const CachedSet*& set) {
  CachedSet& cached = sets_[position % kCachedSets];
  set = &cached;
  if (cached.position == position) return true;
  std::uint32_t end = position + 1;
  const bool is_complement = pattern_at(end) == '^';
  if (is_complement) ++end;
  const std::uint32_t from = end;
  // The first member may be a ']'.
  do {
    if (end >= pattern_.size()) {
      raise(MatchError::MissingBracket);
      return false;
    }
    if (end - position > kSetBytesMax) {
      raise(MatchError::TooComplex);
      return false;
    }
    if (pattern_[end++] == '%' && end < pattern_.size()) ++end;
  } while (end >= pattern_.size() || pattern_[end] != ']');
  budget_ -= std::int64_t{end - position} * kReadSetWork;
  cached.set = {};
  add_members(cached.set, pattern_, from, end);
  if (is_complement) cached.set = cached.set.complement();
  cached.position = position;
  cached.end = end + 1;
  return true;
}

std::string_view match_error_text(MatchError error) {
  switch (error) {
    case MatchError::TooComplex:
      return "pattern too complex";
    case MatchError::TooManyCaptures:
      return "too many captures";
    case MatchError::EndsWithEscape:
      return "malformed pattern (ends with '%')";
    case MatchError::MissingBracket:
      return "malformed pattern (missing ']')";
    case MatchError::MissingBalanceArguments:
      return "malformed pattern (missing arguments to '%b')";
    case MatchError::MissingFrontierSet:
      return "missing '[' after '%f' in pattern";
    case MatchError::InvalidPatternCapture:
      return "invalid pattern capture";
    case MatchError::InvalidCaptureIndex:
      return "invalid capture index %";
    case MatchError::None:
      break;
  }
  ML_UNREACHABLE();
}

}  // namespace moonlet::stdlib
