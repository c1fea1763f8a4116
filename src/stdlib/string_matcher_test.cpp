#include "stdlib/string_matcher.hpp"

#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace moonlet::stdlib {
namespace {

struct Result {
  MatchPhase phase = MatchPhase::Failed;
  MatchError error = MatchError::None;
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> captures;
  bool operator==(const Result&) const = default;
};

Result result_of(const MatchState& m) {
  Result result;
  result.phase = m.phase;
  if (m.phase == MatchPhase::Error) result.error = m.error;
  if (m.phase == MatchPhase::Matched) {
    result.start = m.start;
    result.end = m.subject;
    for (int i = 0; i < m.capture_count; ++i) {
      result.captures.emplace_back(m.captures[i].start, m.captures[i].size);
    }
  }
  return result;
}

Result match(std::string_view subject, std::string_view pattern, bool anchored = false) {
  auto state = std::make_unique<MatchState>();
  state->begin(0, anchored);
  std::int64_t budget = 1'000'000'000;
  Matcher(*state, subject, pattern).run(budget);
  return result_of(*state);
}

// Bytes of exactly the state's size, so that sanitizers see any step too far.
std::string saved(const MatchState& state) {
  std::string bytes(state.saved_bytes(), '\0');
  StateWriter writer(bytes.data());
  state.save(writer);
  EXPECT_EQ(writer.size(), bytes.size());
  return bytes;
}

std::unique_ptr<MatchState> loaded(const std::string& bytes, std::string_view subject,
                                   std::string_view pattern) {
  auto state = std::make_unique<MatchState>();
  std::memset(static_cast<void*>(state.get()), 0xee, sizeof(MatchState));
  StateReader reader(bytes);
  if (!state->load(reader, subject.size(), pattern.size()) || !reader.is_at_end()) return nullptr;
  return state;
}

// One step at a time, through bytes after each.
Result match_in_steps(std::string_view subject, std::string_view pattern, bool anchored) {
  auto state = std::make_unique<MatchState>();
  state->begin(0, anchored);
  for (int steps = 0; steps < 200'000; ++steps) {
    std::int64_t budget = 1;
    if (is_at_rest(Matcher(*state, subject, pattern).run(budget))) return result_of(*state);
    state = loaded(saved(*state), subject, pattern);
    if (state == nullptr) {
      ADD_FAILURE() << "state refused: " << pattern << " on " << subject;
      return {};
    }
  }
  return {};
}

std::string found(std::string_view subject, std::string_view pattern) {
  const Result result = match(subject, pattern);
  if (result.phase != MatchPhase::Matched) return "(none)";
  return std::string(subject.substr(result.start, result.end - result.start));
}

TEST(Matcher, Items) {
  EXPECT_EQ(found("aloALO", "%l*"), "alo");
  EXPECT_EQ(found("  \n\r*&\n\r   xuxu  \n\n", "%g%g%g+"), "xuxu");
  EXPECT_EQ(found("aaab", "a-b"), "aaab");
  EXPECT_EQ(found("aaa", "b*"), "");
  EXPECT_EQ(found("a$a", ".$."), "a$a");
  EXPECT_EQ(found("a$a", "$$"), "(none)");
  EXPECT_EQ(found("um caracter ? extra", "[^%sa-z]"), "?");
  EXPECT_EQ(found("]]]ab", "[^]]+"), "ab");
  EXPECT_EQ(found("0alo alo", "%x*"), "0a");
  EXPECT_EQ(found("THE (quick) fox", "%((%a+)%)"), "(quick)");
  EXPECT_EQ(found("aabaaabaaabaaaba", "b.*b"), "baaabaaabaaab");
  EXPECT_EQ(found("[a-]x", "[a%-]x"), "(none)");
  EXPECT_EQ(found("-x", "[a-]x"), "-x");
}

TEST(Matcher, BalanceFrontierAndReferences) {
  EXPECT_EQ(found("x (a (b) c) y", "%b()"), "(a (b) c)");
  EXPECT_EQ(found("((a)", "%b()"), "(a)");
  EXPECT_EQ(found("THE (quick) fox", "%f[%a]%a+%f[%A]"), "THE");
  EXPECT_EQ(match("aba", "%f[%z]").start, 3u);
  EXPECT_EQ(found("alo alx 123 b\nb\n", "(..)%1"), "b\nb\n");
  EXPECT_EQ(found("hello", "(l)%1"), "ll");
  EXPECT_EQ(found("x()y", "()%1"), "(none)");
}

TEST(Matcher, Captures) {
  const Result result = match("0123456789", "(.+(.?)())");
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> expected = {
      {0, 10}, {10, 0}, {10, kPositionCapture}};
  EXPECT_EQ(result.captures, expected);
}

TEST(Matcher, MistakesAreFoundWhereTheyAreReached) {
  EXPECT_EQ(match("a", "[a").error, MatchError::MissingBracket);
  EXPECT_EQ(match("a", "[a%").error, MatchError::MissingBracket);
  EXPECT_EQ(match("a", "[]").error, MatchError::MissingBracket);
  EXPECT_EQ(match("a", "%").error, MatchError::EndsWithEscape);
  EXPECT_EQ(match("a", "%b").error, MatchError::MissingBalanceArguments);
  EXPECT_EQ(match("a", "%ba").error, MatchError::MissingBalanceArguments);
  EXPECT_EQ(match("a", "%f").error, MatchError::MissingFrontierSet);
  EXPECT_EQ(match("a", ".)").error, MatchError::InvalidPatternCapture);
  EXPECT_EQ(match("a", "(%1)").error, MatchError::InvalidCaptureIndex);
  EXPECT_EQ(match("a", std::string(33, '(') + std::string(33, ')')).error,
            MatchError::TooManyCaptures);
  EXPECT_EQ(match("b", "a[").phase, MatchPhase::Failed);
}

TEST(Matcher, DepthIsLimitedAsTheReferenceLimitsIt) {
  const auto optional = [](int count) {
    std::string pattern;
    for (int i = 0; i < count; ++i) pattern += ".?";
    return pattern;
  };
  const std::string subject(2000, 'a');
  EXPECT_EQ(match(subject, optional(199)).phase, MatchPhase::Matched);
  EXPECT_EQ(match(subject, optional(200)).error, MatchError::TooComplex);
  const std::string big(300'000, 'a');
  EXPECT_EQ(match(big, "a*.?$", true).phase, MatchPhase::Matched);
  EXPECT_EQ(match(big, "a-.?$", true).phase, MatchPhase::Matched);
}

TEST(Matcher, RefusedEndSkipsToTheNextStart) {
  auto state = std::make_unique<MatchState>();
  state->begin(0, false);
  std::int64_t budget = 1'000'000;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> matches;
  Matcher matcher(*state, "a b cd", " *");
  while (matcher.run(budget) == MatchPhase::Matched) {
    matches.emplace_back(state->start, state->subject);
    state->refused_end = state->subject;
    state->begin_again(state->subject);
  }
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> expected = {
      {0, 0}, {1, 2}, {3, 4}, {5, 5}, {6, 6}};
  EXPECT_EQ(matches, expected);
}

std::string random_pattern(std::mt19937& random) {
  static const char* const kParts[] = {"a",  "b",    ".",  "%a",   "%d", "[ab]",  "[^a]",  "(",
                                       ")",  "()",   "%1", "%bab", "$",  "%f[b]", "[a-c]", "*",
                                       "+",  "-",    "?",  "a*",   ".-", "(a*)",  "(.-)",  "%2",
                                       "x*", "[%a]", "b?", "%",    "[",  "(b+)",  ".*"};
  std::string pattern;
  const unsigned parts = 1 + random() % 8;
  for (unsigned i = 0; i < parts; ++i) pattern += kParts[random() % std::size(kParts)];
  return pattern;
}

std::string random_subject(std::mt19937& random) {
  std::string subject;
  for (unsigned size = random() % 12; size > 0; --size) subject += "aabbc1"[random() % 6];
  return subject;
}

TEST(Matcher, AnyStopMakesNoDifference) {
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = random_pattern(random);
    const std::string subject = random_subject(random);
    const bool anchored = random() % 4 == 0;
    ASSERT_EQ(match(subject, pattern, anchored), match_in_steps(subject, pattern, anchored))
        << pattern << " on " << subject;
  }
}

TEST(Matcher, ForgedStatesAreRefusedOrHarmless) {
  std::mt19937 random(6);
  for (int i = 0; i < 20'000; ++i) {
    const std::string pattern = random_pattern(random);
    const std::string subject = random_subject(random);
    auto state = std::make_unique<MatchState>();
    state->begin(0, false);
    for (unsigned steps = random() % 20; steps > 0 && !is_at_rest(state->phase); --steps) {
      std::int64_t budget = 1;
      Matcher(*state, subject, pattern).run(budget);
    }
    if (state->phase == MatchPhase::Error) continue;
    std::string bytes = saved(*state);
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % (random() % 2 ? 256 : 12));
    }
    // Exact copies, so that reading past their ends is seen.
    const std::vector<char> subject_copy(subject.begin(), subject.end());
    const std::vector<char> pattern_copy(pattern.begin(), pattern.end());
    const std::string_view s{subject_copy.data(), subject_copy.size()};
    const std::string_view p{pattern_copy.data(), pattern_copy.size()};
    auto forged = loaded(bytes, s, p);
    if (forged == nullptr) continue;
    std::int64_t budget = 10'000;
    Matcher(*forged, s, p).run(budget);
    if (forged->phase == MatchPhase::Matched) {
      EXPECT_LE(forged->start, forged->subject);
      EXPECT_LE(forged->subject, s.size());
      for (int n = 0; n < forged->capture_count; ++n) {
        const Capture capture = forged->captures[n];
        if (capture.size >= kPositionCapture) continue;
        EXPECT_LE(std::uint64_t{capture.start} + capture.size, s.size());
      }
    }
  }
}

}  // namespace
}  // namespace moonlet::stdlib
