#include "frontend/luau/lexer.hpp"

#include <charconv>

#include "base/number_parse.hpp"
#include "frontend/lua54/character.hpp"

namespace moonlet::frontend::luau {

Lexer::Lexer(std::string_view source, NameTable& names, std::string_view chunk_name)
    : lua54::Lexer(source, names, chunk_name) {
  names.intern("goto")->reserved_word = 0;
  chunk_name_limit_ = 255;
}

void Lexer::advance() {
  last_line_ = end_line_;
  if (has_ahead_) {
    has_ahead_ = false;
    current_ = ahead_;
    token_line_ = ahead_line_;
    end_line_ = ahead_end_line_;
    return;
  }
  scan_luau(current_);
  token_line_ = ahead_line_;
  end_line_ = line_;
}

int Lexer::peek_kind() {
  if (!has_ahead_ && !has_failed_) {
    scan_luau(ahead_);
    ahead_end_line_ = line_;
    has_ahead_ = !has_failed_;
  }
  return has_failed_ ? static_cast<int>(kTokenEof) : ahead_.kind;
}

const Name* Lexer::peek_name() { return peek_kind() == kTokenName ? ahead_.name : nullptr; }

void Lexer::advance_in_string() {
  last_line_ = end_line_;
  token_line_ = line_;
  scan_interpolated(current_, false);
  end_line_ = line_;
}

// ------------------------------------------------------------------------------------ errors

void Lexer::error_at(std::int32_t line, std::string_view message) {
  if (has_failed_) return;
  line_ = line;
  fail(message, "");
}

std::string Lexer::found() const {
  return describe_found(current_, {begin_ + current_.begin, current_.end - current_.begin});
}

void Lexer::expected(std::string_view what, std::string_view context) {
  std::string message = "Expected " + std::string(what);
  if (!context.empty()) message += " when parsing " + std::string(context);
  error(message + ", got " + found());
}

// ------------------------------------------------------------------------------------ tokens

void Lexer::scan_luau(Token& token) {
  for (;;) {
    skip_blanks();
    if (next_[0] != '-' || next_[1] != '-') break;
    skip_comment();
    if (has_failed_) break;
  }
  ahead_line_ = line_;
  token.begin = static_cast<std::uint32_t>(next_ - begin_);
  const char c = *next_;
  if (has_class(c, kDigit) || (c == '.' && has_class(next_[1], kDigit))) {
    scan_numeral(token);
  } else if (has_class(c, kNamePart)) {
    scan_name(token, next_);
    return;
  } else if (c == '"' || c == '\'') {
    scan_quoted(token);
  } else if (c == '`') {
    scan_interpolated(token, true);
  } else if (c == '@') {
    scan_attribute(token);
  } else if (c == '[') {
    const char* p = next_;
    if (bracket_level(p) >= 2) {
      scan_bracket(token);
    } else {
      ++next_;
      token.kind = '[';
    }
  } else if (c == '\0') {
    token.kind = at_end() ? static_cast<std::uint16_t>(kTokenEof) : 0;
    if (!at_end()) ++next_;
  } else if (!scan_operator(token)) {
    ++next_;
    token.kind = static_cast<unsigned char>(c);
  }
  token.end = static_cast<std::uint32_t>(next_ - begin_);
}

// Of more than one character.
bool Lexer::scan_operator(Token& token) {
  struct Row {
    std::string_view text;
    std::uint16_t kind;
  };
  // A longer one stands before its beginning.
  static constexpr Row kRows[] = {
      {"...", kTokenDots},       {"..=", kTokenConcatAssign},
      {"..", kTokenConcat},      {"//=", kTokenIDivAssign},
      {"//", kTokenIDiv},        {"==", kTokenEq},
      {"~=", kTokenNe},          {"<=", kTokenLe},
      {">=", kTokenGe},          {"->", kTokenArrow},
      {"::", kTokenDoubleColon}, {"+=", kTokenAddAssign},
      {"-=", kTokenSubAssign},   {"*=", kTokenMulAssign},
      {"/=", kTokenDivAssign},   {"%=", kTokenModAssign},
      {"^=", kTokenPowAssign},
  };
  const std::string_view rest{next_, static_cast<std::size_t>(end_ - next_)};
  for (const Row& row : kRows) {
    if (!rest.starts_with(row.text)) continue;
    next_ += row.text.size();
    token.kind = row.kind;
    return true;
  }
  return false;
}

namespace {

// 0x and 0b: up to 64 bits.
bool parse_bits(std::string_view digits, int base, double& out) {
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || end != digits.data() + digits.size()) return false;
  // What has more bits is as large as can be.
  out = static_cast<double>(error == std::errc::result_out_of_range ? UINT64_MAX : value);
  return error == std::errc() || error == std::errc::result_out_of_range;
}

bool parse_numeral(std::string_view text, double& out) {
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    if (letter == 'x') return parse_bits(text.substr(2), 16, out);
    if (letter == 'b') return parse_bits(text.substr(2), 2, out);
  }
  const base::ParsedNumber parsed = base::parse_number(text);
  if (parsed.kind == base::NumberKind::None) return false;
  out = parsed.kind == base::NumberKind::Integer ? static_cast<double>(parsed.integer)
                                                 : parsed.number;
  return true;
}

}  // namespace

