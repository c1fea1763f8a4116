#include <cmath>

#include "frontend/fold.hpp"
#include "frontend/lua54/binding.hpp"
#include "frontend/luau/parser.hpp"

namespace moonlet::frontend::luau {

namespace {

using lua54::Binding;

// There are no operators on bits.
Binding binding_of(int token) {
  const bool is_none = token > kTokenString || token == '|' || token == '~' || token == '&';
  return is_none ? Binding{} : lua54::binding_of(token);
}

constexpr bool is_unary_operator(int token) {
  return token == kTokenNot || token == '-' || token == '#';
}

}  // namespace

Expression* Parser::parse_expression() { return parse_subexpression(0); }

void Parser::parse_expression_list(ExpressionList& list) {
  do {
    list.append(parse_expression());
  } while (accept(','));
}

// An operand, and the operators behind it that bind tighter than `limit`.
Expression* Parser::parse_subexpression(int limit) {
  if (!enter_level()) return make_constant(ExpressionKind::Nil);
  Expression* left;
  if (is_unary_operator(kind())) {
    const int token = kind();
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    left = make_unary(token, parse_subexpression(kUnaryBinding), line);
  } else {
    left = parse_asserted();
  }
  for (;;) {
    const int token = kind();
    const Binding binding = binding_of(token);
    if (binding.left <= limit) break;
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    Expression* right = parse_subexpression(binding.right);
    left = make_binary(token, left, right, line);
  }
  leave_level();
  return left;
}

Expression* Parser::make_unary(int token, Expression* operand, std::int32_t line) {
  Expression* made;
  if (token == kTokenNot) {
    if (is_constant(operand) && operand->kind != ExpressionKind::Builtin) {
      made =
          make_constant(is_constant_falsy(operand) ? ExpressionKind::True : ExpressionKind::False);
    } else {
      auto* e = make_expression<UnaryExpression>(ExpressionKind::Not);
      e->operand = operand;
      made = e;
    }
  } else {
    const UnaryOperator op = token == '-' ? UnaryOperator::Minus : UnaryOperator::Length;
    made = fold_unary(arena_, op, operand);
    if (made == nullptr) {
      auto* e = make_expression<UnaryExpression>(ExpressionKind::Unary);
      e->operand = operand;
      e->op = op;
      made = e;
    }
  }
  made->line = made->at = line;
  return made;
}

Expression* Parser::make_binary(int token, Expression* left, Expression* right, std::int32_t line) {
  const Binding binding = binding_of(token);
  const bool decided = (binding.kind == ExpressionKind::And && is_constant_truthy(left)) ||
                       (binding.kind == ExpressionKind::Or && is_constant_falsy(left));
  if (decided) {
    right->is_parenthesized = true;
    return right;
  }
  const auto op = static_cast<ArithmeticOperator>(binding.op);
  // The remainder is not that of Lua 5.4 to the last digit.
  if (binding.kind == ExpressionKind::Arithmetic && op != ArithmeticOperator::Mod) {
    if (Expression* folded = fold_arithmetic(arena_, op, left, right)) {
      folded->line = folded->at = line;
      return folded;
    }
  }
  auto* e = make_expression<BinaryExpression>(binding.kind);
  e->line = e->at = line;
  e->left = left;
  e->right = right;
  e->op = binding.op;
  return e;
}

// simple [:: type]
Expression* Parser::parse_asserted() {
  Expression* e = parse_simple();
  while (accept(kTokenDoubleColon)) {
    parse_type();
    e->is_parenthesized = true;
  }
  return e;
}

Expression* Parser::parse_simple() {
  spend();
  Expression* e;
  switch (kind()) {
    case kTokenFloat: {
      auto* number = make_expression<FloatExpression>(ExpressionKind::Float);
      number->value = lexer_.current().number;
      e = number;
      break;
    }
    case kTokenString:
    case kTokenInterpolated:
      e = make_string(lexer_.current().name);
      break;
    case kTokenInterpolatedBegin:
      return parse_interpolated();
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
    case kTokenIf:
      return parse_conditional();
    case kTokenAttribute:
    case kTokenAttributeList:
      parse_attributes();
      if (!is(kTokenFunction)) {
        lexer_.expected("'function' declaration after attribute", "");
        return make_constant(ExpressionKind::Nil);
      }
      [[fallthrough]];
    case kTokenFunction: {
      const std::int32_t line = lexer_.line();
      lexer_.advance();
      return parse_function(false, line);
    }
    default:
      return parse_suffixed();
  }
  lexer_.advance();
  return e;
}

Expression* Parser::parse_vararg() {
  if (!scope_.function()->is_vararg) {
    lexer_.error("Cannot use '...' outside of a vararg function");
  }
  return make_constant(ExpressionKind::Vararg);
}

// if condition then value {elseif condition then value} else value
Expression* Parser::parse_conditional() {
  Expression* first = nullptr;
  Expression** link = &first;
  do {
    auto* e = make_expression<ConditionalExpression>(ExpressionKind::Conditional);
    lexer_.advance();
    e->condition = parse_expression();
    expect(kTokenThen, "if then else expression");
    e->value = parse_expression();
    *link = e;
    link = &e->otherwise;
  } while (is(kTokenElseif));
  expect(kTokenElse, "if then else expression");
  *link = parse_expression();
  return first;
}

// `text {value} ...` is ("text %* ..."):format(value, ...).
Expression* Parser::parse_interpolated() {
  auto* call = make_expression<MethodCallExpression>(ExpressionKind::MethodCall);
  call->name = format_name_;
  call->name_line = call->line;
  call->is_parenthesized = true;
  std::string format;
  const auto add = [&](std::string_view text) {
    for (const char c : text) format.append(c == '%' ? 2 : 1, c);
  };
  add(lexer_.current().name->text());
  lexer_.advance();
  for (;;) {
    if (is('}')) {
      lexer_.error("Malformed interpolated string, expected expression inside '{}'");
      break;
    }
    Expression* value = parse_expression();
    // One value exactly.
    value->is_parenthesized = true;
    call->arguments.append(value);
    format += "%*";
    if (!is('}')) {
      lexer_.error("Malformed interpolated string; did you forget to add a '}'?");
      break;
    }
    lexer_.advance_in_string();
    if (lexer_.has_failed()) break;
    add(lexer_.current().name->text());
    const bool is_last = is(kTokenInterpolatedEnd);
    lexer_.advance();
    if (is_last) break;
  }
  auto* text = make_string(names_.intern_copy(format));
  text->line = text->at = call->line;
  call->object = text;
  return call;
}

// ---------------------------------------------------------------------------------- suffixes

Expression* Parser::parse_primary() {
  if (is(kTokenName)) {
    const std::int32_t line = lexer_.line();
    return resolve_name(expect_name("expression"), line);
  }
  if (is('(')) {
    const std::int32_t line = lexer_.line();
    lexer_.advance();
    Expression* e = parse_expression();
    expect_closing(')', '(', line);
    e->is_parenthesized = true;
    return e;
  }
  lexer_.expected("identifier", "expression");
  return make_constant(ExpressionKind::Nil);
}

Expression* Parser::resolve_name(Name* name, std::int32_t line) {
  Expression* e = scope_.resolve(name);
  if (e == nullptr && is_prelude_) {
    auto* builtin = make_expression<BuiltinExpression>(ExpressionKind::Builtin);
    builtin->name = join_builtin("luau", ':', name);
    e = builtin;
  } else if (e == nullptr) {
    e = scope_.global(name);
  }
  e->line = e->at = line;
  if (condition_of_ == nullptr) return e;
  const Local* local = Scope::variable_of(e);
  if (local != nullptr && local->block == condition_of_->body &&
      local->reg >= condition_of_->continue_registers) {
    lexer_.error("Local " + std::string(name->text()) +
                 " used in the repeat..until condition is undefined because continue statement on "
                 "line " +
                 std::to_string(condition_of_->continue_line) + " jumps over it");
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
        if (lexer_.line() != lexer_.last_line()) {
          lexer_.error(
              "Ambiguous syntax: this looks like an argument list for a function call, but could "
              "also be a start of new statement; use ';' to separate statements");
        }
        [[fallthrough]];
      case '{':
      case kTokenString:
      case kTokenInterpolated:
      case kTokenInterpolatedBegin:
        e = parse_call(e);
        break;
      case '<':
        // f<<type>>
        if (!lexer_.is_next_adjacent()) return e;
        lexer_.advance();
        parse_type_arguments();
        expect('>', "type arguments");
        break;
      default:
        return e;
    }
    spend();
  }
}

