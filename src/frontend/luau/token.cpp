#include "frontend/luau/token.hpp"

namespace moonlet::frontend::luau {

std::string describe_found(const Token& token, std::string_view text) {
  switch (token.kind) {
    case kTokenEof:
      return "<eof>";
    case kTokenString:
      return text.starts_with('[') ? std::string(text)
                                   : "\"" + std::string(token.name->text()) + "\"";
    case kTokenInterpolated:
    case kTokenInterpolatedBegin:
    case kTokenInterpolatedMiddle:
    case kTokenInterpolatedEnd:
      return "`" + std::string(token.name->text()) + "`";
    default:
      break;
  }
  if (token.kind < 0x20 || (token.kind >= 0x7f && token.kind <= 0xff)) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    return std::string("character 0x") + kDigits[token.kind >> 4 & 15] + kDigits[token.kind & 15];
  }
  return "'" + std::string(text) + "'";
}

std::string describe_expected(int token_kind) {
  switch (token_kind) {
    case kTokenName:
      return "identifier";
    case kTokenArrow:
      return "'->'";
    case kTokenEof:
      return "<eof>";
    default:
      return lua54::describe(token_kind);
  }
}

}  // namespace moonlet::frontend::luau
