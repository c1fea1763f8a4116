// Chunks as bytes: what string.dump returns and load takes.
//
// The file begins with the header of PUC-Rio's Lua 5.4, because scripts look at it:
//
//   1B 'L' 'u' 'a'  54  00  19 93 '\r' '\n' 1A '\n'  04 08 08  int64 0x5678  double 370.5
//
// then comes Moonlet's own body, which no other Lua can run (nor can Moonlet run theirs):
//
//   chunk     'M' 'L' version(1)  count string*  count function*
//   string    count byte*
//   function  source:name line_defined last_line_defined parameter_count:byte flags:byte
//             max_stack:byte  count word* height*  count constant*  count upvalue*
//             count child*  line*  count local*
//   flags     1 vararg, 2 there are lines (as many as words)
//   word      4 bytes; height, byte: 1 byte; a height for each word
//   constant  kind:byte, then Integer 8 bytes, Float 8 bytes, String and Builtin a string number
//   upvalue   0 or 1 (from the parent's register) index:byte name
//   line      difference to the one before, zigzag
//   local     string number, start less the start of the one before, end less start
//   name      0, or string number + 1
//
// Where nothing is said, numbers are unsigned LEB128 of at most 32 bits in their shortest form;
// fixed widths are little-endian. Strings are numbered in the order of their first use and unused
// ones left out, so that equal programs are equal bytes, and each chunk has one form.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "bytecode/chunk.hpp"

namespace moonlet::bytecode {

// Stripping drops lines, locals, names of upvalues, and the source, which becomes "=?".
enum class Strip : std::uint8_t { No, Yes };

// REQUIRES: the chunk is verified, or a front end made it.
[[nodiscard]] std::string dump(const Chunk& chunk, Strip strip);

// Only says that the bytes are a chunk; whether it may run is for verify() to say. Memory is
// bounded by the size of the input. The error has no chunk name in front:
// "bad binary format (truncated chunk)".
[[nodiscard]] std::expected<Chunk, std::string> undump(std::string_view bytes);

}  // namespace moonlet::bytecode
