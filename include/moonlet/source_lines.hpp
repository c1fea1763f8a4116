// Which lines of a source can run: for what counts those that did.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "moonlet/image.hpp"

namespace moonlet {

// Lines, counted from 1 and in order, at which a line hook may be called (debug.sethook); one that
// has code of both is in both. The `end` of a function is none: most never come to it.
struct SourceLines {
  std::vector<std::uint32_t> main_chunk;
  std::vector<std::uint32_t> functions;
};

// The error is that of the compiler. Any thread.
[[nodiscard]] std::expected<SourceLines, std::string> lines_with_code(
    const Source& source, Dialect dialect = Dialect::Lua54);

}  // namespace moonlet
