// Chunks made by hand, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bytecode/analysis.hpp"

namespace moonlet::bytecode::test {

// Constants of every function made here.
enum : unsigned { kNameK, kIntegerK, kFloatK, kNilK, kTrueK };

inline std::vector<Constant> test_constants() {
  std::vector<Constant> constants(5);
  constants[kNameK].kind = Constant::Kind::String;
  constants[kNameK].string = 1;
  constants[kIntegerK].kind = Constant::Kind::Integer;
  constants[kIntegerK].integer = 7;
  constants[kFloatK].kind = Constant::Kind::Float;
  constants[kFloatK].number = 2.5;
  constants[kTrueK].kind = Constant::Kind::True;
  return constants;
}

// A function of ten registers, two parameters, and one upvalue, which is that of its parent. The
// heights are the highest that the code allows.
inline Function make_function(std::vector<std::uint32_t> code) {
  Function function;
  function.parameter_count = 2;
  function.is_vararg = true;
  function.max_stack = 10;
  function.code = std::move(code);
  function.heights.assign(function.code.size(), function.max_stack);
  function.constants = test_constants();
  function.upvalues = {{false, 0, kNoString}};
  compute_heights(function);
  return function;
}

inline Chunk make_chunk(std::vector<std::uint32_t> code) {
  Chunk chunk;
  chunk.strings = {"@test.lua", "name", "_ENV"};
  chunk.functions.push_back(make_function(std::move(code)));
  chunk.functions[0].source = 0;
  chunk.functions[0].upvalues[0].name = 2;
  return chunk;
}

// Adds a child to main that captures the registers.
inline void add_child(Chunk& chunk, std::vector<std::uint8_t> captured) {
  Function child = make_function({make_abc(Opcode::Return0, 0, 0, 0)});
  for (const std::uint8_t index : captured) child.upvalues.push_back({true, index, kNoString});
  chunk.functions[0].children.push_back(static_cast<std::uint32_t>(chunk.functions.size()));
  chunk.functions.push_back(std::move(child));
}

inline constexpr Instruction kReturn = make_abc(Opcode::Return0, 0, 0, 0);
inline constexpr Instruction kReturnClose = make_abc(Opcode::ReturnClose, 0, 1, 0);

// "" when the chunk verifies, else the error.
inline std::string verdict(const Chunk& chunk, AllowBuiltins builtins = AllowBuiltins::No) {
  const auto result = verify(chunk, builtins);
  return result ? "" : result.error();
}

inline std::string verdict_of_code(std::vector<std::uint32_t> code) {
  return verdict(make_chunk(std::move(code)));
}

}  // namespace moonlet::bytecode::test
