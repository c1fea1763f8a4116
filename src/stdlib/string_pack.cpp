// pack and packsize.
//
// An activation of pack that goes on has its arguments moved up by kShift:
//   args[0]  state   args[1..3]  builder of the result   args[4]  format   args[5] ..  the values
#include <algorithm>

#include "stdlib/string_builder.hpp"
#include "stdlib/string_pack_error.hpp"
#include "stdlib/string_rows.hpp"
#include "stdlib/string_state.hpp"

namespace moonlet::stdlib {
namespace {

constexpr int kShift = 4;
constexpr int kBuilderSlot = 1;
constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kOptionWork = 104;

enum class Phase : std::uint8_t {
  Option,
  Zeros,  // looking for zeros in the string argument
  Copy,   // the string argument
  Pad,    // zeros
};

class Packer {
 public:
  Packer(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm), builder_(vm) {
    if (vm.dialect == vm::Dialect::Luau) reader_.word = kLuauWord;
  }

  int begin(int count);
  int go_on(int slots);

 private:
  int run();
  int step();
  int step_option();
  int step_zeros();
  int step_copy();
  int step_pad();
  int finish();

  int add_signed(const PackOption& option);
  int add_unsigned(const PackOption& option);
  int add_integer(std::uint64_t value, std::uint32_t size, bool is_negative);
  int add_float(const PackOption& option);
  int begin_string(const PackOption& option);
  int append(std::string_view text);

  bool load(int slots);
  [[nodiscard]] bool save();
  int suspend() { return save() ? work_.again(kShift + count_) : kNoMemory; }

  Value* arguments() const { return args_ + shift_; }
  std::string_view text() const { return arguments()[argument_].string()->view(); }
  std::string_view next_piece() const {
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(work_.budget, 1));
    return text().substr(text_at_, most);
  }

