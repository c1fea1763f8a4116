// Functions of Lua 5.4's library that Luau's build on, as builtins.
#pragma once

#include "vm/builtin.hpp"

namespace moonlet::stdlib {

int coroutine_create(vm::Vm& vm, vm::Value* args, int count);
int coroutine_isyieldable(vm::Vm& vm, vm::Value* args, int count);
int base_error(vm::Vm& vm, vm::Value* args, int count);
int base_select(vm::Vm& vm, vm::Value* args, int count);
int base_next(vm::Vm& vm, vm::Value* args, int count);
// intrinsic.load: (source, name, mode, environment)
int load_function(vm::Vm& vm, vm::Value* args, int count);

}  // namespace moonlet::stdlib
