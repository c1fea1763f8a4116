// Arithmetic on literals, done by the compiler.
#pragma once

#include "frontend/ast.hpp"

namespace moonlet::frontend {

// The literal that the operation gives, or null when it must be left to the VM: an operand is no
// number, the operation would raise an error, or the result is NaN or a zero of type float, whose
// sign a constant might lose.
Expression* fold_arithmetic(Arena& arena, ArithmeticOperator op, const Expression* left,
                            const Expression* right);
Expression* fold_unary(Arena& arena, UnaryOperator op, const Expression* operand);

}  // namespace moonlet::frontend
