// gsub, with replacements of all kinds, as one state machine.
//
// Slots of an activation that goes on, or waits for a callback:
//   args[0]  subject      args[1]  pattern
//   args[2]  replacement  args[3]  limit, as given
//   args[4]  state        args[5..7]  builder of the result
//   args[8]  value that replaces the match
//   args[9]  the callback, its arguments behind it
//
// Slots and state change only when an activation ends: one that fails for lack of memory is
// repeated from what it started with.
//
// Text that stays as it was is copied late, with the first change behind it, so that a subject
// without changes is the result itself.
#pragma once

#include "stdlib/string_builder.hpp"
#include "stdlib/string_captures.hpp"

namespace moonlet::stdlib {

enum class GsubPhase : std::uint8_t {
  Search,
  Expand,     // the replacement string, from replacement_at on
  Arguments,  // captures for the callback
  Key,        // first capture, for the table
  Callback,   // a call is under way
  Take,       // args[kValueSlot] is what it returned
  Keep,       // after the value was appended
  Tail,       // no more matches
  Finish,
};

enum class GsubSource : std::uint8_t { Subject, Replacement, Value };

// Text on its way into the result.
struct GsubPiece {
  GsubSource source = GsubSource::Subject;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

class Substitution {
 public:
  static constexpr int kStateSlot = 4;

  Substitution(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm), builder_(vm) {}

  int begin(int count);
  int go_on(int count);
  int take(Value* results, int count);

 private:
  using Phase = GsubPhase;
  using Source = GsubSource;
  static constexpr int kBuilderSlot = 5;
  static constexpr int kValueSlot = 8;
  static constexpr int kCallSlot = 9;

  int run();
  int step();
  int step_search();
  int step_expand();
  int step_arguments();
  int step_key();
  int step_take();
  int step_tail();
  int step_finish();
  int copy_piece();
  int expand_escape(std::uint8_t c);
  int look_up(Value object, Value key);
  int call(const Value& function, int count);
  void next_match();

  bool load();
  bool is_possible() const;
  [[nodiscard]] bool save();
  int suspend() { return save() ? work_.again(slots_in_use()) : kNoMemory; }

  int append(std::string_view text);
  int slots_in_use() const {
    return phase_ == Phase::Arguments ? kCallSlot + 1 + capture_values(match_) : kCallSlot;
  }

  std::string_view subject() const { return args_[0].string()->view(); }
  std::string_view pattern() const {
    std::string_view text = args_[1].string()->view();
    if (!text.empty() && text[0] == '^') text.remove_prefix(1);
    return text;
  }
  std::string_view text_of(Source source) const {
    if (source == Source::Subject) return subject();
    return source == Source::Replacement ? args_[2].string()->view() : value_.string()->view();
  }
  bool is_anchored() const { return pattern().size() != args_[1].string()->size; }
  // Puts the unchanged text before the match into the result.
  void append_unchanged() {
    changed_ = true;
    piece_ = {Source::Subject, copied_, match_.start};
    copied_ = match_.subject;
  }

  Vm& vm_;
  Value* args_;
  int count_ = kCallSlot;
  Work work_;

  GsubPhase phase_ = GsubPhase::Search;
  bool changed_ = false;
  int next_value_ = 0;
  std::uint32_t copied_ = 0;  // of the subject: text before this is dealt with
  std::uint32_t replacement_at_ = 0;
  GsubPiece piece_;
  Value value_ = Value::nil();  // what args[kValueSlot] will be
  std::int64_t replacements_ = 0;
  std::int64_t limit_ = 0;
  StringBuilder builder_;
  Matcher* matcher_ = nullptr;
  MatchState match_;
};

}  // namespace moonlet::stdlib
