// Slow paths of arithmetic: mixed operands, strings, metamethods, errors.
#include <algorithm>

#include "heap/long_strings.hpp"
#include "vm/arith.hpp"
#include "vm/debug.hpp"
#include "vm/ops/slow.hpp"
#include "vm/vectors.hpp"

namespace moonlet::vm::ops {

using bytecode::Opcode;

namespace {

bool is_bitwise(Event event) { return event >= Event::BAnd && event <= Event::Shr; }

std::int64_t bitwise(Event event, std::int64_t a, std::int64_t b) {
  switch (event) {
    case Event::BAnd:
      return a & b;
    case Event::BOr:
      return a | b;
    case Event::BXor:
      return a ^ b;
    case Event::Shl:
      return arith::shift_left(a, b);
    case Event::Shr:
      return arith::shift_right(a, b);
    default:
      ML_UNREACHABLE();
  }
}

Value on_integers(Event event, std::int64_t a, std::int64_t b) {
  switch (event) {
    case Event::Add:
      return Value::from(arith::wrap_add(a, b));
    case Event::Sub:
      return Value::from(arith::wrap_sub(a, b));
    case Event::Mul:
      return Value::from(arith::wrap_mul(a, b));
    case Event::Mod:
      return Value::from(arith::floor_mod(a, b));
    case Event::IDiv:
      return Value::from(arith::floor_div(a, b));
    default:
      ML_UNREACHABLE();
  }
}

Value on_floats(Event event, double a, double b) {
  switch (event) {
    case Event::Add:
      return Value::from(a + b);
    case Event::Sub:
      return Value::from(a - b);
    case Event::Mul:
      return Value::from(a * b);
    case Event::Mod:
      return Value::from(arith::floor_mod(a, b));
    case Event::Pow:
      return Value::from(base::power(a, b));
    case Event::Div:
      return Value::from(a / b);
    case Event::IDiv:
      return Value::from(arith::floor_div(a, b));
    default:
      ML_UNREACHABLE();
  }
}

struct Operands {
  const Value* a;
  const Value* b;
  Event event;
};

Operands operands_of(Vm& vm, Instruction i) {
  const int row = static_cast<int>(bytecode::opcode(i)) - static_cast<int>(Opcode::Add);
  Value* base = vm.thread()->base;
  const Value* constants = heap::frame_closure(base)->proto->constants;
  const unsigned b = bytecode::op_b(i);
  const unsigned c = bytecode::op_c(i);
  return {row % 3 == 2 ? constants + b : base + b, row % 3 == 1 ? constants + c : base + c,
          static_cast<Event>(static_cast<int>(Event::Add) + row / 3)};
}

}  // namespace

enum class Computed : std::uint8_t { Done, NotNumbers, DivideByZero };

// Raw arithmetic; strings are no numbers here (their metamethods convert).
Computed compute(Event event, const Value& a, const Value& b, Value& result) {
  if (is_bitwise(event)) {
    std::int64_t x;
    std::int64_t y;
    if (!number_to_integer(a, x) || !number_to_integer(b, y)) return Computed::NotNumbers;
    result = Value::from(bitwise(event, x, y));
    return Computed::Done;
  }
  if (a.is_integer() && b.is_integer() && event != Event::Div && event != Event::Pow) {
    if (b.integer == 0 && (event == Event::IDiv || event == Event::Mod)) {
      return Computed::DivideByZero;
    }
    result = on_integers(event, a.integer, b.integer);
    return Computed::Done;
  }
  double x;
  double y;
  if (!arith::to_double(a, x) || !arith::to_double(b, y)) return Computed::NotNumbers;
  result = on_floats(event, x, y);
  return Computed::Done;
}

Flow arithmetic(Vm& vm, Instruction i) {
  const Operands operands = operands_of(vm, i);
  Value result;
  switch (compute(operands.event, *operands.a, *operands.b, result)) {
    case Computed::Done:
      vm.thread()->base[bytecode::op_a(i)] = result;
      return Flow::Next;
    case Computed::DivideByZero:
      throw_here(vm, operands.event == Event::Mod ? "attempt to perform 'n%0'"
                                                  : "attempt to divide by zero");
      return throw_pending(vm);
    case Computed::NotNumbers:
      break;
  }
  if (vector_arithmetic(operands.event, *operands.a, *operands.b, result)) {
    vm.thread()->base[bytecode::op_a(i)] = result;
    return Flow::Next;
  }
  Value handler = metamethod(vm, *operands.a, operands.event);
  if (handler.is_nil()) handler = metamethod(vm, *operands.b, operands.event);
  if (handler.is_nil()) {
    if (vm.dialect == Dialect::Luau &&
        compute_luau(operands.event, *operands.a, *operands.b, result)) {
      vm.thread()->base[bytecode::op_a(i)] = result;
      return Flow::Next;
    }
    throw_arithmetic_error(vm, operands.a, operands.b, operands.event);
    return throw_pending(vm);
  }
  return call_metamethod(vm, handler, *operands.a, *operands.b);
}

namespace {

Flow unary(Vm& vm, Instruction i, Event event) {
  const Value* operand = vm.thread()->base + bytecode::op_b(i);
  const Value handler = metamethod(vm, *operand, event);
  if (handler.is_nil()) {
    Value result;
    if (vm.dialect == Dialect::Luau && compute_luau(event, *operand, *operand, result)) {
      vm.thread()->base[bytecode::op_a(i)] = result;
      return Flow::Next;
    }
    throw_arithmetic_error(vm, operand, operand, event);
    return throw_pending(vm);
  }
  return call_metamethod(vm, handler, *operand, *operand);
}

}  // namespace

Flow unary_minus(Vm& vm, Instruction i) {
  const Value& operand = vm.thread()->base[bytecode::op_b(i)];
  if (operand.is_vector()) {
    vm.thread()->base[bytecode::op_a(i)] = negate_vector(operand);
    return Flow::Next;
  }
  return unary(vm, i, Event::Unm);
}

Flow bitwise_not(Vm& vm, Instruction i) {
  std::int64_t integer;
  const Value* operand = vm.thread()->base + bytecode::op_b(i);
  if (number_to_integer(*operand, integer)) {
    vm.thread()->base[bytecode::op_a(i)] = Value::from(~integer);
    return Flow::Next;
  }
  return unary(vm, i, Event::BNot);
}

Flow length(Vm& vm, Instruction i) {
  Thread& thread = *vm.thread();
  const Value* operand = thread.base + bytecode::op_b(i);
  Value& result = thread.base[bytecode::op_a(i)];
  if (operand->is_string()) {
    result = Value::from(static_cast<std::int64_t>(operand->string()->size));
    return Flow::Next;
  }
  const Value handler = metamethod(vm, *operand, Event::Len);
  if (!handler.is_nil()) return call_metamethod(vm, handler, *operand, *operand);
  if (operand->is_table()) {
    result = Value::from(static_cast<std::int64_t>(heap::table_length(*operand->table())));
    return Flow::Next;
  }
  throw_operand_error(vm, operand, "get length of");
  return throw_pending(vm);
}

// ---- Concatenation. Operands are joined from the right; R[A+remaining-1] is the last that is
// left. When a metamethod is called in the middle, the number of operands that will be left is kept
// in the last operand's register, which is dead by then.

namespace {

bool is_text(const Value& value) { return value.is_string() || value.is_number(); }

// All operands are texts, and they are joined in pieces.
Flow concat_long(Vm& vm, Value* first, int count, std::size_t total) {
  const heap::Joining joining = heap::join_in_pieces(vm.heap, total);
  if (joining.string == nullptr) return Flow::NoMemory;
  char buffer[kNumberTextSize];
  std::uint64_t at = 0;  // of the operand, in the result
  for (int n = 0; n < count && at < joining.end; ++n) {
    const std::string_view text =
        first[n].is_string() ? first[n].string()->view() : number_text(vm, first[n], buffer);
    const std::uint64_t from = std::max(at, joining.position);
    const std::uint64_t to = std::min(at + text.size(), joining.end);
    if (from < to) std::memcpy(joining.string->data() + from, text.data() + (from - at), to - from);
    at += text.size();
  }
  if (!heap::end_piece(vm.heap, joining)) return Flow::NoMemory;
  charge(vm, total / 16);
  first[0] = Value::from(joining.string);
  return Flow::Next;
}

}  // namespace

Flow concat_from(Vm& vm, Instruction i, int remaining) {
  Thread& thread = *vm.thread();
  Value* first = thread.base + bytecode::op_a(i);
  while (remaining > 1) {
    Value& left = first[remaining - 2];
    Value& right = first[remaining - 1];
    if (!is_text(left) || !is_text(right)) {
      Value handler = metamethod(vm, left, Event::Concat);
      if (handler.is_nil()) handler = metamethod(vm, right, Event::Concat);
      if (handler.is_nil()) {
        throw_concat_error(vm, &left, &right);
        return throw_pending(vm);
      }
      const Value a = left;
      const Value b = right;
      first[bytecode::op_b(i) - 1] = Value::from(remaining - 1);
      return call_metamethod(vm, handler, a, b);
    }
    // As many texts as there are in a row, joined at once.
    char buffers[2][kNumberTextSize];
    std::size_t total = 0;
    int count = 0;
    while (count < remaining && is_text(first[remaining - 1 - count])) {
      const Value& value = first[remaining - 1 - count];
      total += value.is_string() ? value.string()->size : number_text(vm, value, buffers[0]).size();
      ++count;
    }
    if (total > vm.limits.string_bytes_max) {
      throw_limit_here(vm, LimitKind::StringSize, "string length overflow");
      return throw_pending(vm);
    }
    if (ML_UNLIKELY(total > heap::kStringPieceBytes) &&
        count == static_cast<int>(bytecode::op_b(i))) {
      return concat_long(vm, first, count, total);
    }
    char small[heap::kShortStringSize];
    String* joined = nullptr;
    char* out = small;
    if (total > heap::kShortStringSize) {
      joined = vm.heap.new_long_string_raw(total);
      if (joined == nullptr) return Flow::NoMemory;
      out = joined->data();
    }
    for (int n = count - 1; n >= 0; --n) {
      const Value& value = first[remaining - 1 - n];
      const std::string_view text =
          value.is_string() ? value.string()->view() : number_text(vm, value, buffers[0]);
      std::memcpy(out, text.data(), text.size());
      out += text.size();
    }
    if (joined == nullptr) {
      joined = vm.heap.new_string({small, total});
      if (joined == nullptr) return Flow::NoMemory;
    }
    charge(vm, total / 16);
    remaining -= count - 1;
    first[remaining - 1] = Value::from(joined);
  }
  return Flow::Next;
}

Flow concat(Vm& vm, Instruction i) {
  return concat_from(vm, i, static_cast<int>(bytecode::op_b(i)));
}

}  // namespace moonlet::vm::ops
