// Functions and tables.
#include "frontend/luau/parser.hpp"

namespace moonlet::frontend::luau {

// From the generics or parameters to the `end`; `line` is that of `function`.
FunctionExpression* Parser::parse_function(bool is_method, std::int32_t line) {
  const Arena::Mark mark = arena_.mark();
  FunctionNode* function = scope_.open_function(line);
  Loop* outer_loop = loop_;
  loop_ = nullptr;
  if (is('<')) parse_generics(false);
  expect('(', "function");
  parse_parameters(function, is_method);
  expect(')', "function");
  if (accept(':')) parse_return_type();
  parse_statements(function->body);
  function->last_line_defined = lexer_.line();
  expect_closing(kTokenEnd, kTokenFunction, line);
  function->end_line = lexer_.last_line();
  loop_ = outer_loop;
  finish_function(function);
  const FunctionNode closed = *function;
  arena_.release_to(mark);
  auto* e = make_expression<FunctionExpression>(ExpressionKind::Function);
  e->line = e->at = line;
  e->index = closed.index;
  e->child_position = closed.child_position;
  return e;
}

void Parser::parse_parameters(FunctionNode* function, bool is_method) {
  Local** link = &function->parameters;
  int count = 0;
  const auto add = [&](Name* name) {
    *link = scope_.declare(name);
    link = &(*link)->next;
    ++count;
  };
  if (is_method) add(self_name_);
  if (!is(')')) {
    do {
      if (accept(kTokenDots)) {
        function->is_vararg = true;
        if (accept(':')) parse_type_list_item();
      } else {
        add(expect_name("variable name"));
        parse_annotation();
      }
    } while (!function->is_vararg && accept(','));
  }
  for (Local* local = function->parameters; local != nullptr; local = local->next) {
    scope_.activate(local);
  }
  function->parameter_count = static_cast<std::uint8_t>(count);
}

Expression* Parser::parse_table() {
  auto* table = make_expression<TableExpression>(ExpressionKind::Table);
  const std::int32_t line = lexer_.line();
  lexer_.advance();
  Expression** link = &table->items;
  while (!is('}')) {
    Expression* value = parse_table_item(table, link);
    link = &value->next;
    if (!accept(',') && !accept(';')) break;
  }
  expect_closing('}', '{', line);
  table->end_line = lexer_.last_line();
  return table;
}

// Appends the item at `link`, and gives its value.
Expression* Parser::parse_table_item(TableExpression* table, Expression** link) {
  if (is('[')) {
    Expression* key = parse_key();
    if (key->kind == ExpressionKind::String) {
      *link = make_item(static_cast<StringExpression*>(key)->value);
    } else {
      auto* item = make_expression<KeyedItem>(ExpressionKind::KeyedItem);
      item->key = key;
      *link = item;
    }
    expect('=', "table field");
  } else if (is(kTokenName) && lexer_.peek_kind() == '=') {
    *link = make_item(expect_name("table field"));
    lexer_.advance();
  } else {
    *link = parse_expression();
    ++table->positional_count;
    return *link;
  }
  (*link)->next = parse_expression();
  ++table->field_count;
  return (*link)->next;
}

}  // namespace moonlet::frontend::luau
