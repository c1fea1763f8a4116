// Interned texts of one compilation: names, and the values of string literals. Equal texts are one
// Name, so that everything after the lexer compares pointers, and whatever is known about a name at
// the moment hangs on it: its innermost variable, its label, its place among the constants.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "bytecode/chunk.hpp"
#include "frontend/arena.hpp"

namespace moonlet::frontend {

struct Local;
struct Label;

struct Name {
  const char* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t reserved_word = 0;  // the language's token, 0 for an ordinary name

  // Kept by the scope: what the name means at the place that is being parsed.
  Local* binding = nullptr;
  Label* label = nullptr;

  // Kept by the code generator.
  std::uint32_t string = bytecode::kNoString;  // index into ChunkStrings
  std::uint32_t string_owner = 0;              // number of the function that used it last
  std::uint32_t constant_owner = 0;            // number of the function that has it in its
  std::uint32_t constant_index = 0;            //   constants, and where

  std::string_view text() const { return {data, size}; }
};

class NameTable {
 public:
  explicit NameTable(Arena& arena);

  // The text must outlive the table.
  Name* intern(std::string_view text) { return find_or_add(text, false); }
  // Copies a text that is new.
  Name* intern_copy(std::string_view text) { return find_or_add(text, true); }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Name* name = nullptr;
  };

  Name* find_or_add(std::string_view text, bool copy);
  void grow();

  Arena& arena_;
  std::uint64_t seed_;
  std::size_t count_ = 0;
  std::size_t mask_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace moonlet::frontend
