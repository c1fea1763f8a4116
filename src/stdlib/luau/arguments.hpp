// Arguments and results of Luau's library functions. Numbers are floats there: whole ones are cut
// to what 32 bits hold, without a complaint, as Luau cuts them.
#pragma once

#include <cmath>
#include <cstdint>

#include "heap/vector.hpp"
#include "stdlib/string_result.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib::luau {

// ---- Numbers.

// Towards zero; what does not fit, or is a NaN, is INT32_MIN.
inline int to_int(double n) {
  return n > -2147483649.0 && n < 2147483648.0 ? static_cast<int>(n) : INT32_MIN;
}
// By way of 64 bits; what does not fit there, or is a NaN, is 0.
inline std::uint32_t to_unsigned(double n) {
  return n >= -0x1p63 && n < 0x1p63 ? static_cast<std::uint32_t>(static_cast<std::int64_t>(n)) : 0;
}

// As builtin.hpp's, numerals included: false, and the builtin returns vm.failure.
[[nodiscard]] bool arg_int(Vm& vm, Value* args, int count, int index, int& out);
[[nodiscard]] bool opt_int(Vm& vm, Value* args, int count, int index, int fallback, int& out);
[[nodiscard]] bool arg_unsigned(Vm& vm, Value* args, int count, int index, std::uint32_t& out);
[[nodiscard]] bool arg_buffer(Vm& vm, Value* args, int count, int index, Buffer*& out);
[[nodiscard]] bool arg_vector(Vm& vm, Value* args, int count, int index, heap::Lanes& out);
[[nodiscard]] bool arg_function(Vm& vm, Value* args, int count, int index);

inline bool is_script_buffer(const Value& value) {
  return value.is(Tag::Buffer) && value.object->kind == heap::Kind::Buffer &&
         value.buffer()->is_of_script();
}

inline int return_number(Value* args, double n) { return vm::return_one(args, Value::from(n)); }
inline int return_vector(Value* args, const heap::Lanes& lanes) {
  return vm::return_one(args, heap::make_vector(lanes));
}

inline Value as_float(const Value& value) {
  return value.is_integer() ? Value::from(static_cast<double>(value.integer)) : value;
}
inline void make_floats(Value* values, int count) {
  for (int n = 0; n < count; ++n) values[n] = as_float(values[n]);
}

// ---- A function of Lua 5.4's library under Luau's numbers. Bit n of `kWhole` is set where
// argument n is a whole number: a float there is cut before the function sees it. Results are
// floats. REQUIRES: the function reads such an argument before it answers kAgain or kCall, or bears
// to read it as an integer later.
template <vm::BuiltinFn kFunction, unsigned kWhole = 0>
int on_floats(Vm& vm, Value* args, int count) {
  for (unsigned bits = kWhole, n = 0; bits != 0; bits >>= 1, ++n) {
    if ((bits & 1) == 0 || static_cast<int>(n) >= count) continue;
    Value number;
    if (!vm::to_number(args[n], number)) continue;  // for the function to complain about
    const double whole = number.is_integer() ? static_cast<double>(number.integer) : number.number;
    args[n] = Value::from(static_cast<std::int64_t>(to_int(whole)));
  }
  const int results = kFunction(vm, args, count);
  if (results > 0) make_floats(args - 1, results);
  return results;
}
template <vm::ResumeFn kFunction>
int resume_on_floats(Vm& vm, Value* args, Value* results, int count) {
  const int made = kFunction(vm, args, results, count);
  if (made > 0) make_floats(args - 1, made);
  return made;
}

}  // namespace moonlet::stdlib::luau
