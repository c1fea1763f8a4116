// What the verifier and the compiler's last pass share: which registers hold a value where.
#pragma once

#include <expected>
#include <string>

#include "base/pace.hpp"
#include "bytecode/chunk.hpp"

namespace moonlet::bytecode {

// Fills Function::heights. REQUIRES: heights[pc] holds the compiler's own bound (first free
// register before the instruction, operands included); the result is that bound lowered to the
// prefix of registers that are definitely initialised there. Three bounds are not the compiler's:
// auxiliary words have 0, an instruction that takes an open list has the list's first register, and
// a Close has all that is initialised.
void compute_heights(Function& function);

// The same, where the three are filled in. REQUIRES: as many heights as words.
void lower_heights(Function& function, base::Pace* pace = nullptr);

// Constants of kind Builtin reach native functions that scripts must not have.
enum class AllowBuiltins : std::uint8_t { No, Yes };

// Checks a chunk that came from outside in full (operands, constants, jumps, register
// initialisation, heights, open-top discipline, loops, open registers, children, debug data).
// Accepts exactly what the interpreter can run safely; never recurses over the input; takes time
// and memory in proportion to its size. Of every instruction, reachable or not, it holds that
//
//   - registers below heights[pc] hold values, and no others are read from there on before they are
//     written: a frame may be stopped, collected and frozen at every position;
//   - registers that a closure captured or a Tbc or TForPrep marked stay below heights[pc] until a
//     Close at or below them, which has to come before the jump when a jump leaves their block
//     for a place where they are not initialised; calls and Concat only happen above them; TailCall
//     without C and Return, Return0 and Return1 only without them;
//   - the state of a numeric loop is what its ForPrep and ForLoop made of it.
//
// The error says what is wrong, and where: "function 3, instruction 17: ...".
[[nodiscard]] std::expected<void, std::string> verify(const Chunk& chunk,
                                                      AllowBuiltins builtins = AllowBuiltins::No);

}  // namespace moonlet::bytecode
