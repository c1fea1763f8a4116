// What compiling is in every language.
#pragma once

#include <limits>

#include "base/check.hpp"
#include "bytecode/analysis.hpp"
#include "frontend/codegen.hpp"
#include "frontend/compile.hpp"

namespace moonlet::frontend {

template <typename Parser>
std::expected<bytecode::Chunk, CompileError> compile_by(bytecode::Dialect dialect,
                                                        std::string_view source,
                                                        std::string_view chunk_name,
                                                        const CompileOptions& options) {
  // Offsets and lengths of tokens have 32 bits.
  if (source.size() >= std::numeric_limits<std::int32_t>::max()) {
    return std::unexpected(CompileError{short_source(chunk_name) + ":1: source is too long"});
  }
  // The lexer wants a zero behind the last byte.
  const std::string copy(options.is_terminated ? std::string_view() : source);
  const std::string_view text = options.is_terminated ? source : copy;
  Arena texts(options.pace);
  NameTable names(texts, options.pace);
  bytecode::Chunk chunk;
  // Memory that is reserved and not used costs nothing, but to grow does.
  constexpr std::size_t kBytesPerFunction = 256;
  CodeGenerator generator(chunk, names, 1 + source.size() / kBytesPerFunction, options.pace,
                          dialect);
  Parser parser(text, chunk_name, options, names, generator);
  if (!parser.parse()) {
    return std::unexpected(CompileError{parser.error_message()});
  }
  if (options.pace != nullptr) options.pace->end_piece();
  // A source that is its own name is no text in itself.
  Name* name = chunk_name.data() == source.data() && chunk_name.size() == source.size()
                   ? names.make_unlisted(chunk_name)
                   : names.intern_copy(chunk_name);
  if (!generator.finish(name)) {
    parser.late_error(generator.error_point(), generator.error());
    return std::unexpected(CompileError{parser.error_message()});
  }
#ifndef NDEBUG
  const auto verified = bytecode::verify(
      chunk, options.is_prelude ? bytecode::AllowBuiltins::Yes : bytecode::AllowBuiltins::No);
  ML_ASSERT(verified.has_value());
#endif
  return chunk;
}

}  // namespace moonlet::frontend
