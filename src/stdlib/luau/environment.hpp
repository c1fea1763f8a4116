// Environments: where a function of Luau finds its globals. It is an upvalue of the function, which
// the front end names so that no variable of a script's can be taken for it. A function that uses
// no globals has none; what it would be, and what the globals of a coroutine are, stands in a weak
// table of the registry once they are others than usual.
#pragma once

#include "vm/vm.hpp"

namespace moonlet::stdlib {

inline constexpr std::string_view kEnvironmentUpvalue = "(environment)";
// Fields of the registry: the table of environments, and the globals of the script that was
// started.
inline constexpr std::string_view kEnvironments = "_ENVIRONMENTS";
inline constexpr std::string_view kScriptGlobals = "_SCRIPT_GLOBALS";

// Of what the thread loads.
vm::Value thread_globals(vm::Vm& vm, vm::Thread& thread);
[[nodiscard]] bool set_thread_globals(vm::Vm& vm, vm::Thread& thread, const vm::Value& globals);
// A coroutine begins with the globals of who made it. False: no memory.
[[nodiscard]] bool inherit_globals(vm::Vm& vm, vm::Thread& maker, vm::Thread& made);

vm::Value environment_of(vm::Vm& vm, const vm::Value& function);
// REQUIRES: a function of a script. False: no memory.
[[nodiscard]] bool set_environment(vm::Vm& vm, const vm::Value& function,
                                   const vm::Value& environment);

}  // namespace moonlet::stdlib
