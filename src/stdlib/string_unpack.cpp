// unpack.
//
// Slots of an activation that goes on:
//   args[0]  format   args[1]  data   args[2]  position, as given
//   args[3]  state    args[4] ..  the results so far, the last one perhaps unfinished
#include <algorithm>

#include "stdlib/string_pack_error.hpp"
#include "stdlib/string_position.hpp"
#include "stdlib/string_rows.hpp"
#include "stdlib/string_state.hpp"

namespace moonlet::stdlib {
namespace {

constexpr int kStateSlot = 3;
constexpr int kResultSlot = 4;
constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kOptionWork = 104;

enum class Phase : std::uint8_t {
  Option,
  Scan,   // looking for the end of a 'z' string
  Slice,  // making the string data[slice_from_, slice_from_ + slice_size_)
};

class Unpacker {
 public:
  Unpacker(Vm& vm, Value* args) : vm_(vm), args_(args), work_(vm) {
    if (vm.dialect == vm::Dialect::Luau) reader_.word = kLuauWord;
  }

  int begin(int count);
  int go_on(int count);

 private:
  int run();
  int step_option();
  int step_scan();
  int step_slice();
  int read(const PackOption& option);
  int read_integer(const PackOption& option);
  int add(const Value& value);
  int begin_slice(std::uint64_t from, std::uint64_t size, std::uint64_t after);
  int grow();
  int deliver();

  bool load();
  [[nodiscard]] bool save();
  int suspend() {
    if (!save()) return kNoMemory;
    const int used = kResultSlot + results_ + (phase_ == Phase::Slice ? 1 : 0);
    return work_.again(std::max(count_, used));
  }

  std::string_view data() const { return args_[1].string()->view(); }