Expression* Parser::parse_field(Expression* object) {
  lexer_.advance();
  const std::int32_t line = lexer_.line();
  Name* name = expect_name("field name");
  if (object->kind == ExpressionKind::Builtin && !object->is_parenthesized) {
    auto* library = static_cast<BuiltinExpression*>(object);
    if (!library->is_member) {
      auto* member = make_expression<BuiltinExpression>(ExpressionKind::Builtin);
      member->name = join_builtin(library->name->text(), '.', name);
      member->is_member = true;
      member->line = member->at = line;
      return member;
    }
  }
  auto* e = make_expression<FieldExpression>(ExpressionKind::Field);
  e->line = e->at = line;
  e->object = object;
  e->name = name;
  return e;
}

// '[' expression ']'. A whole number becomes an integer, as keys of tables are.
Expression* Parser::parse_key() {
  const std::int32_t line = lexer_.line();
  lexer_.advance();
  Expression* key = parse_expression();
  expect_closing(']', '[', line);
  if (key->kind != ExpressionKind::Float) return key;
  const double value = static_cast<FloatExpression*>(key)->value;
  if (!(value >= 1 && value <= bytecode::kMaxC) || std::floor(value) != value) return key;
  auto* integer = make_expression<IntegerExpression>(ExpressionKind::Integer);
  integer->value = static_cast<std::int64_t>(value);
  integer->line = integer->at = key->line;
  return integer;
}

