#include "frontend/chunk_strings.hpp"

namespace moonlet::frontend {

ChunkStrings::FunctionUses& ChunkStrings::uses_of(std::uint32_t function_index) {
  if (function_index >= functions_.size()) functions_.resize(function_index + 1);
  return functions_[function_index];
}

void ChunkStrings::begin_function(std::uint32_t function_index) {
  owner_ = function_index + 1;
  FunctionUses& uses = uses_of(function_index);
  uses.first = uses.end = uses_.size();
}

std::uint32_t ChunkStrings::number(Name* name) {
  if (name->string == bytecode::kNoString) {
    name->string = static_cast<std::uint32_t>(names_.size());
    names_.push_back(name);
  }
  return name->string;
}

void ChunkStrings::add_use(Name* name) {
  name->string_owner = owner_;
  uses_.push_back(number(name));
  functions_[owner_ - 1].end = uses_.size();
}

void ChunkStrings::set_name(std::uint32_t function_index, Name* name) {
  uses_of(function_index).name = name;
}

std::uint32_t ChunkStrings::place(bytecode::Chunk& chunk, Name* name) {
  std::uint32_t& place = places_[name->string];
  if (place == bytecode::kNoString) {
    place = static_cast<std::uint32_t>(chunk.strings.size());
    chunk.strings.emplace_back(name->text());
  }
  return place;
}

void ChunkStrings::finish(bytecode::Chunk& chunk, Name* chunk_name) {
  number(chunk_name);
  for (const FunctionUses& uses : functions_) {
    if (uses.name != nullptr) number(uses.name);
  }
  places_.assign(names_.size(), bytecode::kNoString);
  chunk.strings.reserve(names_.size());
  for (std::size_t n = 0; n < functions_.size(); ++n) {
    const FunctionUses& uses = functions_[n];
    if (uses.name != nullptr) chunk.functions[n].name = place(chunk, uses.name);
    for (std::size_t use = uses.first; use < uses.end; ++use) {
      place(chunk, names_[uses_[use]]);
    }
    renumber(chunk.functions[n]);
  }
  chunk.functions[0].source = place(chunk, chunk_name);
}

void ChunkStrings::renumber(bytecode::Function& function) const {
  using Kind = bytecode::Constant::Kind;
  for (bytecode::Constant& constant : function.constants) {
    if (constant.kind == Kind::String || constant.kind == Kind::Builtin) {
      constant.string = places_[constant.string];
    }
  }
  for (bytecode::Upvalue& upvalue : function.upvalues) upvalue.name = places_[upvalue.name];
  for (bytecode::LocalVariable& local : function.locals) local.name = places_[local.name];
}

}  // namespace moonlet::frontend
