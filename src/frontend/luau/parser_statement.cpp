#include <algorithm>

#include "frontend/luau/parser.hpp"

namespace moonlet::frontend::luau {

namespace {

constexpr ArithmeticOperator kCompoundOperators[] = {
    ArithmeticOperator::Add, ArithmeticOperator::Sub,  ArithmeticOperator::Mul,
    ArithmeticOperator::Div, ArithmeticOperator::IDiv, ArithmeticOperator::Mod,
    ArithmeticOperator::Pow,
};
static_assert(kTokenConcatAssign - kTokenAddAssign == std::size(kCompoundOperators));

bool is_compound(int token) { return token >= kTokenAddAssign && token <= kTokenConcatAssign; }

}  // namespace

void Parser::parse_statements(Block& block) {
  bool is_last = false;
  while (!is_last && !ends_block()) {
    spend();
    if (Statement* statement = parse_statement(is_last)) {
      (block.last != nullptr ? block.last->next : block.first) = statement;
      block.last = statement;
    }
    accept(';');
  }
  block.end = {lexer_.line(), 0};
}

// Null for a declaration of a type. `is_last`: nothing may follow it in its block.
Statement* Parser::parse_statement(bool& is_last) {
  if (!enter_level()) return nullptr;
  Statement* statement = parse_simple_statement(lexer_.line(), is_last);
  leave_level();
  return statement;
}

Statement* Parser::parse_simple_statement(std::int32_t line, bool& is_last) {
  switch (kind()) {
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
      return is(kTokenFunction) ? parse_local_function(line) : parse_local(line);
    case kTokenReturn:
      is_last = true;
      return parse_return(line);
    case kTokenBreak:
      is_last = true;
      return parse_break(line);
    case kTokenAttribute:
    case kTokenAttributeList:
      return parse_attributed(line);
    default:
      break;
  }
  if (is_continue()) {
    is_last = true;
    return parse_continue(line);
  }
  if (is_type_declaration()) {
    if (is_word(export_word_)) lexer_.advance();
    lexer_.advance();
    parse_type_declaration();
    return nullptr;
  }
  return parse_expression_statement(line);
}

// `continue`, `type` and `export` are names, unless what follows cannot come after a name.
bool Parser::is_continue() {
  if (!is_word(continue_word_)) return false;
  switch (const int next = lexer_.peek_kind()) {
    case '=':
    case ',':
    case '.':
    case ':':
    case '[':
    case '(':
    case '{':
    case kTokenString:
    case kTokenInterpolated:
    case kTokenInterpolatedBegin:
    case kTokenDoubleColon:
      return false;
    default:
      return !is_compound(next);
  }
}

bool Parser::is_type_declaration() {
  if (is_word(export_word_)) return lexer_.peek_name() == type_word_;
  if (!is_word(type_word_)) return false;
  const int next = lexer_.peek_kind();
  return next == kTokenName || next == kTokenFunction;
}

// ------------------------------------------------------------------------------- control flow

Statement* Parser::parse_if(std::int32_t line) {
  auto* statement = make_statement<IfStatement>(StatementKind::If, line);
  IfClause** link = &statement->clauses;
  int opening = kTokenThen;
  do {
    *link = parse_if_clause();
    link = &(*link)->next;
  } while (is(kTokenElseif));
  std::int32_t opening_line = line;
  if (is(kTokenElse)) {
    opening_line = lexer_.line();
    opening = kTokenElse;
    lexer_.advance();
    statement->otherwise = arena_.make<Block>();
    parse_block(*statement->otherwise, Scope::BlockKind::Plain);
  }
  expect_closing(kTokenEnd, opening, opening_line);
  return statement;
}

// From `if` or `elseif` to the end of the block.
IfClause* Parser::parse_if_clause() {
  IfClause* clause = arena_.make<IfClause>();
  lexer_.advance();
  clause->condition = parse_expression();
  expect(kTokenThen, "if statement");
  parse_block(clause->body, Scope::BlockKind::Plain);
  return clause;
}

Statement* Parser::parse_while(std::int32_t line) {
  auto* statement = make_statement<WhileStatement>(StatementKind::While, line);
  lexer_.advance();
  statement->condition = parse_expression();
  const std::int32_t do_line = lexer_.line();
  expect(kTokenDo, "while loop");
  Loop loop{loop_, scope_.function(), &statement->body};
  loop_ = &loop;
  parse_block(statement->body, Scope::BlockKind::Loop);
  loop_ = loop.outer;
  expect_closing(kTokenEnd, kTokenDo, do_line);
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
  Loop loop{loop_, scope_.function(), &statement->body};
  loop_ = &loop;
  scope_.open_block(&statement->body, Scope::BlockKind::Loop);
  parse_statements(statement->body);
  loop_ = loop.outer;
  expect_closing(kTokenUntil, kTokenRepeat, line);
  // The condition sees the variables of the block, but for those that a `continue` passes over.
  const Loop* outer = condition_of_;
  condition_of_ = loop.continue_line != 0 ? &loop : nullptr;
  statement->condition = parse_expression();
  condition_of_ = outer;
  scope_.close_block();
  return statement;
}

Statement* Parser::parse_return(std::int32_t line) {
  auto* statement = make_statement<ReturnStatement>(StatementKind::Return, line);
  lexer_.advance();
  if (!ends_block() && !is(';')) parse_expression_list(statement->values);
  // A call that is returned is one as any other: Luau keeps the frame.
  statement->may_tail_call = false;
  return statement;
}

Statement* Parser::parse_break(std::int32_t line) {
  auto* statement = make_statement<Statement>(StatementKind::Break, line);
  if (!scope_.is_inside_loop()) lexer_.error("Break statement must be inside a loop");
  lexer_.advance();
  return statement;
}

Statement* Parser::parse_continue(std::int32_t line) {
  auto* statement = make_statement<Statement>(StatementKind::Continue, line);
  if (!scope_.is_inside_loop()) {
    lexer_.error("Continue statement must be inside a loop");
    return nullptr;
  }
  const std::uint8_t registers = scope_.registers_of(loop_->body);
  if (loop_->continue_line == 0 || registers < loop_->continue_registers) {
    loop_->continue_line = line;
    loop_->continue_registers = registers;
  }
  lexer_.advance();
  return statement;
}

// ------------------------------------------------------------------------------- declarations

Statement* Parser::parse_function_statement(std::int32_t line) {
  auto* statement = make_statement<FunctionStatement>(StatementKind::Function, line);
  lexer_.advance();
  const std::int32_t name_line = lexer_.line();
  Expression* target = resolve_name(expect_name("function name"), name_line);
  bool is_method = false;
  while (is('.')) target = parse_field(target);
  if (is(':')) {
    is_method = true;
    target = parse_field(target);
  }
  check_assignable(target);
  statement->target = target;
  statement->function = parse_function(is_method, line);
  return statement;
}

Statement* Parser::parse_local_function(std::int32_t line) {
  const std::int32_t function_line = lexer_.line();
  lexer_.advance();
  auto* statement = make_statement<LocalFunctionStatement>(StatementKind::LocalFunction, line);
  statement->local = scope_.declare(expect_name("variable name"));
  scope_.activate(statement->local);
  statement->function = parse_function(false, function_line);
  return statement;
}

Statement* Parser::parse_local(std::int32_t line) {
  auto* statement = make_statement<LocalStatement>(StatementKind::Local, line);
  Local** link = &statement->first;
  do {
    Local* local = scope_.declare(expect_name("variable name"));
    parse_annotation();
    *link = local;
    link = &local->next;
    ++statement->count;
  } while (accept(','));
  if (accept('=')) parse_expression_list(statement->values);
  statement->end = lexer_.point();
  for (Local* local = statement->first; local != nullptr; local = local->next) {
    scope_.activate(local);
  }
  return statement;
}

// --------------------------------------------------------------------------------- attributes

Statement* Parser::parse_attributed(std::int32_t line) {
  parse_attributes();
  if (is(kTokenFunction)) return parse_function_statement(line);
  if (accept(kTokenLocal)) {
    if (is(kTokenFunction)) return parse_local_function(line);
    lexer_.expected("'function' after local declaration with attribute", "");
    return nullptr;
  }
  lexer_.expected(
      "'function', 'local function', 'declare function' or a function type declaration "
      "after attribute",
      "");
  return nullptr;
}

void Parser::parse_attributes() {
  while (is(kTokenAttribute) || is(kTokenAttributeList)) {
    if (is(kTokenAttributeList)) {
      parse_attribute_list();
      continue;
    }
    const std::string_view name = lexer_.current().name->text();
    constexpr std::string_view kKnown[] = {"checked", "native", "deprecated", "debugnoinline"};
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
      lexer_.error(name.empty() ? std::string("Attribute name is missing")
                                : "Invalid attribute '@" + std::string(name) + "'");
    }
    lexer_.advance();
  }
}