Expression* Parser::parse_index(Expression* object) {
  const std::int32_t line = lexer_.line();
  Expression* key = parse_key();
  if (key->kind == ExpressionKind::String) {
    auto* e = make_expression<FieldExpression>(ExpressionKind::Field);
    e->line = e->at = line;
    e->object = object;
    e->name = static_cast<StringExpression*>(key)->value;
    return e;
  }
  auto* e = make_expression<IndexExpression>(ExpressionKind::Index);
  e->line = e->at = line;
  e->object = object;
  e->key = key;
  return e;
}

Expression* Parser::parse_method_call(Expression* object) {
  lexer_.advance();
  auto* e = make_expression<MethodCallExpression>(ExpressionKind::MethodCall);
  e->object = object;
  e->name = expect_name("method name");
  e->name_line = e->line = e->at = lexer_.last_line();
  if (is('<') && lexer_.is_next_adjacent()) {
    lexer_.advance();
    parse_type_arguments();
    expect('>', "type arguments");
  }
  parse_arguments(e->arguments);
  return e;
}

Expression* Parser::parse_call(Expression* function) {
  auto* e = make_expression<CallExpression>(ExpressionKind::Call);
  e->function = function;
  e->line = e->at = lexer_.last_line();
  parse_arguments(e->arguments);
  return e;
}

void Parser::parse_arguments(ExpressionList& arguments) {
  switch (kind()) {
    case '(': {
      const std::int32_t line = lexer_.line();
      lexer_.advance();
      if (!is(')')) parse_expression_list(arguments);
      expect_closing(')', '(', line);
      return;
    }
    case '{':
      arguments.append(parse_table());
      return;
    case kTokenString:
    case kTokenInterpolated:
      arguments.append(make_string(lexer_.current().name));
      lexer_.advance();
      return;
    case kTokenInterpolatedBegin:
      arguments.append(parse_interpolated());
      return;
    default:
      lexer_.expected("'(', '{' or <string>", "function call");
      return;
  }
}

}  // namespace moonlet::frontend::luau