  Vm& vm_;
  Value* args_;
  int shift_ = 0;
  int count_ = 0;
  Work work_;
  Phase phase_ = Phase::Option;
  PackReader reader_;
  int argument_ = 0;           // index of the last one used
  std::uint32_t text_at_ = 0;  // bytes of the string argument that are dealt with
  std::uint32_t pad_ = 0;      // zeros still to write
  StringBuilder builder_;
};

int Packer::begin(int count) {
  String* format = nullptr;
  if (!vm::arg_string(vm_, args_, count, 0, format)) return vm_.failure;
  count_ = count;
  reader_.format = format->view();
  return run();
}

int Packer::go_on(int slots) { return load(slots) ? run() : throw_corrupt(vm_); }

int Packer::run() {
  for (;;) {
    if (work_.is_over()) return suspend();
    const int answer = step();
    if (answer != kGoOn) return answer;
  }
}

int Packer::step() {
  switch (phase_) {
    case Phase::Option:
      return reader_.is_at_end() ? finish() : step_option();
    case Phase::Zeros:
      return step_zeros();
    case Phase::Copy:
      return step_copy();
    case Phase::Pad:
      return step_pad();
  }
  ML_UNREACHABLE();
}

int Packer::append(std::string_view bytes) {
  switch (builder_.append(bytes)) {
    case Append::Ok:
      work_.budget -= static_cast<std::int64_t>(bytes.size());
      return kGoOn;
    case Append::NoMemory:
      return kNoMemory;
    case Append::TooLarge:
      return throw_too_large(vm_);
  }
  ML_UNREACHABLE();
}

int Packer::step_option() {
  PackOption option;
  work_.budget -= kOptionWork;
  const PackError error = reader_.next(builder_.size(), option);
  if (error != PackError::None) return throw_pack_error(vm_, reader_, error);
  static constexpr char kZeros[kIntegerBytesMax] = {};
  const int answer = append({kZeros, option.alignment});
  if (answer != kGoOn) return answer;
  switch (option.kind) {
    case PackKind::Signed:
      return add_signed(option);
    case PackKind::Unsigned:
      return add_unsigned(option);
    case PackKind::Float:
    case PackKind::Double:
      return add_float(option);
    case PackKind::Characters:
    case PackKind::Prefixed:
    case PackKind::ZeroEnded:
      return begin_string(option);
    case PackKind::Padding:
      return append({kZeros, 1});
    case PackKind::Alignment:
    case PackKind::Nothing:
      return kGoOn;
  }
  ML_UNREACHABLE();
}

int Packer::add_signed(const PackOption& option) {
  std::int64_t value = 0;
  if (!vm::arg_integer(vm_, arguments(), count_, ++argument_, value)) return vm_.failure;
  if (option.size < kIntegerBytes) {
    const std::int64_t limit = std::int64_t{1} << (option.size * 8 - 1);
    if (value < -limit || value >= limit) {
      return vm::throw_arg_error(vm_, argument_, "integer overflow");
    }
  }
  return add_integer(static_cast<std::uint64_t>(value), option.size, value < 0);
}

int Packer::add_unsigned(const PackOption& option) {
  std::int64_t value = 0;
  if (!vm::arg_integer(vm_, arguments(), count_, ++argument_, value)) return vm_.failure;
  const auto bits = static_cast<std::uint64_t>(value);
  if (option.size < kIntegerBytes && bits >> (option.size * 8) != 0) {
    return vm::throw_arg_error(vm_, argument_, "unsigned overflow");
  }
  return add_integer(bits, option.size, false);
}

int Packer::add_integer(std::uint64_t value, std::uint32_t size, bool is_negative) {
  char bytes[kIntegerBytesMax];
  encode_integer(bytes, value, size, reader_.is_little, is_negative);
  return append({bytes, size});
}

int Packer::add_float(const PackOption& option) {
  double value = 0;
  if (!vm::arg_number(vm_, arguments(), count_, ++argument_, value)) return vm_.failure;
  char bytes[8];
  encode_float(bytes, value, option.size, reader_.is_little);
  return append({bytes, option.size});
}

int Packer::begin_string(const PackOption& option) {
  String* string = nullptr;
  if (!vm::arg_string(vm_, arguments(), count_, ++argument_, string)) return vm_.failure;
  text_at_ = 0;
  pad_ = 0;
  phase_ = Phase::Copy;
  if (option.kind == PackKind::ZeroEnded) {
    pad_ = 1;
    phase_ = Phase::Zeros;
    return kGoOn;
  }
  if (option.kind == PackKind::Characters) {
    if (string->size > option.size) {
      return vm::throw_arg_error(vm_, argument_, "string longer than given size");
    }
    if (builder_.size() + option.size > vm_.limits.string_bytes_max) {
      return throw_too_large(vm_);
    }
    pad_ = option.size - string->size;
    return kGoOn;
  }
  if (option.size < 8 && std::uint64_t{string->size} >> (option.size * 8) != 0) {
    return vm::throw_arg_error(vm_, argument_, "string length does not fit in given size");
  }
  return add_integer(string->size, option.size, false);
}

int Packer::step_zeros() {
  const std::string_view piece = next_piece();
  if (piece.find('\0') != std::string_view::npos) {
    return vm::throw_arg_error(vm_, argument_, "string contains zeros");
  }
  work_.budget -= static_cast<std::int64_t>(piece.size());
  text_at_ += static_cast<std::uint32_t>(piece.size());
  if (text_at_ == text().size()) {
    text_at_ = 0;
    phase_ = Phase::Copy;
  }
  return kGoOn;
}

int Packer::step_copy() {
  const std::string_view piece = next_piece();
  text_at_ += static_cast<std::uint32_t>(piece.size());
  if (text_at_ == text().size()) phase_ = Phase::Pad;
  return append(piece);
}

int Packer::step_pad() {
  static constexpr char kZeros[1024] = {};
  if (pad_ == 0) {
    phase_ = Phase::Option;
    return kGoOn;
  }
  const std::uint32_t size = std::min<std::uint32_t>(pad_, sizeof kZeros);
  pad_ -= size;
  return append({kZeros, size});
}

int Packer::finish() {
  Value slots[StringBuilder::kSlots] = {Value::nil(), Value::nil(), Value::nil()};
  if (shift_ != 0) slots[2] = args_[kBuilderSlot + 2];
  const Making made = builder_.finish(slots, work_.budget);
  if (made == Making::NoMemory) return kNoMemory;
  if (made == Making::Done) return work_.end(vm::return_one(args_, slots[2]));
  if (!save()) return kNoMemory;
  args_[kBuilderSlot + 2] = slots[2];
  return work_.again(kShift + count_);
}

bool Packer::save() {
  if (!builder_.prepare()) return false;
  constexpr std::uint32_t kBytes = 4 + 6 * 4;
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
  StateWriter writer(buffer->data());
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(phase_));
  writer.u8(reader_.is_little ? 1 : 0);
  writer.u8(reader_.max_alignment);
  writer.u32(static_cast<std::uint32_t>(count_));
  writer.u32(reader_.at);
  writer.u32(static_cast<std::uint32_t>(argument_));
  writer.u32(text_at_);
  writer.u32(pad_);
  writer.u32(builder_.size());
  buffer->size = writer.size();
  return true;
}

