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
  explicit ChunkReader(std::string_view bytes) : rest_(bytes) {}

  std::expected<Chunk, std::string> read() {
    check_header();
    Chunk chunk;
    read_list(chunk.strings, 1, [this] { return read_string(); });
    read_list(chunk.functions, kMinFunctionSize, [this] { return read_function(); });
    if (!rest_.empty()) fail("corrupted chunk");
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

  Function read_function() {
    Function function;
    function.source = read_name();
    function.line_defined = read_number();
    function.last_line_defined = read_number();
    function.parameter_count = read_byte();
    const unsigned flags = read_byte_up_to(3);
    function.is_vararg = (flags & 1) != 0;
    function.max_stack = read_byte();
    const std::size_t word_count = read_count(kWordSize);
    function.code.reserve(word_count);
    for (std::size_t n = 0; n < word_count; ++n) {
      function.code.push_back(read_fixed<std::uint32_t>());
    }
    const std::string_view heights = read_bytes(word_count);
    function.heights.assign(heights.begin(), heights.end());
    read_list(function.constants, 1, [this] { return read_constant(); });
    read_list(function.upvalues, kMinUpvalueSize, [this] { return read_upvalue(); });
    read_list(function.children, 1, [this] { return read_number(); });
    if ((flags & 2) != 0) read_lines(function.lines, word_count);
    std::uint32_t start = 0;
    read_list(function.locals, kMinLocalSize, [this, &start] { return read_local(start); });
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

  void read_lines(List<std::int32_t>& lines, std::size_t count) {
    if (count == 0) return fail("corrupted chunk");
    if (count > rest_.size()) return fail_truncated();
    lines.reserve(count);
    std::uint32_t line = 0;
    for (std::size_t n = 0; n < count; ++n) {
      const std::uint32_t zigzag = read_number();
      line += zigzag >> 1 ^ ((zigzag & 1) != 0 ? 0xffffffff : 0);
      lines.push_back(static_cast<std::int32_t>(line));
    }
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
    if (count <= rest_.size() / item_size) return count;
    fail_truncated();
    return 0;
  }

  template <class Items, class ReadItem>
  void read_list(Items& items, std::size_t item_size, ReadItem read_item) {
    const std::size_t count = read_count(item_size);
    items.reserve(count);
    for (std::size_t n = 0; n < count && error_.empty(); ++n) items.push_back(read_item());
  }

  std::uint32_t read_number() {
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
    Word word = 0;
    const std::string_view bytes = read_bytes(sizeof word);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      word |= static_cast<Word>(static_cast<unsigned char>(bytes[n])) << (8 * n);
    }
    return word;
  }

  std::uint8_t read_byte() {
    const std::string_view byte = read_bytes(1);
    return byte.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(byte[0]);
  }

  std::string_view read_bytes(std::size_t count) {
    if (count > rest_.size()) {
      fail_truncated();
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  void fail_truncated() { fail("truncated chunk"); }

  void fail(std::string_view reason) {
    if (error_.empty()) error_ = reason;
    rest_ = {};
  }

  std::string_view rest_;
  std::string_view error_;  // reason, empty: none
};

}  // namespace

std::expected<Chunk, std::string> undump(std::string_view bytes) {
  return ChunkReader(bytes).read();
}

}  // namespace moonlet::bytecode
