// Luau's libraries: one function per file that lists its rows (library.hpp says how they are
// named).
#pragma once

#include <span>

#include "vm/builtin.hpp"

namespace moonlet::stdlib::luau {

std::span<const vm::BuiltinRow> base_rows();
std::span<const vm::BuiltinRow> bit32_rows();
std::span<const vm::BuiltinRow> buffer_rows();
std::span<const vm::BuiltinRow> debug_rows();
std::span<const vm::BuiltinRow> math_rows();
std::span<const vm::BuiltinRow> os_rows();
std::span<const vm::BuiltinRow> string_rows();
std::span<const vm::BuiltinRow> table_rows();
std::span<const vm::BuiltinRow> utf8_rows();
std::span<const vm::BuiltinRow> vector_rows();

// Fields that are no functions. False: out of memory.
[[nodiscard]] bool fill_math(vm::Vm& vm, vm::Table& library);
[[nodiscard]] bool fill_string(vm::Vm& vm, vm::Table& library);  // metatable of strings
[[nodiscard]] bool fill_vector(vm::Vm& vm, vm::Table& library);  // metatable of vectors

}  // namespace moonlet::stdlib::luau
