// What Luau says about operations that fail.
#include "vm/debug.hpp"

namespace moonlet::vm {

std::string luau_type_name(Vm& vm, const Value& value) { return std::string(type_name(vm, value)); }

std::string luau_arithmetic_text(Vm& vm, const Value& a, const Value& b, Event event) {
  static constexpr std::string_view kNames[] = {
#define ML_EVENT(name, text) text,
#include "heap/events.def"
  };
  const std::string_view operation = kNames[static_cast<int>(event)].substr(2);
  const std::string left = luau_type_name(vm, a);
  const std::string right = luau_type_name(vm, b);
  std::string text = "attempt to perform arithmetic (" + std::string(operation) + ") on " + left;
  if (left != right) text += " and " + right;
  return text;
}

std::string luau_index_text(Vm& vm, const Value& object, const Value& key) {
  const std::string text = "attempt to index " + luau_type_name(vm, object) + " with ";
  if (key.is_string()) return text + "'" + std::string(key.string()->view()) + "'";
  return text + luau_type_name(vm, key);
}

int throw_luau_order_error(Vm& vm, const Value& a, const Value& b, std::string_view symbol) {
  const std::string left = luau_type_name(vm, a);
  const std::string right = luau_type_name(vm, b);
  if (left == right) return throw_here(vm, "attempt to compare two " + left + " values");
  return throw_here(vm, "attempt to compare " + left + " " + std::string(symbol) + " " + right);
}

}  // namespace moonlet::vm
