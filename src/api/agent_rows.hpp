// Native functions of this layer: how scripts reach their host.
#pragma once

#include <span>

#include "vm/builtin.hpp"

namespace moonlet::api {

// "host:..." are the functions for agents, which go into a table whose name the image chooses, and
// host:call, which the stand-alone interpreter gets.
std::span<const vm::BuiltinRow> agent_rows();

// Every function of the host's is this one; its frame says which it is.
int call_host_function(vm::Vm& vm, vm::Value* args, int count);

}  // namespace moonlet::api
