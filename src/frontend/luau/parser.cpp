#include "frontend/luau/parser.hpp"

#include "base/check.hpp"

namespace moonlet::frontend::luau {

Parser::Parser(std::string_view source, std::string_view chunk_name, const CompileOptions& options,
               NameTable& names, CodeGenerator& generator)
    // Programs have no name for what holds the globals.
    : ParserBase(source, chunk_name, options, names, generator,
                 names.make_unlisted("(environment)")),
      format_name_(names.intern("format")),
      type_word_(names.intern("type")),
      export_word_(names.intern("export")),
      continue_word_(names.intern("continue")),
      typeof_word_(names.intern("typeof")),
      read_word_(names.intern("read")),
      write_word_(names.intern("write")) {}

bool Parser::parse() {
  FunctionNode* main = scope_.open_function(0);
  main->is_vararg = true;
  lexer_.advance();
  parse_statements(main->body);
  main->end_line = lexer_.last_line();
  if (!is(kTokenEof)) lexer_.expected("<eof>", "");
  finish_function(main);
  return !lexer_.has_failed();
}

void Parser::expect(int token, std::string_view context) {
  if (!accept(token)) [[unlikely]]
    lexer_.expected(describe_expected(token), context);
}

void Parser::expect_closing(int closing, int opening, std::int32_t line) {
  if (accept(closing)) return;
  std::string what = describe_expected(closing);
  if (line != lexer_.line()) {
    what += " (to close " + describe_expected(opening) + " at line " + std::to_string(line) + ")";
  }
  lexer_.expected(what, "");
}

Name* Parser::expect_name(std::string_view context) {
  if (!is(kTokenName)) [[unlikely]] {
    lexer_.expected("identifier", context);
    return self_name_;
  }
  Name* name = lexer_.current().name;
  lexer_.advance();
  return name;
}

bool Parser::ends_block() const {
  switch (kind()) {
    case kTokenElse:
    case kTokenElseif:
    case kTokenEnd:
    case kTokenUntil:
    case kTokenEof:
      return true;
    default:
      return false;
  }
}

ML_COLD bool Parser::report_depth() {
  lexer_.error(
      "Exceeded allowed recursion depth; simplify your expression to make the code compile");
  return false;
}

}  // namespace moonlet::frontend::luau
