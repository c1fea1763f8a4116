// The part of verify() that looks at single words: opcodes, operands, jump targets.
#pragma once

#include <expected>
#include <vector>

#include "bytecode/chunk.hpp"
#include "bytecode/numeric_loops.hpp"

namespace moonlet::bytecode {

// Checks that the words are a sequence of known instructions with operands in range, whose jumps
// land on instructions. Returns, for every word, whether an instruction starts there.
[[nodiscard]] std::expected<std::vector<bool>, CodeError> verify_operands(const Function& function);

}  // namespace moonlet::bytecode
