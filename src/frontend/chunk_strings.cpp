#include "frontend/chunk_strings.hpp"

namespace moonlet::frontend {

ChunkStrings::FunctionUses& ChunkStrings::uses_of(std::uint32_t function_index) {
  if (function_index >= functions_.size()) functions_.resize(function_index + 1);
  return functions_[function_index];
}

void ChunkStrings::begin_function(std::uint32_t function_index) {
  owner_ = function_index + 1;
  uses_of(function_index).first = static_cast<std::uint32_t>(uses_.size());
}

void ChunkStrings::end_function() {
  FunctionUses& uses = functions_[owner_ - 1];
  uses.count = static_cast<std::uint32_t>(uses_.size()) - uses.first;
}

void ChunkStrings::give_number(Name* name) {
  if (name->string != bytecode::kNoString) return;
  name->string = static_cast<std::uint32_t>(names_.size());
  names_.push_back(name);
}

void ChunkStrings::add_use(Name* name) {
  name->string_owner = owner_;
  if (name->string == bytecode::kNoString) give_number(name);
  uses_.push_back(name->string);
}

void ChunkStrings::set_name(std::uint32_t function_index, Name* name) {
  uses_of(function_index).name = name;
  give_number(name);
}

void ChunkStrings::add_string(bytecode::Chunk& chunk, std::uint32_t number) {
  places_[number] = static_cast<std::uint32_t>(chunk.strings.size());
  chunk.strings.emplace_back(names_[number]->text());
}

void ChunkStrings::finish(bytecode::Chunk& chunk, Name* chunk_name, base::Pace* pace) {
  give_number(chunk_name);
  places_.assign(names_.size(), bytecode::kNoString);
  chunk.strings.reserve(names_.size());
  for (std::size_t n = 0; n < functions_.size(); ++n) {
    const FunctionUses& uses = functions_[n];
    if (uses.name != nullptr) chunk.functions[n].name = place(chunk, uses.name->string);
    for (std::uint32_t use = 0; use < uses.count; ++use) {
      if (use % 16 == 15 && pace != nullptr) pace->spend();
      place(chunk, uses_[uses.first + use]);
    }
    if (pace != nullptr)
      pace->spend(1 + static_cast<int>(chunk.functions[n].constants.size() / 64));
    renumber(chunk.functions[n]);
  }
  chunk.functions[0].source = place(chunk, chunk_name->string);
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
