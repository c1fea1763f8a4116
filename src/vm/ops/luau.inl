// Luau: numbers are floats, and keys of tables that are whole numbers are integers inside.

ML_OP(GetTableF) {
  const Value& object = RB;
  const Value& key = RC;
  if (ML_LIKELY(object.is_table())) {
    const Table* t = object.table();
    if (ML_LIKELY(is_float(key))) {
      const std::uint64_t index = arith::index_of(key.number);
      if (ML_LIKELY(index < t->array_count)) {
        if (ML_UNLIKELY(t->array.is_packed())) {
          load_packed(&RA, t->array, index);
          ML_NEXT;
        }
        const Value* element = &t->array.values()[index];
        if (ML_LIKELY(!element->is_nil() || t->metatable == nullptr)) {
          heap::copy(&RA, element);
          ML_NEXT;
        }
      } else if (t->entry_count == 0 && t->metatable == nullptr) {
        heap::set_nil(&RA);
        ML_NEXT;
      }
    } else if (key.is_string() && !key.string()->is_long()) {
      ML_GO(GetByString);
    }
  }
  ML_SLOW(ops::get_table);
}
// Of one that is packed, black or may not be written, or behind the last one.
ML_PART(SetElementF) {
  Table* t = RB.table();
  const Value& value = RA;
  const std::uint64_t index = arith::index_of(RC.number);
  const bool is_last = index == t->array_count;
  if (ML_LIKELY((t->flags & heap::kTableReadOnly) == 0 && !value.is_nil() &&
                (is_last ? index < t->array_capacity && t->metatable == nullptr &&
                               t->entry_count == 0
                         : index < t->array_count))) {
    if (ML_UNLIKELY(t->array.is_packed())) {
      if (ML_LIKELY(value.tag() == t->array.packed())) {
        t->array.payloads()[index] = value.bits;
        if (is_last) t->array_count = static_cast<std::uint32_t>(index) + 1;
        ML_NEXT;
      }
    } else {
      Value* element = &t->array.values()[index];
      if (is_last || !element->is_nil() || t->metatable == nullptr) {
        heap::copy(element, &value);
        if (is_last) t->array_count = static_cast<std::uint32_t>(index) + 1;
        if (ML_UNLIKELY(t->is_black())) ML_GO(TellOfElement);
        ML_NEXT;
      }
    }
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}
ML_OP(SetTableF) {
  const Value& object = RB;
  const Value& key = RC;
  if (ML_LIKELY(object.is_table())) {
    Table* t = object.table();
    if (ML_LIKELY(is_float(key))) {
      const std::uint64_t index = arith::index_of(key.number);
      if (ML_UNLIKELY(index >= t->array_count || t->array.is_packed() ||
                      t->has_any(heap::kBlack, heap::kTableReadOnly))) {
        ML_GO(SetElementF);
      }
      const Value& value = RA;
      Value* element = &t->array.values()[index];
      if (ML_LIKELY(!value.is_nil() && (!element->is_nil() || t->metatable == nullptr))) {
        heap::copy(element, &value);
        ML_NEXT;
      }
    } else if (key.is_string() && !key.string()->is_long() &&
               (t->flags & heap::kTableReadOnly) == 0) {
      ML_GO(SetByString);
    }
  }
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::set_table);
}

#define ML_ON_FLOATS(name, expression, x, y)                   \
  ML_OP(name) {                                                \
    const Value& left = x;                                     \
    const Value& right = y;                                    \
    if (ML_LIKELY(is_float(left) && is_float(right))) {        \
      const double l = left.number;                            \
      const double r = right.number;                           \
      heap::set_float(&RA, expression);                        \
      ML_NEXT;                                                 \
    }                                                          \
    ML_SLOW(ops::arithmetic_luau);                             \
  }
