// Slow paths of the instructions that only Luau has.
#include <algorithm>

#include "vm/debug.hpp"
#include "vm/ops/slow_shared.hpp"
#include "vm/vectors.hpp"

namespace moonlet::vm::ops {

using bytecode::Opcode;

namespace {

double on_floats(Event event, double a, double b) {
  switch (event) {
    case Event::Add:
      return a + b;
    case Event::Sub:
      return a - b;
    case Event::Mul:
      return a * b;
    case Event::Mod:
      return arith::luau_mod(a, b);
    case Event::Pow:
      return base::power(a, b);
    case Event::Div:
      return a / b;
    case Event::IDiv:
      return arith::floor_div(a, b);
    default:
      ML_UNREACHABLE();
  }
}

}  // namespace

bool compute_luau(Event event, const Value& a, const Value& b, Value& result) {
  double x;
  double y;
  if (!convert(a, x)) return false;
  if (event == Event::Unm) {
    result = Value::from(-x);
    return true;
  }
  if (!convert(b, y)) return false;
  result = Value::from(on_floats(event, x, y));
  return true;
}

Flow arithmetic_luau(Vm& vm, Instruction i) {
  const int row = static_cast<int>(bytecode::opcode(i)) - static_cast<int>(Opcode::ModF);
  Value* base = vm.thread()->base;
  const Value* constants = heap::frame_closure(base)->proto->constants;
  const Value* a = (row % 3 == 2 ? constants : base) + bytecode::op_b(i);
  const Value* b = (row % 3 == 1 ? constants : base) + bytecode::op_c(i);
  const Event event = row < 3 ? Event::Mod : Event::IDiv;
  Value& result = base[bytecode::op_a(i)];
  if (compute_luau(event, *a, *b, result) || vector_arithmetic(event, *a, *b, result)) {
    return Flow::Next;
  }
  Value handler = metamethod(vm, *a, event);
  if (handler.is_nil()) handler = metamethod(vm, *b, event);
  if (handler.is_nil()) {
    throw_arithmetic_error(vm, a, b, event);
    return throw_pending(vm);
  }
  return call_metamethod(vm, handler, *a, *b);
}

Flow length_luau(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const Value* operand = thread.base + bytecode::op_b(i);
  Value& result = thread.base[bytecode::op_a(i)];
  if (operand->is_string()) {
    result = Value::from(static_cast<double>(operand->string()->size));
    return Flow::Next;
  }
  const Value handler = metamethod(vm, *operand, Event::Len);
  if (!handler.is_nil()) return call_metamethod(vm, handler, *operand, Value::nil());
  if (operand->is_table()) {
    result = Value::from(static_cast<double>(heap::table_length(*operand->table())));
    return Flow::Next;
  }
  throw_operand_error(vm, operand, "get length of");
  return throw_pending(vm);
}

namespace {

// Both operands have to have the same handler, as in Lua 5.1.
Value common_handler(Vm& vm, const Value& a, const Value& b, Event event) {
  const Value handler = metamethod(vm, a, event);
  if (handler.is_nil()) return handler;
  return raw_equal(handler, metamethod(vm, b, event)) ? handler : Value::nil();
}

}  // namespace

Flow equal_luau(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const Value& a = thread.base[bytecode::op_a(i)];
  const Value& b = thread.base[bytecode::op_b(i)];
  if (a.is_string() && b.is_string()) return equal_strings(vm, i, *a.string(), *b.string());
  const bool is_same = raw_equal(a, b);
  if (a.tag() != b.tag() || !(a.is_table() || a.is_userdata())) return take(vm, i, is_same);
  const Value handler = common_handler(vm, a, b, Event::Eq);
  if (handler.is_nil()) return take(vm, i, is_same);
  return call_metamethod(vm, handler, a, b);
}

Flow order_luau(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const Value* a = thread.base + bytecode::op_a(i);
  const Opcode op = bytecode::opcode(i);
  const Value* b = thread.base + bytecode::op_b(i);
  if (op != Opcode::LtF && op != Opcode::LeF) {
    b = heap::frame_closure(thread.base)->proto->constants + bytecode::op_b(i);
  }
  if (op == Opcode::GtFK || op == Opcode::GeFK) std::swap(a, b);
  const bool is_less = op == Opcode::LtF || op == Opcode::LtFK || op == Opcode::GtFK;
  Flow flow;
  if (order_primitives(vm, i, *a, *b, is_less, flow)) return flow;
  Value handler = Value::nil();
  if (basic_type_name(*a) == basic_type_name(*b)) {
    handler = common_handler(vm, *a, *b, is_less ? Event::Lt : Event::Le);
    // As in Lua 5.1, a <= b is not b < a, where nothing else is said.
    if (handler.is_nil() && !is_less && !common_handler(vm, *b, *a, Event::Lt).is_nil()) {
      handler = Value::from_builtin(static_cast<std::uint32_t>(vm.builtins.roles.luau_less_equal));
    }
  }
  if (handler.is_nil()) {
    throw_luau_order_error(vm, *a, *b, is_less ? "<" : "<=");
    return throw_pending(vm);
  }
  return call_metamethod(vm, handler, *a, *b);
}

Flow for_prepare_luau(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  Value* ra = thread.base + bytecode::op_a(i);
  double numbers[3];
  constexpr std::string_view kWhat[] = {"initial", "limit", "step"};
  for (const int n : {0, 1, 2}) {
    if (convert(ra[n], numbers[n])) continue;
    throw_for_error(vm, ra[n], kWhat[n]);
    return throw_pending(vm);
  }
  const auto [start, limit, step] = numbers;
  if (!(step > 0 ? start <= limit : limit <= start)) {
    thread.pc += bytecode::op_bx(i) + 1;
    return Flow::Next;
  }
  for (const int n : {0, 1, 2}) ra[n] = Value::from(numbers[n]);
  ra[3] = ra[0];
  return Flow::Next;
}

Flow iter_prepare(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  Value* ra = thread.base + bytecode::op_a(i);
  const Value handler = metamethod(vm, ra[-4], Event::Iter);
  if (!handler.is_nil()) {
    ra[0] = handler;
    ra[1] = ra[-4];
    return Flow::Next;
  }
  const bool is_callable = !metamethod(vm, ra[-4], Event::Call).is_nil();
  if (!is_callable && !ra[-4].is_table()) {
    throw_operand_error(vm, ra - 4, "iterate over");
    return throw_pending(vm);
  }
  thread.pc += bytecode::op_bx(i);
  if (is_callable) return Flow::Next;
  ra[-3] = ra[-4];
  ra[-4] = Value::from_builtin(static_cast<std::uint32_t>(vm.builtins.roles.luau_next));
  ra[-2] = Value::nil();
  return Flow::Next;
}

}  // namespace moonlet::vm::ops
