#include "frontend/lua54/parser.hpp"

namespace moonlet::frontend::lua54 {
namespace {

// A label brings the labels that follow it.
Statement* last_of(Statement* statement) {
  while (statement->next != nullptr) {
    statement = statement->next;
  }
  return statement;
}

}  // namespace

void Parser::parse_statements(Block& block) {
  while (!ends_block(true)) {
    spend();
    const bool is_return = is(kTokenReturn);
    if (Statement* statement = parse_statement()) {
      (block.last != nullptr ? block.last->next : block.first) = statement;
      block.last = last_of(statement);
    }
    if (is_return) {
      break;
    }
  }
  block.end = lexer_.point();
}

// Null for an empty statement.
Statement* Parser::parse_statement() {
  const std::int32_t line = lexer_.line();
  if (!enter_level()) {
    return nullptr;
  }
  Statement* statement = parse_simple_statement(line);
  leave_level();
  return statement;
}

Statement* Parser::parse_simple_statement(std::int32_t line) {
  switch (kind()) {
    case ';':
      lexer_.advance();
      return nullptr;
    case kTokenIf:
      return parse_if(line);
    case kTokenWhile:
      return parse_while(line);
    case kTokenDo:
      return parse_do(line);
    case kTokenFor:
      return parse_for(line);
    case kTokenRepeat:
      return parse_repeat(line);
    case kTokenFunction:
      return parse_function_statement(line);
    case kTokenLocal:
      lexer_.advance();
      return accept(kTokenFunction) ? parse_local_function(line) : parse_local(line);
    case kTokenDoubleColon:
      return parse_label(line);
    case kTokenReturn:
      return parse_return(line);
    case kTokenBreak:
      return parse_break();
    case kTokenGoto:
      return parse_goto();
    default:
      return parse_expression_statement(line);
  }
}

// ------------------------------------------------------------------------------- control flow

Statement* Parser::parse_if(std::int32_t line) {
  auto* statement = make_statement<IfStatement>(StatementKind::If, line);
  IfClause** link = &statement->clauses;
  do {
    *link = parse_if_clause();
    link = &(*link)->next;
  } while (is(kTokenElseif));
  if (accept(kTokenElse)) {
    statement->otherwise = arena_.make<Block>();
    parse_block(*statement->otherwise, Scope::BlockKind::Plain);
  }
  expect_closing(kTokenEnd, kTokenIf, line);
  return statement;
}

// From `if` or `elseif` to the end of the block.
IfClause* Parser::parse_if_clause() {
  IfClause* clause = arena_.make<IfClause>();
  lexer_.advance();
  clause->condition = parse_expression();
  expect(kTokenThen);
  place_expression(clause->condition, lexer_.point());
  parse_block(clause->body, Scope::BlockKind::Plain);
  return clause;
}

Statement* Parser::parse_while(std::int32_t line) {
  auto* statement = make_statement<WhileStatement>(StatementKind::While, line);
  lexer_.advance();
  statement->condition = parse_expression();
  scope_.open_block(&statement->body, Scope::BlockKind::Loop);
  expect(kTokenDo);
  parse_statements(statement->body);
  expect_closing(kTokenEnd, kTokenWhile, line);
  scope_.close_block();
  return statement;
}

Statement* Parser::parse_do(std::int32_t line) {
  auto* statement = make_statement<DoStatement>(StatementKind::Do, line);
  lexer_.advance();
  parse_block(statement->body, Scope::BlockKind::Plain);
  expect_closing(kTokenEnd, kTokenDo, line);
  return statement;
}

Statement* Parser::parse_repeat(std::int32_t line) {
  auto* statement = make_statement<RepeatStatement>(StatementKind::Repeat, line);
  lexer_.advance();
  scope_.open_block(&statement->body, Scope::BlockKind::Loop);
  parse_statements(statement->body);
  expect_closing(kTokenUntil, kTokenRepeat, line);
  // The condition sees the variables of the block.
  statement->condition = parse_expression();
  scope_.close_block();
  return statement;
}

Statement* Parser::parse_return(std::int32_t line) {
  auto* statement = make_statement<ReturnStatement>(StatementKind::Return, line);
  lexer_.advance();
  if (!ends_block(true) && !is(';')) {
    parse_expression_list(statement->values);
  }
  statement->line = lexer_.last_line();
  statement->may_tail_call = !scope_.is_inside_to_be_closed();
  accept(';');
  return statement;
}

Statement* Parser::parse_break() {
  auto* statement = make_statement<Statement>(StatementKind::Break, lexer_.line());
  lexer_.advance();
  scope_.add_break(statement->line);
  statement->line = lexer_.last_line();
  return statement;
}

Statement* Parser::parse_goto() {
  lexer_.advance();
  auto* statement = make_statement<GotoStatement>(StatementKind::Goto, lexer_.line());
  Name* name = expect_name();
  scope_.add_goto(statement, name);
  statement->line = lexer_.last_line();
  return statement;
}

// The empty statements after a label belong to it: whether more follows decides what is in scope.
Statement* Parser::parse_label(std::int32_t line) {
  lexer_.advance();
  Name* name = expect_name();
  expect(kTokenDoubleColon);
  auto* statement = make_statement<LabelStatement>(StatementKind::Label, line);
  Statement** link = &statement->next;
  while (is(';') || is(kTokenDoubleColon)) {
    if (Statement* other = parse_statement()) {
      *link = other;
      link = &last_of(other)->next;
    }
  }
  scope_.check_label_is_new(name);
  statement->label = scope_.add_label(name, line, ends_block(false));
  return statement;
}

// ------------------------------------------------------------------------------- declarations

Statement* Parser::parse_function_statement(std::int32_t line) {
  auto* statement = make_statement<FunctionStatement>(StatementKind::Function, line);
  lexer_.advance();
  Expression* target = resolve_name(expect_name());
  const Local* constant = target == constant_expression_ ? constant_variable_ : nullptr;
  bool is_method = false;
  while (is('.')) {
    target = parse_field(target);
    constant = nullptr;
  }
  if (is(':')) {
    is_method = true;
    target = parse_field(target);
    constant = nullptr;
  }
  statement->target = target;
  statement->function = parse_function(is_method, line);
  if (constant != nullptr) {
    check_not_constant(constant);
  } else {
    check_assignable(target);
  }
  return statement;
}

Statement* Parser::parse_local_function(std::int32_t line) {
  auto* statement = make_statement<LocalFunctionStatement>(StatementKind::LocalFunction, line);
  statement->local = scope_.declare(expect_name());
  scope_.activate(statement->local);
  statement->function = parse_function(false, lexer_.line());
  return statement;
}

Attribute Parser::parse_attribute() {
  if (!accept('<')) {
    return Attribute::None;
  }
  const std::string_view text = expect_name()->text();
  expect('>');
  if (text == "const") {
    return Attribute::Constant;
  }
  if (text == "close") {
    return Attribute::Close;
  }
  semantic_error("unknown attribute '" + std::string(text) + "'");
  return Attribute::None;
}

Statement* Parser::parse_local(std::int32_t line) {
  auto* statement = make_statement<LocalStatement>(StatementKind::Local, line);
  Local** link = &statement->first;
  do {
    Local* local = scope_.declare(expect_name());
    local->attribute = parse_attribute();
    if (local->attribute == Attribute::Close) {
      if (statement->to_close != nullptr) {
        semantic_error("multiple to-be-closed variables in local list");
      }
      statement->to_close = local;
    }
    *link = local;
    link = &local->next;
    ++statement->count;
  } while (accept(','));
  if (accept('=')) {
    parse_expression_list(statement->values);
  }
  statement->end = lexer_.point();
  finish_local(statement);
  return statement;
}

// The last variable becomes a compile-time constant when it is <const> and its value is known.
void Parser::finish_local(LocalStatement* statement) {
  for (Local* local = statement->first; local != nullptr; local = local->next) {
    Expression* value = statement->values.last;
    const bool is_last = local->next == nullptr;
    if (is_last && local->attribute == Attribute::Constant &&
        statement->values.count == statement->count && is_constant(value)) {
      statement->last_is_constant = true;
      scope_.activate_constant(local, value);
    } else {
      scope_.activate(local);
    }
  }
  if (statement->to_close != nullptr) {
    scope_.mark_to_be_closed();
  }
}

// ------------------------------------------------------------------------------- assignments

Statement* Parser::parse_expression_statement(std::int32_t line) {
  Expression* first = parse_suffixed();
  if (is('=') || is(',')) {
    return parse_assignment(line, first);
  }
  if (!is_call(first) || first->is_parenthesized) {
    syntax_error("syntax error");
    return nullptr;
  }
  auto* statement = make_statement<CallStatement>(StatementKind::Call, line);
  statement->call = first;
  return statement;
}

Statement* Parser::parse_assignment(std::int32_t line, Expression* first) {
  auto* statement = make_statement<AssignmentStatement>(StatementKind::Assignment, line);
  int levels = 0;
  statement->targets.append(first);
  check_assignable(first);
  while (accept(',')) {
    Expression* target = parse_suffixed();
    statement->targets.append(target);
    ++levels;
    if (!enter_level()) {
      break;
    }
    check_assignable(target);
  }
  expect('=');
  parse_expression_list(statement->values);
  statement->end = lexer_.point();
  depth_ -= levels;
  return statement;
}

void Parser::check_assignable(Expression* target) {
  if (!is_assignable(target)) {
    if (target == constant_expression_ && !target->is_parenthesized) {
      check_not_constant(constant_variable_);
    } else if (target->kind == ExpressionKind::Builtin) {
      const Name* name = static_cast<BuiltinExpression*>(target)->name;
      semantic_error("attempt to assign to builtin '" + std::string(name->text()) + "'");
    } else {
      syntax_error("syntax error");
    }
    return;
  }
  const Local* local = Scope::variable_of(target);
  if (local != nullptr && local->attribute != Attribute::None) {
    check_not_constant(local);
  }
}

void Parser::check_not_constant(const Local* local) {
  semantic_error("attempt to assign to const variable '" + std::string(local->name->text()) + "'");
}

}  // namespace moonlet::frontend::lua54
