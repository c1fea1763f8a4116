// Chunks to functions of a Vm, and back.
#pragma once

#include "bytecode/chunk.hpp"
#include "vm/vm.hpp"

namespace moonlet::vm {

enum class ProtoOrigin : std::uint8_t { Script, Prelude };

// Makes the chunk's functions as objects of the Vm, and uses the chunk up; nullptr: out of memory.
// REQUIRES: verified, or made by a front end. Names in `builtin_names` resolve Builtin constants
// (prelude). `strings`, when given, are the objects of chunk.strings (thawing keeps them). `pace`,
// when given, is spent; a load that was cancelled gives nullptr.
[[nodiscard]] Proto* load_chunk(Vm& vm, bytecode::Chunk&& chunk, ProtoOrigin origin,
                                const std::vector<String*>* strings = nullptr,
                                base::Pace* pace = nullptr);
// A closure of main with fresh upvalues, the first holding `environment`.
[[nodiscard]] Closure* new_main_closure(Vm& vm, Proto* proto, const Value& environment);
// The function and all inside it as plain data (string.dump, freezing).
[[nodiscard]] bytecode::Chunk to_chunk(const Proto& proto);

}  // namespace moonlet::vm
