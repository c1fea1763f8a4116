#include "frontend/fold.hpp"

#include <cmath>
#include <optional>

#include "base/check.hpp"
#include "base/elementary.hpp"

namespace moonlet::frontend {
namespace {

using Op = ArithmeticOperator;

Expression* integer_result(Arena& arena, std::uint64_t value) {
  auto* result = arena.make<IntegerExpression>();
  result->kind = ExpressionKind::Integer;
  result->value = static_cast<std::int64_t>(value);
  return result;
}

Expression* float_result(Arena& arena, double value) {
  if (std::isnan(value) || value == 0) {
    return nullptr;
  }
  auto* result = arena.make<FloatExpression>();
  result->kind = ExpressionKind::Float;
  result->value = value;
  return result;
}

std::int64_t integer_of(const Expression* e) {
  return static_cast<const IntegerExpression*>(e)->value;
}

double float_of(const Expression* e) {
  return e->kind == ExpressionKind::Integer ? static_cast<double>(integer_of(e))
                                            : static_cast<const FloatExpression*>(e)->value;
}

// The integer that a bitwise operator sees.
std::optional<std::uint64_t> exact_integer(const Expression* e) {
  if (e->kind == ExpressionKind::Integer) {
    return static_cast<std::uint64_t>(integer_of(e));
  }
  const double value = float_of(e);
  if (!(value >= -0x1p63 && value < 0x1p63) || std::floor(value) != value) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

std::uint64_t shift_left(std::uint64_t value, std::int64_t distance) {
  if (distance <= -64 || distance >= 64) {
    return 0;
  }
  return distance >= 0 ? value << distance : value >> -distance;
}

std::uint64_t bitwise(Op op, std::uint64_t a, std::uint64_t b) {
  switch (op) {
    case Op::BAnd:
      return a & b;
    case Op::BOr:
      return a | b;
    case Op::BXor:
      return a ^ b;
    case Op::Shl:
      return shift_left(a, static_cast<std::int64_t>(b));
    case Op::Shr:
      return shift_left(a, static_cast<std::int64_t>(0 - b));
    default:
      ML_UNREACHABLE();
  }
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  if (b == -1) {  // the one division that overflows
    return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a));
  }
  const std::int64_t quotient = a / b;
  return quotient * b != a && (a ^ b) < 0 ? quotient - 1 : quotient;
}

std::int64_t floor_modulo(std::int64_t a, std::int64_t b) {
  if (b == -1) {
    return 0;
  }
  const std::int64_t remainder = a % b;
  return remainder != 0 && (remainder ^ b) < 0 ? remainder + b : remainder;
}

double floor_modulo(double a, double b) {
  const double remainder = std::fmod(a, b);
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

Expression* fold_integers(Arena& arena, Op op, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a);
  const auto y = static_cast<std::uint64_t>(b);
  switch (op) {
    case Op::Add:
      return integer_result(arena, x + y);
    case Op::Sub:
      return integer_result(arena, x - y);
    case Op::Mul:
      return integer_result(arena, x * y);
    case Op::IDiv:
      return integer_result(arena, static_cast<std::uint64_t>(floor_divide(a, b)));
    case Op::Mod:
      return integer_result(arena, static_cast<std::uint64_t>(floor_modulo(a, b)));
    default:
      ML_UNREACHABLE();
  }
}

Expression* fold_floats(Arena& arena, Op op, double a, double b) {
  switch (op) {
    case Op::Add:
      return float_result(arena, a + b);
    case Op::Sub:
      return float_result(arena, a - b);
    case Op::Mul:
      return float_result(arena, a * b);
    case Op::Div:
      return float_result(arena, a / b);
    case Op::IDiv:
      return float_result(arena, std::floor(a / b));
    case Op::Mod:
      return float_result(arena, floor_modulo(a, b));
    case Op::Pow:
      return float_result(arena, base::power(a, b));
    default:
      ML_UNREACHABLE();
  }
}

}  // namespace

Expression* fold_arithmetic(Arena& arena, Op op, const Expression* left, const Expression* right) {
  if (!is_number(left) || !is_number(right)) {
    return nullptr;
  }
  if (op >= Op::BAnd) {
    const std::optional<std::uint64_t> a = exact_integer(left);
    const std::optional<std::uint64_t> b = exact_integer(right);
    return a && b ? integer_result(arena, bitwise(op, *a, *b)) : nullptr;
  }
  const bool divides = op == Op::Div || op == Op::IDiv || op == Op::Mod;
  if (divides && float_of(right) == 0) {
    return nullptr;
  }
  const bool is_integral =
      left->kind == ExpressionKind::Integer && right->kind == ExpressionKind::Integer;
  if (is_integral && op != Op::Div && op != Op::Pow) {
    return fold_integers(arena, op, integer_of(left), integer_of(right));
  }
  return fold_floats(arena, op, float_of(left), float_of(right));
}

Expression* fold_unary(Arena& arena, UnaryOperator op, const Expression* operand) {
  if (!is_number(operand)) {
    return nullptr;
  }
  if (op == UnaryOperator::Minus) {
    return operand->kind == ExpressionKind::Integer
               ? integer_result(arena, 0 - static_cast<std::uint64_t>(integer_of(operand)))
               : float_result(arena, -float_of(operand));
  }
  if (op == UnaryOperator::BitNot) {
    const std::optional<std::uint64_t> value = exact_integer(operand);
    return value ? integer_result(arena, ~*value) : nullptr;
  }
  return nullptr;
}

}  // namespace moonlet::frontend
