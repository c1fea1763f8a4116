// Which registers may be named from outside of their frame.
//
// A register is *open* from a Closure that captures it, or a Tbc or TForPrep that marks it, until
// a Close at or below it. An open cell reads and writes its slot whatever the code says about
// liveness, and closing reads it: so the verifier requires open registers to stay alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bytecode/chunk.hpp"
#include "bytecode/register_set.hpp"

namespace moonlet::bytecode {

// The registers of its parent that a function captures.
RegisterSet captured_registers(const Function& child);

// The registers that an instruction opens. `captures` are the sets of the function's children.
RegisterSet opened_registers(Instruction instruction, std::span<const RegisterSet> captures);

// The registers that may be open before each instruction of a function: those that are on some
// way to it. Whoever restores a stopped frame has to refuse open cells and pending closes of other
// registers.
//
// Sets flow between basic blocks and only grow. Blocks are visited in rounds, in their order, so
// that code from a compiler needs one or two visits of most blocks, however its loops nest. Code
// that was made to need 250, one for each register, is given up.
class OpenRegisters {
 public:
  // `captures` are the sets of the function's children; both are kept by reference. Nothing when
  // the code needs too many visits, never for a verified function.
  // REQUIRES: operands are in range and jumps land on instructions.
  static std::optional<OpenRegisters> try_make(std::span<const std::uint32_t> code,
                                               std::span<const RegisterSet> captures);

  // Before the instruction at pc. Takes time in proportion to the length of its basic block.
  RegisterSet at(std::size_t pc) const;

  // at(pc) for all positions, and limit() of it, in linear time.
  std::vector<RegisterSet> sets() const;
  std::vector<std::uint8_t> limits() const;

 private:
  OpenRegisters(std::span<const std::uint32_t> code, std::span<const RegisterSet> captures)
      : code_(code), captures_(captures) {}

  struct Block {
    std::size_t first;
    std::size_t last;    // its last instruction
    RegisterSet in;      // open before
    RegisterSet opened;  // open behind, if nothing was before
    RegisterSet kept;    // stay open if they were
  };

  template <class Visit>
  void walk(Visit visit) const;
  void find_blocks();
  void summarise_blocks();
  [[nodiscard]] bool settle();
  // Behind the instruction, given what is open before.
  RegisterSet step(std::size_t pc, const RegisterSet& before) const;

  std::span<const std::uint32_t> code_;
  std::span<const RegisterSet> captures_;
  std::vector<Block> blocks_;
  std::vector<std::uint32_t> block_at_;  // by position
};

}  // namespace moonlet::bytecode
