// Arithmetic on numbers; the rest is in slow_arithmetic.cpp.

#define ML_ARITHMETIC_SHAPES(name, body)                \
  ML_OP(name) { body(RB, RC) }                          \
  ML_OP(name##RK) { body(RB, KC) }                      \
  ML_OP(name##KR) { body(KB, RC) }

// Integers by `wrap`, floats by the operator; a mixture in a part of its own.
#define ML_NUMERIC(name, wrap, op, x, y)                                           \
  ML_PART(name##Mixed) {                                                           \
    double l;                                                                      \
    double r;                                                                      \
    if (ML_LIKELY(arith::to_double(x, l) && arith::to_double(y, r))) {             \
      heap::set_float(&RA, l op r);                                                \
      ML_NEXT;                                                                     \
    }                                                                              \
    ML_SLOW(ops::arithmetic);                                                      \
  }                                                                                \
  ML_OP(name) {                                                                    \
    const Value& left = x;                                                         \
    const Value& right = y;                                                        \
    if (ML_UNLIKELY(left.meta != right.meta)) ML_GO(name##Mixed);                  \
    if (is_integer(left)) {                                                        \
      heap::set_integer(&RA, arith::wrap(left.integer, right.integer));            \
      ML_NEXT_APART;                                                               \
    }                                                                              \
    if (ML_UNLIKELY(!is_float(left))) ML_GO(name##Mixed);                          \
    heap::set_float(&RA, left.number op right.number);                             \
    ML_NEXT;                                                                       \
  }
#define ML_NUMERIC_SHAPES(name, wrap, op)  \
  ML_NUMERIC(name, wrap, op, RB, RC)       \
  ML_NUMERIC(name##RK, wrap, op, RB, KC)   \
  ML_NUMERIC(name##KR, wrap, op, KB, RC)
ML_NUMERIC_SHAPES(Add, wrap_add, +)
ML_NUMERIC_SHAPES(Sub, wrap_sub, -)
ML_NUMERIC_SHAPES(Mul, wrap_mul, *)

#define ML_MOD(x, y)                                                               \
  {                                                                                \
    const Value& left = x;                                                         \
    const Value& right = y;                                                        \
    if (ML_LIKELY(is_integer(left) && is_integer(right) && right.integer != 0)) {  \
      heap::set_integer(&RA, arith::floor_mod(left.integer, right.integer));       \
      ML_NEXT;                                                                     \
    }                                                                              \
    ML_SLOW(ops::arithmetic);                                                      \
  }
#define ML_IDIV(x, y)                                                              \
  {                                                                                \
    const Value& left = x;                                                         \
    const Value& right = y;                                                        \
    if (ML_LIKELY(is_integer(left) && is_integer(right) && right.integer != 0)) {  \
      heap::set_integer(&RA, arith::floor_div(left.integer, right.integer));       \
      ML_NEXT;                                                                     \
    }                                                                              \
    ML_SLOW(ops::arithmetic);                                                      \
  }
#define ML_POW(x, y) \
  { ML_SLOW(ops::arithmetic); }
#define ML_DIV(x, y)                                                        \
  {                                                                         \
    double l;                                                               \
    double r;                                                               \
    if (ML_LIKELY(arith::to_double(x, l) && arith::to_double(y, r))) {      \
      heap::set_float(&RA, l / r);                                          \
      ML_NEXT;                                                              \
    }                                                                       \
    ML_SLOW(ops::arithmetic);                                               \
  }
ML_ARITHMETIC_SHAPES(Mod, ML_MOD)
ML_ARITHMETIC_SHAPES(Pow, ML_POW)
ML_ARITHMETIC_SHAPES(Div, ML_DIV)
ML_ARITHMETIC_SHAPES(IDiv, ML_IDIV)

#define ML_BITWISE(expression, x, y)                                 \
  {                                                                  \
    const Value& left = x;                                           \
    const Value& right = y;                                          \
    if (ML_LIKELY(is_integer(left) && is_integer(right))) {          \
      const std::int64_t l = left.integer;                           \
      const std::int64_t r = right.integer;                          \
      heap::set_integer(&RA, expression);                            \
      ML_NEXT;                                                       \
    }                                                                \
    ML_SLOW(ops::arithmetic);                                        \
  }
#define ML_BAND(x, y) ML_BITWISE(l& r, x, y)
#define ML_BOR(x, y) ML_BITWISE(l | r, x, y)
#define ML_BXOR(x, y) ML_BITWISE(l ^ r, x, y)
#define ML_SHL(x, y) ML_BITWISE(arith::shift_left(l, r), x, y)
#define ML_SHR(x, y) ML_BITWISE(arith::shift_right(l, r), x, y)
ML_ARITHMETIC_SHAPES(BAnd, ML_BAND)
ML_ARITHMETIC_SHAPES(BOr, ML_BOR)
ML_ARITHMETIC_SHAPES(BXor, ML_BXOR)
ML_ARITHMETIC_SHAPES(Shl, ML_SHL)
ML_ARITHMETIC_SHAPES(Shr, ML_SHR)

ML_OP(Unm) {
  const Value& operand = RB;
  if (is_integer(operand)) {
    heap::set_integer(&RA, arith::wrap_sub(0, operand.integer));
    ML_NEXT;
  }
  if (is_float(operand)) {
    heap::set_float(&RA, -operand.number);
    ML_NEXT;
  }
  ML_SLOW(ops::unary_minus);
}
ML_OP(BNot) {
  if (ML_LIKELY(is_integer(RB))) {
    heap::set_integer(&RA, ~RB.integer);
    ML_NEXT;
  }
  ML_SLOW(ops::bitwise_not);
}
ML_OP(Not) {
  heap::set_boolean(&RA, RB.is_falsy());
  ML_NEXT;
}
ML_OP(Len) {
  const Value& operand = RB;
  if (ML_LIKELY(operand.is_table() && operand.table()->metatable == nullptr)) {
    const Table* t = operand.table();
    if (ML_LIKELY(t->entry_count == 0)) {
      heap::set_integer(&RA, t->array_count);
      ML_NEXT;
    }
  }
  ML_SLOW(ops::length);
}
ML_OP(Concat) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::concat);
}
