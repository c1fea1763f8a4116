#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace moonlet::stdlib {

// The parts of the guest libraries that are written in Lua (src/stdlib/prelude/), as the build
// embedded them. The text lives as long as the program.
struct PreludeSource {
  std::string_view name;  // Path below prelude/ without ".lua", with '/' between folders.
  std::string_view text;  // Source, byte for byte as in the file.
};

// All prelude files, sorted by path. Safe to call from any thread.
std::span<const PreludeSource> prelude_sources();

}  // namespace moonlet::stdlib
