// Tests, jumps, loops.

ML_OP(Jump) {
  const int distance = bytecode::op_sj(pc[-1]);
  pc += distance;
  if (distance < 0) {
    ML_SPEND(-distance, ops::back_edge);
  }
  ML_NEXT;
}
ML_OP(Test) { ML_TEST(!RA.is_falsy()); }
ML_OP(TestSet) {
  if (!RB.is_falsy() == (ML_C != 0)) heap::copy(&RA, &RB);
  ML_TEST(!RB.is_falsy());
}
ML_OP(Eq) {
  const Value& a = RA;
  const Value& b = RB;
  if (ML_LIKELY(is_integer(a) && is_integer(b))) ML_TEST(a.integer == b.integer);
  if (a.tag() != b.tag() && (!a.is_number() || !b.is_number())) ML_TEST(false);
  if (a.is_object() && a.bits == b.bits) ML_TEST(true);
  ML_SLOW(ops::equal);
}
ML_OP(EqK) {
  const Value& a = RA;
  const Value& b = KB;
  if (a.meta == b.meta) {
    if (is_integer(a)) ML_TEST(a.integer == b.integer);
    if (a.tag() <= Tag::True) ML_TEST(true);
    if (a.is_string() && !b.string()->is_long()) ML_TEST(a.bits == b.bits);
  } else if (!a.is_number()) {
    ML_TEST(false);
  }
  ML_SLOW(ops::equal);
}

#define ML_ORDER(op, x, y)                                                                        \
  {                                                                                               \
    const Value& left = x;                                                                        \
    const Value& right = y;                                                                       \
    if (ML_LIKELY(left.meta == right.meta)) {                                                     \
      if (is_integer(left)) ML_TEST(left.integer op right.integer);                               \
      if (ML_LIKELY(is_float(left))) ML_TEST(left.number op right.number);                        \
    }                                                                                             \
    ML_SLOW(ops::order);                                                                          \
  }
ML_OP(Lt) ML_ORDER(<, RA, RB)
ML_OP(Le) ML_ORDER(<=, RA, RB)
ML_OP(LtK) ML_ORDER(<, RA, KB)
ML_OP(LeK) ML_ORDER(<=, RA, KB)
ML_OP(GtK) ML_ORDER(>, RA, KB)
ML_OP(GeK) ML_ORDER(>=, RA, KB)

ML_OP(ForPrep) { ML_SLOW(ops::for_prepare); }
ML_OP(ForLoop) {
  Value* ra = &RA;
  const int distance = static_cast<int>(ML_BX);
  if (ML_LIKELY(is_integer(ra[0]))) {
    const auto rounds = static_cast<std::uint64_t>(ra[1].integer);
    if (ML_LIKELY(rounds > 0)) {
      asm volatile("");
      const std::int64_t next = arith::wrap_add(ra[0].integer, ra[2].integer);
      ra[1].integer = static_cast<std::int64_t>(rounds - 1);
      ra[0].integer = next;
      heap::set_integer(&ra[3], next);
      pc -= distance;
      ML_SPEND(distance, ops::back_edge);
    }
    ML_NEXT;
  }
  const double step = ra[2].number;
  const double next = ra[0].number + step;
  if (step > 0 ? next <= ra[1].number : ra[1].number <= next) {
    asm volatile("");
    ra[0].number = next;
    heap::set_float(&ra[3], next);
    pc -= distance;
    ML_SPEND(distance, ops::back_edge);
  }
  ML_NEXT;
}
ML_OP(TForPrep) {
  if (ML_LIKELY((&RA)[-1].is_falsy())) {
    pc += ML_BX;
    ML_NEXT;
  }
  ML_SLOW(ops::tfor_prepare);
}
ML_OP(TForLoop) {
  Value* ra = &RA;
  if (!ra->is_nil()) {
    asm volatile("");
    heap::copy(ra - 2, ra);
    const int distance = static_cast<int>(ML_BX);
    pc -= distance;
    ML_SPEND(distance, ops::back_edge);
  }
  ML_NEXT;
}
