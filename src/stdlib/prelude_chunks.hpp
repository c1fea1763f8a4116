#pragma once

#include <span>
#include <string_view>

namespace moonlet::stdlib {

// The parts of the guest libraries that are written in Lua (src/stdlib/prelude/), as the build
// compiled them.
struct PreludeChunk {
  std::string_view name;   // path below prelude/ without ".lua", with '/' between folders
  std::string_view bytes;  // for bytecode::undump()
};

// All of them, sorted by path. They live as long as the program. Any thread.
std::span<const PreludeChunk> prelude_chunks();

}  // namespace moonlet::stdlib
