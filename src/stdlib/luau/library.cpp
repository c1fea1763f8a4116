#include "stdlib/luau/library.hpp"

#include <algorithm>

namespace moonlet::stdlib {

namespace {

// Rows and prelude functions of Lua 5.4 that are Luau's too, as they are.
constexpr std::string_view kShared[] = {
    "base64.decode",
    "base64.encode",
    "collectgarbage",
    "coroutine.close",
    "coroutine.resume",
    "coroutine.status",
    "coroutine.yield",
    "getmetatable",
    "hash.sha256",
    "json.decode",
    "json.encode",
    "json.null",
    "pcall",
    "print",
    "rawequal",
    "rawget",
    "rawset",
    "setmetatable",
    "string.gmatch",
    "string.lower",
    "string.reverse",
    "string.upper",
    "tostring",
    "type",
    "xpcall",
};

}  // namespace

std::string_view luau_name(std::string_view stable_name) {
  if (stable_name.starts_with(kLuauPrefix)) return stable_name.substr(kLuauPrefix.size());
  const bool is_shared = std::binary_search(std::begin(kShared), std::end(kShared), stable_name);
  return is_shared ? stable_name : std::string_view();
}

}  // namespace moonlet::stdlib
