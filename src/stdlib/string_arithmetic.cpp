// Metamethods of strings: arithmetic on numerals. When an operand is none, the second operand's own
// metamethod is tried, since the first one's was this.
#include "stdlib/library.hpp"
#include "stdlib/string_rows.hpp"
#include "vm/arith.hpp"

namespace moonlet::stdlib {
namespace {

using heap::Event;
namespace arith = vm::arith;

// "__add" is called "add" in messages.
std::string_view event_text(Event event) {
  switch (event) {
    case Event::Add:
      return "add";
    case Event::Sub:
      return "sub";
    case Event::Mul:
      return "mul";
    case Event::Mod:
      return "mod";
    case Event::Pow:
      return "pow";
    case Event::Div:
      return "div";
    case Event::IDiv:
      return "idiv";
    case Event::Unm:
      return "unm";
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
    case Event::Unm:
      return Value::from(arith::wrap_sub(0, a));
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
    case Event::Unm:
      return Value::from(-a);
    default:
      ML_UNREACHABLE();
  }
}

int compute(Vm& vm, Value* args, Event event, const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer() && event != Event::Div && event != Event::Pow) {
    if (b.integer == 0 && event == Event::Mod) {
      return vm::throw_value_text(vm, "attempt to perform 'n%0'");
    }
    if (b.integer == 0 && event == Event::IDiv) {
      return vm::throw_value_text(vm, "attempt to divide by zero");
    }
    return vm::return_one(args, on_integers(event, a.integer, b.integer));
  }
  double x = 0;
  double y = 0;
  if (!arith::to_double(a, x) || !arith::to_double(b, y)) ML_UNREACHABLE();
  return vm::return_one(args, on_floats(event, x, y));
}

int try_second_operand(Vm& vm, Value* args, Event event) {
  const Value handler = args[1].is_string() ? Value::nil() : vm::metamethod(vm, args[1], event);
  if (handler.is_nil()) {
    return vm::throw_error(
        vm, {"attempt to ", event_text(event), " a '", vm::basic_type_name(args[0]), "' with a '",
             vm::basic_type_name(args[1]), "'"});
  }
  args[2] = handler;
  args[3] = args[0];
  args[4] = args[1];
  vm.call_slot = args + 2;
  vm.call_count = 2;
  return vm::kCall;
}

template <Event kEvent>
int string_arithmetic(Vm& vm, Value* args, int count) {
  for (int i = count; i < 2; ++i) args[i] = Value::nil();
  Value a;
  Value b;
  if (vm::to_number(args[0], a) && vm::to_number(args[1], b)) {
    return compute(vm, args, kEvent, a, b);
  }
  return try_second_operand(vm, args, kEvent);
}

int take_one(Vm&, Value* args, Value* results, int count) {
  return vm::return_one(args, count > 0 ? results[0] : Value::nil());
}

constexpr vm::BuiltinRow kRows[] = {
    {"string:__add", string_arithmetic<Event::Add>, take_one},
    {"string:__sub", string_arithmetic<Event::Sub>, take_one},
    {"string:__mul", string_arithmetic<Event::Mul>, take_one},
    {"string:__mod", string_arithmetic<Event::Mod>, take_one},
    {"string:__pow", string_arithmetic<Event::Pow>, take_one},
    {"string:__div", string_arithmetic<Event::Div>, take_one},
    {"string:__idiv", string_arithmetic<Event::IDiv>, take_one},
    {"string:__unm", string_arithmetic<Event::Unm>, take_one},
};

}  // namespace

std::span<const vm::BuiltinRow> string_arithmetic_rows() { return kRows; }

bool fill_string(Vm& vm, Table& library) {
  Table* metatable = vm.heap.new_table();
  if (metatable == nullptr) return false;
  constexpr std::string_view kPrefix = "string:";
  for (const vm::BuiltinRow& row : kRows) {
    const int index = vm.builtins.find(row.name);
    ML_CHECK(index >= 0);
    if (!heap::set_field(vm.heap, *metatable, row.name.substr(kPrefix.size()),
                         Value::from_builtin(static_cast<std::uint32_t>(index)))) {
      return false;
    }
  }
  if (!heap::set_field(vm.heap, *metatable, "__index", Value::from(&library))) return false;
  return vm.heap.set_basic_metatable(heap::BasicType::String, metatable);
}

}  // namespace moonlet::stdlib
