// Starting a function on the main thread from outside.
#pragma once

#include <span>

#include "vm/vm.hpp"

namespace moonlet::vm {

// Puts `function` with `arguments` on the (idle) main thread; run() then executes it. False: no
// room.
bool start_main(Vm& vm, const Value& function, std::span<const Value> arguments);

}  // namespace moonlet::vm
