// What sys.config() returns: tables without content that look into the host's configuration when
// they are read. So a state never holds configuration, and a thawed program sees the new host's.
//
// Such a table has a metatable with the native functions below and, at [1], its path: for each key
// a type letter, the key's length, and the key ("s4:name", "i1:3").
#pragma once

#include "moonlet/value.hpp"
#include "vm/builtin.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

int host_config(vm::Vm& vm, vm::Value* args, int count);
int config_index(vm::Vm& vm, vm::Value* args, int count);
int config_newindex(vm::Vm& vm, vm::Value* args, int count);
int config_length(vm::Vm& vm, vm::Value* args, int count);
int config_pairs(vm::Vm& vm, vm::Value* args, int count);

// The part of the configuration that a table stands for; nullptr: it is an ordinary table.
const Value* config_behind(vm::Vm& vm, const vm::Table& table);

}  // namespace moonlet::api
