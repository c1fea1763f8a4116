#include "stdlib/string_matcher.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace moonlet::stdlib {

MatchPhase Matcher::run(std::int64_t& budget) {
  budget_ = budget;
  do {
    switch (state_.phase) {
      case MatchPhase::Start:
        step_start();
        break;
      case MatchPhase::Item:
        step_item();
        break;
      case MatchPhase::Grow:
        step_grow();
        break;
      case MatchPhase::Balance:
        step_balance();
        break;
      case MatchPhase::Compare:
        step_compare();
        break;
      case MatchPhase::Backtrack:
        step_backtrack();
        break;
      default:
        break;
    }
    budget_ -= kStepWork;
  } while (!is_at_rest(state_.phase) && budget_ > 0);
  budget = budget_;
  return state_.phase;
}

// ---- Attempts.

// A pattern that begins with a byte that has to be there can only match where that byte is.
bool Matcher::begins_with_literal() const {
  static constexpr std::string_view kSpecial = "$()%.[";
  if (pattern_.empty() || kSpecial.find(pattern_[0]) != std::string_view::npos) return false;
  const std::uint8_t suffix = pattern_at(1);
  return suffix != '*' && suffix != '?' && suffix != '-';
}

void Matcher::step_start() {
  MatchState& m = state_;
  if (!m.is_anchored && begins_with_literal() && m.start < subject_.size()) {
    const std::size_t window = std::min<std::size_t>(
        subject_.size() - m.start, static_cast<std::size_t>(std::max<std::int64_t>(budget_, 1)));
    const char* from = subject_.data() + m.start;
    const void* found = std::memchr(from, pattern_[0], window);
    const std::size_t skipped =
        found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - from)
                         : window;
    budget_ -= static_cast<std::int64_t>(skipped);
    m.start += static_cast<std::uint32_t>(skipped);
    m.subject = m.start;
    if (found == nullptr) {
      if (m.start == subject_.size()) m.phase = MatchPhase::Failed;
      return;
    }
  }
  m.subject = m.start;
  m.pattern = 0;
  m.capture_count = 0;
  m.phase = MatchPhase::Item;
}

void Matcher::step_matched() {
  MatchState& m = state_;
  if (m.subject != m.refused_end) {
    m.phase = MatchPhase::Matched;
    m.choice_count = 0;
    return;
  }
  // As if nothing had matched here: not even another alternative of this attempt counts.
  m.choice_count = 0;
  m.capture_count = 0;
  m.phase = MatchPhase::Backtrack;
}

// ---- Items.

void Matcher::step_item() {
  MatchState& m = state_;
  if (m.pattern == pattern_.size()) return step_matched();
  switch (pattern_at(m.pattern)) {
    case '(':
      return step_open_capture();
    case ')':
      return step_close_capture();
    case '%':
      return step_escape();
    case '$':
      if (m.pattern + 1 != pattern_.size()) return step_single();
      if (m.subject != subject_.size()) return fail();
      ++m.pattern;
      return;
    default:
      return step_single();
  }
}

void Matcher::step_escape() {
  const std::uint8_t letter = pattern_at(state_.pattern + 1);
  if (letter == 'b') return step_balance_begin();
  if (letter == 'f') return step_frontier();
  if (is_digit(letter)) return step_reference_begin(letter);
  step_single();
}

void Matcher::step_open_capture() {
  MatchState& m = state_;
  if (m.capture_count == kCapturesMax) return raise(MatchError::TooManyCaptures);
  if (!push(ChoiceKind::OpenCapture, 0, 0, 0)) return;
  const bool is_position = pattern_at(m.pattern + 1) == ')';
  m.captures[m.capture_count++] = {m.subject, is_position ? kPositionCapture : kOpenCapture};
  m.pattern += is_position ? 2 : 1;
}

