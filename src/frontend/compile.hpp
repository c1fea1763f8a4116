// Source text to Chunk. Front ends never see a Value.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/pace.hpp"
#include "bytecode/chunk.hpp"
#include "bytecode/dialect.hpp"

namespace moonlet::frontend {

struct CompileOptions {
  // The library's own Lua sources: a free name N becomes the constant Builtin "N", and N.f (N free)
  // the constant Builtin "N.f"; there are no globals. Assigning to a free name is an error.
  bool is_prelude = false;
  // A zero byte stands behind the source, as it does in a std::string: then there is no copy of it.
  bool is_terminated = false;
  // When given, is spent; what is made after it was cancelled is of no use.
  base::Pace* pace = nullptr;
};

struct CompileError {
  std::string message;  // complete: "source:line: message near 'token'"
};

// Compiles one Lua 5.4 chunk. `chunk_name` is as in lua_load: "@file", "=name" or the source
// itself. Never recurses deeper than the syntax limit (200 levels); any bytes are valid input.
[[nodiscard]] std::expected<bytecode::Chunk, CompileError> compile_lua54(
    std::string_view source, std::string_view chunk_name, const CompileOptions& options = {});

// The same of a Luau chunk. All its numbers are floats.
[[nodiscard]] std::expected<bytecode::Chunk, CompileError> compile_luau(
    std::string_view source, std::string_view chunk_name, const CompileOptions& options = {});

[[nodiscard]] inline std::expected<bytecode::Chunk, CompileError> compile(
    bytecode::Dialect dialect, std::string_view source, std::string_view chunk_name,
    const CompileOptions& options = {}) {
  return dialect == bytecode::Dialect::Luau ? compile_luau(source, chunk_name, options)
                                            : compile_lua54(source, chunk_name, options);
}

// The chunk name as messages show it (manual, lua_Debug.short_src): at most 59 bytes, 255 in Luau.
[[nodiscard]] std::string short_source(std::string_view chunk_name, std::size_t limit = 59);

}  // namespace moonlet::frontend
