// How a value differs from what was expected, place by place.
//
// Numbers are equal by value (3 and 3.0), nil is a member that is not there, and an empty list is
// an empty object. {"$fits": SCHEMA} in what is expected is met by whatever fits that JSON Schema.
#pragma once

#include <string>
#include <vector>

#include "moonlet/moonlet.hpp"

namespace moonlet::project {

// One line for each difference, at most some; `name` is what the value is called: "result.items[1]
// is 3, expected 4". Empty: there is none.
std::vector<std::string> differences(const std::string& name, const Value& expected,
                                     const Value& actual);

}  // namespace moonlet::project
