// For tests: what a source compiles to, as text.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "bytecode/analysis.hpp"
#include "bytecode/disassemble.hpp"
#include "frontend/compile.hpp"

namespace moonlet::frontend::test {

template <typename Visit>
void for_each_instruction(const bytecode::Function& function, Visit visit) {
  for (std::size_t pc = 0; pc < function.code.size();
       pc += 1 + bytecode::info(bytecode::opcode(function.code[pc])).aux_words) {
    visit(pc);
  }
}

[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

// REQUIRES: the source is correct.
inline bytecode::Chunk compile(std::string_view source, const CompileOptions& options = {}) {
  auto result = compile_lua54(source, "=x", options);
  if (!result.has_value()) {
    give_up(result.error().message);
  }
  const auto builtins =
      options.is_prelude ? bytecode::AllowBuiltins::Yes : bytecode::AllowBuiltins::No;
  const auto verified = bytecode::verify(*result, builtins);
  if (!verified.has_value()) {
    give_up(verified.error() + "\n" + bytecode::disassemble(*result));
  }
  return std::move(*result);
}

// One instruction a line, without positions.
inline std::string listing(const bytecode::Chunk& chunk, std::size_t index = 0) {
  const bytecode::Function& function = chunk.functions.at(index);
  std::string text = "\n";
  for_each_instruction(function, [&](std::size_t pc) {
    std::string row = bytecode::disassemble_instruction(chunk, function, pc);
    row.resize(row.find_last_not_of(' ') + 1);
    // One space between name and operands, and before what the disassembler adds.
    for (std::size_t at = row.find("  "); at != std::string::npos; at = row.find("  ")) {
      row.erase(at, 1);
    }
    text += row + "\n";
  });
  return text;
}

inline std::string listing(std::string_view source, std::size_t index = 0) {
  return listing(compile(source), index);
}

// The lines of a function's instructions; runs of the same line once: "1 2 1".
inline std::string lines(std::string_view source, std::size_t index = 0) {
  const bytecode::Chunk chunk = compile(source);
  const bytecode::Function& function = chunk.functions.at(index);
  std::string text;
  std::int32_t last = -1;
  for_each_instruction(function, [&](std::size_t pc) {
    if (function.lines[pc] != last) {
      last = function.lines[pc];
      text += (text.empty() ? "" : " ") + std::to_string(last);
    }
  });
  return text;
}

}  // namespace moonlet::frontend::test
