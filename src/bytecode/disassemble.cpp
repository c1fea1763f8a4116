#include "bytecode/disassemble.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "bytecode/operands.hpp"

namespace moonlet::bytecode {

namespace {

constexpr std::size_t kShownBytes = 60;  // of a string constant
constexpr std::size_t kNameWidth = 10;
constexpr std::size_t kNoteColumn = 28;

std::string right_aligned(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

std::string left_aligned(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string counted(std::size_t count, std::string_view noun) {
  std::string text = std::to_string(count) + " " + std::string(noun);
  return count == 1 ? text : text + "s";
}

std::string show_string(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes.substr(0, kShownBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      // Three digits, so that a digit behind it is not taken for a part of it.
      text += '\\';
      text += static_cast<char>('0' + byte / 100);
      text += static_cast<char>('0' + byte / 10 % 10);
      text += static_cast<char>('0' + byte % 10);
    }
  }
  return text + (bytes.size() > kShownBytes ? "\"..." : "\"");
}

std::string show_string(const Chunk& chunk, std::uint32_t index) {
  if (index < chunk.strings.size()) return show_string(chunk.strings[index]);
  return std::to_string(index) + "?";
}

// A name as such; `missing` where there is none.
std::string show_name(const Chunk& chunk, std::uint32_t index, std::string_view missing) {
  if (index == kNoString) return std::string(missing);
  if (index < chunk.strings.size()) return chunk.strings[index];
  return std::to_string(index) + "?";
}

std::string show_float(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  std::string text(buffer.data(), end);
  const bool reads_as_integer = text.find_first_of(".e") == std::string::npos;
  return reads_as_integer ? text + ".0" : text;
}

// Collects the operands and notes of one instruction.
class InstructionText {
 public:
  InstructionText(const Chunk& chunk, const Function& function, std::size_t pc)
      : chunk_(chunk), function_(function), pc_(pc), instruction_(function.code[pc]) {}

  std::string text() {
    if (!has_opcode(instruction_)) return "? " + std::to_string(instruction_);
    const OpcodeInfo& row = info(opcode(instruction_));
    add_first_operand(row.a);
    switch (row.format) {
      case Format::ABC:
        add_operand(row.b, op_b(instruction_));
        add_operand(row.c, op_c(instruction_));
        break;
      case Format::ABx:
        add_operand(row.b, op_bx(instruction_));
        break;
      case Format::AsBx:
        operands_ += " " + std::to_string(op_sbx(instruction_));
        break;
      case Format::J:
        operands_ += " " + std::to_string(op_sj(instruction_));
        break;
    }
    add_aux();
    add_target(row);
    std::string line(row.name);
    if (!operands_.empty()) line = left_aligned(std::move(line), kNameWidth) + operands_;
    return notes_.empty() ? line : left_aligned(std::move(line), kNoteColumn) + "  ;" + notes_;
  }

 private:
  // A is always a register, if only as the place where others begin.
  void add_first_operand(Role role) {
    add_operand(role == Role::N ? Role::R : role, op_a(instruction_));
  }

  void add_operand(Role role, unsigned number) {
    const std::string digits = std::to_string(number);
    switch (role) {
      case Role::_:
        return;
      case Role::W:
      case Role::R:
      case Role::M:
        operands_ += " r" + digits;
        return;
      case Role::U:
        return add_upvalue(number);
      case Role::K:
        operands_ += " " + constant(number);
        return;
      case Role::P:
        return add_child(number);
      case Role::N:
      case Role::F:
        operands_ += " " + digits;
        return;
    }
  }

  void add_upvalue(unsigned number) {
    operands_ += " u" + std::to_string(number);
    if (number >= function_.upvalues.size()) {
      operands_ += "?";
    } else if (function_.upvalues[number].name != kNoString) {
      notes_ += " " + show_name(chunk_, function_.upvalues[number].name, "");
    }
  }

  void add_child(unsigned number) {
    operands_ += " " + std::to_string(number);
    if (number >= function_.children.size()) {
      operands_ += "?";
    } else {
      notes_ += " function " + std::to_string(function_.children[number]);
    }
  }

  void add_aux() {
    const AuxKind kind = aux_kind(opcode(instruction_));
    if (kind == AuxKind::None) return;
    if (pc_ + 1 >= function_.code.size()) {
      operands_ += " ?";
      return;
    }
    const std::uint32_t aux = function_.code[pc_ + 1];
    operands_ += " " + (kind == AuxKind::Number ? std::to_string(aux) : constant(aux));
  }

  // Tests and skips go on near by, as always; their own ways are not worth a note.
  void add_target(const OpcodeInfo& row) {
    const Successors after = successors(instruction_, static_cast<std::int64_t>(pc_));
    if (after.jump == kNowhere || row.effect == Effect::Test || row.effect == Effect::Skip) return;
    notes_ += " to " + std::to_string(after.jump);
    const bool is_outside =
        after.jump < 0 || after.jump >= static_cast<std::int64_t>(function_.code.size());
    if (is_outside) notes_ += "?";
  }

  std::string constant(std::size_t index) const {
    if (index >= function_.constants.size()) return "k" + std::to_string(index) + "?";
    return show_constant(chunk_, function_.constants[index]);
  }

  const Chunk& chunk_;
  const Function& function_;
  const std::size_t pc_;
  const Instruction instruction_;
  std::string operands_;
  std::string notes_;
};

std::string show_head(const Chunk& chunk, std::size_t index) {
  const Function& function = chunk.functions[index];
  std::string text = "function " + std::to_string(index) + ": ";
  if (function.source != kNoString) text += show_string(chunk, function.source) + ", ";
  text += "lines " + std::to_string(function.line_defined) + "-" +
          std::to_string(function.last_line_defined) + ", " +
          counted(function.parameter_count, "parameter") + (function.is_vararg ? " and more" : "") +
          ", " + counted(function.max_stack, "register") + "\n";
  for (std::size_t n = 0; n < function.upvalues.size(); ++n) {
    const Upvalue& upvalue = function.upvalues[n];
    text += "  upvalue " + std::to_string(n) + ": " + show_name(chunk, upvalue.name, "?") + ", " +
            (upvalue.from_parent_register ? "register " : "upvalue ") +
            std::to_string(upvalue.index) + " of the parent\n";
  }
  for (std::size_t n = 0; n < function.locals.size(); ++n) {
    const LocalVariable& local = function.locals[n];
    text += "  local " + show_name(chunk, local.name, "?") + ": " + std::to_string(local.start_pc) +
            " to " + std::to_string(local.end_pc) + "\n";
  }
  return text;
}

}  // namespace

std::string show_constant(const Chunk& chunk, const Constant& constant) {
  switch (constant.kind) {
    case Constant::Kind::Nil:
      return "nil";
    case Constant::Kind::False:
      return "false";
    case Constant::Kind::True:
      return "true";
    case Constant::Kind::Integer:
      return std::to_string(constant.integer);
    case Constant::Kind::Float:
      return show_float(constant.number);
    case Constant::Kind::String:
      return show_string(chunk, constant.string);
    case Constant::Kind::Builtin:
      return "builtin " + show_name(chunk, constant.string, "?");
  }
  return "?";
}

std::string disassemble_instruction(const Chunk& chunk, const Function& function, std::size_t pc) {
  return InstructionText(chunk, function, pc).text();
}

std::string disassemble_function(const Chunk& chunk, std::size_t index) {
  const Function& function = chunk.functions[index];
  std::string text = show_head(chunk, index);
  for (std::size_t pc = 0; pc < function.code.size(); pc = next_start(function.code, pc)) {
    const std::string line =
        pc < function.lines.size() ? std::to_string(function.lines[pc]) : std::string("-");
    const std::string height =
        pc < function.heights.size() ? std::to_string(function.heights[pc]) : std::string("-");
    text += right_aligned(std::to_string(pc), 6) + right_aligned("[" + line + "]", 8) +
            right_aligned(height, 5) + "  " + disassemble_instruction(chunk, function, pc) + "\n";
  }
  return text;
}

std::string disassemble(const Chunk& chunk) {
  std::string text;
  for (std::size_t index = 0; index < chunk.functions.size(); ++index) {
    if (index > 0) text += "\n";
    text += disassemble_function(chunk, index);
  }
  return text;
}

}  // namespace moonlet::bytecode