// Takes whatever looks like part of a numeral, so that "3x" is one malformed token.
void Lexer::scan_numeral(Token& token) {
  std::string text;
  const auto take = [&] {
    if (*next_ != '_') text += *next_;
    ++next_;
  };
  while (has_class(*next_, kDigit) || *next_ == '.' || *next_ == '_') take();
  if ((*next_ | 0x20) == 'e') {
    take();
    if (*next_ == '+' || *next_ == '-') take();
  }
  while (has_class(*next_, kNamePart)) take();
  token.kind = kTokenFloat;
  if (!parse_numeral(text, token.number)) {
    error_at(line_, "Malformed number");
    token.kind = kTokenEof;
  }
}

// ----------------------------------------------------------------------------------- strings

void Lexer::scan_quoted(Token& token) {
  const char delimiter = *next_++;
  const char* start = next_;
  const char* p = skip_plain(start, delimiter);
  if (*p == delimiter) {
    token.kind = kTokenString;
    token.name = names_.intern({start, static_cast<std::size_t>(p - start)});
    next_ = p + 1;
    return;
  }
  token.kind = kTokenEof;
  if (!scan_text(delimiter, false, "Malformed string; did you forget to finish it?")) return;
  ++next_;
  token.kind = kTokenString;
  token.name = names_.intern_copy(buffer_);
}

void Lexer::scan_interpolated(Token& token, bool is_first) {
  token.begin = static_cast<std::uint32_t>(next_ - begin_);
  if (is_first) ++next_;
  token.kind = kTokenEof;
  constexpr std::string_view kUnfinished =
      "Malformed interpolated string; did you forget to add a '`'?";
  if (!scan_text('`', true, kUnfinished)) return;
  const bool is_last = *next_ == '`';
  if (!is_last && next_[1] == '{') {
    error_at(line_,
             "Double braces are not permitted within interpolated strings; did you mean '\\{'?");
    return;
  }
  ++next_;
  token.kind = is_first ? (is_last ? kTokenInterpolated : kTokenInterpolatedBegin)
                        : (is_last ? kTokenInterpolatedEnd : kTokenInterpolatedMiddle);
  token.name = names_.intern_copy(buffer_);
  token.end = static_cast<std::uint32_t>(next_ - begin_);
}

bool Lexer::scan_text(char delimiter, bool stops_at_brace, std::string_view unfinished) {
  buffer_.clear();
  delimiter_ = delimiter;
  for (;;) {
    const char c = *next_;
    if (c == delimiter || (stops_at_brace && c == '{')) return true;
    if (c == '\n' || c == '\r' || (c == '\0' && at_end())) {
      error_at(line_, unfinished);
      return false;
    }
    if (c != '\\') {
      buffer_ += c;
      ++next_;
    } else if (!scan_luau_escape()) {
      error_at(line_, unfinished);
      return false;
    }
  }
}

// False: there is something wrong with it.
bool Lexer::scan_luau_escape() {
  ++next_;
  const char c = *next_;
  if (c == '\0' && at_end()) return false;
  if (has_class(c, kDigit)) {
    int value = 0;
    for (int n = 0; n < 3 && has_class(*next_, kDigit); ++n) value = value * 10 + (*next_++ - '0');
    buffer_ += static_cast<char>(value);
    return value <= 255;
  }
  switch (c) {
    case '\n':
    case '\r':
      buffer_ += '\n';
      skip_newline();
      return true;
    case 'z':
      ++next_;
      skip_blanks();
      return true;
    case 'x': {
      if (!has_class(next_[1], kHexDigit) || !has_class(next_[2], kHexDigit)) return false;
      buffer_ += static_cast<char>(hex_value(next_[1]) * 16 + hex_value(next_[2]));
      next_ += 3;
      return true;
    }
    case 'u': {
      std::uint32_t code = 0;
      const char* p = next_ + 2;
      if (next_[1] != '{' || *p == '}') return false;
      for (; has_class(*p, kHexDigit); ++p) {
        code = code * 16 + static_cast<std::uint32_t>(hex_value(*p));
        if (code > 0x10ffff) return false;
      }
      if (*p != '}') return false;
      next_ = p + 1;
      append_code_point(code);
      return true;
    }
    default:
      break;
  }
  constexpr std::string_view kLetters = "abfnrtv";
  const std::size_t letter = kLetters.find(c);
  buffer_ += letter == std::string_view::npos ? c : "\a\b\f\n\r\t\v"[letter];
  ++next_;
  return true;
}

// -------------------------------------------------------------------------------- attributes

void Lexer::scan_attribute(Token& token) {
  ++next_;
  if (*next_ == '[') {
    ++next_;
    token.kind = kTokenAttributeList;
    return;
  }
  const char* start = next_;
  while (has_class(*next_, kNamePart)) ++next_;
  token.kind = kTokenAttribute;
  token.name = names_.intern({start, static_cast<std::size_t>(next_ - start)});
}

}  // namespace moonlet::frontend::luau
