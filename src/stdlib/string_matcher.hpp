// Pattern matching of the manual (section 6.4.1) as a machine that can stop after any step.
//
// The reference recurses; here every pending alternative is a Choice on an explicit stack, and the
// state is plain numbers: no pointer, so it can lie in a Buffer, be frozen, and go on elsewhere.
// A choice corresponds to one level of the reference's recursion, hence the same limit and the same
// "pattern too complex". No Vm is involved.
#pragma once

#include <cstdint>
#include <string_view>

#include "stdlib/string_character.hpp"
#include "stdlib/string_state.hpp"

namespace moonlet::stdlib {

inline constexpr int kCapturesMax = 32;
inline constexpr int kChoicesMax = 199;  // the match itself is the 200th level
inline constexpr std::uint32_t kNowhere = 0xffffffff;

// Work is counted in bytes looked at; one step of the machine counts as much as so many.
inline constexpr std::int64_t kStepWork = 64;
inline constexpr std::int64_t kBalanceWork = 7;  // a byte of %b
inline constexpr std::int64_t kReadSetWork = 4;  // a byte of a set in brackets
inline constexpr std::int64_t kSkipSetWork = 4;  // a byte at which no match begins, by a set
// A longer set in brackets is refused: it is read in one step.
inline constexpr std::uint32_t kSetBytesMax = 2 * 1024;

enum class MatchPhase : std::uint8_t {
  Start,      // an attempt at `start`, or at the next place where one may succeed
  Item,       // the item at `pattern` against the subject at `subject`
  Grow,       // the newest choice, Maximal, counts its repetitions
  Balance,    // inside %b: at `scan`, `depth` deep
  Compare,    // inside a back reference to capture `depth`: `scan` bytes are equal so far
  Backtrack,  // take the newest choice
  // From here on the machine rests.
  Matched,  // subject[start, subject)
  Failed,
  Error,
};
constexpr bool is_at_rest(MatchPhase phase) { return phase >= MatchPhase::Matched; }

enum class MatchError : std::uint8_t {
  None,
  TooComplex,
  TooManyCaptures,
  EndsWithEscape,
  MissingBracket,
  MissingBalanceArguments,
  MissingFrontierSet,
  InvalidPatternCapture,
  InvalidCaptureIndex,  // MatchState::depth is the index to show
};

inline constexpr std::uint32_t kOpenCapture = 0xffffffff;
inline constexpr std::uint32_t kPositionCapture = 0xfffffffe;

struct Capture {
  std::uint32_t start;
  std::uint32_t size;  // or kOpenCapture, kPositionCapture
};

enum class ChoiceKind : std::uint8_t {
  OpenCapture,   // undo '('
  CloseCapture,  // undo ')': open capture `extra` again
  Maximal,       // try `extra` - 1 repetitions from `subject`, then `pattern`
  Minimal,       // one more of the item at `pattern`, then what follows at `extra`
  Optional,      // leave the item out: `pattern` at `subject`
};
inline constexpr int kChoiceKindCount = 5;

struct Choice {
  ChoiceKind kind;
  std::uint32_t subject;
  std::uint32_t pattern;
  std::uint32_t extra;
};

struct MatchState {
  MatchPhase phase;
  MatchError error;
  bool is_anchored;  // one attempt only; the '^' itself is not part of the pattern here
  std::uint8_t capture_count;
  std::uint8_t choice_count;
  std::uint32_t start;
  std::uint32_t subject;
  std::uint32_t pattern;
  std::uint32_t scan;
  std::uint32_t depth;
  std::uint32_t refused_end;  // a match that ends here does not count (gsub, gmatch)
  Capture captures[kCapturesMax];
  Choice choices[kChoicesMax];

  // A search from `from` on.
  void begin(std::uint32_t from, bool anchored) {
    is_anchored = anchored;
    refused_end = kNowhere;
    begin_again(from);
  }
  void begin_again(std::uint32_t from) {
    phase = MatchPhase::Start;
    error = MatchError::None;
    capture_count = 0;
    choice_count = 0;
    start = subject = from;
    pattern = scan = depth = 0;
  }

  // Bytes in a Buffer: what is in use, nothing else.
  static constexpr std::uint32_t kFixedBytes = 5 + 6 * 4;
  std::uint32_t saved_bytes() const {
    return kFixedBytes + capture_count * 8u + choice_count * 13u;
  }
  void save(StateWriter& writer) const;
  // False when the bytes could not have been written for these sizes.
  [[nodiscard]] bool load(StateReader& reader, std::size_t subject_size, std::size_t pattern_size);
};

// Runs a state against its subject and pattern. Both must be the ones it began with.
class Matcher {
 public:
  Matcher(MatchState& state, std::string_view subject, std::string_view pattern)
      : state_(state), subject_(subject), pattern_(pattern) {}

  // Goes on until the machine rests or `budget` is used up, at least one step. Lowers `budget` by
  // the work done.
  MatchPhase run(std::int64_t& budget);

 private:
  // One pattern item without its repetition suffix.
  struct Item {
    enum class Kind : std::uint8_t { Literal, Any, Set } kind;
    std::uint8_t literal;
    const CharacterSet* set;
    std::uint32_t end;

    bool accepts(std::uint8_t c) const {
      if (kind == Kind::Literal) return c == literal;
      return kind == Kind::Any || set->contains(c);
    }
  };

  // Sets in brackets are read once and remembered; positions map to entries directly.
  struct CachedSet {
    std::uint32_t position = kNowhere;
    std::uint32_t end = 0;
    CharacterSet set;
  };
  static constexpr std::uint32_t kCachedSets = 4;

  std::uint8_t subject_at(std::uint32_t i) const {
    return i < subject_.size() ? static_cast<std::uint8_t>(subject_[i]) : 0;
  }
  std::uint8_t pattern_at(std::uint32_t i) const {
    return i < pattern_.size() ? static_cast<std::uint8_t>(pattern_[i]) : 0;
  }

  void step_start();
  void step_item();
  void step_escape();
  void step_balance_begin();
  void step_balance();
  void step_frontier();
  void step_reference_begin(std::uint8_t digit);
  void step_compare();
  void step_single();
  void step_open_capture();
  void step_close_capture();
  void step_grow();
  void step_backtrack();
  void step_matched();

  bool find_head();
  std::size_t skip_to_head(std::string_view window) const;
  bool item_at(std::uint32_t position, Item& item);
  bool set_at(std::uint32_t position, const CachedSet*& set);
  bool accepts_at(const Item& item, std::uint32_t subject) const {
    return subject < subject_.size() && item.accepts(static_cast<std::uint8_t>(subject_[subject]));
  }
  [[nodiscard]] bool push(ChoiceKind kind, std::uint32_t subject, std::uint32_t pattern,
                          std::uint32_t extra);
  void fail() { state_.phase = MatchPhase::Backtrack; }
  void raise(MatchError error) {
    state_.phase = MatchPhase::Error;
    state_.error = error;
  }

  MatchState& state_;
  std::string_view subject_;
  std::string_view pattern_;
  std::int64_t budget_ = 0;
  // What every match begins with, if that is one byte: other starts are passed over.
  enum class Head : std::uint8_t { NotLookedFor, None, Known } head_state_ = Head::NotLookedFor;
  Item head_;
  CharacterSet head_set_;
  CachedSet sets_[kCachedSets];
};

// Text of an error other than InvalidCaptureIndex, which needs its number behind it.
std::string_view match_error_text(MatchError error);

}  // namespace moonlet::stdlib