void Matcher::step_close_capture() {
  MatchState& m = state_;
  int index = m.capture_count - 1;
  while (index >= 0 && m.captures[index].size != kOpenCapture) --index;
  if (index < 0) return raise(MatchError::InvalidPatternCapture);
  // Only a forged state can have a capture begin behind the subject's position.
  if (m.captures[index].start > m.subject) return fail();
  if (!push(ChoiceKind::CloseCapture, 0, 0, static_cast<std::uint32_t>(index))) return;
  m.captures[index].size = m.subject - m.captures[index].start;
  ++m.pattern;
}

void Matcher::step_single() {
  MatchState& m = state_;
  Item item;
  if (!item_at(m.pattern, item)) return;
  const std::uint8_t suffix = pattern_at(item.end);
  const bool accepts = accepts_at(item, m.subject);
  switch (suffix) {
    case '?':
      if (accepts) {
        if (!push(ChoiceKind::Optional, m.subject, item.end + 1, 0)) return;
        ++m.subject;
      }
      m.pattern = item.end + 1;
      return;
    case '*':
    case '+': {
      if (!accepts) {
        if (suffix == '+') return fail();
        m.pattern = item.end + 1;
        return;
      }
      // The first of a '+' is not up for discussion.
      if (suffix == '+') ++m.subject;
      if (!push(ChoiceKind::Maximal, m.subject, m.pattern, 0)) return;
      m.phase = MatchPhase::Grow;
      return;
    }
    case '-':
      // Without a first repetition there is nothing to come back to.
      if (accepts && !push(ChoiceKind::Minimal, m.subject, m.pattern, item.end + 1)) return;
      m.pattern = item.end + 1;
      return;
    default:
      if (!accepts) return fail();
      ++m.subject;
      m.pattern = item.end;
  }
}

// While the choice grows, its `pattern` is the repeated item; then it is what follows.
void Matcher::step_grow() {
  MatchState& m = state_;
  Choice& choice = m.choices[m.choice_count - 1];
  Item item;
  if (!item_at(choice.pattern, item)) return;
  const std::uint64_t first = std::uint64_t{choice.subject} + choice.extra;
  const std::uint64_t window = static_cast<std::uint64_t>(std::max<std::int64_t>(budget_, 1));
  const std::uint64_t limit = std::min<std::uint64_t>(subject_.size(), first + window);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(subject_.data());
  std::uint64_t end = first;
  switch (item.kind) {
    case Item::Kind::Any:
      end = std::max(first, limit);
      break;
    case Item::Kind::Literal:
      while (end < limit && bytes[end] == item.literal) ++end;
      break;
    case Item::Kind::Set: {
      const CharacterSet set = *item.set;
      while (end < limit && set.contains(bytes[end])) ++end;
      break;
    }
  }
  budget_ -= static_cast<std::int64_t>(end - first);
  choice.extra += static_cast<std::uint32_t>(end - first);
  if (end == limit && limit < subject_.size()) return;  // more next time
  choice.pattern = item.end + 1;
  m.subject = choice.subject + choice.extra;
  m.pattern = choice.pattern;
  m.phase = MatchPhase::Item;
}

void Matcher::step_balance_begin() {
  MatchState& m = state_;
  if (m.pattern + 3 >= pattern_.size()) return raise(MatchError::MissingBalanceArguments);
  if (m.subject >= subject_.size() || subject_[m.subject] != pattern_[m.pattern + 2]) {
    return fail();
  }
  m.scan = m.subject + 1;
  m.depth = 1;
  m.phase = MatchPhase::Balance;
}

void Matcher::step_balance() {
  MatchState& m = state_;
  const char open = pattern_[m.pattern + 2];
  const char close = pattern_[m.pattern + 3];
  const std::uint64_t window = static_cast<std::uint64_t>(std::max<std::int64_t>(budget_, 1));
  const std::uint64_t limit = std::min<std::uint64_t>(subject_.size(), m.scan + window);
  const std::uint32_t first = m.scan;
  for (; m.scan < limit; ++m.scan) {
    const char c = subject_[m.scan];
    if (c == close) {
      if (--m.depth == 0) break;
    } else if (c == open) {
      ++m.depth;
    }
  }
  budget_ -= m.scan - first;
  if (m.depth == 0) {
    m.subject = m.scan + 1;
    m.pattern += 4;
    m.phase = MatchPhase::Item;
  } else if (m.scan == subject_.size()) {
    fail();
  }
}

