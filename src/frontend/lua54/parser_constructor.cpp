// Functions and tables.
#include "frontend/lua54/parser.hpp"

namespace moonlet::frontend::lua54 {

Name* Parser::join_builtin(const Name* library, const Name* member) {
  std::string joined(library->text());
  joined += '.';
  joined += member->text();
  return names_.intern_copy(joined);
}

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
  TableItem** link = &table->items;
  TableItem* last = nullptr;
  while (!is('}')) {
    last = parse_table_item(table);
    *link = last;
    link = &last->next;
    const bool has_separator = accept(',') || accept(';');
    if (last->key == nullptr && last->name == nullptr) {
      place_expression(last->value, lexer_.point());
    }
    if (!has_separator) {
      break;
    }
  }
  expect_closing('}', '{', line);
  table->end_line = lexer_.last_line();
  if (last != nullptr && last->key == nullptr && last->name == nullptr) {
    place_expression(last->value, lexer_.point());
  }
  place_expression(table, lexer_.point());
  return table;
}

TableItem* Parser::parse_table_item(TableExpression* table) {
  TableItem* item = arena_.make<TableItem>();
  if (is('[')) {
    item->key = parse_key();
    if (item->key->kind == ExpressionKind::String) {
      item->name = static_cast<StringExpression*>(item->key)->value;
      item->key = nullptr;
    }
  } else if (is(kTokenName) && lexer_.peek_kind() == '=') {
    item->name = expect_name();
  } else {
    item->value = parse_expression();
    ++table->positional_count;
    return item;
  }
  expect('=');
  if (item->key != nullptr && is_constant(item->key)) {
    place_expression(item->key, lexer_.point());
  }
  item->value = parse_expression();
  ++table->field_count;
  return item;
}

}  // namespace moonlet::frontend::lua54