bool Packer::load(int slots) {
  shift_ = kShift;
  if (slots <= kShift || !arguments()[0].is_string()) return false;
  Buffer* buffer = args_[0].buffer();
  StateReader reader({buffer->data(), buffer->size});
  if (reader.u8() != kVersion) return false;
  const std::uint8_t phase = reader.u8();
  if (phase > static_cast<std::uint8_t>(Phase::Pad)) return false;
  phase_ = static_cast<Phase>(phase);
  reader_.format = arguments()[0].string()->view();
  reader_.is_little = reader.u8() != 0;
  reader_.max_alignment = reader.u8();
  count_ = slots - kShift;
  const std::uint32_t count = reader.u32();
  reader_.at = reader.u32();
  const std::uint32_t argument = reader.u32();
  text_at_ = reader.u32();
  pad_ = reader.u32();
  const std::uint32_t built = reader.u32();
  if (!reader.is_at_end() || count != static_cast<std::uint32_t>(count_) || argument >= count ||
      reader_.max_alignment < 1 || reader_.max_alignment > kIntegerBytesMax ||
      !builder_.load(args_ + kBuilderSlot, built)) {
    return false;
  }
  argument_ = static_cast<int>(argument);
  if (phase_ == Phase::Option || phase_ == Phase::Pad) return true;
  return arguments()[argument_].is_string() && text_at_ <= text().size();
}

}  // namespace

int string_pack(Vm& vm, Value* args, int count) {
  Packer packer(vm, args);
  const bool goes_on = count > 0 && is_buffer(args[0]);
  return goes_on ? packer.go_on(count) : packer.begin(count);
}

int string_packsize(Vm& vm, Value* args, int count) {
  constexpr int kStateSlot = 1;
  const std::uint64_t total_max =
      vm.dialect == vm::Dialect::Luau ? vm::kLuauStringBytesMax : 0x7fffffff;
  String* format = nullptr;
  if (!vm::arg_string(vm, args, count, 0, format)) return vm.failure;
  PackReader reader;
  if (vm.dialect == vm::Dialect::Luau) reader.word = kLuauWord;
  reader.format = format->view();
  std::uint64_t total = 0;
  Value state = Value::nil();
  if (count > kStateSlot && is_buffer(args[kStateSlot])) {
    state = args[kStateSlot];
    StateReader saved({state.buffer()->data(), state.buffer()->size});
    reader.is_little = saved.u8() != 0;
    reader.max_alignment = saved.u8();
    reader.at = saved.u32();
    total = saved.u32();
    if (!saved.is_at_end() || reader.max_alignment < 1 || reader.max_alignment > kIntegerBytesMax) {
      return throw_corrupt(vm);
    }
  }
  Work work(vm);
  while (!reader.is_at_end()) {
    if (work.is_over()) {
      Buffer* buffer = state_buffer(vm, state, 10);
      if (buffer == nullptr) return kNoMemory;
      StateWriter writer(buffer->data());
      writer.u8(reader.is_little ? 1 : 0);
      writer.u8(reader.max_alignment);
      writer.u32(reader.at);
      writer.u32(total);
      buffer->size = writer.size();
      args[kStateSlot] = state;
      return work.again(kStateSlot + 1);
    }
    work.budget -= kOptionWork;
    PackOption option;
    const PackError error = reader.next(total, option);
    if (error != PackError::None) return throw_pack_error(vm, reader, error);
    if (option.kind == PackKind::Prefixed || option.kind == PackKind::ZeroEnded) {
      return vm::throw_arg_error(vm, 0, "variable-length format");
    }
    const std::uint64_t size = std::uint64_t{option.size} + option.alignment;
    if (total + size > total_max) return vm::throw_arg_error(vm, 0, "format result too large");
    total += size;
  }
  return work.end(vm::return_one(args, Value::from(static_cast<std::int64_t>(total))));
}

}  // namespace moonlet::stdlib
