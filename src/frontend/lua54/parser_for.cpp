#include "frontend/lua54/parser.hpp"

namespace moonlet::frontend::lua54 {

Statement* Parser::parse_for(std::int32_t line) {
  Block hidden;  // the scope of the loop's own state
  scope_.open_block(&hidden, Scope::BlockKind::Loop);
  lexer_.advance();
  Name* name = expect_name();
  Statement* statement = nullptr;
  switch (kind()) {
    case '=':
      statement = parse_numeric_for(line, name);
      break;
    case ',':
    case kTokenIn:
      statement = parse_generic_for(line, name);
      break;
    default:
      syntax_error("'=' or 'in' expected");
      break;
  }
  expect_closing(kTokenEnd, kTokenFor, line);
  if (statement != nullptr && statement->kind == StatementKind::GenericFor) {
    static_cast<GenericForStatement*>(statement)->end_line = lexer_.last_line();
  }
  scope_.close_block();
  return statement;
}

void Parser::parse_for_body(Block& body, Local* variables, std::int32_t& do_line) {
  expect(kTokenDo);
  do_line = lexer_.last_line();
  scope_.open_block(&body, Scope::BlockKind::Plain);
  activate_all(variables);
  parse_statements(body);
  scope_.close_block();
}

Statement* Parser::parse_numeric_for(std::int32_t line, Name* name) {
  auto* statement = make_statement<NumericForStatement>(StatementKind::NumericFor, line);
  Local* hidden[3];
  declare_hidden(hidden, 3);
  statement->variable = scope_.declare(name);
  expect('=');
  statement->start = parse_expression();
  expect(',');
  statement->limit = parse_expression();
  if (accept(',')) {
    statement->step = parse_expression();
  }
  for (Local* local : hidden) {
    scope_.activate(local);
  }
  parse_for_body(statement->body, statement->variable, statement->do_line);
  return statement;
}

Statement* Parser::parse_generic_for(std::int32_t line, Name* name) {
  auto* statement = make_statement<GenericForStatement>(StatementKind::GenericFor, line);
  Local* hidden[4];
  declare_hidden(hidden, 4);
  statement->variables = scope_.declare(name);
  statement->count = 1;
  Local* last = statement->variables;
  while (accept(',')) {
    last->next = scope_.declare(expect_name());
    last = last->next;
    ++statement->count;
  }
  expect(kTokenIn);
  statement->call_line = lexer_.line();
  parse_expression_list(statement->values);
  for (Local* local : hidden) {
    scope_.activate(local);
  }
  scope_.mark_to_be_closed();
  parse_for_body(statement->body, statement->variables, statement->do_line);
  return statement;
}

}  // namespace moonlet::frontend::lua54
