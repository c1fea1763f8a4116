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

// ---- Functions of Lua 5.4's library that give floats.
template <vm::BuiltinFn kFunction>
int on_floats(Vm& vm, Value* args, int count) {
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
// Its arguments behind the first are whole numbers, which it knows as integers only.
template <vm::FastFn kFunction>
int fast_on_floats(Vm& vm, Value* slot, unsigned operands) {
  constexpr unsigned kMost = 4;
  if (operands > kMost) return vm::kNotFast;
  Value copies[kMost];
  for (unsigned n = 0; n < operands; ++n) {
    const Value& given = slot[n];
    const bool is_whole =
        n > 1 && given.is_float() && given.number == static_cast<double>(to_int(given.number));
    copies[n] = is_whole ? Value::from(to_int(given.number)) : given;
  }
  const int results = kFunction(vm, copies, operands);
  if (results == 1) slot[0] = as_float(copies[0]);
  return results;
}

}  // namespace moonlet::stdlib::luau
