// Tokens of Luau: those of Lua 5.4 (goto, << and >> are never made) and its own.
#pragma once

#include "frontend/lua54/token.hpp"

namespace moonlet::frontend::luau {

using lua54::Token;
using namespace lua54;  // NOLINT: the kinds are an unscoped enumeration

enum LuauTokenKind : std::uint16_t {
  kTokenArrow = lua54::kTokenString + 1,
  // Compound assignment, in the order of kCompoundOperators (parser_statement.cpp).
  kTokenAddAssign,
  kTokenSubAssign,
  kTokenMulAssign,
  kTokenDivAssign,
  kTokenIDivAssign,
  kTokenModAssign,
  kTokenPowAssign,
  kTokenConcatAssign,
  // Parts of an interpolated string, with their text: all of one without expressions; up to the
  // first, up to the next, behind the last expression.
  kTokenInterpolated,
  kTokenInterpolatedBegin,
  kTokenInterpolatedMiddle,
  kTokenInterpolatedEnd,
  kTokenAttribute,      // @name
  kTokenAttributeList,  // @[
};

// As messages show what was found.
std::string describe_found(const Token& token, std::string_view text);
// As messages show what was expected.
std::string describe_expected(int token_kind);

}  // namespace moonlet::frontend::luau
