// Chunks as text, for people and golden files.
//
//   function 1: lines 3-5, 1 parameter, 4 registers
//     upvalue 0: _ENV, upvalue 0 of the parent
//     local x: 0 to 9
//        0     [4]    1  GetGlobal  r1 u0 "print"  ; _ENV
//
// A row of code is: position, line (a dash when stripped), height, name, operands, notes. Registers
// are r, upvalues u; constants are shown as values, children and jumps as in the instruction, with
// what they come to among the notes.
//
// The text depends on the chunk alone. Any chunk will do, verified or not: what is out of range
// is shown as a number with a question mark.
#pragma once

#include <cstdint>
#include <string>

#include "bytecode/chunk.hpp"

namespace moonlet::bytecode {

[[nodiscard]] std::string disassemble(const Chunk& chunk);

// REQUIRES: index < chunk.functions.size().
[[nodiscard]] std::string disassemble_function(const Chunk& chunk, std::size_t index);

// Name, operands and notes of the instruction whose first word is at pc.
// REQUIRES: pc < function.code.size().
[[nodiscard]] std::string disassemble_instruction(const Chunk& chunk, const Function& function,
                                                  std::size_t pc);

// A constant as Lua would write it; "builtin NAME" for native functions.
[[nodiscard]] std::string show_constant(const Chunk& chunk, const Constant& constant);

}  // namespace moonlet::bytecode
