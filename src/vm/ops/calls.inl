// Calls and returns.

ML_PART(CallBuiltinInFull) {
  Value* slot = &RA;
  Thread* thread = vm->thread();
  const unsigned b = ML_B;
  int count = static_cast<int>(b) - 1;
  if (ML_UNLIKELY(b == 0)) {
    count = static_cast<int>(thread->top - slot) - 1;
    if (ML_UNLIKELY(thread->top + kStackSlack > thread->stack_end())) ML_SLOW(ops::call_passed);
  }
  const BuiltinTable::Call& row = vm->builtins.calls[slot->bits];
  if (ML_UNLIKELY(row.fast == hands_over) && hand_over(*vm, slot, b, pc)) ML_RELOAD;
  slot->meta = heap::make_lua_link(pc);
  thread->base = slot + 1;
  thread->top = slot + 1 + count;
  const int answer = row.call(*vm, slot + 1, count);
  const int wanted = static_cast<int>(ML_C) - 1;
  // A builtin that grew the stack moved everything: the generic path sorts it out.
  if (ML_UNLIKELY(answer < 0 || thread->base != slot + 1)) ML_ANSWER(answer);
  if (ML_LIKELY(answer == wanted)) ML_NEXT;
  if (wanted < 0) {
    thread->top = slot + answer;
    charge_values(*vm, answer);
  } else {
    for (int n = answer; n < wanted; ++n) heap::set_nil(&slot[n]);
  }
  ML_NEXT;
}
ML_PART(CallBuiltin) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SPEND(kCallFuel, ops::call_safepoint);
  Value* slot = &RA;
  const FastFn fast = vm->builtins.calls[slot->bits].fast;
  if (fast != nullptr && static_cast<std::uint8_t>(ML_C - 1) <= 1) {
    const int answer = fast(*vm, slot, ML_B);
    if (ML_LIKELY(answer >= 0)) {
      if (ML_UNLIKELY(answer == 0)) heap::set_nil(slot);
      ML_NEXT;
    }
  }
  ML_GO(CallBuiltinInFull);
}
// A function that takes another number of arguments than it gets, or gets a list.
ML_PART(CallOfOtherArity) {
  Value* slot = &RA;
  const unsigned b = ML_B;
  const Proto* proto = slot->closure()->proto;
  const unsigned count = b != 0 ? b - 1 : static_cast<unsigned>(vm->thread()->top - slot) - 1;
  ML_SPEND(kCallFuel, ops::call_safepoint);
  Value* frame = make_frame(*vm->thread(), slot, count, *proto, heap::make_lua_link(pc));
  if (ML_UNLIKELY(frame == nullptr)) ML_SLOW(ops::call_passed);
  base = frame;
  pc = proto->code;
  k = proto->constants;
  ML_NEXT;
}
ML_OP(Call) {
  Value* slot = &RA;
  if (ML_LIKELY(slot->is_closure())) {
    const Proto* proto = slot->closure()->proto;
    if (ML_UNLIKELY(proto->arity + 1u != ML_B)) ML_GO(CallOfOtherArity);
    ML_SPEND(kCallFuel, ops::call_safepoint);
    if (ML_UNLIKELY(slot + 1 + proto->max_stack + kStackSlack > vm->thread()->stack_end())) {
      ML_SLOW(ops::call_passed);
    }
    slot->meta = heap::make_lua_link(pc);
    base = slot + 1;
    pc = proto->code;
    k = proto->constants;
    ML_NEXT;
  }
  if (ML_LIKELY(slot->is_builtin())) ML_GO(CallBuiltin);
  ML_SPEND(kCallFuel, ops::call_safepoint);
  ML_SLOW(ops::call_passed);
}
// An iterator written in Lua.
ML_PART(TForCallClosure) {
  Value* slot = &RA;
  const Proto* proto = slot[-4].closure()->proto;
  heap::copy(&slot[0], &slot[-4]);
  heap::copy(&slot[1], &slot[-3]);
  heap::copy(&slot[2], &slot[-2]);
  Value* frame = make_frame(*vm->thread(), slot, 2, *proto, heap::make_lua_link(pc));
  if (ML_UNLIKELY(frame == nullptr)) ML_SLOW(ops::call_passed);
  base = frame;
  pc = proto->code;
  k = proto->constants;
  ML_NEXT;
}
ML_PART(TForCallBuiltin) {
  Value* slot = &RA;
  Thread* thread = vm->thread();
  slot[0].bits = slot[-4].bits;
  slot[0].meta = heap::make_lua_link(pc);
  heap::copy(&slot[1], &slot[-3]);
  heap::copy(&slot[2], &slot[-2]);
  thread->base = slot + 1;
  thread->top = slot + 3;
  const int answer = vm->builtins.calls[slot->bits].call(*vm, slot + 1, 2);
  const int wanted = static_cast<int>(ML_C) - 1;
  if (ML_UNLIKELY(answer < 0 || thread->base != slot + 1)) ML_ANSWER(answer);
  for (int n = answer; n < wanted; ++n) heap::set_nil(&slot[n]);
  ML_NEXT;
}
// What pairs() has begun.
ML_PART(TForCallNext) {
  Value* slot = &RA;
  if (ML_LIKELY(slot[-3].is_table() && ML_C <= 3 &&
                heap::table_next_quickly(vm->heap, *slot[-3].table(), slot[-2], slot))) {
    ML_NEXT;
  }
  ML_GO(TForCallBuiltin);
}
ML_OP(TForCall) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SPEND(kCallFuel, ops::call_safepoint);
  Value* slot = &RA;
  if (ML_LIKELY(slot[-4].is_builtin())) {
    const auto builtin = static_cast<int>(slot[-4].bits);
    if (builtin == vm->builtins.roles.next) ML_GO(TForCallNext);
    // What ipairs() has begun.
    if (builtin == vm->builtins.roles.ipairs_step && slot[-3].is_table() && is_integer(slot[-2]) &&
        ML_C <= 3) {
      const Table* t = slot[-3].table();
      const auto index = static_cast<std::uint64_t>(slot[-2].integer);
      if (ML_LIKELY(index < t->array_count)) {
        if (ML_UNLIKELY(t->array.is_packed())) {
          load_packed(&slot[1], t->array, index);
        } else {
          heap::copy(&slot[1], &t->array.values()[index]);
          if (ML_UNLIKELY(slot[1].is_nil())) ML_GO(TForCallBuiltin);
        }
        heap::set_integer(&slot[0], static_cast<std::int64_t>(index + 1));
        ML_NEXT;
      }
    }
    ML_GO(TForCallBuiltin);
  }
  if (ML_LIKELY(slot[-4].is_closure())) ML_GO(TForCallClosure);
  ML_SLOW(ops::call_passed);
}