// '@[' name [literal | table | '(' literals ')'] , ... ']'
void Parser::parse_attribute_list() {
  const std::int32_t line = lexer_.line();
  lexer_.advance();
  if (!is(']')) {
    do {
      expect_name("attribute");
      if (is('(')) {
        ExpressionList arguments;
        parse_arguments(arguments);
      } else if (is('{') || is(kTokenString)) {
        parse_simple();
      }
    } while (accept(','));
  }
  expect_closing(']', '[', line);
}

// ------------------------------------------------------------------------------- assignments

Statement* Parser::parse_expression_statement(std::int32_t line) {
  Expression* first = parse_suffixed();
  if (is('=') || is(',')) return parse_assignment(line, first);
  if (is_compound(kind())) return parse_compound_assignment(line, first);
  if (!is_call(first) || first->is_parenthesized) {
    lexer_.error("Incomplete statement: expected assignment or a function call");
    return nullptr;
  }
  auto* statement = make_statement<CallStatement>(StatementKind::Call, line);
  statement->call = first;
  return statement;
}

Statement* Parser::parse_assignment(std::int32_t line, Expression* first) {
  auto* statement = make_statement<AssignmentStatement>(StatementKind::Assignment, line);
  check_assignable(first);
  statement->targets.append(first);
  int levels = 0;
  while (accept(',')) {
    Expression* target = parse_suffixed();
    check_assignable(target);
    statement->targets.append(target);
    ++levels;
    if (!enter_level()) break;
  }
  expect('=', "assignment");
  parse_expression_list(statement->values);
  statement->end = lexer_.point();
  depth_ -= levels;
  return statement;
}

Statement* Parser::parse_compound_assignment(std::int32_t line, Expression* target) {
  auto* statement =
      make_statement<CompoundAssignmentStatement>(StatementKind::CompoundAssignment, line);
  check_assignable(target);
  statement->target = target;
  statement->is_concatenation = is(kTokenConcatAssign);
  if (!statement->is_concatenation) statement->op = kCompoundOperators[kind() - kTokenAddAssign];
  lexer_.advance();
  statement->value = parse_expression();
  statement->end_line = lexer_.last_line();
  return statement;
}

void Parser::check_assignable(const Expression* target) {
  if (is_assignable(target)) return;
  if (target->kind == ExpressionKind::Builtin) {
    const Name* name = static_cast<const BuiltinExpression*>(target)->name;
    lexer_.error("attempt to assign to builtin '" + std::string(name->text()) + "'");
  } else {
    lexer_.error("Assigned expression must be a variable or a field");
  }
}

}  // namespace moonlet::frontend::luau
