#include "frontend/compile_inl.hpp"
#include "frontend/lua54/parser.hpp"

namespace moonlet::frontend {

std::expected<bytecode::Chunk, CompileError> compile_lua54(std::string_view source,
                                                           std::string_view chunk_name,
                                                           const CompileOptions& options) {
  return compile_by<lua54::Parser>(bytecode::Dialect::Lua54, source, chunk_name, options);
}

}  // namespace moonlet::frontend
