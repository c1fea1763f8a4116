#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#include "bytecode/binary_chunk.hpp"
#include "bytecode/chunk_header.hpp"

namespace moonlet::bytecode {

namespace {

// Reads with one sticky error: after it, every read gives zero and every count is zero, so that
// loops end by themselves.
class ChunkReader {
 public:
  explicit ChunkReader(std::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::expected<Chunk, std::string> read() {
    check_header();
    Chunk chunk;
    const std::size_t string_count = read_count(1);
    chunk.strings.reserve(string_count);
    for (std::size_t n = 0; n < string_count && ok(); ++n) chunk.strings.push_back(read_string());
    const std::size_t function_count = read_count(kMinFunctionSize);
    chunk.functions.reserve(function_count);
    for (std::size_t n = 0; n < function_count && ok(); ++n) {
      chunk.memory.begin_function(static_cast<std::uint32_t>(n));
      chunk.functions.push_back(read_function(chunk.memory));
    }
    if (next_ != end_) fail("corrupted chunk");
    if (!error_.empty()) return std::unexpected("bad binary format (" + std::string(error_) + ")");
    return chunk;
  }

 private:
  // Fewest bytes of a function, and of other parts: what a count may claim at most.
  static constexpr std::size_t kMinFunctionSize = 11;
  static constexpr std::size_t kMinUpvalueSize = 3;
  static constexpr std::size_t kMinLocalSize = 3;
  static constexpr std::size_t kWordSize = 5;  // with its height

  void check_header() {
    for (const HeaderPiece& piece : kHeader) {
      const std::string_view found = read_bytes(piece.bytes.size());
      if (error_.empty() && found != piece.bytes) fail(piece.reason);
    }
  }

  Function read_function(ChunkMemory& memory) {
    Function function;
    function.source = read_name();
    function.line_defined = read_number();
    function.last_line_defined = read_number();
    function.parameter_count = read_byte();
    const unsigned flags = read_byte_up_to(3);
    function.is_vararg = (flags & 1) != 0;
    function.max_stack = read_byte();
    const std::size_t word_count = read_count(kWordSize);
    function.code = read_list<std::uint32_t>(memory, word_count,
                                             [this] { return read_fixed<std::uint32_t>(); });
    function.heights = read_list<std::uint8_t>(memory, word_count, [this] { return read_byte(); });
    function.constants =
        read_list<Constant>(memory, read_count(1), [this] { return read_constant(); });
    function.upvalues =
        read_list<Upvalue>(memory, read_count(kMinUpvalueSize), [this] { return read_upvalue(); });
    function.children =
        read_list<std::uint32_t>(memory, read_count(1), [this] { return read_number(); });
    if ((flags & 2) != 0) function.lines = read_lines(memory, word_count);
    std::uint32_t start = 0;
    function.locals = read_list<LocalVariable>(memory, read_count(kMinLocalSize),
                                               [this, &start] { return read_local(start); });
    return function;
  }

  Constant read_constant() {
    Constant constant;
    constant.kind =
        static_cast<Constant::Kind>(read_byte_up_to(static_cast<int>(Constant::Kind::Builtin)));
    switch (constant.kind) {
      case Constant::Kind::Nil:
      case Constant::Kind::False:
      case Constant::Kind::True:
        break;
      case Constant::Kind::Integer:
        constant.integer = static_cast<std::int64_t>(read_fixed<std::uint64_t>());
        break;
      case Constant::Kind::Float:
        constant.number = std::bit_cast<double>(read_fixed<std::uint64_t>());
        break;
      case Constant::Kind::String:
      case Constant::Kind::Builtin:
        constant.string = read_number();
        break;
    }
    return constant;
  }

  Upvalue read_upvalue() {
    Upvalue upvalue;
    upvalue.from_parent_register = read_byte_up_to(1) != 0;
    upvalue.index = read_byte();
    upvalue.name = read_name();
    return upvalue;
  }

  List<std::int32_t> read_lines(ChunkMemory& memory, std::size_t count) {
    if (count == 0) fail("corrupted chunk");
    if (count > size_left()) fail_truncated();
    std::uint32_t line = 0;
    return read_list<std::int32_t>(memory, ok() ? count : 0, [this, &line] {
      const std::uint32_t zigzag = read_number();
      line += zigzag >> 1 ^ ((zigzag & 1) != 0 ? 0xffffffff : 0);
      return static_cast<std::int32_t>(line);
    });
  }

  LocalVariable read_local(std::uint32_t& start) {
    LocalVariable local;
    local.name = read_number();
    start += read_number();
    local.start_pc = start;
    local.end_pc = start + read_number();
    return local;
  }

  std::string read_string() { return std::string(read_bytes(read_count(1))); }

  std::uint32_t read_name() {
    const std::uint32_t number = read_number();
    return number == 0 ? kNoString : number - 1;
  }

  // Reads a count of things that take at least `item_size` bytes each. Whatever claims more than
  // there is left is taken for the beginning of a longer chunk.
  std::size_t read_count(std::size_t item_size) {
    const std::uint32_t count = read_number();
    if (count <= size_left() / item_size) return count;
    fail_truncated();
    return 0;
  }

  // REQUIRES: there are as many bytes, or items that take at least one each.
  template <class Item, class ReadItem>
  List<Item> read_list(ChunkMemory& memory, std::size_t count, ReadItem read_item) {
    const std::span<Item> items = memory.take<Item>(count);
    for (Item& item : items) item = read_item();
    return List<Item>::lying_at(items);
  }

  std::uint32_t read_number() {
    if (next_ != end_ && static_cast<unsigned char>(*next_) < 0x80) [[likely]]
      return read_byte();
    std::uint32_t number = 0;
    for (unsigned shift = 0; shift <= 28; shift += 7) {
      const std::uint32_t byte = read_byte();
      if (shift == 28 && byte > 0xf) break;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        // Only the shortest form: no zero at the end.
        if (byte == 0 && shift > 0) break;
        return number;
      }
    }
    fail("integer overflow");
    return 0;
  }

  unsigned read_byte_up_to(unsigned limit) {
    const unsigned byte = read_byte();
    if (byte <= limit) return byte;
    fail("corrupted chunk");
    return 0;
  }

  template <class Word>
  Word read_fixed() {
    if (size_left() < sizeof(Word)) {
      fail_truncated();
      return 0;
    }
    Word word = 0;
    for (std::size_t n = 0; n < sizeof(Word); ++n) {
      word |= static_cast<Word>(static_cast<unsigned char>(next_[n])) << (8 * n);
    }
    next_ += sizeof(Word);
    return word;
  }

  std::uint8_t read_byte() {
    if (next_ == end_) {
      fail_truncated();
      return 0;
    }
    return static_cast<std::uint8_t>(*next_++);
  }

  std::string_view read_bytes(std::size_t count) {
    if (count > size_left()) {
      fail_truncated();
      return {};
    }
    const std::string_view bytes{next_, count};
    next_ += count;
    return bytes;
  }

  std::size_t size_left() const { return static_cast<std::size_t>(end_ - next_); }
  bool ok() const { return error_.empty(); }

  void fail_truncated() { fail("truncated chunk"); }

  void fail(std::string_view reason) {
    if (ok()) error_ = reason;
    next_ = end_;
  }

  const char* next_;
  const char* end_;
  std::string_view error_;  // reason, empty: none
};

}  // namespace

std::expected<Chunk, std::string> undump(std::string_view bytes) {
  return ChunkReader(bytes).read();
}

}  // namespace moonlet::bytecode
