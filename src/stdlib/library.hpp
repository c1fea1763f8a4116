// The guest library: one function per file that lists its rows. libraries.cpp joins them.
#pragma once

#include <span>

#include "vm/builtin.hpp"

namespace moonlet::stdlib {

std::span<const vm::BuiltinRow> base_rows();
std::span<const vm::BuiltinRow> collect_rows();
std::span<const vm::BuiltinRow> coroutine_rows();
std::span<const vm::BuiltinRow> debug_rows();
std::span<const vm::BuiltinRow> intrinsic_rows();  // for the prelude
std::span<const vm::BuiltinRow> io_rows();
std::span<const vm::BuiltinRow> load_rows();
std::span<const vm::BuiltinRow> math_rows();
std::span<const vm::BuiltinRow> os_rows();
std::span<const vm::BuiltinRow> package_rows();
std::span<const vm::BuiltinRow> string_rows();
std::span<const vm::BuiltinRow> table_rows();
std::span<const vm::BuiltinRow> utf8_rows();

// Fields of library tables that are not functions: math.pi, utf8.charpattern, package.path ...
// Called once when a library table is made; false: out of memory.
[[nodiscard]] bool fill_math(vm::Vm& vm, vm::Table& library);
[[nodiscard]] bool fill_utf8(vm::Vm& vm, vm::Table& library);
[[nodiscard]] bool fill_io(vm::Vm& vm, vm::Table& library);
[[nodiscard]] bool fill_package(vm::Vm& vm, vm::Table& library);
[[nodiscard]] bool fill_string(vm::Vm& vm, vm::Table& library);  // metatable of strings

}  // namespace moonlet::stdlib
