// find, match, and the iterator of gmatch.
//
// Slots of an activation that goes on:
//   args[0]  subject     args[1]  pattern
//   args[2]  init; for gmatch_next its position, a Buffer
//   args[4]  state: version, mode, then the fields of a PlainSearch or of a MatchState
//   args[5]  and on: the captures made so far
#include <cstring>

#include "stdlib/string_captures.hpp"
#include "stdlib/string_position.hpp"
#include "stdlib/string_rows.hpp"
#include "stdlib/string_search.hpp"

namespace moonlet::stdlib {
namespace {

constexpr int kStateSlot = 4;
constexpr int kValueSlot = 5;
constexpr std::uint8_t kVersion = 1;

enum class Kind : std::uint8_t { Find, Match, Iterate };
enum class Mode : std::uint8_t { Plain, Search, Values };

// Where the iterator of gmatch goes on. It belongs to the script's closure, so it changes only
// when an activation ends: another coroutine may call the same iterator in between.
struct IteratorPosition {
  static constexpr std::uint32_t kBytes = 8;
  std::uint32_t from;
  std::uint32_t refused_end;

  void save(Buffer* buffer) const {
    StateWriter writer(buffer->data());
    writer.u32(from);
    writer.u32(refused_end);
    buffer->size = writer.size();
  }
  bool load(const Value& value) {
    if (!is_buffer(value) || value.buffer()->capacity < kBytes) return false;
    StateReader reader({value.buffer()->data(), value.buffer()->size});
    from = reader.u32();
    refused_end = reader.u32();
    return reader.is_at_end();
  }
};

class Search {
 public:
  Search(Vm& vm, Value* args, int count, Kind kind)
      : vm_(vm), args_(args), count_(count), kind_(kind), work_(vm) {}

  int run() {
    if (count_ > kStateSlot && is_buffer(args_[kStateSlot])) {
      if (!load()) return throw_corrupt(vm_);
    } else {
      const int answer = begin();
      if (answer != kGoOn) return answer;
    }
    switch (mode_) {
      case Mode::Plain:
        return run_plain();
      case Mode::Search:
        return run_pattern();
      case Mode::Values:
        return make_values();
    }
    ML_UNREACHABLE();
  }

 private:
  int begin();
  bool load();
  int run_plain();
  int run_pattern();
  int begin_values();
  int make_values();
  int deliver();
  [[nodiscard]] bool save();
  int suspend(int slots) { return save() ? work_.again(slots) : kNoMemory; }

  std::string_view subject() const { return args_[0].string()->view(); }
  // The anchor is not part of what the matcher sees.
  std::string_view pattern() const {
    std::string_view text = args_[1].string()->view();
    if (kind_ != Kind::Iterate && !text.empty() && text[0] == '^') text.remove_prefix(1);
    return text;
  }
  int value_count() const {
    return kind_ == Kind::Find ? match_.capture_count : capture_values(match_);
  }
  int not_found() {
    return kind_ == Kind::Iterate ? work_.end(vm::return_none())
                                  : work_.end(vm::return_one(args_, Value::nil()));
  }

