#include "stdlib/string_matcher.hpp"

#include <algorithm>
#include <cstring>

#include "base/check.hpp"

namespace moonlet::stdlib {

MatchPhase Matcher::run(std::int64_t& budget) {
  budget_ = budget;
  do {
    // Most steps are of this kind.
    if (ML_LIKELY(state_.phase == MatchPhase::Item)) {
      step_item();
      budget_ -= kStepWork;
      continue;
    }
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

// Looks for a single byte that every match has to begin with. False: the pattern is wrong there,
// as the first attempt would find, too.
bool Matcher::find_head() {
  head_state_ = Head::None;
  constexpr std::uint32_t kCapturesPassed = 4;
  std::uint32_t at = 0;
  while (at < kCapturesPassed && pattern_at(at) == '(') ++at;
  if (at >= pattern_.size()) return true;
  const std::uint8_t c = pattern_at(at);
  if (c == '(' || c == ')' || c == '$' || c == '.') return true;
  const std::uint8_t letter = pattern_at(at + 1);
  if (c == '%' && (letter == 'b' || letter == 'f' || is_digit(letter))) return true;
  if (!item_at(at, head_)) return false;
  if (c == '[') {
    // The cache will forget it.
    head_set_ = *head_.set;
    head_.set = &head_set_;
  }
  const std::uint8_t suffix = pattern_at(head_.end);
  if (suffix != '*' && suffix != '?' && suffix != '-') head_state_ = Head::Known;
  return true;
}

// How many bytes of `window` cannot begin a match.
std::size_t Matcher::skip_to_head(std::string_view window) const {
  if (head_.kind == Item::Kind::Literal) {
    return std::min(window.find(static_cast<char>(head_.literal)), window.size());
  }
  const CharacterSet set = *head_.set;
  std::size_t skipped = 0;
  while (skipped < window.size() && !set.contains(static_cast<std::uint8_t>(window[skipped]))) {
    ++skipped;
  }
  return skipped;
}

void Matcher::step_start() {
  MatchState& m = state_;
  if (head_state_ == Head::NotLookedFor && !m.is_anchored && !find_head()) return;
  if (head_state_ == Head::Known && m.start < subject_.size()) {
    const std::int64_t work = head_.kind == Item::Kind::Set ? kSkipSetWork : 1;
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(budget_ / work, 1));
    const std::string_view window = subject_.substr(m.start, most);
    const std::size_t skipped = skip_to_head(window);
    budget_ -= static_cast<std::int64_t>(skipped) * work;
    m.start += static_cast<std::uint32_t>(skipped);
    m.subject = m.start;
    if (skipped == window.size()) {
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
  const auto window = static_cast<std::uint64_t>(std::max<std::int64_t>(budget_ / kBalanceWork, 1));
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
  budget_ -= (m.scan - first) * kBalanceWork;
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

}  // namespace moonlet::stdlib
