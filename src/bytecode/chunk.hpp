// A compiled chunk as plain data: what a front end makes, the verifier checks, dump writes, and
// the loader turns into objects of a Vm or an image. It holds no pointer and no Value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bytecode/chunk_memory.hpp"
#include "bytecode/instruction.hpp"
#include "bytecode/list.hpp"

namespace moonlet::bytecode {

struct Constant {
  // Builtin names a native function by its stable name; only the prelude has such constants.
  enum class Kind : std::uint8_t { Nil, False, True, Integer, Float, String, Builtin };
  Kind kind = Kind::Nil;
  union {
    std::int64_t integer = 0;  // Integer
    double number;             // Float
    std::uint32_t string;      // String, Builtin: index into Chunk::strings
  };
};
static_assert(sizeof(Constant) == 16);

inline constexpr std::uint32_t kNoString = 0xffffffff;

struct Upvalue {
  bool from_parent_register = false;  // else from the parent's upvalue `index`
  std::uint8_t index = 0;
  std::uint32_t name = kNoString;
};

struct LocalVariable {
  std::uint32_t name = 0;
  std::uint32_t start_pc = 0;  // first position at which it is active
  std::uint32_t end_pc = 0;    // first position at which it is dead
  // The register is not stored: as in the reference implementation, the n-th variable active at a
  // position lives in register n - 1.
};

struct Function {
  // What its definition calls it (frontend/function_names.hpp); of main, the module's name. It is
  // not dumped.
  std::uint32_t name = kNoString;
  std::uint32_t source = kNoString;  // chunk name with its '@', '=' or none; main carries it
  std::uint32_t line_defined = 0;    // 0 for main
  std::uint32_t last_line_defined = 0;
  std::uint8_t parameter_count = 0;
  bool is_vararg = false;
  std::uint8_t max_stack = 2;
  List<std::uint32_t> code;
  // heights[pc]: registers 0 .. heights[pc]-1 are live before the instruction at pc, all others are
  // dead and never read (collector, freezing). Aux words have 0.
  List<std::uint8_t> heights;
  List<Constant> constants;
  List<Upvalue> upvalues;
  List<std::uint32_t> children;  // indices into Chunk::functions, each used once, > own index
  List<std::int32_t> lines;      // per word; empty when stripped
  List<LocalVariable> locals;    // by start_pc; empty when stripped
};

struct Chunk {
  std::vector<std::string> strings;
  std::vector<Function> functions;  // [0] is main: vararg, one upvalue (_ENV)
  ChunkMemory memory;               // where lists of the functions may lie
};

}  // namespace moonlet::bytecode
