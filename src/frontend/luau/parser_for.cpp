#include "frontend/luau/parser.hpp"

namespace moonlet::frontend::luau {

Statement* Parser::parse_for(std::int32_t line) {
  Block hidden;  // the scope of the loop's own state
  scope_.open_block(&hidden, Scope::BlockKind::Loop);
  lexer_.advance();
  Name* name = expect_name("variable name");
  parse_annotation();
  Statement* statement = is('=') ? parse_numeric_for(line, name) : parse_generic_for(line, name);
  scope_.close_block();
  return statement;
}

void Parser::parse_for_body(Block& body, Local* variables) {
  const std::int32_t line = lexer_.line();
  expect(kTokenDo, "for loop");
  Loop loop{loop_, scope_.function(), &body};
  loop_ = &loop;
  scope_.open_block(&body, Scope::BlockKind::Plain);
  activate_all(variables);
  parse_statements(body);
  scope_.close_block();
  loop_ = loop.outer;
  expect_closing(kTokenEnd, kTokenDo, line);
}

Statement* Parser::parse_numeric_for(std::int32_t line, Name* name) {
  auto* statement = make_statement<NumericForStatement>(StatementKind::NumericFor, line);
  Local* hidden[3];
  declare_hidden(hidden, 3);
  statement->variable = scope_.declare(name);
  statement->do_line = line;
  lexer_.advance();
  statement->start = parse_expression();
  expect(',', "index range");
  statement->limit = parse_expression();
  if (accept(',')) statement->step = parse_expression();
  for (Local* local : hidden) scope_.activate(local);
  parse_for_body(statement->body, statement->variable);
  return statement;
}

Statement* Parser::parse_generic_for(std::int32_t line, Name* name) {
  auto* statement = make_statement<GenericForStatement>(StatementKind::GenericFor, line);
  Local* hidden[4];
  declare_hidden(hidden, 4);
  statement->variables = scope_.declare(name);
  statement->count = 1;
  statement->do_line = line;
  Local* last = statement->variables;
  while (accept(',')) {
    last->next = scope_.declare(expect_name("variable name"));
    last = last->next;
    parse_annotation();
    ++statement->count;
  }
  expect(kTokenIn, "for loop");
  statement->call_line = line;
  parse_expression_list(statement->values);
  for (Local* local : hidden) scope_.activate(local);
  parse_for_body(statement->body, statement->variables);
  statement->end_line = lexer_.last_line();
  return statement;
}

}  // namespace moonlet::frontend::luau
