// Functions and tables.
#include "frontend/lua54/parser.hpp"

namespace moonlet::frontend::lua54 {

FunctionExpression* Parser::parse_function(bool is_method, std::int32_t line) {
  const Arena::Mark mark = arena_.mark();
  FunctionNode* function = scope_.open_function(line);
  expect('(');
  parse_parameters(function, is_method);
  expect(')');
  parse_statements(function->body);
  function->last_line_defined = lexer_.line();
  expect_closing(kTokenEnd, kTokenFunction, line);
  function->end_line = lexer_.last_line();
  finish_function(function);
  const FunctionNode closed = *function;
  arena_.release_to(mark);
  constant_expression_ = nullptr;
  auto* e = make_expression<FunctionExpression>(ExpressionKind::Function);
  e->line = closed.end_line;
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
  if (is_method) {
    add(self_name_);
  }
  if (!is(')')) {
    do {
      if (is(kTokenName)) {
        add(expect_name());
      } else if (accept(kTokenDots)) {
        function->is_vararg = true;
      } else {
        syntax_error("<name> or '...' expected");
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
  table->line = lexer_.last_line();
  expect('{');
  Expression** link = &table->items;
  Expression* positional = nullptr;  // the last item, if it has no key
  while (!is('}')) {
    const std::uint32_t fields = table->field_count;
    Expression* value = parse_table_item(table, link);
    link = &value->next;
    positional = table->field_count == fields ? value : nullptr;
    const bool has_separator = accept(',') || accept(';');
    if (positional != nullptr) {
      place_expression(positional, lexer_.point());
    }
    if (!has_separator) {
      break;
    }
  }
  expect_closing('}', '{', line);
  table->end_line = lexer_.last_line();
  if (positional != nullptr) {
    place_expression(positional, lexer_.point());
  }
  place_expression(table, lexer_.point());
  return table;
}

// Appends the item at `link`, and gives its value.
Expression* Parser::parse_table_item(TableExpression* table, Expression** link) {
  if (is('[')) {
    Expression* key = parse_key();
    if (key->kind == ExpressionKind::String) {
      *link = make_item(static_cast<StringExpression*>(key)->value);
      expect('=');
    } else {
      auto* item = make_expression<KeyedItem>(ExpressionKind::KeyedItem);
      item->key = key;
      *link = item;
      expect('=');
      if (is_constant(key)) {
        place_expression(key, lexer_.point());
      }
    }
  } else if (is(kTokenName) && lexer_.peek_kind() == '=') {
    *link = make_item(expect_name());
    expect('=');
  } else {
    *link = parse_expression();
    ++table->positional_count;
    return *link;
  }
  (*link)->next = parse_expression();
  ++table->field_count;
  return (*link)->next;
}

}  // namespace moonlet::frontend::lua54
