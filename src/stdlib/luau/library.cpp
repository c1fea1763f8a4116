#include "stdlib/luau/library.hpp"

#include <algorithm>
#include <limits>
#include <numbers>

#include "stdlib/library.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

using vm::Table;
using vm::Value;
using vm::Vm;

namespace {

// Rows and prelude functions of Lua 5.4 that are Luau's too, as they are.
constexpr std::string_view kShared[] = {
    "assert",
    "base64.decode",
    "base64.encode",
    "collectgarbage",
    "coroutine.close",
    "coroutine.resume",
    "coroutine.status",
    "coroutine.yield",
    "debug.traceback",
    "error",
    "getmetatable",
    "hash.sha256",
    "json.decode",
    "json.encode",
    "json.null",
    "math.abs",
    "math.acos",
    "math.asin",
    "math.atan",
    "math.ceil",
    "math.cos",
    "math.deg",
    "math.exp",
    "math.floor",
    "math.fmod",
    "math.log",
    "math.max",
    "math.min",
    "math.modf",
    "math.rad",
    "math.random",
    "math.randomseed",
    "math.sin",
    "math.sqrt",
    "math.tan",
    "os.clock",
    "os.date",
    "os.difftime",
    "os.time",
    "pcall",
    "print",
    "rawequal",
    "rawget",
    "rawlen",
    "rawset",
    "select",
    "setmetatable",
    "string.byte",
    "string.char",
    "string.find",
    "string.format",
    "string.gmatch",
    "string.gsub",
    "string.len",
    "string.lower",
    "string.match",
    "string.pack",
    "string.packsize",
    "string.rep",
    "string.reverse",
    "string.sub",
    "string.unpack",
    "string.upper",
    "table.concat",
    "table.insert",
    "table.move",
    "table.pack",
    "table.remove",
    "table.sort",
    "table.unpack",
    "tonumber",
    "tostring",
    "type",
    "utf8.char",
    "utf8.codepoint",
    "utf8.codes",
    "utf8.len",
    "utf8.offset",
    "xpcall",
};

}  // namespace

std::string_view luau_name(std::string_view stable_name) {
  if (stable_name.starts_with(kLuauPrefix)) return stable_name.substr(kLuauPrefix.size());
  const bool is_shared = std::binary_search(std::begin(kShared), std::end(kShared), stable_name);
  return is_shared ? stable_name : std::string_view();
}

bool fill_luau_math(Vm& vm, Table& library) {
  return heap::set_field(vm.heap, library, "pi", Value::from(std::numbers::pi)) &&
         heap::set_field(vm.heap, library, "huge",
                         Value::from(std::numeric_limits<double>::infinity()));
}

// Strings have methods; what they do in arithmetic is the machine's.
bool fill_luau_string(Vm& vm, Table& library) {
  Table* metatable = vm.heap.new_table();
  if (metatable == nullptr ||
      !heap::set_field(vm.heap, *metatable, "__index", Value::from(&library)) ||
      !vm.heap.set_basic_metatable(heap::BasicType::String, metatable)) {
    return false;
  }
  metatable->flags |= heap::kTableReadOnly;
  return true;
}

}  // namespace moonlet::stdlib
