// Tokens of Lua 5.4. A single character that is a token of its own is that character's number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "frontend/name.hpp"

namespace moonlet::frontend::lua54 {

enum TokenKind : std::uint16_t {
  kTokenAnd = 256,
  kTokenBreak,
  kTokenDo,
  kTokenElse,
  kTokenElseif,
  kTokenEnd,
  kTokenFalse,
  kTokenFor,
  kTokenFunction,
  kTokenGoto,
  kTokenIf,
  kTokenIn,
  kTokenLocal,
  kTokenNil,
  kTokenNot,
  kTokenOr,
  kTokenRepeat,
  kTokenReturn,
  kTokenThen,
  kTokenTrue,
  kTokenUntil,
  kTokenWhile,
  kTokenIDiv,
  kTokenConcat,
  kTokenDots,
  kTokenEq,
  kTokenGe,
  kTokenLe,
  kTokenNe,
  kTokenShl,
  kTokenShr,
  kTokenDoubleColon,
  kTokenEof,
  kTokenFloat,
  kTokenInteger,
  kTokenName,
  kTokenString,
};
inline constexpr int kFirstReservedWord = kTokenAnd;
inline constexpr int kLastReservedWord = kTokenWhile;

struct Token {
  std::uint16_t kind = 0;
  std::uint32_t begin = 0;  // offsets in the source
  std::uint32_t end = 0;
  union {
    Name* name = nullptr;  // names and strings
    std::int64_t integer;
    double number;
  };
};

// As messages show a kind: quoted when its text is fixed.
std::string describe(int token_kind);
std::string_view reserved_word(int token_kind);

}  // namespace moonlet::frontend::lua54
