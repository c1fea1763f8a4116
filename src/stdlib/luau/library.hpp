// What Luau's scripts see, where it is not what those of Lua 5.4 see. Rows of Luau alone have names
// that begin with "luau:" ("luau:string.split", "luau:typeof"), and so do its functions in
// prelude/luau/; what follows is the name in the script. A row of both dialects stands in
// kShared of library.cpp.
//
// All numbers of Luau are floats: a builtin gives Value::from(double), never an integer
// (arguments.hpp).
#pragma once

#include <span>
#include <string_view>

#include "vm/builtin.hpp"

namespace moonlet::stdlib {

inline constexpr std::string_view kLuauPrefix = "luau:";

// Further rows of Luau alone (rows.hpp).
std::span<const vm::BuiltinRow> luau_coroutine_rows();
std::span<const vm::BuiltinRow> luau_environment_rows();
std::span<const vm::BuiltinRow> luau_iteration_rows();
std::span<const vm::BuiltinRow> luau_test_rows();

// Is it a row or prelude function that Luau has? Then the name that scripts know it by, else "".
std::string_view luau_name(std::string_view stable_name);

}  // namespace moonlet::stdlib
