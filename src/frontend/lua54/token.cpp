#include "frontend/lua54/token.hpp"

#include "base/check.hpp"

namespace moonlet::frontend::lua54 {
namespace {

constexpr std::string_view kTexts[] = {
    "and",      "break",    "do",        "else",   "elseif",   "end",   "false", "for",
    "function", "goto",     "if",        "in",     "local",    "nil",   "not",   "or",
    "repeat",   "return",   "then",      "true",   "until",    "while", "//",    "..",
    "...",      "==",       ">=",        "<=",     "~=",       "<<",    ">>",    "::",
    "<eof>",    "<number>", "<integer>", "<name>", "<string>",
};
static_assert(std::size(kTexts) == kTokenString - kTokenAnd + 1);
static_assert(kTexts[kTokenWhile - kTokenAnd] == "while");
static_assert(kTexts[kTokenEof - kTokenAnd] == "<eof>");

}  // namespace

std::string_view reserved_word(int token_kind) {
  ML_ASSERT(token_kind >= kFirstReservedWord && token_kind <= kLastReservedWord);
  return kTexts[token_kind - kFirstReservedWord];
}

std::string describe(int token_kind) {
  if (token_kind >= kTokenAnd) {
    const std::string text(kTexts[token_kind - kTokenAnd]);
    return token_kind < kTokenEof ? "'" + text + "'" : text;
  }
  if (token_kind >= 0x20 && token_kind < 0x7f) {
    return {'\'', static_cast<char>(token_kind), '\''};
  }
  return "'<\\" + std::to_string(token_kind) + ">'";
}

}  // namespace moonlet::frontend::lua54
