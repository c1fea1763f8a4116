// How tightly binary operators bind, and what they do. Luau's are these without those on bits.
#pragma once

#include <array>

#include "frontend/ast.hpp"
#include "frontend/lua54/token.hpp"

namespace moonlet::frontend::lua54 {

// On each side; 0 for tokens that are none.
struct Binding {
  std::uint8_t left;
  std::uint8_t right;
  ExpressionKind kind;
  std::uint8_t op;
};

constexpr Binding arithmetic(int left, int right, ArithmeticOperator op) {
  return {static_cast<std::uint8_t>(left), static_cast<std::uint8_t>(right),
          ExpressionKind::Arithmetic, static_cast<std::uint8_t>(op)};
}

constexpr Binding comparison(ComparisonOperator op) {
  return {3, 3, ExpressionKind::Comparison, static_cast<std::uint8_t>(op)};
}

constexpr Binding find_binding(int token) {
  using A = ArithmeticOperator;
  using C = ComparisonOperator;
  switch (token) {
    case kTokenOr:
      return {1, 1, ExpressionKind::Or, 0};
    case kTokenAnd:
      return {2, 2, ExpressionKind::And, 0};
    case '<':
      return comparison(C::Lt);
    case '>':
      return comparison(C::Gt);
    case kTokenLe:
      return comparison(C::Le);
    case kTokenGe:
      return comparison(C::Ge);
    case kTokenEq:
      return comparison(C::Eq);
    case kTokenNe:
      return comparison(C::Ne);
    case '|':
      return arithmetic(4, 4, A::BOr);
    case '~':
      return arithmetic(5, 5, A::BXor);
    case '&':
      return arithmetic(6, 6, A::BAnd);
    case kTokenShl:
      return arithmetic(7, 7, A::Shl);
    case kTokenShr:
      return arithmetic(7, 7, A::Shr);
    case kTokenConcat:
      return {9, 8, ExpressionKind::Concat, 0};
    case '+':
      return arithmetic(10, 10, A::Add);
    case '-':
      return arithmetic(10, 10, A::Sub);
    case '*':
      return arithmetic(11, 11, A::Mul);
    case '/':
      return arithmetic(11, 11, A::Div);
    case kTokenIDiv:
      return arithmetic(11, 11, A::IDiv);
    case '%':
      return arithmetic(11, 11, A::Mod);
    case '^':
      return arithmetic(14, 13, A::Pow);
    default:
      return {};
  }
}
inline constexpr int kUnaryBinding = 12;

inline constexpr auto kBindings = [] {
  std::array<Binding, kTokenString + 1> bindings{};
  for (int token = 0; token <= kTokenString; ++token) {
    bindings[static_cast<std::size_t>(token)] = find_binding(token);
  }
  return bindings;
}();

inline const Binding& binding_of(int token) { return kBindings[static_cast<std::size_t>(token)]; }

}  // namespace moonlet::frontend::lua54
