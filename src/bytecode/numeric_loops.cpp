#include "bytecode/numeric_loops.hpp"

#include "bytecode/operands.hpp"

namespace moonlet::bytecode {

std::expected<std::vector<NumericLoop>, CodeError> find_numeric_loops(
    std::span<const std::uint32_t> code) {
  std::vector<NumericLoop> loops;
  std::vector<NumericLoop> open;  // around pc, innermost last
  for (std::size_t pc = 0; pc < code.size(); pc = next_start(code, pc)) {
    const Instruction i = code[pc];
    const Effect effect = info(opcode(i)).effect;
    if (effect == Effect::ForPrep) {
      const std::size_t last = pc + 1 + op_bx(i);
      // That `last` is an instruction and a ForLoop is seen when it is reached.
      if (last >= code.size() || (!open.empty() && last >= open.back().last)) {
        return std::unexpected(
            CodeError{pc, "numeric loop does not end inside the loop around it"});
      }
      open.push_back({static_cast<std::uint32_t>(pc + 1), static_cast<std::uint32_t>(last),
                      static_cast<std::uint8_t>(op_a(i))});
      loops.push_back(open.back());
    } else if (effect == Effect::ForLoop) {
      if (open.empty() || open.back().last != pc || open.back().base != op_a(i) ||
          pc + 1 - op_bx(i) != open.back().first) {
        return std::unexpected(CodeError{pc, "ForLoop does not belong to a ForPrep"});
      }
      open.pop_back();
    }
    if (!open.empty() && open.back().last < next_start(code, pc)) {
      return std::unexpected(
          CodeError{open.back().first - 1, "ForPrep does not lead to a ForLoop"});
    }
  }
  return loops;
}

}  // namespace moonlet::bytecode