  Vm& vm_;
  Value* args_;
  int count_;
  Kind kind_;
  Work work_;
  Mode mode_ = Mode::Search;
  PlainSearch plain_;
  int next_value_ = 0;
  MatchState match_;
};

// A pattern is plain text when it has no special characters. A long one is not looked through:
// the matcher comes to the same result.
bool is_plain(std::string_view pattern) {
  constexpr std::size_t kLookBytes = 4096;
  return pattern.size() <= kLookBytes &&
         pattern.find_first_of("^$*+?.([%-") == std::string_view::npos;
}

int Search::begin() {
  std::uint64_t from = 0;
  std::uint32_t refused_end = kNowhere;
  if (kind_ == Kind::Iterate) {
    // Called by the prelude only, with checked arguments.
    IteratorPosition position;
    if (count_ < 3 || !args_[0].is_string() || !args_[1].is_string() || !position.load(args_[2])) {
      return throw_corrupt(vm_);
    }
    from = position.from;
    refused_end = position.refused_end;
  } else {
    String* text = nullptr;
    std::int64_t init = 1;
    if (!vm::arg_string(vm_, args_, count_, 0, text) ||
        !vm::arg_string(vm_, args_, count_, 1, text) ||
        !vm::opt_integer(vm_, args_, count_, 2, 1, init)) {
      return vm_.failure;
    }
    from = start_position(init, subject().size()) - 1;
  }
  if (from > subject().size()) return not_found();
  for (int i = count_; i < kValueSlot; ++i) args_[i] = Value::nil();
  args_[kStateSlot] = Value::nil();
  const std::string_view whole = args_[1].string()->view();
  if (kind_ == Kind::Find && (!args_[3].is_falsy() || is_plain(whole))) {
    mode_ = Mode::Plain;
    plain_.at = static_cast<std::uint32_t>(from);
    return kGoOn;
  }
  match_.begin(static_cast<std::uint32_t>(from), pattern().size() != whole.size());
  match_.refused_end = refused_end;
  return kGoOn;
}

bool Search::load() {
  if (!args_[0].is_string() || !args_[1].is_string()) return false;
  IteratorPosition position;
  if (kind_ == Kind::Iterate && !position.load(args_[2])) return false;
  const Buffer* buffer = args_[kStateSlot].buffer();
  StateReader reader({const_cast<Buffer*>(buffer)->data(), buffer->size});
  if (reader.u8() != kVersion) return false;
  const std::uint8_t mode = reader.u8();
  if (mode > static_cast<std::uint8_t>(Mode::Values)) return false;
  mode_ = static_cast<Mode>(mode);
  if (mode_ == Mode::Plain) {
    plain_.at = reader.u32();
    plain_.compared = reader.u32();
    return reader.is_at_end() && kind_ == Kind::Find &&
           plain_.is_possible(subject().size(), args_[1].string()->size);
  }
  next_value_ = reader.u8();
  if (!match_.load(reader, subject().size(), pattern().size()) || !reader.is_at_end()) return false;
  if (mode_ == Mode::Search) return true;
  return match_.phase == MatchPhase::Matched && next_value_ < value_count() &&
         !has_open_capture(match_, match_.capture_count) && count_ >= kValueSlot + value_count();
}

bool Search::save() {
  const std::uint32_t bytes = 2 + (mode_ == Mode::Plain ? 8 : 1 + match_.saved_bytes());
  Buffer* buffer = state_buffer(vm_, args_[kStateSlot], bytes);
  if (buffer == nullptr) return false;
  StateWriter writer(buffer->data());
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(mode_));
  if (mode_ == Mode::Plain) {
    writer.u32(plain_.at);
    writer.u32(plain_.compared);
  } else {
    writer.u8(static_cast<std::uint8_t>(next_value_));
    match_.save(writer);
  }
  buffer->size = writer.size();
  return true;
}

int Search::run_plain() {
  const std::uint32_t needle_size = args_[1].string()->size;
  switch (plain_.run(subject(), args_[1].string()->view(), work_.budget)) {
    case SearchResult::Running:
      return suspend(kValueSlot);
    case SearchResult::Absent:
      return not_found();
    case SearchResult::Found:
      break;
  }
  return work_.end(vm::return_two(args_, Value::from(std::int64_t{plain_.at} + 1),
                                  Value::from(std::int64_t{plain_.at} + needle_size)));
}

int Search::run_pattern() {
  Matcher matcher(match_, subject(), pattern());
  switch (matcher.run(work_.budget)) {
    case MatchPhase::Matched:
      return begin_values();
    case MatchPhase::Failed:
      return not_found();
    case MatchPhase::Error:
      return throw_match_error(vm_, match_);
    default:
      return suspend(kValueSlot);
  }
}

int Search::begin_values() {
  const int values = value_count();
  if (has_open_capture(match_, match_.capture_count)) {
    return vm::throw_error(vm_, kUnfinishedCapture);
  }
  const int slots = kValueSlot + values;
  if (slots > count_ + vm::kBuiltinSlots) {
    // The stack has to grow for so many, which takes an activation of its own. The next one comes
    // here again, the match being at rest.
    const int grown = ensure_slots(vm_, args_, slots, "too many captures");
    if (grown != 0) return grown;
    for (int i = kValueSlot; i < slots; ++i) args_[i] = Value::nil();
    return suspend(slots);
  }
  for (int i = kValueSlot; i < slots; ++i) args_[i] = Value::nil();
  mode_ = Mode::Values;
  return make_values();
}

int Search::make_values() {
  const int values = value_count();
  switch (make_captures(vm_, match_, subject(), args_ + kValueSlot, next_value_, values,
                        work_.budget)) {
    case Making::Done:
      return deliver();
    case Making::Running:
      return suspend(kValueSlot + values);
    case Making::NoMemory:
      return kNoMemory;
  }
  ML_UNREACHABLE();
}

int Search::deliver() {
  const int values = value_count();
  Value* to = args_ - 1;
  if (kind_ == Kind::Iterate) {
    IteratorPosition{match_.subject, match_.subject}.save(args_[2].buffer());
  } else if (kind_ == Kind::Find) {
    *to++ = Value::from(std::int64_t{match_.start} + 1);
    *to++ = Value::from(std::int64_t{match_.subject});
  }
  for (int i = 0; i < values; ++i) *to++ = args_[kValueSlot + i];
  return work_.end(static_cast<int>(to - args_) + 1);
}

}  // namespace

int string_find(Vm& vm, Value* args, int count) {
  return Search(vm, args, count, Kind::Find).run();
}

int string_match(Vm& vm, Value* args, int count) {
  return Search(vm, args, count, Kind::Match).run();
}

int string_gmatch(Vm& vm, Value* args, int count) {
  String* text = nullptr;
  std::int64_t init = 1;
  if (!vm::arg_string(vm, args, count, 0, text) || !vm::arg_string(vm, args, count, 1, text) ||
      !vm::opt_integer(vm, args, count, 2, 1, init)) {
    return vm.failure;
  }
  return vm::kDelegate;
}

int gmatch_begin(Vm& vm, Value* args, int count) {
  std::int64_t init = 1;
  if (count < 3 || !args[0].is_string() || !args[1].is_string() ||
      !vm::opt_integer(vm, args, count, 2, 1, init)) {
    return throw_corrupt(vm);
  }
  const std::size_t size = args[0].string()->size;
  const std::uint64_t from = start_position(init, size) - 1;
  Buffer* buffer = vm.heap.new_buffer(IteratorPosition::kBytes);
  if (buffer == nullptr) return kNoMemory;
  IteratorPosition{from > size ? kNowhere : static_cast<std::uint32_t>(from), kNowhere}.save(
      buffer);
  return vm::return_one(args, Value::from(buffer));
}

int gmatch_next(Vm& vm, Value* args, int count) {
  return Search(vm, args, count, Kind::Iterate).run();
}

}  // namespace moonlet::stdlib
