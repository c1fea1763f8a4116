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
#include <cstring>

#include "stdlib/string_builder.hpp"
#include "stdlib/string_captures.hpp"
#include "stdlib/string_rows.hpp"

namespace moonlet::stdlib {
namespace {

constexpr int kStateSlot = 4;
constexpr int kBuilderSlot = 5;
constexpr int kValueSlot = 8;
constexpr int kCallSlot = 9;
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPhaseOffset = 1;
constexpr int kIndexChainMax = 2000;
constexpr std::size_t kWindowBytes = 4096;

enum class Phase : std::uint8_t {
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

enum class Source : std::uint8_t { Subject, Replacement, Value };

// Text on its way into the result.
struct Piece {
  Source source = Source::Subject;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

class Substitution {
 public:
  Substitution(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm), builder_(vm) {}

  int begin(int count);
  int go_on(int count);
  int take(Value* results, int count);

 private:
  static constexpr int kGoOn = -100;  // no answer yet

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

  Phase phase_ = Phase::Search;
  bool changed_ = false;
  int next_value_ = 0;
  std::uint32_t copied_ = 0;  // of the subject: text before this is dealt with
  std::uint32_t replacement_at_ = 0;
  Piece piece_;
  Value value_ = Value::nil();  // what args[kValueSlot] will be
  std::int64_t replacements_ = 0;
  std::int64_t limit_ = 0;
  StringBuilder builder_;
  Matcher* matcher_ = nullptr;
  MatchState match_;
};

int Substitution::begin(int count) {
  String* text = nullptr;
  if (!vm::arg_string(vm_, args_, count, 0, text) || !vm::arg_string(vm_, args_, count, 1, text)) {
    return vm_.failure;
  }
  const std::int64_t all = std::int64_t{args_[0].string()->size} + 1;
  if (!vm::opt_integer(vm_, args_, count, 3, all, limit_)) return vm_.failure;
  const bool is_good = count > 2 && (args_[2].is_number() || args_[2].is_string() ||
                                     args_[2].is_function() || args_[2].is_table());
  if (!is_good) return vm::throw_type_error(vm_, args_, count, 2, "string/function/table");
  if (args_[2].is_number() && !vm::arg_string(vm_, args_, count, 2, text)) return vm_.failure;
  for (int i = std::min(count, kStateSlot); i < kCallSlot; ++i) args_[i] = Value::nil();
  match_.begin(0, is_anchored());
  return run();
}

int Substitution::go_on(int count) {
  count_ = count;
  if (!load()) return throw_corrupt(vm_);
  // A callback that is still under way is not called again; this is the repetition of a resume
  // that has failed twice.
  return phase_ == Phase::Callback ? kNoMemory : run();
}

int Substitution::take(Value* results, int count) {
  if (!args_[kStateSlot].is(Tag::Buffer) || !load()) return throw_corrupt(vm_);
  if (phase_ == Phase::Callback) {
    // Committed at once: if memory runs out below, this is repeated when the results are gone.
    value_ = args_[kValueSlot] = count > 0 ? results[0] : Value::nil();
    phase_ = Phase::Take;
    args_[kStateSlot].buffer()->data()[kPhaseOffset] = static_cast<char>(phase_);
  }
  return run();
}

int Substitution::run() {
  Matcher matcher(match_, subject(), pattern());
  matcher_ = &matcher;
  for (;;) {
    if (work_.is_over()) return suspend();
    const int answer = piece_.from < piece_.to ? copy_piece() : step();
    if (answer != kGoOn) return answer;
  }
}

int Substitution::step() {
  switch (phase_) {
    case Phase::Search:
      return step_search();
    case Phase::Expand:
      return step_expand();
    case Phase::Arguments:
      return step_arguments();
    case Phase::Key:
      return step_key();
    case Phase::Take:
      return step_take();
    case Phase::Keep:
      next_match();
      return kGoOn;
    case Phase::Tail:
      return step_tail();
    case Phase::Finish:
      return step_finish();
    case Phase::Callback:
      break;
  }
  return throw_corrupt(vm_);
}

int Substitution::copy_piece() {
  const std::size_t size = std::min<std::size_t>(
      piece_.to - piece_.from, static_cast<std::size_t>(std::max<std::int64_t>(work_.budget, 1)));
  const int answer = append(text_of(piece_.source).substr(piece_.from, size));
  piece_.from += static_cast<std::uint32_t>(size);
  work_.budget -= static_cast<std::int64_t>(size);
  return answer;
}

int Substitution::append(std::string_view text) {
  switch (builder_.append(text)) {
    case Append::Ok:
      return kGoOn;
    case Append::NoMemory:
      return kNoMemory;
    case Append::TooLarge:
      return vm::throw_error(vm_, kTooLarge);
  }
  ML_UNREACHABLE();
}

int Substitution::step_search() {
  if (replacements_ >= limit_) {
    phase_ = Phase::Tail;
    return kGoOn;
  }
  switch (matcher_->run(work_.budget)) {
    case MatchPhase::Matched:
      break;
    case MatchPhase::Failed:
      phase_ = Phase::Tail;
      return kGoOn;
    case MatchPhase::Error:
      return throw_match_error(vm_, match_);
    default:
      return kGoOn;
  }
  ++replacements_;
  next_value_ = 0;
  if (args_[2].is_string()) {
    append_unchanged();
    replacement_at_ = 0;
    phase_ = Phase::Expand;
  } else if (args_[2].is_table()) {
    value_ = Value::nil();
    phase_ = Phase::Key;
  } else {
    const int slots = kCallSlot + 1 + capture_values(match_);
    const int grown = ensure_slots(vm_, args_, slots, "too many captures");
    if (grown != 0) return grown;
    for (int i = kCallSlot; i < slots; ++i) args_[i] = Value::nil();
    phase_ = Phase::Arguments;
  }
  return kGoOn;
}

void Substitution::next_match() {
  match_.refused_end = match_.subject;
  match_.begin_again(match_.subject);
  phase_ = match_.is_anchored ? Phase::Tail : Phase::Search;
}

// ---- Replacement strings.

int Substitution::step_expand() {
  const std::string_view replacement = text_of(Source::Replacement);
  const std::string_view rest = replacement.substr(replacement_at_);
  if (rest.empty()) {
    next_match();
    return kGoOn;
  }
  if (rest[0] == '%')
    return expand_escape(rest.size() > 1 ? static_cast<std::uint8_t>(rest[1]) : 0);
  const std::size_t size =
      std::min(rest.substr(0, kWindowBytes).find('%'), std::min(rest.size(), kWindowBytes));
  piece_ = {Source::Replacement, replacement_at_,
            replacement_at_ + static_cast<std::uint32_t>(size)};
  replacement_at_ = piece_.to;
  return kGoOn;
}

int Substitution::expand_escape(std::uint8_t c) {
  const std::uint32_t at = replacement_at_;
  replacement_at_ += 2;
  work_.budget -= kStepWork;
  if (c == '%') {
    piece_ = {Source::Replacement, at, at + 1};
    return kGoOn;
  }
  if (!is_digit(c)) return vm::throw_error(vm_, "invalid use of '%' in replacement string");
  if (c == '0') {
    piece_ = {Source::Subject, match_.start, match_.subject};
    return kGoOn;
  }
  const int index = c - '1';
  if (index >= capture_values(match_)) {
    const char digit = static_cast<char>(c);
    return vm::throw_error(vm_, {"invalid capture index %", {&digit, 1}});
  }
  if (is_open_capture(match_, index)) return vm::throw_error(vm_, kUnfinishedCapture);
  if (is_position_capture(match_, index)) {
    char text[vm::kNumberTextSize];
    const auto position = vm::number_text(Value::from(capture_position(match_, index)), text);
    return append(position);
  }
  const std::string_view text = capture_text(match_, subject(), index);
  const auto from = static_cast<std::uint32_t>(text.data() - subject().data());
  piece_ = {Source::Subject, from, from + static_cast<std::uint32_t>(text.size())};
  return kGoOn;
}

// ---- Functions and tables.

int Substitution::step_arguments() {
  const int values = capture_values(match_);
  if (has_open_capture(match_, values)) return vm::throw_error(vm_, kUnfinishedCapture);
  switch (make_captures(vm_, match_, subject(), args_ + kCallSlot + 1, next_value_, values,
                        work_.budget)) {
    case Making::Done:
      return call(args_[2], values);
    case Making::Running:
      return suspend();
    case Making::NoMemory:
      return kNoMemory;
  }
  ML_UNREACHABLE();
}

int Substitution::call(const Value& function, int count) {
  phase_ = Phase::Callback;
  value_ = Value::nil();
  if (!save()) return kNoMemory;
  args_[kCallSlot] = function;
  vm_.call_slot = args_ + kCallSlot;
  vm_.call_count = count;
  return work_.end(vm::kCall);
}

int Substitution::step_key() {
  if (is_open_capture(match_, 0)) return vm::throw_error(vm_, kUnfinishedCapture);
  switch (make_captures(vm_, match_, subject(), &value_, next_value_, 1, work_.budget)) {
    case Making::Done:
      return look_up(args_[2], value_);
    case Making::Running:
      return suspend();
    case Making::NoMemory:
      return kNoMemory;
  }
  ML_UNREACHABLE();
}

// object[key], as the language has it.
int Substitution::look_up(Value object, Value key) {
  for (int i = 0; i < kIndexChainMax; ++i) {
    if (object.is_table()) {
      const Value value = heap::table_get(*object.table(), key);
      const Value handler =
          value.is_nil() ? vm::metamethod(vm_, object, heap::Event::Index) : Value::nil();
      if (handler.is_nil()) {
        value_ = value;
        phase_ = Phase::Take;
        return kGoOn;
      }
      work_.budget -= kStepWork;
      if (handler.is_function()) {
        args_[kCallSlot + 1] = object;
        args_[kCallSlot + 2] = key;
        return call(handler, 2);
      }
      object = handler;
      continue;
    }
    const Value handler = vm::metamethod(vm_, object, heap::Event::Index);
    if (handler.is_nil()) {
      return vm::throw_error(vm_, {"attempt to index a ", vm::type_name(vm_, object), " value"});
    }
    if (handler.is_function()) {
      args_[kCallSlot + 1] = object;
      args_[kCallSlot + 2] = key;
      return call(handler, 2);
    }
    object = handler;
  }
  return vm::throw_error(vm_, "'__index' chain too long; possibly a loop");
}

int Substitution::step_take() {
  if (value_.is_falsy()) {
    next_match();
    return kGoOn;
  }
  if (value_.is_number()) {
    char text[vm::kNumberTextSize];
    String* string = vm_.heap.new_string(vm::number_text(value_, text));
    if (string == nullptr) return kNoMemory;
    value_ = Value::from(string);
  }
  if (!value_.is_string()) {
    return vm::throw_error(vm_,
                           {"invalid replacement value (a ", vm::basic_type_name(value_), ")"});
  }
  // The unchanged text first; the value itself with the second visit.
  if (copied_ != match_.subject || !changed_) {
    append_unchanged();
    if (piece_.from < piece_.to) return kGoOn;
  }
  piece_ = {Source::Value, 0, value_.string()->size};
  phase_ = Phase::Keep;
  return kGoOn;
}

// ---- The end.

int Substitution::step_tail() {
  if (!changed_) {
    return work_.end(vm::return_two(args_, args_[0], Value::from(replacements_)));
  }
  piece_ = {Source::Subject, copied_, static_cast<std::uint32_t>(subject().size())};
  phase_ = Phase::Finish;
  return kGoOn;
}

int Substitution::step_finish() {
  switch (builder_.finish(args_ + kBuilderSlot, work_.budget)) {
    case Making::Done:
      break;
    case Making::Running:
      return suspend();
    case Making::NoMemory:
      return kNoMemory;
  }
  return work_.end(vm::return_two(args_, args_[kBuilderSlot + 2], Value::from(replacements_)));
}

// ---- State.

bool Substitution::save() {
  if (!builder_.prepare()) return false;
  constexpr std::uint32_t kFixedBytes = 5 + 5 * 4 + 2 * 8;
  Buffer* buffer = state_buffer(vm_, args_[kStateSlot], kFixedBytes + match_.saved_bytes());
  if (buffer == nullptr) return false;
  builder_.commit(args_ + kBuilderSlot);
  args_[kValueSlot] = value_;
  StateWriter writer(buffer->data());
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(phase_));
  writer.u8(changed_ ? 1 : 0);
  writer.u8(static_cast<std::uint8_t>(next_value_));
  writer.u8(static_cast<std::uint8_t>(piece_.source));
  writer.u32(piece_.from);
  writer.u32(piece_.to);
  writer.u32(copied_);
  writer.u32(replacement_at_);
  writer.u32(builder_.size());
  writer.u64(static_cast<std::uint64_t>(replacements_));
  writer.u64(static_cast<std::uint64_t>(limit_));
  match_.save(writer);
  buffer->size = writer.size();
  return true;
}

bool Substitution::load() {
  if (!args_[0].is_string() || !args_[1].is_string()) return false;
  Buffer* buffer = args_[kStateSlot].buffer();
  StateReader reader({buffer->data(), buffer->size});
  if (reader.u8() != kVersion) return false;
  const std::uint8_t phase = reader.u8();
  if (phase > static_cast<std::uint8_t>(Phase::Finish)) return false;
  phase_ = static_cast<Phase>(phase);
  changed_ = reader.u8() != 0;
  next_value_ = reader.u8();
  const std::uint8_t source = reader.u8();
  if (source > static_cast<std::uint8_t>(Source::Value)) return false;
  piece_.source = static_cast<Source>(source);
  piece_.from = reader.u32();
  piece_.to = reader.u32();
  copied_ = reader.u32();
  replacement_at_ = reader.u32();
  const std::uint32_t built = reader.u32();
  replacements_ = static_cast<std::int64_t>(reader.u64());
  limit_ = static_cast<std::int64_t>(reader.u64());
  if (!match_.load(reader, subject().size(), pattern().size()) || !reader.is_at_end() ||
      !builder_.load(args_ + kBuilderSlot, built)) {
    return false;
  }
  value_ = args_[kValueSlot];
  return is_possible();
}

// Whether the parts of a loaded state agree with each other as far as the steps rely on it.
bool Substitution::is_possible() const {
  if (piece_.from < piece_.to) {
    if (piece_.source == Source::Value && !value_.is_string()) return false;
    if (piece_.source == Source::Replacement && !args_[2].is_string()) return false;
    if (piece_.to > text_of(piece_.source).size()) return false;
  }
  if (copied_ > subject().size() || next_value_ > kCapturesMax) return false;
  switch (phase_) {
    case Phase::Search:
    case Phase::Tail:
    case Phase::Finish:
      return true;
    case Phase::Expand:
      if (!args_[2].is_string() || replacement_at_ > args_[2].string()->size) return false;
      break;
    case Phase::Key:
      if (!args_[2].is_table()) return false;
      break;
    case Phase::Arguments:
      if (count_ < slots_in_use()) return false;
      break;
    default:
      break;
  }
  return match_.phase == MatchPhase::Matched;
}

}  // namespace

int string_gsub(Vm& vm, Value* args, int count) {
  Substitution substitution(vm, args);
  const bool goes_on = count > kStateSlot && args[kStateSlot].is(Tag::Buffer);
  return goes_on ? substitution.go_on(count) : substitution.begin(count);
}

int string_gsub_resume(Vm& vm, Value* args, Value* results, int count) {
  return Substitution(vm, args).take(results, count);
}

}  // namespace moonlet::stdlib
