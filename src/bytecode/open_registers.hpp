// Which registers may be named from outside of their frame.
//
// A register is *open* from a Closure that captures it, or a Tbc or TForPrep that marks it, until
// a Close at or below it. An open cell reads and writes its slot whatever the code says about
// liveness, and closing reads it: so the verifier requires open registers to stay alive.
#pragma once

#include <bitset>
#include <cstdint>
#include <vector>

#include "bytecode/chunk.hpp"
#include "bytecode/operands.hpp"

namespace moonlet::bytecode {

using RegisterSet = std::bitset<256>;

inline RegisterSet register_range(RegisterRange range) {
  if (range.end <= range.first) return {};
  return (~RegisterSet{} >> static_cast<std::size_t>(256 - (range.end - range.first)))
         << static_cast<std::size_t>(range.first);
}

// The registers of its parent that a function captures.
RegisterSet captured_registers(const Function& child);

// limits[pc]: before the instruction at pc, only registers below this can be open. Who restores a
// stopped frame has to refuse open cells and pending closes at or above it. Linear time.
// REQUIRES: all jumps of the function land inside it; children are indices of the chunk's
// functions.
std::vector<std::uint8_t> open_limits(const Chunk& chunk, const Function& function);

}  // namespace moonlet::bytecode
