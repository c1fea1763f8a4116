#include "frontend/lua54/parser.hpp"

#include "base/check.hpp"

namespace moonlet::frontend::lua54 {

Parser::Parser(std::string_view source, std::string_view chunk_name, const CompileOptions& options,
               NameTable& names, CodeGenerator& generator)
    : ParserBase(source, chunk_name, options, names, generator, names.intern("_ENV")) {}

bool Parser::parse() {
  FunctionNode* main = scope_.open_function(0);
  main->is_vararg = true;
  lexer_.advance();
  parse_statements(main->body);
  main->end_line = lexer_.last_line();
  if (!is(kTokenEof)) {
    syntax_error(describe(kTokenEof) + " expected");
  }
  finish_function(main);
  return !lexer_.has_failed();
}

ML_COLD void Parser::missing(int token) { syntax_error(describe(token) + " expected"); }

ML_COLD void Parser::missing_closing(int closing, int opening, std::int32_t line) {
  if (line == lexer_.line()) {
    missing(closing);
  } else {
    syntax_error(describe(closing) + " expected (to close " + describe(opening) + " at line " +
                 std::to_string(line) + ")");
  }
}

// `until` closes a block too, but not the scope of its variables.
bool Parser::ends_block(bool until_too) const {
  switch (kind()) {
    case kTokenElse:
    case kTokenElseif:
    case kTokenEnd:
    case kTokenEof:
      return true;
    case kTokenUntil:
      return until_too;
    default:
      return false;
  }
}

ML_COLD bool Parser::report_depth() {
  lexer_.plain_error("C stack overflow");
  return false;
}

}  // namespace moonlet::frontend::lua54
