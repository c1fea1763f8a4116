// Bounds that sources are held to. They are part of what messages say.
#pragma once

#include "bytecode/instruction.hpp"

namespace moonlet::frontend {

inline constexpr int kMaxLocals = 200;
inline constexpr int kMaxUpvalues = 255;
inline constexpr int kMaxRegisters = bytecode::kMaxRegisters;
inline constexpr int kMaxChildren = bytecode::kMaxBx + 1;
inline constexpr int kMaxLabels = 32767;
// Nested statements and subexpressions. The reference implementation stops at 200 C calls, and
// three of them are taken when `load` starts to compile.
inline constexpr int kMaxSyntaxLevels = 197;
inline constexpr int kItemsPerFlush = 50;

}  // namespace moonlet::frontend
