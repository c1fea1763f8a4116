// Values between JavaScript and scripts.
//
//   nil        null (undefined on the way in)
//   boolean    boolean
//   integer    number; BigInt where a number would not be exact
//   float      number
//   string     string; Buffer where it is not UTF-8
//   Array      Array
//   Object     plain object
//   Map        Map
//
// What a script cannot have is a TypeError or RangeError that names the place.
#pragma once

#include <string>

#include <napi.h>

#include "moonlet/moonlet.hpp"

namespace moonlet::node {

// May run the getters of the caller's objects: look at nothing before that may have changed after.
// Throws Napi::Error.
Value to_value(Napi::Value value, std::string name);
Napi::Value to_js(Napi::Env env, const Value& value);

}  // namespace moonlet::node
