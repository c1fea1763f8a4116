
#include "frontend/fold.hpp"
#include "frontend/lua54/binding.hpp"
#include "frontend/lua54/parser.hpp"

namespace moonlet::frontend::lua54 {
namespace {

constexpr bool is_unary_operator(int token) {
  return token == kTokenNot || token == '-' || token == '~' || token == '#';
}

}  // namespace

Expression* Parser::parse_expression() {
  Expression* e = parse_subexpression(0);
  place_expression(e, lexer_.point());
  return e;
}

void Parser::parse_expression_list(ExpressionList& list) {
  list.append(parse_expression());
  while (accept(',')) {
    place_expression(list.last, lexer_.point());
    list.append(parse_expression());
  }
}

// An operand, and the operators behind it that bind tighter than `limit`.
Expression* Parser::parse_subexpression(int limit) {
  if (!enter_level()) {
    return make_constant(ExpressionKind::Nil);
  }
  Expression* left;
  if (is_unary_operator(kind())) {
    const int token = kind();
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    Expression* operand = parse_subexpression(kUnaryBinding);
    place_expression(operand, lexer_.point());
    left = make_unary(token, operand, line);
  } else {
    left = parse_simple();
  }
  for (;;) {
    const int token = kind();
    const Binding binding = binding_of(token);
    if (binding.left <= limit) {
      break;
    }
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    place_expression(left, lexer_.point());
    Expression* right = parse_subexpression(binding.right);
    place_expression(right, lexer_.point());
    left = make_binary(token, left, right, line);
  }
  leave_level();
  return left;
}

Expression* Parser::make_unary(int token, Expression* operand, std::int32_t line) {
  if (token == kTokenNot) {
    if (is_constant(operand)) {
      return make_constant(is_constant_falsy(operand) ? ExpressionKind::True
                                                      : ExpressionKind::False);
    }
    auto* e = make_expression<UnaryExpression>(ExpressionKind::Not);
    e->line = lexer_.last_line();
    e->operand = operand;
    return e;
  }
  const UnaryOperator op = token == '-'   ? UnaryOperator::Minus
                           : token == '~' ? UnaryOperator::BitNot
                                          : UnaryOperator::Length;
  if (Expression* folded = fold_unary(arena_, op, operand)) {
    return folded;
  }
  auto* e = make_expression<UnaryExpression>(ExpressionKind::Unary);
  e->line = line;
  e->operand = operand;
  e->op = op;
  return e;
}

Expression* Parser::make_binary(int token, Expression* left, Expression* right, std::int32_t line) {
  const Binding binding = binding_of(token);
  const bool decided = (binding.kind == ExpressionKind::And && is_constant_truthy(left)) ||
                       (binding.kind == ExpressionKind::Or && is_constant_falsy(left));
  if (decided) {
    right->is_parenthesized = true;
    return right;
  }
  if (binding.kind == ExpressionKind::Arithmetic) {
    const auto op = static_cast<ArithmeticOperator>(binding.op);
    if (Expression* folded = fold_arithmetic(arena_, op, left, right)) {
      return folded;
    }
  }
  auto* e = make_expression<BinaryExpression>(binding.kind);
  // A comparison is emitted when its second operand has been read.
  e->line = binding.kind == ExpressionKind::Comparison ? lexer_.last_line() : line;
  e->left = left;
  e->right = right;
  e->op = binding.op;
  return e;
}

Expression* Parser::parse_simple() {
  spend();
  Expression* e;
  switch (kind()) {
    case kTokenInteger: {
      auto* integer = make_expression<IntegerExpression>(ExpressionKind::Integer);
      integer->value = lexer_.current().integer;
      e = integer;
      break;
    }
    case kTokenFloat: {
      auto* number = make_expression<FloatExpression>(ExpressionKind::Float);
      number->value = lexer_.current().number;
      e = number;
      break;
    }
    case kTokenString:
      e = make_string(lexer_.current().name);
      break;
    case kTokenNil:
      e = make_constant(ExpressionKind::Nil);
      break;
    case kTokenTrue:
      e = make_constant(ExpressionKind::True);
      break;
    case kTokenFalse:
      e = make_constant(ExpressionKind::False);
      break;
    case kTokenDots:
      e = parse_vararg();
      break;
    case '{':
      return parse_table();
    case kTokenFunction:
      lexer_.advance();
      return parse_function(false, lexer_.line());
    default:
      return parse_suffixed();
  }
  lexer_.advance();
  return e;
}

Expression* Parser::parse_vararg() {
  if (!scope_.function()->is_vararg) {
    syntax_error("cannot use '...' outside a vararg function");
  }
  Expression* e = make_constant(ExpressionKind::Vararg);
  e->line = lexer_.last_line();
  return e;
}

// ---------------------------------------------------------------------------------- suffixes

Expression* Parser::parse_primary() {
  if (is(kTokenName)) {
    return resolve_name(expect_name());
  }
  if (is('(')) {
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    Expression* e = parse_expression();
    expect_closing(')', '(', line);
    place_expression(e, lexer_.point());
    e->is_parenthesized = true;
    return e;
  }
  syntax_error("unexpected symbol");
  return make_constant(ExpressionKind::Nil);
}

Expression* Parser::resolve_name(Name* name) {
  Expression* e = scope_.resolve(name);
  if (e != nullptr) {
    if (is_constant(e)) {
      constant_variable_ = name->binding;
      constant_expression_ = e;
    }
  } else if (is_prelude_) {
    auto* builtin = make_expression<BuiltinExpression>(ExpressionKind::Builtin);
    builtin->name = name;
    e = builtin;
  } else {
    e = scope_.global(name);
  }
  e->line = lexer_.line();
  place_expression(e, lexer_.point());
  if (e->kind == ExpressionKind::Field) {
    // A variable _ENV of the program: it is read, or loaded, in the same place.
    place_expression(static_cast<FieldExpression*>(e)->object, lexer_.point());
  }
  return e;
}

Expression* Parser::parse_suffixed() {
  Expression* e = parse_primary();
  for (;;) {
    switch (kind()) {
      case '.':
        e = parse_field(e);
        break;
      case '[':
        e = parse_index(e);
        break;
      case ':':
        e = parse_method_call(e);
        break;
      case '(':
      case '{':
      case kTokenString:
        e = parse_call(e);
        break;
      default:
        return e;
    }
  }
}

Expression* Parser::parse_field(Expression* object) {
  place_expression(object, lexer_.point());
  lexer_.advance();
  Name* name = expect_name();
  if (object->kind == ExpressionKind::Builtin && !object->is_parenthesized) {
    auto* library = static_cast<BuiltinExpression*>(object);
    if (!library->is_member) {
      auto* member = make_expression<BuiltinExpression>(ExpressionKind::Builtin);
      member->name = join_builtin(library->name->text(), '.', name);
      member->is_member = true;
      return member;
    }
  }
  auto* e = make_expression<FieldExpression>(ExpressionKind::Field);
  e->object = object;
  e->name = name;
  return e;
}

// '[' expression ']'
Expression* Parser::parse_key() {
  lexer_.advance();
  Expression* key = parse_expression();
  expect(']');
  // Variables are read before the bracket, constants after it.
  if (is_constant(key)) {
    place_expression(key, lexer_.point());
  }
  return key;
}

Expression* Parser::parse_index(Expression* object) {
  place_expression(object, lexer_.point());
  Expression* key = parse_key();
  if (key->kind == ExpressionKind::String) {
    auto* e = make_expression<FieldExpression>(ExpressionKind::Field);
    e->object = object;
    e->name = static_cast<StringExpression*>(key)->value;
    return e;
  }
  auto* e = make_expression<IndexExpression>(ExpressionKind::Index);
  e->object = object;
  e->key = key;
  return e;
}

Expression* Parser::parse_method_call(Expression* object) {
  lexer_.advance();
  Name* name = expect_name();
  place_expression(object, lexer_.point());
  auto* e = make_expression<MethodCallExpression>(ExpressionKind::MethodCall);
  e->object = object;
  e->name = name;
  e->name_line = lexer_.last_line();
  parse_arguments(e->arguments);
  place_expression(e, lexer_.point());
  return e;
}

Expression* Parser::parse_call(Expression* function) {
  place_expression(function, lexer_.point());
  auto* e = make_expression<CallExpression>(ExpressionKind::Call);
  e->function = function;
  parse_arguments(e->arguments);
  place_expression(e, lexer_.point());
  return e;
}

void Parser::parse_arguments(ExpressionList& arguments) {
  switch (kind()) {
    case '(': {
      const std::int32_t line = lexer_.line();
      lexer_.advance();
      if (!is(')')) {
        parse_expression_list(arguments);
      }
      expect_closing(')', '(', line);
      break;
    }
    case '{':
      arguments.append(parse_table());
      break;
    case kTokenString:
      arguments.append(make_string(lexer_.current().name));
      lexer_.advance();
      break;
    default:
      syntax_error("function arguments expected");
      return;
  }
  if (arguments.last != nullptr) {
    place_expression(arguments.last, lexer_.point());
  }
}

}  // namespace moonlet::frontend::lua54
