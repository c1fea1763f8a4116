// Calls and returns.

ML_OP(Call) {
  Value* slot = &RA;
  Thread* thread = vm->thread();
  const unsigned b = bytecode::op_b(i);
  if (ML_LIKELY(slot->is_closure())) {
    const Proto* proto = slot->closure()->proto;
    const unsigned count =
        b != 0 ? b - 1 : static_cast<unsigned>(thread->top - slot) - 1;
    if (ML_UNLIKELY(proto->arity != count)) {
      if (proto->arity == heap::kVarargArity) {
        if (ML_UNLIKELY((vm->fuel -= kCallFuel) < 0)) ML_SLOW(ops::call_safepoint);
        ML_SLOW(ops::call_passed);
      }
      // Up to 255 missing arguments fit into the slack that every frame leaves.
      if (count < proto->arity && proto->arity - count > kStackSlack / 2) {
        ML_SLOW(ops::call_passed);
      }
      for (unsigned n = count; n < proto->arity; ++n) heap::set_nil(&slot[1 + n]);
    }
    if (ML_UNLIKELY((vm->fuel -= kCallFuel) < 0)) ML_SLOW(ops::call_safepoint);
    if (ML_UNLIKELY(slot + 1 + proto->max_stack + kStackSlack > thread->stack_end())) {
      ML_SLOW(ops::call_passed);
    }
    slot->meta = heap::make_lua_link(pc);
    base = slot + 1;
    pc = proto->code;
    k = proto->constants;
    ML_NEXT;
  }
  if (ML_LIKELY(slot->is_builtin())) {
    if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
    if (ML_UNLIKELY((vm->fuel -= kCallFuel) < 0)) ML_SLOW(ops::call_safepoint);
    int count = static_cast<int>(b) - 1;
    if (ML_UNLIKELY(b == 0)) {
      count = static_cast<int>(thread->top - slot) - 1;
      if (ML_UNLIKELY(thread->top + kStackSlack > thread->stack_end())) ML_SLOW(ops::call_passed);
    }
    slot->meta = heap::make_lua_link(pc);
    thread->base = slot + 1;
    thread->top = slot + 1 + count;
    const int answer = vm->builtins.calls[slot->bits](*vm, slot + 1, count);
    const int wanted = static_cast<int>(bytecode::op_c(i)) - 1;
    // A builtin that grew the stack moved everything: the generic path sorts it out.
    if (ML_UNLIKELY(answer < 0 || thread->base != slot + 1)) ML_ANSWER(answer);
    if (ML_LIKELY(answer == wanted)) ML_NEXT;
    if (wanted < 0) {
      thread->top = slot + answer;
    } else {
      for (int n = answer; n < wanted; ++n) heap::set_nil(&slot[n]);
    }
    ML_NEXT;
  }
  if (ML_UNLIKELY((vm->fuel -= kCallFuel) < 0)) ML_SLOW(ops::call_safepoint);
  ML_SLOW(ops::call_passed);
}
ML_OP(TailCall) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  if (ML_UNLIKELY((vm->fuel -= kCallFuel) < 0)) ML_SLOW(ops::call_safepoint);
  ML_SLOW(ops::call_passed);
}
ML_OP(TForCall) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  if (ML_UNLIKELY((vm->fuel -= kCallFuel) < 0)) ML_SLOW(ops::call_safepoint);
  Value* slot = &RA;
  if (ML_LIKELY(slot[-4].is_builtin())) {
    Thread* thread = vm->thread();
    slot[0].bits = slot[-4].bits;
    slot[0].meta = heap::make_lua_link(pc);
    heap::copy(&slot[1], &slot[-3]);
    heap::copy(&slot[2], &slot[-2]);
    thread->base = slot + 1;
    thread->top = slot + 3;
    const int answer = vm->builtins.calls[slot->bits](*vm, slot + 1, 2);
    const int wanted = static_cast<int>(bytecode::op_c(i)) - 1;
    if (ML_UNLIKELY(answer < 0 || thread->base != slot + 1)) ML_ANSWER(answer);
    for (int n = answer; n < wanted; ++n) heap::set_nil(&slot[n]);
    ML_NEXT;
  }
  ML_SLOW(ops::call_passed);
}
ML_OP(Return) { ML_SLOW(ops::return_many); }
ML_OP(Return0) {
  const std::uint64_t link = base[-1].meta;
  if (ML_LIKELY((link & 3) == 0)) {
    pc = heap::link_pc(link);
    const Instruction call = pc[-1];
    Value* slot = base - 1;
    const int wanted = static_cast<int>(bytecode::op_c(call)) - 1;
    if (ML_UNLIKELY(wanted < 0)) {
      vm->thread()->top = slot;
    } else {
      for (int n = 0; n < wanted; ++n) heap::set_nil(&slot[n]);
    }
    base = slot - bytecode::op_a(call);
    k = heap::frame_closure(base)->proto->constants;
    ML_NEXT;
  }
  ML_SLOW(ops::return_many);
}
ML_OP(Return1) {
  const std::uint64_t link = base[-1].meta;
  if (ML_LIKELY((link & 3) == 0)) {
    pc = heap::link_pc(link);
    const Instruction call = pc[-1];
    Value* slot = base - 1;
    const int wanted = static_cast<int>(bytecode::op_c(call)) - 1;
    if (ML_LIKELY(wanted != 0)) {
      heap::copy(slot, &RA);
      if (ML_UNLIKELY(wanted != 1)) {
        if (wanted < 0) {
          vm->thread()->top = slot + 1;
        } else {
          for (int n = 1; n < wanted; ++n) heap::set_nil(&slot[n]);
        }
      }
    }
    base = slot - bytecode::op_a(call);
    k = heap::frame_closure(base)->proto->constants;
    ML_NEXT;
  }
  ML_SLOW(ops::return_many);
}
ML_OP(ReturnClose) { ML_SLOW(ops::return_close); }
ML_OP(Vararg) { ML_SLOW(ops::vararg); }
ML_OP(Closure) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SLOW(ops::closure);
}
ML_OP(Close) { ML_SLOW(ops::close); }
ML_OP(Tbc) { ML_SLOW(ops::to_be_closed); }