void Matcher::step_frontier() {
  MatchState& m = state_;
  const std::uint32_t position = m.pattern + 2;
  if (pattern_at(position) != '[') return raise(MatchError::MissingFrontierSet);
  const CachedSet* set = nullptr;
  if (!set_at(position, set)) return;
  const std::uint8_t previous = m.subject == 0 ? 0 : subject_at(m.subject - 1);
  if (set->set.contains(previous) || !set->set.contains(subject_at(m.subject))) return fail();
  m.pattern = set->end;
}

void Matcher::step_reference_begin(std::uint8_t digit) {
  MatchState& m = state_;
  const int index = digit - '1';
  if (index < 0 || index >= m.capture_count || m.captures[index].size == kOpenCapture) {
    m.depth = static_cast<std::uint32_t>(index + 1);
    return raise(MatchError::InvalidCaptureIndex);
  }
  const std::uint32_t size = m.captures[index].size;
  if (size == kPositionCapture || size > subject_.size() - m.subject) return fail();
  m.scan = 0;
  m.depth = static_cast<std::uint32_t>(index);
  m.phase = MatchPhase::Compare;
}

void Matcher::step_compare() {
  MatchState& m = state_;
  const Capture capture = m.captures[m.depth];
  const std::size_t piece = std::min<std::size_t>(
      capture.size - m.scan, static_cast<std::size_t>(std::max<std::int64_t>(budget_, 1)));
  budget_ -= static_cast<std::int64_t>(piece);
  if (std::memcmp(subject_.data() + capture.start + m.scan, subject_.data() + m.subject + m.scan,
                  piece) != 0) {
    return fail();
  }
  m.scan += static_cast<std::uint32_t>(piece);
  if (m.scan < capture.size) return;
  m.subject += capture.size;
  m.pattern += 2;
  m.phase = MatchPhase::Item;
}

// ---- Choices.

bool Matcher::push(ChoiceKind kind, std::uint32_t subject, std::uint32_t pattern,
                   std::uint32_t extra) {
  if (state_.choice_count == kChoicesMax) {
    raise(MatchError::TooComplex);
    return false;
  }
  state_.choices[state_.choice_count++] = {kind, subject, pattern, extra};
  return true;
}

void Matcher::step_backtrack() {
  MatchState& m = state_;
  if (m.choice_count == 0) {
    if (m.is_anchored || m.start >= subject_.size()) {
      m.phase = MatchPhase::Failed;
    } else {
      m.subject = ++m.start;
      m.phase = MatchPhase::Start;
    }
    return;
  }
  Choice& choice = m.choices[m.choice_count - 1];
  switch (choice.kind) {
    case ChoiceKind::OpenCapture:
      --m.capture_count;
      --m.choice_count;
      return;
    case ChoiceKind::CloseCapture:
      m.captures[choice.extra].size = kOpenCapture;
      --m.choice_count;
      return;
    case ChoiceKind::Maximal:
      if (choice.extra == 0) {
        --m.choice_count;
        return;
      }
      --choice.extra;
      m.subject = choice.subject + choice.extra;
      m.pattern = choice.pattern;
      break;
    case ChoiceKind::Minimal: {
      Item item;
      if (!item_at(choice.pattern, item)) return;
      if (!accepts_at(item, choice.subject)) {
        --m.choice_count;
        return;
      }
      m.subject = ++choice.subject;
      m.pattern = choice.extra;
      break;
    }
    case ChoiceKind::Optional:
      m.subject = choice.subject;
      m.pattern = choice.pattern;
      --m.choice_count;
      break;
  }
  m.phase = MatchPhase::Item;
}

// ---- Reading the pattern. Mistakes are found where they are reached, as the reference does.

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
  budget_ -= end - position;
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
