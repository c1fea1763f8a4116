#include "stdlib/luau/arguments.hpp"

namespace moonlet::stdlib::luau {

bool arg_int(Vm& vm, Value* args, int count, int index, int& out) {
  double number;
  if (!vm::arg_number(vm, args, count, index, number)) return false;
  out = to_int(number);
  return true;
}

bool opt_int(Vm& vm, Value* args, int count, int index, int fallback, int& out) {
  if (!vm::is_none_or_nil(args, count, index)) return arg_int(vm, args, count, index, out);
  out = fallback;
  return true;
}

bool arg_unsigned(Vm& vm, Value* args, int count, int index, std::uint32_t& out) {
  double number;
  if (!vm::arg_number(vm, args, count, index, number)) return false;
  out = to_unsigned(number);
  return true;
}

bool arg_buffer(Vm& vm, Value* args, int count, int index, Buffer*& out) {
  if (index < count && is_script_buffer(args[index])) {
    out = args[index].buffer();
    return true;
  }
  vm::throw_type_error(vm, args, count, index, "buffer");
  return false;
}

bool arg_vector(Vm& vm, Value* args, int count, int index, heap::Lanes& out) {
  if (index < count && args[index].is_vector()) {
    out = heap::vector_lanes(args[index]);
    return true;
  }
  vm::throw_type_error(vm, args, count, index, "vector");
  return false;
}

bool arg_function(Vm& vm, Value* args, int count, int index) {
  if (index < count && args[index].is_function()) return true;
  vm::throw_type_error(vm, args, count, index, "function");
  return false;
}

}  // namespace moonlet::stdlib::luau
