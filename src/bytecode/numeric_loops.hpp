// The numeric loops of a function's code: which positions trust which registers to be a prepared
// loop state.
//
//   first - 1   ForPrep A    falls in, or jumps to last + 1
//   first       body
//   ...
//   last        ForLoop A    jumps to first, or falls out
//
// The interpreter does not look at the types of R[A] .. R[A+2] in a ForLoop, so that between
// `first` and `last` nothing else may write them, no closure may capture them, and the only way in
// is the ForPrep. The verifier proves this of code; who restores a frame of a stopped program has
// to check the three registers of every loop around its position that are below the height there.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "bytecode/instruction.hpp"

namespace moonlet::bytecode {

struct NumericLoop {
  std::uint32_t first;
  std::uint32_t last;
  std::uint8_t base;  // A

  bool contains(std::size_t pc) const { return first <= pc && pc <= last; }
};

struct CodeError {
  std::size_t pc;
  std::string what;
};

// All loops by rising `first`; they nest or are apart. Fails where ForPrep and ForLoop do not pair
// up. REQUIRES: all opcodes are known, auxiliary words are inside the code.
[[nodiscard]] std::expected<std::vector<NumericLoop>, CodeError> find_numeric_loops(
    std::span<const std::uint32_t> code);

}  // namespace moonlet::bytecode
