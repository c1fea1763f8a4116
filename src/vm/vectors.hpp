// Vectors in arithmetic and under the names of their components. All of it is off the fast paths.
#pragma once

#include "heap/heap.hpp"
#include "heap/vector.hpp"

namespace moonlet::vm {

using heap::Value;

// a op b, where one operand at least is a vector; the other one may be a number where multiplying
// and dividing know what to do with it. False: there is no such operation.
[[nodiscard]] bool vector_arithmetic(heap::Event event, const Value& a, const Value& b,
                                     Value& result);
Value negate_vector(const Value& vector);
// .x, .Y and the like; false: the key is no component.
[[nodiscard]] bool vector_component(const Value& vector, const Value& key, Value& component);

}  // namespace moonlet::vm