// The function slot of the frame, below its extra arguments.
#define ML_FUNCTION_SLOT                                                                    \
  (ML_UNLIKELY((base[-1].meta & 3) == 2) ? base - heap::link_delta(base[-1].meta) - 1 : base - 1)

// `count` results, not many, go to where a Lua frame's call wants them. REQUIRES: Lua called it.
#define ML_RETURN(slot, link, results, count)                                            \
  do {                                                                                   \
    pc = heap::link_pc(link);                                                            \
    const Instruction call = pc[-1];                                                     \
    const int wanted = static_cast<int>(bytecode::op_c(call)) - 1;                       \
    const int moved = wanted < 0 || (count) < wanted ? (count) : wanted;                 \
    for (int n = 0; n < moved; ++n) heap::copy(&(slot)[n], &(results)[n]);               \
    if (ML_UNLIKELY(wanted < 0)) {                                                       \
      vm->thread()->top = (slot) + (count);                                              \
    } else {                                                                             \
      for (int n = moved; n < wanted; ++n) heap::set_nil(&(slot)[n]);                    \
    }                                                                                    \
    base = (slot) - bytecode::op_a(call);                                                \
    k = heap::frame_closure(base)->proto->constants;                                     \
    ML_NEXT;                                                                             \
  } while (false)

