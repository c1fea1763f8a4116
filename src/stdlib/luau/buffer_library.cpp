// buffer: bytes that scripts read and write in place.
//
// Work on more than kPieceBytes is done in pieces. How far it has come stands in a state buffer
// behind the arguments, or, of a buffer that is being made, in its own size: it is the library's
// until its last byte is there.
#include <algorithm>
#include <bit>
#include <cstring>

#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"

namespace moonlet::stdlib::luau {

using vm::BuiltinRow;

namespace {

// Copied by 16 bytes at a time these take two thirds of the 100,000 instructions that may pass
// between two safepoints (docs/fuel.md).
constexpr std::size_t kPieceBytes = 512 * 1024;

int throw_bounds(Vm& vm) { return vm::throw_error(vm, "buffer access out of bounds"); }

bool is_inside(const Buffer& buffer, int offset, std::uint64_t bytes) {
  return std::uint64_t{static_cast<std::uint32_t>(offset)} + bytes <= buffer.size;
}

void charge_bytes(Vm& vm, std::size_t bytes) { vm::charge(vm, bytes / 16); }

// ---- Numbers in a buffer, the least significant byte first.

template <typename Word>
Word load(const Buffer& buffer, std::size_t offset) {
  Word word;
  std::memcpy(&word, buffer.data() + offset, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  return word;
}

template <typename Word>
void store(Buffer& buffer, std::size_t offset, Word word) {
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  std::memcpy(buffer.data() + offset, &word, sizeof word);
}

// The buffer and the place of an access; false: the error is set.
bool arg_place(Vm& vm, Value* args, int count, std::uint64_t bytes, Buffer*& buffer,
               std::size_t& offset) {
  int place;
  if (!arg_buffer(vm, args, count, 0, buffer) || !arg_int(vm, args, count, 1, place)) return false;
  if (!is_inside(*buffer, place, bytes)) {
    throw_bounds(vm);
    return false;
  }
  offset = static_cast<std::size_t>(place);
  return true;
}

template <typename Number>
int read_whole(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  std::size_t offset;
  if (!arg_place(vm, args, count, sizeof(Number), buffer, offset)) return vm.failure;
  using Word = std::make_unsigned_t<Number>;
  const auto number = static_cast<Number>(load<Word>(*buffer, offset));
  return return_number(args, static_cast<double>(number));
}

// What is written is looked at before the place is: the order in which Luau complains.
template <typename Number>
int write_whole(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  int place;
  std::uint32_t value;
  if (!arg_buffer(vm, args, count, 0, buffer) || !arg_int(vm, args, count, 1, place) ||
      !arg_unsigned(vm, args, count, 2, value)) {
    return vm.failure;
  }
  if (!is_inside(*buffer, place, sizeof(Number))) return throw_bounds(vm);
  using Word = std::make_unsigned_t<Number>;
  store(*buffer, static_cast<std::size_t>(place), static_cast<Word>(value));
  return 0;
}

// Of several NaNs there is one.
template <typename Float>
Float canonical(Float number) {
  return number == number ? number : std::numeric_limits<Float>::quiet_NaN();
}
template <typename Float>
using WordOf = std::conditional_t<sizeof(Float) == 4, std::uint32_t, std::uint64_t>;

template <typename Float>
int read_float(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  std::size_t offset;
  if (!arg_place(vm, args, count, sizeof(Float), buffer, offset)) return vm.failure;
  const auto number = std::bit_cast<Float>(load<WordOf<Float>>(*buffer, offset));
  return return_number(args, canonical(static_cast<double>(canonical(number))));
}

template <typename Float>
int write_float(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  int place;
  double value;
  if (!arg_buffer(vm, args, count, 0, buffer) || !arg_int(vm, args, count, 1, place) ||
      !vm::arg_number(vm, args, count, 2, value)) {
    return vm.failure;
  }
  if (!is_inside(*buffer, place, sizeof(Float))) return throw_bounds(vm);
  store(*buffer, static_cast<std::size_t>(place),
        std::bit_cast<WordOf<Float>>(canonical(static_cast<Float>(value))));
  return 0;
}

// ---- Bits.

struct BitPlace {
  Buffer* buffer;
  std::uint64_t offset;  // in bits
  unsigned count;

  std::size_t first_byte() const { return static_cast<std::size_t>(offset / 8); }
  std::size_t byte_count() const {
    return static_cast<std::size_t>((offset + count + 7) / 8) - first_byte();
  }
  unsigned shift() const { return static_cast<unsigned>(offset % 8); }
  std::uint64_t mask() const { return (std::uint64_t{1} << count) - 1; }
  std::uint64_t load_bytes() const {
    std::uint64_t bytes = 0;
    for (std::size_t n = byte_count(); n > 0; --n) {
      bytes = bytes << 8 | static_cast<unsigned char>(buffer->data()[first_byte() + n - 1]);
    }
    return bytes;
  }
};

bool arg_bits(Vm& vm, Value* args, int count, Buffer*& buffer, double& offset, int& bits) {
  return arg_buffer(vm, args, count, 0, buffer) && vm::arg_number(vm, args, count, 1, offset) &&
         arg_int(vm, args, count, 2, bits);
}

bool find_bits(Vm& vm, Buffer& buffer, double offset, int bits, BitPlace& place) {
  if (offset <= -1 || !(offset < 0x1p62)) {
    throw_bounds(vm);
    return false;
  }
  if (bits < 0 || bits > 32) {
    vm::throw_error(vm, "bit count is out of range of [0; 32]");
    return false;
  }
  place = {&buffer, static_cast<std::uint64_t>(offset), static_cast<unsigned>(bits)};
  if (place.offset + place.count > std::uint64_t{buffer.size} * 8) {
    throw_bounds(vm);
    return false;
  }
  return true;
}

int buffer_readbits(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  double offset;
  int bits;
  BitPlace place;
  if (!arg_bits(vm, args, count, buffer, offset, bits) ||
      !find_bits(vm, *buffer, offset, bits, place)) {
    return vm.failure;
  }
  return return_number(args,
                       static_cast<double>((place.load_bytes() >> place.shift()) & place.mask()));
}

int buffer_writebits(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  double offset;
  int bits;
  std::uint32_t value;
  BitPlace place;
  if (!arg_bits(vm, args, count, buffer, offset, bits) ||
      !arg_unsigned(vm, args, count, 3, value) || !find_bits(vm, *buffer, offset, bits, place)) {
    return vm.failure;
  }
  const std::uint64_t mask = place.mask() << place.shift();
  std::uint64_t bytes =
      (place.load_bytes() & ~mask) | ((std::uint64_t{value} << place.shift()) & mask);
  for (std::size_t n = 0; n < place.byte_count(); ++n, bytes >>= 8) {
    buffer->data()[place.first_byte() + n] = static_cast<char>(bytes);
  }
  return 0;
}

// ---- Work in pieces.

// The first `arguments` slots are the function's arguments, those that were not given nil; the one
// behind them has the state from the second activation on. Pieces of a length that is known from
// the arguments, which are looked at again each time: they may have been forged.
template <typename Piece>
int in_pieces(Vm& vm, Value* args, int count, int arguments, std::size_t bytes, Piece piece) {
  if (bytes <= kPieceBytes) {
    piece(std::size_t{0}, bytes);
    charge_bytes(vm, bytes);
    return 0;
  }
  std::uint64_t done = 0;
  Value slot = Value::nil();
  if (count > arguments && is_buffer(args[arguments])) {
    slot = args[arguments];
    if (slot.buffer()->size != sizeof done) return throw_corrupt(vm);
    std::memcpy(&done, slot.buffer()->data(), sizeof done);
    if (done > bytes) return throw_corrupt(vm);
  }
  Buffer* state = state_buffer(vm, slot, sizeof done);
  if (state == nullptr) return kNoMemory;
  const auto from = static_cast<std::size_t>(done);
  const std::size_t to = std::min(bytes, from + kPieceBytes);
  piece(from, to);
  charge_bytes(vm, to - from);
  if (to == bytes) return 0;
  done = to;
  std::memcpy(state->data(), &done, sizeof done);
  state->size = sizeof done;
  for (int n = count; n < arguments; ++n) args[n] = Value::nil();
  args[arguments] = slot;
  vm.call_count = arguments + 1;
  return kAgain;
}

// A new buffer of `size` bytes that fill(out, from, to) writes; its slot is number `slot`.
template <typename Fill>
int make_buffer(Vm& vm, Value* args, int count, int slot, std::uint32_t size, Fill fill,
                std::size_t most = kPieceBytes) {
  Buffer* buffer;
  if (count > slot && is_buffer(args[slot])) {
    buffer = args[slot].buffer();
    if (buffer->capacity != size || buffer->size > size) return throw_corrupt(vm);
  } else {
    buffer = vm.heap.new_buffer(size);
    if (buffer == nullptr) return kNoMemory;
  }
  const std::size_t from = buffer->size;
  const std::size_t to = std::min<std::size_t>(size, from + most);
  fill(buffer->data(), from, to);
  charge_bytes(vm, to - from);
  buffer->size = static_cast<std::uint32_t>(to);
  if (to == size) {
    buffer->flags |= heap::kBufferOfScript;
    return vm::return_one(args, Value::from(buffer));
  }
  for (int n = count; n < slot; ++n) args[n] = Value::nil();
  args[slot] = Value::from(buffer);
  vm.call_count = slot + 1;
  return kAgain;
}

int buffer_create(Vm& vm, Value* args, int count) {
  int size;
  if (!arg_int(vm, args, count, 0, size)) return vm.failure;
  if (size < 0) return vm::throw_arg_error(vm, 0, "size");
  if (static_cast<std::uint32_t>(size) > heap::kScriptBufferMax) {
    return vm::throw_error(vm, "memory allocation error: block too big");
  }
  return make_buffer(
      vm, args, count, 1, static_cast<std::uint32_t>(size),
      [](char* out, std::size_t from, std::size_t to) { std::memset(out + from, 0, to - from); });
}

int buffer_fromstring(Vm& vm, Value* args, int count) {
  String* text;
  if (!vm::arg_string(vm, args, count, 0, text)) return vm.failure;
  if (text->size > heap::kScriptBufferMax) {
    return vm::throw_error(vm, "memory allocation error: block too big");
  }
  return make_buffer(vm, args, count, 1, text->size,
                     [text](char* out, std::size_t from, std::size_t to) {
                       if (from < to) std::memcpy(out + from, text->data() + from, to - from);
                     });
}

// A string of `size` bytes from `offset` on.
int return_bytes(Vm& vm, Value* args, int count, int slot, const Buffer& buffer, std::size_t offset,
                 std::size_t size) {
  Work work(vm);
  return build_string(
      vm, args, count, slot, size, work,
      [&buffer, offset](char* out, std::size_t from, std::size_t to) {
        std::memcpy(out + from, buffer.data() + offset + from, to - from);
      },
      kPieceBytes);
}

int buffer_tostring(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  if (!arg_buffer(vm, args, count, 0, buffer)) return vm.failure;
  return return_bytes(vm, args, count, 1, *buffer, 0, buffer->size);
}

int buffer_readstring(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  int offset;
  int size;
  if (!arg_buffer(vm, args, count, 0, buffer) || !arg_int(vm, args, count, 1, offset) ||
      !arg_int(vm, args, count, 2, size)) {
    return vm.failure;
  }
  if (size < 0) return vm::throw_arg_error(vm, 2, "size");
  if (!is_inside(*buffer, offset, static_cast<std::uint32_t>(size))) return throw_bounds(vm);
  return return_bytes(vm, args, count, 3, *buffer, static_cast<std::size_t>(offset),
                      static_cast<std::size_t>(size));
}

int buffer_writestring(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  int offset;
  String* text;
  int size;
  if (!arg_buffer(vm, args, count, 0, buffer) || !arg_int(vm, args, count, 1, offset) ||
      !vm::arg_string(vm, args, count, 2, text) ||
      !opt_int(vm, args, count, 3, to_int(text->size), size)) {
    return vm.failure;
  }
  if (size < 0) return vm::throw_arg_error(vm, 3, "count");
  if (static_cast<std::uint32_t>(size) > text->size) {
    return vm::throw_error(vm, "string length overflow");
  }
  if (!is_inside(*buffer, offset, static_cast<std::uint32_t>(size))) return throw_bounds(vm);
  return in_pieces(vm, args, count, 4, static_cast<std::size_t>(size),
                   [buffer, offset, text](std::size_t from, std::size_t to) {
                     std::memcpy(buffer->data() + offset + from, text->data() + from, to - from);
                   });
}

int buffer_len(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  if (!arg_buffer(vm, args, count, 0, buffer)) return vm.failure;
  return return_number(args, buffer->size);
}

int buffer_copy(Vm& vm, Value* args, int count) {
  Buffer* target;
  int target_offset;
  Buffer* source;
  int source_offset;
  int size;
  if (!arg_buffer(vm, args, count, 0, target) || !arg_int(vm, args, count, 1, target_offset) ||
      !arg_buffer(vm, args, count, 2, source) || !opt_int(vm, args, count, 3, 0, source_offset) ||
      !opt_int(vm, args, count, 4, to_int(static_cast<double>(source->size) - source_offset),
               size)) {
    return vm.failure;
  }
  if (size < 0 || !is_inside(*source, source_offset, static_cast<std::uint32_t>(size)) ||
      !is_inside(*target, target_offset, static_cast<std::uint32_t>(size))) {
    return throw_bounds(vm);
  }
  // What is still to be read must not be written over: from the end, where the target lies behind.
  const bool is_backward = target == source && target_offset > source_offset;
  const auto bytes = static_cast<std::size_t>(size);
  return in_pieces(vm, args, count, 5, bytes, [=](std::size_t from, std::size_t to) {
    const std::size_t first = is_backward ? bytes - to : from;
    std::memmove(target->data() + target_offset + first, source->data() + source_offset + first,
                 to - from);
  });
}

int buffer_fill(Vm& vm, Value* args, int count) {
  Buffer* buffer;
  int offset;
  std::uint32_t value;
  int size;
  if (!arg_buffer(vm, args, count, 0, buffer) || !arg_int(vm, args, count, 1, offset) ||
      !arg_unsigned(vm, args, count, 2, value) ||
      !opt_int(vm, args, count, 3, to_int(static_cast<double>(buffer->size) - offset), size)) {
    return vm.failure;
  }
  if (size < 0 || !is_inside(*buffer, offset, static_cast<std::uint32_t>(size))) {
    return throw_bounds(vm);
  }
  return in_pieces(vm, args, count, 4, static_cast<std::size_t>(size),
                   [buffer, offset, value](std::size_t from, std::size_t to) {
                     std::memset(buffer->data() + offset + from, static_cast<int>(value & 0xff),
                                 to - from);
                   });
}

}  // namespace

std::span<const BuiltinRow> buffer_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:buffer.create", buffer_create},
      {"luau:buffer.fromstring", buffer_fromstring},
      {"luau:buffer.tostring", buffer_tostring},
      {"luau:buffer.readi8", read_whole<std::int8_t>},
      {"luau:buffer.readu8", read_whole<std::uint8_t>},
      {"luau:buffer.readi16", read_whole<std::int16_t>},
      {"luau:buffer.readu16", read_whole<std::uint16_t>},
      {"luau:buffer.readi32", read_whole<std::int32_t>},
      {"luau:buffer.readu32", read_whole<std::uint32_t>},
      {"luau:buffer.readf32", read_float<float>},
      {"luau:buffer.readf64", read_float<double>},
      {"luau:buffer.writei8", write_whole<std::int8_t>},
      {"luau:buffer.writeu8", write_whole<std::uint8_t>},
      {"luau:buffer.writei16", write_whole<std::int16_t>},
      {"luau:buffer.writeu16", write_whole<std::uint16_t>},
      {"luau:buffer.writei32", write_whole<std::int32_t>},
      {"luau:buffer.writeu32", write_whole<std::uint32_t>},
      {"luau:buffer.writef32", write_float<float>},
      {"luau:buffer.writef64", write_float<double>},
      {"luau:buffer.readstring", buffer_readstring},
      {"luau:buffer.writestring", buffer_writestring},
      {"luau:buffer.len", buffer_len},
      {"luau:buffer.copy", buffer_copy},
      {"luau:buffer.fill", buffer_fill},
      {"luau:buffer.readbits", buffer_readbits},
      {"luau:buffer.writebits", buffer_writebits},
  };
  return kRows;
}

}  // namespace moonlet::stdlib::luau
