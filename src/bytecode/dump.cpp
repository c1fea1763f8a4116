#include <bit>
#include <vector>

#include "bytecode/binary_chunk.hpp"
#include "bytecode/chunk_header.hpp"

namespace moonlet::bytecode {

namespace {

// Numbers strings in the order in which they are asked for.
class StringNumbers {
 public:
  explicit StringNumbers(const Chunk& chunk) : chunk_(chunk), numbers_(chunk.strings.size(), 0) {}

  std::uint32_t number(std::uint32_t index) {
    if (numbers_[index] == 0) {
      order_.push_back(index);
      numbers_[index] = static_cast<std::uint32_t>(order_.size());
    }
    return numbers_[index] - 1;
  }

  std::size_t count() const { return order_.size(); }
  const std::string& string(std::size_t number) const { return chunk_.strings[order_[number]]; }

 private:
  const Chunk& chunk_;
  std::vector<std::uint32_t> numbers_;  // by index; plus one, 0: not asked for
  std::vector<std::uint32_t> order_;    // indices
};

class ChunkWriter {
 public:
  ChunkWriter(const Chunk& chunk, Strip strip)
      : chunk_(chunk), is_stripped_(strip == Strip::Yes), strings_(chunk) {}

  // Functions come first, since they say which strings there are.
  std::string write() {
    for (std::size_t index = 0; index < chunk_.functions.size(); ++index) {
      write_function(chunk_.functions[index], index == 0);
    }
    const std::string functions = std::move(out_);
    out_.clear();
    for (const HeaderPiece& piece : kHeader) out_ += piece.bytes;
    write_strings();
    write_number(chunk_.functions.size());
    return std::move(out_) + functions;
  }

 private:
  // The name "=?" of stripped sources is string 0, which no constant shares.
  void write_strings() {
    write_number(strings_.count() + first_string());
    if (is_stripped_) write_string("=?");
    for (std::size_t number = 0; number < strings_.count(); ++number) {
      write_string(strings_.string(number));
    }
  }

  std::uint32_t first_string() const { return is_stripped_ ? 1 : 0; }

  void write_function(const Function& function, bool is_main) {
    write_source(function, is_main);
    write_number(function.line_defined);
    write_number(function.last_line_defined);
    write_byte(function.parameter_count);
    const bool has_lines = !is_stripped_ && !function.lines.empty();
    write_byte((function.is_vararg ? 1 : 0) | (has_lines ? 2 : 0));
    write_byte(function.max_stack);
    write_number(function.code.size());
    for (const std::uint32_t word : function.code) write_fixed(word);
    for (std::size_t pc = 0; pc < function.code.size(); ++pc) write_byte(function.heights[pc]);
    write_number(function.constants.size());
    for (const Constant& constant : function.constants) write_constant(constant);
    write_number(function.upvalues.size());
    for (const Upvalue& upvalue : function.upvalues) {
      write_byte(upvalue.from_parent_register ? 1 : 0);
      write_byte(upvalue.index);
      write_name(is_stripped_ ? kNoString : upvalue.name);
    }
    write_number(function.children.size());
    for (const std::uint32_t child : function.children) write_number(child);
    if (has_lines) write_lines(function.lines);
    write_number(is_stripped_ ? 0 : function.locals.size());
    if (!is_stripped_) write_locals(function.locals);
  }

  void write_source(const Function& function, bool is_main) {
    if (!is_stripped_) return write_name(function.source);
    write_number(is_main ? 1 : 0);
  }

  void write_constant(const Constant& constant) {
    write_byte(static_cast<unsigned>(constant.kind));
    switch (constant.kind) {
      case Constant::Kind::Nil:
      case Constant::Kind::False:
      case Constant::Kind::True:
        return;
      case Constant::Kind::Integer:
        return write_fixed(static_cast<std::uint64_t>(constant.integer));
      case Constant::Kind::Float:
        return write_fixed(std::bit_cast<std::uint64_t>(constant.number));
      case Constant::Kind::String:
      case Constant::Kind::Builtin:
        return write_string_number(constant.string);
    }
  }

  // Differences wrap around, so that any sequence survives the trip.
  void write_lines(std::span<const std::int32_t> lines) {
    std::uint32_t previous = 0;
    for (const std::int32_t signed_line : lines) {
      const auto line = static_cast<std::uint32_t>(signed_line);
      const std::uint32_t difference = line - previous;
      write_number(difference << 1 ^ (difference >> 31 != 0 ? 0xffffffff : 0));
      previous = line;
    }
  }

  void write_locals(std::span<const LocalVariable> locals) {
    std::uint32_t previous = 0;
    for (const LocalVariable& local : locals) {
      write_string_number(local.name);
      write_number(std::uint32_t{local.start_pc - previous});
      write_number(std::uint32_t{local.end_pc - local.start_pc});
      previous = local.start_pc;
    }
  }

  void write_name(std::uint32_t string) {
    if (string == kNoString) return write_number(0);
    write_number(std::size_t{strings_.number(string)} + first_string() + 1);
  }

  void write_string_number(std::uint32_t string) {
    write_number(std::size_t{strings_.number(string)} + first_string());
  }

  void write_string(std::string_view string) {
    write_number(string.size());
    out_ += string;
  }

  void write_byte(unsigned byte) { out_ += static_cast<char>(byte); }

  template <class Word>
  void write_fixed(Word word) {
    for (std::size_t n = 0; n < sizeof word; ++n) {
      write_byte(static_cast<unsigned>(word >> (8 * n)) & 0xff);
    }
  }

  void write_number(std::size_t number) {
    for (; number >= 0x80; number >>= 7) write_byte(static_cast<unsigned>(number & 0x7f) | 0x80);
    write_byte(static_cast<unsigned>(number));
  }

  const Chunk& chunk_;
  const bool is_stripped_;
  StringNumbers strings_;
  std::string out_;
};

}  // namespace

std::string dump(const Chunk& chunk, Strip strip) { return ChunkWriter(chunk, strip).write(); }

}  // namespace moonlet::bytecode