#define ML_ON_FLOATS_SHAPES(name, expression)  \
  ML_ON_FLOATS(name, expression, RB, RC)       \
  ML_ON_FLOATS(name##RK, expression, RB, KC)   \
  ML_ON_FLOATS(name##KR, expression, KB, RC)
ML_ON_FLOATS_SHAPES(ModF, arith::luau_mod(l, r))
ML_ON_FLOATS_SHAPES(IDivF, arith::floor_div(l, r))

ML_OP(LenF) {
  const Value& operand = RB;
  if (ML_LIKELY(operand.is_table() && operand.table()->metatable == nullptr)) {
    const Table* t = operand.table();
    if (ML_LIKELY(t->entry_count == 0)) {
      heap::set_float(&RA, static_cast<double>(t->array_count));
      ML_NEXT;
    }
  }
  ML_SLOW(ops::length_luau);
}

ML_OP(EqF) {
  const Value& a = RA;
  const Value& b = RB;
  if (ML_LIKELY(is_float(a) && is_float(b))) ML_TEST(a.number == b.number);
  if (a.tag() != b.tag() && (!a.is_number() || !b.is_number())) ML_TEST(false);
  // A table may have a handler that says it is not equal to itself.
  if (a.is_object() && a.bits == b.bits && !a.is_table() && !a.is_userdata()) ML_TEST(true);
  ML_SLOW(ops::equal_luau);
}
ML_OP(EqFK) {
  const Value& a = RA;
  const Value& b = KB;
  if (ML_LIKELY(is_float(a) && is_float(b))) ML_TEST(a.number == b.number);
  ML_TEST(a.is_number() && raw_equal(a, b));
}

#define ML_ORDER_F(op, x, y)                                                             \
  {                                                                                      \
    const Value& left = x;                                                               \
    const Value& right = y;                                                              \
    if (ML_LIKELY(is_float(left) && is_float(right))) ML_TEST(left.number op right.number); \
    ML_SLOW(ops::order_luau);                                                            \
  }
ML_OP(LtF) ML_ORDER_F(<, RA, RB)
ML_OP(LeF) ML_ORDER_F(<=, RA, RB)
ML_OP(LtFK) ML_ORDER_F(<, RA, KB)
ML_OP(LeFK) ML_ORDER_F(<=, RA, KB)
ML_OP(GtFK) ML_ORDER_F(>, RA, KB)
ML_OP(GeFK) ML_ORDER_F(>=, RA, KB)

ML_OP(ForPrepF) {
  Value* ra = &RA;
  if (ML_LIKELY(is_float(ra[0]) && is_float(ra[1]) && is_float(ra[2]))) {
    const double step = ra[2].number;
    if (step > 0 ? ra[0].number <= ra[1].number : ra[1].number <= ra[0].number) {
      heap::copy(&ra[3], &ra[0]);
    } else {
      pc += (ML_BX) + 1;
    }
    ML_NEXT;
  }
  ML_SLOW(ops::for_prepare_luau);
}
ML_OP(ForLoopF) {
  Value* ra = &RA;
  const int distance = static_cast<int>(ML_BX);
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

ML_OP(IterPrep) {
  // A function, as pairs() gives it.
  if (ML_LIKELY((&RA)[-4].is_builtin() || (&RA)[-4].is_closure())) {
    pc += ML_BX;
    ML_NEXT;
  }
  ML_SLOW(ops::iter_prepare);
}
ML_OP(IterCall) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SPEND(kCallFuel, ops::call_safepoint);
  Value* slot = &RA;
  if (ML_LIKELY(slot[-4].is_builtin())) {
    const auto builtin = static_cast<int>(slot[-4].bits);
    if (ML_LIKELY(slot[-3].is_table() && ML_C <= 3)) {
      const Table* t = slot[-3].table();
      if (is_float(slot[-2]) && (builtin == vm->builtins.roles.luau_next ||
                                 builtin == vm->builtins.roles.luau_ipairs_step)) {
        // Behind an element of the array part; 0 is where ipairs() begins, but a key of next().
        const std::uint64_t index = arith::index_of(slot[-2].number) + 1;
        if (ML_LIKELY(index < t->array_count) &&
            ML_LIKELY(index != 0 || builtin == vm->builtins.roles.luau_ipairs_step)) {
          if (ML_UNLIKELY(t->array.is_packed())) {
            load_packed(&slot[1], t->array, index);
          } else {
            heap::copy(&slot[1], &t->array.values()[index]);
            if (ML_UNLIKELY(slot[1].is_nil())) ML_GO(TForCallBuiltin);
          }
          heap::set_float(&slot[0], static_cast<double>(index + 1));
          ML_NEXT;
        }
      } else if (builtin == vm->builtins.roles.luau_next &&
                 heap::table_next_quickly(vm->heap, *t, slot[-2], slot)) {
        if (is_integer(slot[0])) heap::set_float(&slot[0], arith::to_double(slot[0].integer));
        ML_NEXT;
      }
    }
    ML_GO(TForCallBuiltin);
  }
  if (ML_LIKELY(slot[-4].is_closure())) ML_GO(TForCallClosure);
  ML_SLOW(ops::call_passed);
}
