// format. Numbers are written by string_number_format; long strings are copied in pieces; values
// with __tostring are asked by a callback.
//
// An activation that goes on, or waits for a callback, has its arguments moved up by kShift:
//   args[0]  state   args[1..3]  builder of the result   args[4]  string being added
//   args[5]  format  args[6] ..  the values
#include <algorithm>
#include <charconv>
#include <cmath>

#include "stdlib/string_builder.hpp"
#include "stdlib/string_character.hpp"
#include "stdlib/string_format_spec.hpp"
#include "stdlib/string_quote.hpp"
#include "stdlib/string_rows.hpp"
#include "stdlib/string_state.hpp"

namespace moonlet::stdlib {
namespace {

constexpr int kShift = 5;
constexpr int kBuilderSlot = 1;
constexpr int kValueSlot = 4;
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kPhaseOffset = 1;
constexpr std::size_t kWindowBytes = 4096;

constexpr std::string_view kFloatFlags = "-+#0 ";
constexpr std::string_view kHexFlags = "-#0";
constexpr std::string_view kSignedFlags = "-+0 ";
constexpr std::string_view kUnsignedFlags = "-0";
constexpr std::string_view kTextFlags = "-";

enum class Phase : std::uint8_t {
  Text,      // the format from position_ on
  Callback,  // __tostring is under way for the item at position_
  Take,      // its result is in args[kValueSlot]
  Zeros,     // looking for zeros in the value
  Copy,      // the value itself
  Quote,     // the value as a literal
};

class Formatter {
 public:
  Formatter(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm), builder_(vm) {}

  int begin(int count);
  int go_on(int count);
  int take(Value* results, int count);

 private:
  static constexpr int kGoOn = -100;  // no answer yet

  int run();
  int step();
  int step_text();
  int step_item();
  int step_zeros();
  int step_copy();
  int step_quote();
  int finish();

  int add_integer(const FormatItem& item, std::string_view flags);
  int add_float(const FormatItem& item);
  int add_character(const FormatItem& item);
  int add_pointer(const FormatItem& item);
  int add_literal(const FormatItem& item);
  int add_string(const FormatItem& item);
  int add_text(const FormatItem& item, std::string_view text);
  int add_padded(const NumberSpec& spec, std::string_view text);
  int take_string();
  int call_to_string(const Value& handler);
  int invalid_item(const FormatItem& item, std::string_view before, std::string_view after);
  int append(std::string_view text);
  int item_done() {
    position_ += static_cast<std::uint32_t>(item().text.size());
    phase_ = Phase::Text;
    return kGoOn;
  }

  bool load(int slots);
  bool is_possible() const;
  [[nodiscard]] bool save();
  int suspend() { return save() ? work_.again(kShift + count_) : kNoMemory; }

  // The script's own arguments, wherever they are.
  Value* arguments() const { return args_ + shift_; }
  std::string_view format() const { return arguments()[0].string()->view(); }
  FormatItem item() const { return read_format_item(format().substr(position_)); }
  std::string_view value_text() const { return value_.string()->view(); }
  std::size_t window(std::size_t size) const {
    return std::min(size, static_cast<std::size_t>(std::max<std::int64_t>(work_.budget, 1)));
  }

