// gsub: the search, and how an activation begins, goes on, and ends.
#include <algorithm>

#include "stdlib/string_rows.hpp"
#include "stdlib/string_substitution.hpp"

namespace moonlet::stdlib {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPhaseOffset = 1;

}  // namespace

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
  if (count < kCallSlot || !load()) return throw_corrupt(vm_);
  // A callback that is still under way is not called again; this is the repetition of a resume
  // that has failed twice.
  return phase_ == Phase::Callback ? kNoMemory : run();
}

int Substitution::take(Value* results, int count) {
  // The results lie in the call's slot, which was behind all others.
  if (results - args_ < kCallSlot || !is_buffer(args_[kStateSlot]) || !load()) {
    return throw_corrupt(vm_);
  }
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
      return throw_too_large(vm_);
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

int string_gsub(Vm& vm, Value* args, int count) {
  Substitution substitution(vm, args);
  const bool goes_on =
      count > Substitution::kStateSlot && is_buffer(args[Substitution::kStateSlot]);
  return goes_on ? substitution.go_on(count) : substitution.begin(count);
}

int string_gsub_resume(Vm& vm, Value* args, Value* results, int count) {
  return Substitution(vm, args).take(results, count);
}

}  // namespace moonlet::stdlib
