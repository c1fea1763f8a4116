// What the slow paths of both languages share: the end of a test, comparisons of numbers and of
// strings, operands as floats.
#pragma once

#include <algorithm>

#include "heap/long_strings.hpp"
#include "vm/arith.hpp"
#include "vm/ops/slow.hpp"

namespace moonlet::vm::ops {

// Ends a Test instruction: thread.pc is at its Jump word.
inline Flow take(Vm& vm, Instruction i, bool outcome) {
  Thread& thread = *vm.thread();
  if (outcome == (bytecode::op_c(i) != 0)) {
    thread.pc += 1 + bytecode::op_sj(*thread.pc);
  } else {
    ++thread.pc;
  }
  return Flow::Next;
}

// a == b of strings. Long ones are compared in pieces; the instruction runs again until all are.
inline Flow equal_strings(Vm& vm, Instruction i, const heap::String& a, const heap::String& b) {
  if (&a == &b || !a.is_long() || a.size != b.size) return take(vm, i, &a == &b);
  const heap::Compared compared = heap::compare_in_pieces(vm.heap, a, b);
  if (!compared.is_done) return Flow::NoMemory;
  charge(vm, a.size / 16);
  return take(vm, i, compared.order == 0);
}

// a < b, or a <= b, of two numbers or two strings; false: they are something else, and nothing was
// done.
inline bool order_primitives(Vm& vm, Instruction i, const Value& a, const Value& b, bool is_less,
                             Flow& flow) {
  if (a.is_number() && b.is_number()) {
    flow = take(vm, i, is_less ? arith::less(a, b) : arith::less_equal(a, b));
    return true;
  }
  if (!a.is_string() || !b.is_string()) return false;
  const heap::Compared compared = heap::compare_in_pieces(vm.heap, *a.string(), *b.string());
  flow = Flow::NoMemory;
  if (!compared.is_done) return true;
  charge(vm, std::min(a.string()->size, b.string()->size) / 16);
  flow = take(vm, i, is_less ? compared.order < 0 : compared.order <= 0);
  return true;
}

// Numbers, and strings that look like one.
inline bool convert(const Value& value, double& out) {
  Value number;
  return to_number(value, number) && arith::to_double(number, out);
}

}  // namespace moonlet::vm::ops
