// What the verifier and the compiler's last pass share: which registers hold a value where.
#pragma once

#include <expected>
#include <string>

#include "bytecode/chunk.hpp"

namespace moonlet::bytecode {

// Fills Function::heights. REQUIRES: heights[pc] holds the compiler's own bound (first free
// register before the instruction, operands included); the result is that bound lowered to the
// prefix of registers that are definitely initialised there.
void compute_heights(Function& function);

// Checks a chunk that came from outside in full (operands, constants, jumps, register
// initialisation, heights, open-top discipline, children, debug data). Accepts exactly what the
// interpreter can run safely; never recurses over the input.
// The error says what is wrong, and where: "function 3, instruction 17: ...".
[[nodiscard]] std::expected<void, std::string> verify(const Chunk& chunk);

}  // namespace moonlet::bytecode
