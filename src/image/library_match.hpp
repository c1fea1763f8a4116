// Which functions of the library an image has.
#pragma once

#include <set>
#include <string>

#include "image/template.hpp"

namespace moonlet::image {

// Those that the template's globals have under the names that the library gives them ("print",
// "string.rep"), and those for agents in the table that has most of them ("sys.invoke"). Whatever
// else scripts call them does not count.
std::set<std::string> library_functions(const vm::Vm& vm, const Template& the_template);

}  // namespace moonlet::image
