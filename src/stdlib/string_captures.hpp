// Captures of a match as values, for find, match, gmatch and gsub.
#pragma once

#include "stdlib/string_matcher.hpp"
#include "stdlib/string_result.hpp"

namespace moonlet::stdlib {

// How many values a match gives: its captures, or the whole match when there are none.
inline int capture_values(const MatchState& match) {
  return match.capture_count == 0 ? 1 : match.capture_count;
}

// The text of value `index`; not for a position. REQUIRES: index < capture_values(match).
inline std::string_view capture_text(const MatchState& match, std::string_view subject, int index) {
  if (match.capture_count == 0) return subject.substr(match.start, match.subject - match.start);
  return subject.substr(match.captures[index].start, match.captures[index].size);
}

inline bool is_open_capture(const MatchState& match, int index) {
  return index < match.capture_count && match.captures[index].size == kOpenCapture;
}
inline bool is_position_capture(const MatchState& match, int index) {
  return index < match.capture_count && match.captures[index].size == kPositionCapture;
}
inline std::int64_t capture_position(const MatchState& match, int index) {
  return std::int64_t{match.captures[index].start} + 1;
}

inline constexpr std::string_view kUnfinishedCapture = "unfinished capture";

// Is one of the first `count` captures not closed?
bool has_open_capture(const MatchState& match, int count);

// Makes values next .. count-1 in slots[next] and on, which hold nil or what an earlier activation
// left there. REQUIRES: none of them is open.
Making make_captures(Vm& vm, const MatchState& match, std::string_view subject, Value* slots,
                     int& next, int count, std::int64_t& budget);

// Raises the error that a matcher ended with.
int throw_match_error(Vm& vm, const MatchState& match);

}  // namespace moonlet::stdlib