ML_OP(Return) {
  Value* slot = ML_FUNCTION_SLOT;
  const std::uint64_t link = slot->meta;
  if (ML_LIKELY((link & 2) == 0)) {
    const Value* results = &RA;
    const unsigned b = ML_B;
    const int count =
        b != 0 ? static_cast<int>(b) - 1 : static_cast<int>(vm->thread()->top - results);
    if (ML_UNLIKELY(count > kValuesUncharged)) ML_SLOW(ops::return_many);
    ML_RETURN(slot, link, results, count);
  }
  ML_SLOW(ops::return_many);
}
// Of a function with extra arguments, or that Lua did not call.
ML_PART(ReturnNone) {
  Value* slot = ML_FUNCTION_SLOT;
  const std::uint64_t link = slot->meta;
  if (ML_LIKELY((link & 2) == 0)) ML_RETURN(slot, link, slot, 0);
  ML_SLOW(ops::return_many);
}
ML_PART(ReturnOne) {
  Value* slot = ML_FUNCTION_SLOT;
  const std::uint64_t link = slot->meta;
  const Value* result = &RA;
  if (ML_LIKELY((link & 2) == 0)) ML_RETURN(slot, link, result, 1);
  ML_SLOW(ops::return_many);
}
ML_OP(Return0) {
  const std::uint64_t link = base[-1].meta;
  if (ML_UNLIKELY((link & 2) != 0)) ML_GO(ReturnNone);
  Value* slot = base - 1;
  ML_RETURN(slot, link, slot, 0);
}
ML_OP(Return1) {
  const std::uint64_t link = base[-1].meta;
  if (ML_UNLIKELY((link & 2) != 0)) ML_GO(ReturnOne);
  const Instruction* back = heap::link_pc(link);
  const Instruction call = back[-1];
  if (ML_UNLIKELY(bytecode::op_c(call) != 2)) ML_GO(ReturnOne);
  Value* slot = base - 1;
  heap::copy(slot, &RA);
  pc = back;
  base = slot - bytecode::op_a(call);
  k = heap::frame_closure(base)->proto->constants;
  ML_NEXT;
}
// A frame ends with what a builtin returns, and stays until then.
ML_PART(TailCallBuiltin) {
  Value* slot = &RA;
  Thread* thread = vm->thread();
  const unsigned b = ML_B;
  const FastFn fast = vm->builtins.calls[slot->bits].fast;
  if (fast != nullptr && ML_C == 0) {
    const int answer = fast(*vm, slot, b);
    if (ML_LIKELY(answer >= 0)) {
      Value* own = ML_FUNCTION_SLOT;
      const std::uint64_t link = own->meta;
      if (ML_LIKELY((link & 2) == 0)) ML_RETURN(own, link, slot, answer);
      thread->top = slot + answer;
      ML_SLOW(ops::return_tail_called);
    }
  }
  if (ML_UNLIKELY(fast == hands_over) && hand_over(*vm, slot, b, pc)) ML_RELOAD;
  int count = static_cast<int>(b) - 1;
  if (ML_UNLIKELY(b == 0)) count = static_cast<int>(thread->top - slot) - 1;
  if (ML_UNLIKELY(slot + 1 + count + kStackSlack > thread->stack_end() ||
                  nested_depth(*thread) >= vm->limits.native_depth_max)) {
    ML_SLOW(ops::call_passed);
  }
  slot->meta = instruction_link(base, pc, bytecode::op_a(pc[-1]));
  count_nested(*vm, *thread, slot);
  thread->base = slot + 1;
  thread->top = slot + 1 + count;
  const int answer = vm->builtins.calls[slot->bits].call(*vm, slot + 1, count);
  if (ML_UNLIKELY(answer < 0 || thread->base != slot + 1)) ML_TAIL_ANSWER(answer);
  --thread->native_depth;
  Value* own = ML_FUNCTION_SLOT;
  const std::uint64_t link = own->meta;
  if (ML_UNLIKELY((link & 2) != 0 || ML_C != 0 || answer > kValuesUncharged)) {
    thread->top = slot + answer;
    ML_SLOW(ops::return_tail_called);
  }
  ML_RETURN(own, link, slot, answer);
}
// To a function of Lua that takes another number of arguments, or gets a list, or from one that has
// extra arguments, or that Lua did not call.
ML_PART(TailCallOfOtherArity) {
  Value* slot = &RA;
  Thread* thread = vm->thread();
  const unsigned b = ML_B;
  const unsigned count = b != 0 ? b - 1 : static_cast<unsigned>(thread->top - slot) - 1;
  const Proto* proto = slot->closure()->proto;
  const Proto* own = heap::frame_closure(base)->proto;
  Value* frame = ML_FUNCTION_SLOT;
  const std::uint64_t link = frame->meta;
  if (ML_UNLIKELY(ML_C != 0 || count > kValuesUncharged ||
                  ((proto->flags ^ own->flags) & heap::kProtoIsBuiltin) != 0 ||
                  !has_room(*thread, frame, count, *proto))) {
    ML_SLOW(ops::call_passed);
  }
  frame->bits = slot->bits;
  for (unsigned n = 1; n <= count; ++n) heap::copy(&frame[n], &slot[n]);
  base = make_frame(*thread, frame, count, *proto,
                    link | ((link & 2) == 0 ? 1 : heap::kLinkTailCalled));
  pc = proto->code;
  k = proto->constants;
  ML_NEXT;
}
ML_OP(TailCall) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  ML_SPEND(kCallFuel, ops::call_safepoint);
  Value* slot = &RA;
  const unsigned b = ML_B;
  if (ML_LIKELY(slot->is_closure())) {
    const std::uint64_t link = base[-1].meta;
    const Proto* proto = slot->closure()->proto;
    const Proto* own = heap::frame_closure(base)->proto;
    // From a Lua frame that Lua called, with nothing to close, to another function of its kind.
    if (ML_UNLIKELY(ML_C != 0 || (link & 2) != 0 || proto->arity + 1u != b ||
                    ((proto->flags ^ own->flags) & heap::kProtoIsBuiltin) != 0 ||
                    base + proto->max_stack + kStackSlack > vm->thread()->stack_end())) {
      ML_GO(TailCallOfOtherArity);
    }
    base[-1].bits = slot->bits;
    base[-1].meta = link | 1;
    for (unsigned n = 0; n + 1 < b; ++n) heap::copy(&base[n], &slot[1 + n]);
    pc = proto->code;
    k = proto->constants;
    ML_NEXT;
  }
  if (ML_LIKELY(slot->is_builtin())) ML_GO(TailCallBuiltin);
  ML_SLOW(ops::call_passed);
}
ML_OP(ReturnClose) { ML_SLOW(ops::return_close); }
ML_OP(Vararg) {
  int wanted = static_cast<int>(ML_C) - 1;
  const std::uint32_t delta = heap::link_delta(base[-1].meta);
  const int parameters = heap::frame_closure(base)->proto->parameter_count;
  const int available = static_cast<int>(delta) - 1 - parameters;
  const Value* from = base - delta + parameters;
  Value* slot = &RA;
  if (wanted < 0) {
    // A list, and its end. All of the stack's slack is there for it.
    wanted = available > 0 ? available : 0;
    if (ML_UNLIKELY(wanted > kValuesUncharged)) ML_SLOW(ops::vararg);
    vm->thread()->top = slot + wanted;
  }
  for (int n = 0; n < wanted; ++n) {
    if (n < available) {
      heap::copy(&slot[n], &from[n]);
    } else {
      heap::set_nil(&slot[n]);
    }
  }
  ML_NEXT;
}
ML_OP(Closure) {
  if (ML_UNLIKELY(vm->heap.wants_step())) ML_SLOW(ops::collect);
  if (ML_LIKELY(ops::make_closure(*vm, base, pc[-1]))) ML_NEXT;
  ML_SLOW(ops::closure);
}
ML_OP(Close) { ML_SLOW(ops::close); }
ML_OP(Tbc) { ML_SLOW(ops::to_be_closed); }
