#include "vm/vectors.hpp"

#include <cmath>

#include "vm/arith.hpp"
#include "vm/builtin.hpp"

namespace moonlet::vm {

using heap::Event;
using heap::Lanes;

namespace {

bool scales(Event event) {
  return event == Event::Mul || event == Event::Div || event == Event::IDiv;
}

// The lanes of an operand: a number stands for three of it.
bool lanes_of(const Value& value, Event event, Lanes& lanes) {
  if (value.is_vector()) {
    lanes = heap::vector_lanes(value);
    return true;
  }
  Value number;
  double n;
  if (!scales(event) || !to_number(value, number) || !arith::to_double(number, n)) return false;
  lanes.fill(static_cast<float>(n));
  return true;
}

bool lane(Event event, float a, float b, float& result) {
  switch (event) {
    case Event::Add:
      result = a + b;
      return true;
    case Event::Sub:
      result = a - b;
      return true;
    case Event::Mul:
      result = a * b;
      return true;
    case Event::Div:
      result = a / b;
      return true;
    case Event::IDiv:
      result = std::floor(a / b);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool vector_arithmetic(Event event, const Value& a, const Value& b, Value& result) {
  Lanes left;
  Lanes right;
  if (!(a.is_vector() || b.is_vector()) || !lanes_of(a, event, left) ||
      !lanes_of(b, event, right)) {
    return false;
  }
  Lanes lanes;
  for (std::size_t n = 0; n < lanes.size(); ++n) {
    if (!lane(event, left[n], right[n], lanes[n])) return false;
  }
  result = heap::make_vector(lanes);
  return true;
}

Value negate_vector(const Value& vector) {
  const Lanes lanes = heap::vector_lanes(vector);
  return heap::make_vector({-lanes[0], -lanes[1], -lanes[2]});
}

bool vector_component(const Value& vector, const Value& key, Value& component) {
  if (!key.is_string() || key.string()->size != 1) return false;
  const int index = (key.string()->data()[0] | 0x20) - 'x';
  if (index < 0 || index > 2) return false;
  component =
      Value::from(static_cast<double>(heap::vector_lanes(vector)[static_cast<std::size_t>(index)]));
  return true;
}

}  // namespace moonlet::vm
