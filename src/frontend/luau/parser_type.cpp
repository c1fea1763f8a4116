// Types: read, so that errors in them and behind them are found, and forgotten.
#include "frontend/luau/parser.hpp"

namespace moonlet::frontend::luau {

void Parser::parse_annotation() {
  if (accept(':')) parse_type();
}

// ['|' | '&'] simple {'|' simple | '&' simple | '?'}
void Parser::parse_type() {
  if (!enter_level()) return;
  if (!accept('|')) accept('&');
  parse_simple_type();
  parse_type_operators();
  leave_level();
}

void Parser::parse_type_operators() {
  for (;;) {
    if (accept('|') || accept('&')) {
      parse_simple_type();
    } else if (!accept('?')) {
      return;
    }
    spend();
  }
}

void Parser::parse_simple_type() {
  if (!enter_level()) return;
  parse_attributes();
  switch (kind()) {
    case kTokenNil:
    case kTokenTrue:
    case kTokenFalse:
    case kTokenString:
      lexer_.advance();
      break;
    case kTokenInterpolatedBegin:
      lexer_.error("Interpolated string literals cannot be used as types");
      break;
    case kTokenInterpolated:
      lexer_.advance();
      break;
    case '{':
      parse_table_type();
      break;
    case '(':
    case '<':
      parse_function_type();
      break;
    case kTokenFunction:
      lexer_.error(
          "Using 'function' as a type annotation is not supported, consider replacing with a "
          "function type annotation e.g. '(...any) -> ...any'");
      break;
    case kTokenName:
      parse_type_reference();
      break;
    default:
      lexer_.expected("type", "");
      break;
  }
  leave_level();
}

// typeof(expression), name, module.name, name<types>
void Parser::parse_type_reference() {
  if (is_word(typeof_word_) && lexer_.peek_kind() == '(') {
    lexer_.advance();
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    parse_expression();
    expect_closing(')', '(', line);
    return;
  }
  lexer_.advance();
  if (accept('.')) expect_name("field name");
  if (is('<')) parse_type_arguments();
}

void Parser::parse_table_type() {
  const std::int32_t line = lexer_.line();
  lexer_.advance();
  while (!is('}') && !is(kTokenEof)) {
    parse_table_type_item();
    if (!accept(',') && !accept(';')) break;
    spend();
  }
  expect_closing('}', '{', line);
}

// [type]: type, "name": type, name: type, type; each with `read` or `write` in front
void Parser::parse_table_type_item() {
  if (is_word(read_word_) || is_word(write_word_)) {
    const int next = lexer_.peek_kind();
    if (next == kTokenName || next == '[') lexer_.advance();
  }
  if (is('[')) {
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    parse_type();
    expect_closing(']', '[', line);
    expect(':', "table field");
    parse_type();
  } else if ((is(kTokenName) || is(kTokenString)) && lexer_.peek_kind() == ':') {
    lexer_.advance();
    lexer_.advance();
    parse_type();
  } else {
    parse_type();
  }
}

// One of a list: type, name: type, ...type, type...; false after what ends the list.
bool Parser::parse_type_list_item() {
  if (accept(kTokenDots)) {
    parse_type();
    return false;
  }
  if (is(kTokenName) && lexer_.peek_kind() == ':') {
    lexer_.advance();
    lexer_.advance();
  }
  parse_type();
  return !accept(kTokenDots);
}

// '(' list ')'
void Parser::parse_type_list() {
  const std::int32_t line = lexer_.line();
  expect('(', "type");
  if (!is(')')) {
    while (parse_type_list_item() && accept(',')) spend();
  }
  expect_closing(')', '(', line);
}

// [<generics>] (list) -> types, or a type in parentheses
void Parser::parse_function_type() {
  const bool is_generic = is('<');
  if (is_generic) parse_generics(false);
  parse_type_list();
  if (accept(kTokenArrow)) {
    parse_return_type();
  } else if (is_generic) {
    lexer_.expected("'->'", "function type");
  }
}

// What follows '->', or the ':' behind parameters. A list in parentheses may turn out to be the
// parameters of a function type, or one type that goes on.
void Parser::parse_return_type() {
  if (!enter_level()) return;
  if (accept(kTokenDots)) {
    parse_type();
  } else if (is('(')) {
    parse_type_list();
    if (accept(kTokenArrow)) {
      parse_return_type();
    } else {
      parse_type_operators();
    }
  } else {
    parse_type();
    accept(kTokenDots);
  }
  leave_level();
}

// '<' name [= type], name... [= types] '>'
void Parser::parse_generics(bool with_defaults) {
  const std::int32_t line = lexer_.line();
  lexer_.advance();
  if (!is('>')) {
    do {
      expect_name("generic type");
      accept(kTokenDots);
      if (with_defaults && accept('=')) parse_type_argument();
    } while (accept(','));
  }
  expect_closing('>', '<', line);
}

void Parser::parse_type_arguments() {
  const std::int32_t line = lexer_.line();
  lexer_.advance();
  if (!is('>')) {
    do {
      parse_type_argument();
    } while (accept(','));
  }
  expect_closing('>', '<', line);
}

// A type, or a list of types.
void Parser::parse_type_argument() {
  if (is('(')) {
    parse_return_type();
  } else {
    parse_type_list_item();
  }
}

// At the name of `type name<generics> = type`, or at `function`.
void Parser::parse_type_declaration() {
  if (accept(kTokenFunction)) {
    const std::int32_t line = lexer_.last_line();
    expect_name("type function name");
    parse_function(false, line);
    return;
  }
  expect_name("type name");
  if (is('<')) parse_generics(true);
  expect('=', "type alias");
  parse_type();
}

}  // namespace moonlet::frontend::luau
