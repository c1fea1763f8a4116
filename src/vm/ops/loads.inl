// Loads and moves.

ML_OP(Move) {
  heap::copy(&RA, &RB);
  ML_NEXT;
}
ML_OP(LoadI) {
  heap::set_integer(&RA, ML_SBX);
  ML_NEXT;
}
ML_OP(LoadF) {
  heap::set_float(&RA, ML_SBX);
  ML_NEXT;
}
ML_OP(LoadK) {
  heap::copy(&RA, &k[ML_BX]);
  ML_NEXT;
}
ML_OP(LoadKX) {
  heap::copy(&RA, &k[*pc]);
  ++pc;
  ML_NEXT;
}
ML_OP(LoadNil) {
  Value* slot = &RA;
  for (unsigned n = ML_B + 1; n != 0; --n) heap::set_nil(slot++);
  ML_NEXT;
}
ML_OP(LoadFalse) {
  heap::set_boolean(&RA, false);
  ML_NEXT;
}
ML_OP(LoadTrue) {
  heap::set_boolean(&RA, true);
  ML_NEXT;
}
ML_OP(LoadFalseSkip) {
  heap::set_boolean(&RA, false);
  ++pc;
  ML_NEXT;
}
ML_OP(GetUpvalue) {
  heap::copy(&RA, &ML_UPVALUE(ML_B));
  ML_NEXT;
}
ML_OP(SetUpvalue) {
  heap::Cell* cell = heap::frame_closure(base)->upvalues()[ML_B];
  heap::copy(cell->location, &RA);
  if (ML_UNLIKELY(cell->is_black())) vm->heap.barrier(cell, RA);
  ML_NEXT;
}
