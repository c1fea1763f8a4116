// The languages. A Vm runs one of them, the one of its image.
#pragma once

#include <cstdint>
#include <string_view>

namespace moonlet::bytecode {

// The numbers are in images.
enum class Dialect : std::uint8_t { Lua54, Luau };

constexpr std::string_view dialect_name(Dialect dialect) {
  return dialect == Dialect::Luau ? "luau" : "lua54";
}

}  // namespace moonlet::bytecode