  Vm& vm_;
  Value* args_;
  int shift_ = 0;
  int count_ = 0;  // of the script's arguments
  Work work_;
  Phase phase_ = Phase::Text;
  std::uint32_t position_ = 0;  // in the format; of an item: behind the '%'
  int argument_ = 0;            // index of the last one used
  Value value_ = Value::nil();
  std::uint32_t value_at_ = 0;  // bytes of the value that are dealt with
  StringBuilder builder_;
};

// ---- Activations.

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
  if (!args_[0].is(Tag::Buffer) || !load(static_cast<int>(results - args_))) {
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
      return vm::throw_error(vm_, kTooLarge);
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

// ---- Items.

int Formatter::step_item() {
  work_.budget -= 16;
  if (++argument_ >= count_) return vm::throw_arg_error(vm_, argument_, "no value");
  const FormatItem here = item();
  if (here.is_too_long) return vm::throw_error(vm_, "invalid format (too long)");
  switch (here.letter) {
    case 'c':
      return add_character(here);
    case 'd':
    case 'i':
      return add_integer(here, kSignedFlags);
    case 'u':
      return add_integer(here, kUnsignedFlags);
    case 'o':
    case 'x':
    case 'X':
      return add_integer(here, kHexFlags);
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return add_float(here);
    case 'p':
      return add_pointer(here);
    case 'q':
      return add_literal(here);
    case 's':
      return add_string(here);
    default:
      return invalid_item(here, "invalid conversion '%", "' to 'format'");
  }
}

// The message shows the item up to a zero, as C would.
int Formatter::invalid_item(const FormatItem& item, std::string_view before,
                            std::string_view after) {
  return vm::throw_error(vm_, {before, item.text.substr(0, item.text.find('\0')), after});
}

int Formatter::add_integer(const FormatItem& item, std::string_view flags) {
  std::int64_t value = 0;
  if (!vm::arg_integer(vm_, arguments(), count_, argument_, value)) return vm_.failure;
  NumberSpec spec;
  if (!check_format_item(item, flags, Precision::Allowed, spec)) {
    return invalid_item(item, "invalid conversion specification: '%", "'");
  }
  char text[kNumberItemSize];
  const int answer = append({text, format_integer(text, spec, value)});
  return answer != kGoOn ? answer : item_done();
}

int Formatter::add_float(const FormatItem& item) {
  double value = 0;
  if (!vm::arg_number(vm_, arguments(), count_, argument_, value)) return vm_.failure;
  NumberSpec spec;
  if (!check_format_item(item, kFloatFlags, Precision::Allowed, spec)) {
    return invalid_item(item, "invalid conversion specification: '%", "'");
  }
  char text[kNumberItemSize];
  const int answer = append({text, format_float(text, spec, value)});
  return answer != kGoOn ? answer : item_done();
}

int Formatter::add_character(const FormatItem& item) {
  NumberSpec spec;
  if (!check_format_item(item, kTextFlags, Precision::Refused, spec)) {
    return invalid_item(item, "invalid conversion specification: '%", "'");
  }
  std::int64_t value = 0;
  if (!vm::arg_integer(vm_, arguments(), count_, argument_, value)) return vm_.failure;
  const char c = static_cast<char>(value);
  return add_padded(spec, {&c, 1});
}

int Formatter::add_pointer(const FormatItem& item) {
  NumberSpec spec;
  if (!check_format_item(item, kTextFlags, Precision::Refused, spec)) {
    return invalid_item(item, "invalid conversion specification: '%", "'");
  }
  const Value& value = arguments()[argument_];
  std::string text = "(null)";
  if (value.is_string()) {
    char digits[16];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, vm_.heap.identity(value.object), 16).ptr;
    const auto size = static_cast<std::size_t>(end - digits);
    text = "0x" + std::string(size < 8 ? 8 - size : 0, '0') + std::string(digits, size);
  } else if (value.is_object() || value.is_builtin() || value.is(Tag::LightUserdata)) {
    text = vm::basic_text(vm_, value);
    text.erase(0, text.rfind("0x"));
  }
  return add_padded(spec, text);
}

int Formatter::add_padded(const NumberSpec& spec, std::string_view text) {
  if (spec.precision >= 0) text = text.substr(0, static_cast<std::size_t>(spec.precision));
  const auto width = static_cast<std::size_t>(spec.width);
  char spaces[100];
  std::fill_n(spaces, sizeof spaces, ' ');
  const std::string_view padding{spaces, width > text.size() ? width - text.size() : 0};
  int answer = append(spec.left ? text : padding);
  if (answer == kGoOn) answer = append(spec.left ? padding : text);
  return answer != kGoOn ? answer : item_done();
}

int Formatter::add_literal(const FormatItem& item) {
  if (item.has_modifiers()) return vm::throw_error(vm_, "specifier '%q' cannot have modifiers");
  const Value& value = arguments()[argument_];
  char text[kLiteralSize];
  switch (value.tag()) {
    case Tag::String:
      value_ = value;
      value_at_ = 0;
      phase_ = Phase::Quote;
      return append("\"");
    case Tag::Integer:
    case Tag::Float: {
      const int answer = append(number_literal(value, text));
      return answer != kGoOn ? answer : item_done();
    }
    case Tag::Nil:
    case Tag::True:
    case Tag::False: {
      const int answer = append(vm::basic_text(vm_, value));
      return answer != kGoOn ? answer : item_done();
    }
    default:
      return vm::throw_arg_error(vm_, argument_, "value has no literal form");
  }
}

int Formatter::step_quote() {
  const std::string_view text = value_text();
  const std::size_t end = std::min<std::size_t>(text.size(), value_at_ + kWindowBytes);
  char quoted[kQuotedByteMax];
  while (value_at_ < end) {
    const std::size_t plain = plain_prefix(text.substr(value_at_, end - value_at_));
    int answer = append(text.substr(value_at_, plain));
    value_at_ += static_cast<std::uint32_t>(plain);
    if (answer == kGoOn && value_at_ < end) {
      answer = append(quote_byte(text, value_at_, quoted));
      ++value_at_;
    }
    if (answer != kGoOn) return answer;
  }
  if (value_at_ < text.size()) return kGoOn;
  value_ = Value::nil();
  const int answer = append("\"");
  return answer != kGoOn ? answer : item_done();
}

// ---- Strings.

int Formatter::add_string(const FormatItem& item) {
  const Value& value = arguments()[argument_];
  const Value handler = vm::metamethod(vm_, value, heap::Event::ToString);
  if (!handler.is_nil()) return call_to_string(handler);
  if (value.is_string()) {
    value_ = value;
    return take_string();
  }
  if (value.is_number()) {
    char text[vm::kNumberTextSize];
    return add_text(item, vm::number_text(value, text));
  }
  return add_text(item, vm::basic_text(vm_, value));
}

int Formatter::call_to_string(const Value& handler) {
  const Value value = arguments()[argument_];
  const int grown = ensure_slots(vm_, args_, kShift + count_ + 2, "too many arguments");
  if (grown != 0) return grown;
  phase_ = Phase::Callback;
  if (!save()) return kNoMemory;
  Value* slot = args_ + kShift + count_;
  slot[0] = handler;
  slot[1] = value;
  vm_.call_slot = slot;
  vm_.call_count = 1;
  return work_.end(vm::kCall);
}

// A string that is not in the heap, and short or of a type's name.
int Formatter::add_text(const FormatItem& item, std::string_view text) {
  NumberSpec spec;
  if (item.has_modifiers()) {
    if (text.find('\0') != std::string_view::npos) {
      return vm::throw_arg_error(vm_, argument_, "string contains zeros");
    }
    if (!check_format_item(item, kTextFlags, Precision::Allowed, spec)) {
      return invalid_item(item, "invalid conversion specification: '%", "'");
    }
  }
  return add_padded(spec, text);
}

// The string of the item is in value_: from the argument or from __tostring.
int Formatter::take_string() {
  if (value_.is_number()) {
    char text[vm::kNumberTextSize];
    const std::string_view number = vm::number_text(value_, text);
    value_ = Value::nil();
    return add_text(item(), number);
  }
  if (!value_.is_string()) return vm::throw_error(vm_, "'__tostring' must return a string");
  value_at_ = 0;
  phase_ = item().has_modifiers() ? Phase::Zeros : Phase::Copy;
  return kGoOn;
}

int Formatter::step_zeros() {
  const std::string_view text = value_text();
  const std::size_t size = window(text.size() - value_at_);
  if (text.substr(value_at_, size).find('\0') != std::string_view::npos) {
    return vm::throw_arg_error(vm_, argument_, "string contains zeros");
  }
  value_at_ += static_cast<std::uint32_t>(size);
  work_.budget -= static_cast<std::int64_t>(size);
  if (value_at_ < text.size()) return kGoOn;

  const FormatItem here = item();
  NumberSpec spec;
  if (!check_format_item(here, kTextFlags, Precision::Allowed, spec)) {
    return invalid_item(here, "invalid conversion specification: '%", "'");
  }
  constexpr std::size_t kWholeFrom = 100;  // longer than any width
  if (!here.has_precision() && text.size() >= kWholeFrom) {
    value_at_ = 0;
    phase_ = Phase::Copy;
    return kGoOn;
  }
  const Value value = value_;
  value_ = Value::nil();
  return add_padded(spec, value.string()->view());
}

int Formatter::step_copy() {
  const std::string_view text = value_text();
  const std::size_t size = window(text.size() - value_at_);
  const int answer = append(text.substr(value_at_, size));
  if (answer != kGoOn) return answer;
  value_at_ += static_cast<std::uint32_t>(size);
  if (value_at_ < text.size()) return kGoOn;
  value_ = Value::nil();
  return item_done();
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

}  // namespace

int string_format(Vm& vm, Value* args, int count) {
  Formatter formatter(vm, args);
  const bool goes_on = count > 0 && args[0].is(Tag::Buffer);
  return goes_on ? formatter.go_on(count) : formatter.begin(count);
}

int string_format_resume(Vm& vm, Value* args, Value* results, int count) {
  return Formatter(vm, args).take(results, count);
}

}  // namespace moonlet::stdlib
