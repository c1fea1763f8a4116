// Where an object hangs, for messages: "globals.log.owner".
#pragma once

#include <string>
#include <string_view>

#include "vm/vm.hpp"

namespace moonlet::image {

// The shortest way from a root to the object, in the script's words where it has some. Takes time
// and memory in proportion to the heap. REQUIRES: threads saved.
std::string path_to(vm::Vm& vm, const heap::Object* object);

// "an Entity at globals.log.owner cannot be frozen: <why>".
std::string refusal(vm::Vm& vm, const heap::Userdata& object, std::string_view why);

}  // namespace moonlet::image
