// The strings of a chunk while its functions are being made. They stand in the chunk in the order
// in which its functions use them, but code is made for inner functions first: until all of them
// are there, a function names a string by a number of this table.
#pragma once

#include <cstdint>
#include <vector>

#include "bytecode/chunk.hpp"
#include "frontend/name.hpp"

namespace moonlet::frontend {

class ChunkStrings {
 public:
  // What is used between the two is used by this function.
  void begin_function(std::uint32_t function_index);
  void end_function();
  std::uint32_t use(Name* name) {
    if (name->string_owner != owner_) add_use(name);
    return name->string;
  }

  // What the definition calls a function comes before everything that it uses.
  void set_name(std::uint32_t function_index, Name* name);
  bool has_name(std::uint32_t function_index) const {
    return function_index < functions_.size() && functions_[function_index].name != nullptr;
  }

  // Fills in Chunk::strings, and their numbers in all functions. The chunk name comes last.
  void finish(bytecode::Chunk& chunk, Name* chunk_name, base::Pace* pace);

 private:
  struct FunctionUses {
    Name* name = nullptr;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  FunctionUses& uses_of(std::uint32_t function_index);
  void add_use(Name* name);
  void give_number(Name* name);
  std::uint32_t place(bytecode::Chunk& chunk, std::uint32_t number) {
    if (places_[number] == bytecode::kNoString) add_string(chunk, number);
    return places_[number];
  }
  void add_string(bytecode::Chunk& chunk, std::uint32_t number);
  void renumber(bytecode::Function& function) const;

  std::uint32_t owner_ = 0;  // 1 + index of the function
  std::vector<Name*> names_;
  std::vector<std::uint32_t> uses_;  // those of a function in a row, each once
  std::vector<FunctionUses> functions_;
  std::vector<std::uint32_t> places_;  // in the chunk, by number
};

}  // namespace moonlet::frontend
