// Until Luau's parser is here, the grammar of Lua 5.4.
#include "frontend/compile.hpp"

namespace moonlet::frontend {

std::expected<bytecode::Chunk, CompileError> compile_luau(std::string_view source,
                                                          std::string_view chunk_name,
                                                          const CompileOptions& options) {
  return compile_lua54(source, chunk_name, options);
}

}  // namespace moonlet::frontend
