// format: how an activation begins, goes on, and ends.
#include "stdlib/string_formatter.hpp"
#include "stdlib/string_rows.hpp"
#include "stdlib/string_state.hpp"

namespace moonlet::stdlib {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPhaseOffset = 1;

}  // namespace

int Formatter::begin(int count) {
  String* text = nullptr;
  if (!vm::arg_string(vm_, args_, count, 0, text)) return vm_.failure;
  count_ = count;
  return run();
}

int Formatter::go_on(int count) {
  if (!load(count)) return throw_corrupt(vm_);
  // A callback is not called again; this is the repetition of a resume that has failed twice.
  return phase_ == Phase::Callback ? kNoMemory : run();
}

int Formatter::take(Value* results, int count) {
  // The results lie in the call's slot, which was behind the arguments.
  if (!is_buffer(args_[0]) || !load(static_cast<int>(results - args_))) {
    return throw_corrupt(vm_);
  }
  if (phase_ == Phase::Callback) {
    // Committed at once: if memory runs out below, this is repeated when the results are gone.
    value_ = args_[kValueSlot] = count > 0 ? results[0] : Value::nil();
    phase_ = Phase::Take;
    args_[0].buffer()->data()[kPhaseOffset] = static_cast<char>(phase_);
  }
  return run();
}

int Formatter::run() {
  for (;;) {
    if (work_.is_over()) return suspend();
    const int answer = step();
    if (answer != kGoOn) return answer;
  }
}

int Formatter::step() {
  switch (phase_) {
    case Phase::Text:
      return step_text();
    case Phase::Take:
      return take_string();
    case Phase::Zeros:
      return step_zeros();
    case Phase::Copy:
      return step_copy();
    case Phase::Quote:
      return step_quote();
    case Phase::Callback:
      break;
  }
  return throw_corrupt(vm_);
}

int Formatter::append(std::string_view text) {
  switch (builder_.append(text)) {
    case Append::Ok:
      work_.budget -= static_cast<std::int64_t>(text.size());
      return kGoOn;
    case Append::NoMemory:
      return kNoMemory;
    case Append::TooLarge:
      return throw_too_large(vm_);
  }
  ML_UNREACHABLE();
}

int Formatter::step_text() {
  const std::string_view rest = format().substr(position_);
  if (rest.empty()) return finish();
  if (rest[0] == '%') {
    ++position_;
    if (rest.size() > 1 && rest[1] == '%') {
      ++position_;
      return append("%");
    }
    return step_item();
  }
  const std::size_t size =
      std::min(rest.substr(0, kWindowBytes).find('%'), std::min(rest.size(), kWindowBytes));
  position_ += static_cast<std::uint32_t>(size);
  return append(rest.substr(0, size));
}

int Formatter::finish() {
  Value slots[StringBuilder::kSlots] = {Value::nil(), Value::nil(), Value::nil()};
  if (shift_ != 0) slots[2] = args_[kBuilderSlot + 2];
  const Making made = builder_.finish(slots, work_.budget);
  if (made == Making::NoMemory) return kNoMemory;
  if (made == Making::Done) return work_.end(vm::return_one(args_, slots[2]));
  if (!save()) return kNoMemory;
  args_[kBuilderSlot + 2] = slots[2];
  return work_.again(kShift + count_);
}
// ---- State.

bool Formatter::save() {
  if (!builder_.prepare()) return false;
  constexpr std::uint32_t kBytes = 2 + 5 * 4;
  Value state = shift_ != 0 ? args_[0] : Value::nil();
  Buffer* buffer = state_buffer(vm_, state, kBytes);
  if (buffer == nullptr) return false;
  if (shift_ == 0) {
    std::copy_backward(args_, args_ + count_, args_ + count_ + kShift);
    args_[kBuilderSlot + 2] = Value::nil();
    shift_ = kShift;
  }
  args_[0] = state;
  builder_.commit(args_ + kBuilderSlot);
  args_[kValueSlot] = value_;
  StateWriter writer(buffer->data());
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(phase_));
  writer.u32(static_cast<std::uint32_t>(count_));
  writer.u32(position_);
  writer.u32(static_cast<std::uint32_t>(argument_));
  writer.u32(value_at_);
  writer.u32(builder_.size());
  buffer->size = writer.size();
  return true;
}

bool Formatter::load(int slots) {
  shift_ = kShift;
  if (slots <= kShift || !arguments()[0].is_string()) return false;
  Buffer* buffer = args_[0].buffer();
  StateReader reader({buffer->data(), buffer->size});
  if (reader.u8() != kVersion) return false;
  const std::uint8_t phase = reader.u8();
  if (phase > static_cast<std::uint8_t>(Phase::Quote)) return false;
  phase_ = static_cast<Phase>(phase);
  const std::uint32_t given = reader.u32();
  if (given == 0 || given > static_cast<std::uint32_t>(slots - kShift)) return false;
  count_ = static_cast<int>(given);
  position_ = reader.u32();
  const std::uint32_t argument = reader.u32();
  value_at_ = reader.u32();
  const std::uint32_t built = reader.u32();
  if (!reader.is_at_end() || argument >= static_cast<std::uint32_t>(count_)) return false;
  argument_ = static_cast<int>(argument);
  value_ = args_[kValueSlot];
  return builder_.load(args_ + kBuilderSlot, built) && is_possible();
}

bool Formatter::is_possible() const {
  if (position_ > format().size()) return false;
  switch (phase_) {
    case Phase::Text:
    case Phase::Callback:
    case Phase::Take:
      return true;
    case Phase::Zeros:
    case Phase::Copy:
    case Phase::Quote:
      return value_.is_string() && value_at_ <= value_.string()->size;
  }
  return false;
}

int string_format(Vm& vm, Value* args, int count) {
  Formatter formatter(vm, args);
  const bool goes_on = count > 0 && is_buffer(args[0]);
  return goes_on ? formatter.go_on(count) : formatter.begin(count);
}

int string_format_resume(Vm& vm, Value* args, Value* results, int count) {
  return Formatter(vm, args).take(results, count);
}

}  // namespace moonlet::stdlib
