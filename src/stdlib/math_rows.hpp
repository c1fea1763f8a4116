// Functions of the math library that stand in files of their own.
#pragma once

#include "vm/vm.hpp"

namespace moonlet::stdlib {

int math_random(vm::Vm& vm, vm::Value* args, int count);
int math_randomseed(vm::Vm& vm, vm::Value* args, int count);

}  // namespace moonlet::stdlib
