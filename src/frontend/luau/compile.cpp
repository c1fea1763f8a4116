#include "frontend/compile_inl.hpp"
#include "frontend/luau/parser.hpp"

namespace moonlet::frontend {

std::expected<bytecode::Chunk, CompileError> compile_luau(std::string_view source,
                                                          std::string_view chunk_name,
                                                          const CompileOptions& options) {
  return compile_by<luau::Parser>(bytecode::Dialect::Luau, source, chunk_name, options);
}

}  // namespace moonlet::frontend