  Vm& vm_;
  Value* args_;
  int count_ = 0;  // slots that are kept
  Work work_;
  Phase phase_ = Phase::Option;
  PackReader reader_;
  std::uint32_t position_ = 0;  // in the data
  int results_ = 0;
  std::uint32_t slice_from_ = 0;
  std::uint32_t slice_size_ = 0;
};

int Unpacker::begin(int count) {
  String* format = nullptr;
  String* text = nullptr;
  std::int64_t position = 1;
  if (!vm::arg_string(vm_, args_, count, 0, format) ||
      !vm::arg_string(vm_, args_, count, 1, text) ||
      !vm::opt_integer(vm_, args_, count, 2, 1, position)) {
    return vm_.failure;
  }
  const std::uint64_t from = start_position(position, text->size) - 1;
  if (from > text->size) return vm::throw_arg_error(vm_, 2, "initial position out of string");
  position_ = static_cast<std::uint32_t>(from);
  reader_.format = format->view();
  count_ = std::min(count, kStateSlot);
  for (int i = count_; i < kResultSlot; ++i) args_[i] = Value::nil();
  args_[kStateSlot] = Value::nil();
  return run();
}

int Unpacker::go_on(int count) {
  count_ = count;
  return load() ? run() : throw_corrupt(vm_);
}

int Unpacker::run() {
  for (;;) {
    if (work_.is_over()) return suspend();
    int answer = kGoOn;
    switch (phase_) {
      case Phase::Option:
        answer = step_option();
        break;
      case Phase::Scan:
        answer = step_scan();
        break;
      case Phase::Slice:
        answer = step_slice();
        break;
    }
    if (answer != kGoOn) return answer;
  }
}

int Unpacker::step_option() {
  if (reader_.is_at_end()) return deliver();
  // One for this option and one for the position at the end.
  if (kResultSlot + results_ + 2 > count_ + vm::kBuiltinSlots) return grow();
  work_.budget -= kOptionWork;
  PackOption option;
  const PackError error = reader_.next(position_, option);
  if (error != PackError::None) return throw_pack_error(vm_, reader_, error);
  if (std::uint64_t{option.alignment} + option.size > data().size() - position_) {
    return vm::throw_arg_error(vm_, 1, "data string too short");
  }
  position_ += option.alignment;
  const int answer = read(option);
  return answer;
}

int Unpacker::read(const PackOption& option) {
  const char* in = data().data() + position_;
  switch (option.kind) {
    case PackKind::Signed:
    case PackKind::Unsigned:
      return read_integer(option);
    case PackKind::Float:
    case PackKind::Double:
      position_ += option.size;
      return add(Value::from(decode_float(in, option.size, reader_.is_little)));
    case PackKind::Characters:
      return begin_slice(position_, option.size, std::uint64_t{position_} + option.size);
    case PackKind::Prefixed: {
      std::int64_t length = 0;
      if (!decode_integer(in, option.size, reader_.is_little, false, length)) break;
      const std::uint64_t from = std::uint64_t{position_} + option.size;
      if (static_cast<std::uint64_t>(length) > data().size() - from) {
        return vm::throw_arg_error(vm_, 1, "data string too short");
      }
      return begin_slice(from, static_cast<std::uint64_t>(length),
                         from + static_cast<std::uint64_t>(length));
    }
    case PackKind::ZeroEnded:
      slice_from_ = position_;
      phase_ = Phase::Scan;
      return kGoOn;
    case PackKind::Padding:
    case PackKind::Alignment:
    case PackKind::Nothing:
      position_ += option.size;
      return kGoOn;
  }
  return read_integer(option);
}

int Unpacker::read_integer(const PackOption& option) {
  std::int64_t value = 0;
  if (!decode_integer(data().data() + position_, option.size, reader_.is_little,
                      option.kind == PackKind::Signed, value)) {
    char digits[vm::kNumberTextSize];
    const auto size = vm::number_text(Value::from(std::int64_t{option.size}), digits);
    return vm::throw_error(vm_, {size, "-byte integer does not fit into Lua Integer"});
  }
  position_ += option.size;
  if (vm_.dialect == vm::Dialect::Luau) {
    const bool is_signed = option.kind == PackKind::Signed;
    return add(Value::from(is_signed ? static_cast<double>(value)
                                     : static_cast<double>(static_cast<std::uint64_t>(value))));
  }
  return add(Value::from(value));
}

int Unpacker::add(const Value& value) {
  args_[kResultSlot + results_++] = value;
  return kGoOn;
}

// The zero may be far away; position_ is how far the search has come.
int Unpacker::step_scan() {
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(work_.budget, 1));
  const std::string_view piece = data().substr(position_, most);
  const std::size_t zero = piece.find('\0');
  if (zero == std::string_view::npos) {
    work_.budget -= static_cast<std::int64_t>(piece.size());
    position_ += static_cast<std::uint32_t>(piece.size());
    if (position_ < data().size()) return kGoOn;
    return vm::throw_arg_error(vm_, 1, "unfinished string for format 'z'");
  }
  work_.budget -= static_cast<std::int64_t>(zero);
  const std::uint64_t end = position_ + zero;
  return begin_slice(slice_from_, end - slice_from_, end + 1);
}

int Unpacker::begin_slice(std::uint64_t from, std::uint64_t size, std::uint64_t after) {
  slice_from_ = static_cast<std::uint32_t>(from);
  slice_size_ = static_cast<std::uint32_t>(size);
  position_ = static_cast<std::uint32_t>(after);
  args_[kResultSlot + results_] = Value::nil();
  phase_ = Phase::Slice;
  return kGoOn;
}

int Unpacker::step_slice() {
  switch (make_string(vm_, args_[kResultSlot + results_], data().substr(slice_from_, slice_size_),
                      work_.budget)) {
    case Making::Done:
      break;
    case Making::Running:
      return suspend();
    case Making::NoMemory:
      return kNoMemory;
  }
  ++results_;
  phase_ = Phase::Option;
  return kGoOn;
}

// More results than the slots hold: the stack grows, twice as far each time.
int Unpacker::grow() {
  const int slots = kResultSlot + 2 * results_ + 64;
  const int grown = ensure_slots(vm_, args_, slots, "too many results");
  if (grown != 0) return grown;
  if (!save()) return kNoMemory;
  for (int i = kResultSlot + results_; i < slots; ++i) args_[i] = Value::nil();
  return work_.again(slots);
}

int Unpacker::deliver() {
  const std::int64_t after = std::int64_t{position_} + 1;
  const Value position = vm_.dialect == vm::Dialect::Luau ? Value::from(static_cast<double>(after))
                                                          : Value::from(after);
  for (int i = 0; i < results_; ++i) args_[i - 1] = args_[kResultSlot + i];
  args_[results_ - 1] = position;
  return work_.end(results_ + 1);
}

bool Unpacker::save() {
  constexpr std::uint32_t kBytes = 4 + 5 * 4;
  Buffer* buffer = state_buffer(vm_, args_[kStateSlot], kBytes);
  if (buffer == nullptr) return false;
  StateWriter writer(buffer->data());
  writer.u8(kVersion);
  writer.u8(static_cast<std::uint8_t>(phase_));
  writer.u8(reader_.is_little ? 1 : 0);
  writer.u8(reader_.max_alignment);
  writer.u32(reader_.at);
  writer.u32(position_);
  writer.u32(static_cast<std::uint32_t>(results_));
  writer.u32(slice_from_);
  writer.u32(slice_size_);
  buffer->size = writer.size();
  return true;
}

bool Unpacker::load() {
  if (!args_[0].is_string() || !args_[1].is_string()) return false;
  Buffer* buffer = args_[kStateSlot].buffer();
  StateReader reader({buffer->data(), buffer->size});
  if (reader.u8() != kVersion) return false;
  const std::uint8_t phase = reader.u8();
  if (phase > static_cast<std::uint8_t>(Phase::Slice)) return false;
  phase_ = static_cast<Phase>(phase);
  reader_.format = args_[0].string()->view();
  reader_.is_little = reader.u8() != 0;
  reader_.max_alignment = reader.u8();
  reader_.at = reader.u32();
  position_ = reader.u32();
  const std::uint32_t results = reader.u32();
  slice_from_ = reader.u32();
  slice_size_ = reader.u32();
  const std::uint64_t used =
      std::uint64_t{kResultSlot} + results + (phase_ == Phase::Slice ? 1 : 0);
  if (!reader.is_at_end() || used > static_cast<std::uint64_t>(count_) ||
      reader_.max_alignment < 1 || reader_.max_alignment > kIntegerBytesMax ||
      position_ > data().size() || std::uint64_t{slice_from_} + slice_size_ > data().size() ||
      (phase_ == Phase::Scan && slice_from_ > position_)) {
    return false;
  }
  results_ = static_cast<int>(results);
  return true;
}

}  // namespace

int string_unpack(Vm& vm, Value* args, int count) {
  Unpacker unpacker(vm, args);
  const bool goes_on = count > kStateSlot && is_buffer(args[kStateSlot]);
  return goes_on ? unpacker.go_on(count) : unpacker.begin(count);
}

}  // namespace moonlet::stdlib
