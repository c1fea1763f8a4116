// Values between a Vm and its host.
#pragma once

#include <expected>
#include <string>

#include "moonlet/value.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

// A list for a table with the keys 1 .. n (holes are nil), a record for one with names; an empty
// table is an empty record. Metatables do not count. The error names the place below `name`, as in
// "payload.items[2] is a function".
[[nodiscard]] std::expected<Value, std::string> to_host(vm::Vm& vm, const vm::Value& value,
                                                        std::string name);

// False: out of memory. REQUIRES: is_shallow(value).
[[nodiscard]] bool to_guest(vm::Vm& vm, const Value& value, vm::Value& out);
// The same, with a full collection in between if it needs one. REQUIRES: at a checkpoint.
[[nodiscard]] bool to_guest_collecting(vm::Vm& vm, const Value& value, vm::Value& out);
// Not nested deeper than kValueDepthMax.
bool is_shallow(const Value& value);

}  // namespace moonlet::api
