// The part of verify() that looks at one function's code.
#pragma once

#include <expected>

#include "bytecode/chunk.hpp"
#include "bytecode/numeric_loops.hpp"

namespace moonlet::bytecode {

// REQUIRES: strings, constants, upvalues and children of the whole chunk have been checked.
[[nodiscard]] std::expected<void, CodeError> verify_code(const Chunk& chunk,
                                                         const Function& function);

}  // namespace moonlet::bytecode
