// Public limits and the machine's.
#pragma once

#include "moonlet/limits.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

LimitKind public_kind(vm::LimitKind limit);
Limits limits_of(const vm::Vm& vm);
// Out of range, they count as the nearest one that is not.
void apply_limits(vm::Vm& vm, const Limits& limits);
// The same, but only where that makes a bound stricter.
void lower_limits(vm::Vm& vm, const Limits& limits);

}  // namespace moonlet::api
