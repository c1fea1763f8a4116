// String literals. Most have neither escapes nor odd line ends; those become views into the source.
#include "base/check.hpp"
#include "frontend/lua54/character.hpp"
#include "frontend/lua54/lexer.hpp"

namespace moonlet::frontend::lua54 {
namespace {

constexpr std::uint32_t kLargestCodePoint = 0x7fffffff;

// UTF-8 as it was first defined, with up to six bytes.
void append_utf8(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
    return;
  }
  char reversed[6];
  int count = 0;
  std::uint32_t first_limit = 0x3f;  // what the leading byte can hold
  while (code_point > first_limit) {
    reversed[count++] = static_cast<char>(0x80 | (code_point & 0x3f));
    code_point >>= 6;
    first_limit >>= 1;
  }
  out += static_cast<char>(~first_limit << 1 | code_point);
  while (count > 0) {
    out += reversed[--count];
  }
}

// The character that a letter stands for after a backslash, or 0.
constexpr char simple_escape(char letter) {
  switch (letter) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '"':
    case '\'':
      return letter;
    default:
      return 0;
  }
}

}  // namespace

const char* Lexer::skip_plain(const char* p, char delimiter) const {
  for (;; ++p) {
    while (!has_class(*p, kStringStop)) {
      ++p;
    }
    const bool is_other_quote = (*p == '"' || *p == '\'') && *p != delimiter;
    const bool is_zero = *p == '\0' && p != end_;
    if (!is_other_quote && !is_zero) {
      return p;
    }
  }
}

void Lexer::scan_short_string(Token& token) {
  const char delimiter = *next_;
  const char* start = next_ + 1;
  const char* p = skip_plain(start, delimiter);
  if (*p == delimiter) {
    token.kind = kTokenString;
    token.name = names_.intern({start, static_cast<std::size_t>(p - start)});
    next_ = p + 1;
    return;
  }
  buffer_.assign(start, p);
  next_ = p;
  scan_escapes(token, delimiter);
}

// Goes on at something that is not verbatim, with what comes before it in the buffer.
void Lexer::scan_escapes(Token& token, char delimiter) {
  delimiter_ = delimiter;
  token.kind = kTokenEof;
  for (;;) {
    const char* p = skip_plain(next_, delimiter);
    buffer_.append(next_, p);
    next_ = p;
    if (*p == delimiter) {
      ++next_;
      token.kind = kTokenString;
      token.name = names_.intern_copy(buffer_);
      return;
    }
    if (*p == '\\') {
      if (!scan_escape()) {
        return;
      }
    } else if (at_end()) {
      fail("unfinished string near <eof>", "");
      return;
    } else {
      fail("unfinished string", delimiter + buffer_);
      return;
    }
  }
}

bool Lexer::scan_escape() {
  const char* escape = next_++;
  const char c = *next_;
  if (const char simple = simple_escape(c)) {
    buffer_ += simple;
    ++next_;
    return true;
  }
  switch (c) {
    case 'x':
      return scan_hexadecimal_escape(escape);
    case 'u':
      return scan_unicode_escape(escape);
    case 'z':
      ++next_;
      skip_blanks();
      return true;
    case '\n':
    case '\r':
      buffer_ += '\n';
      skip_newline();
      return true;
    default:
      break;
  }
  if (at_end()) {
    return true;  // the caller will find the string unfinished
  }
  if (has_class(c, kDigit)) {
    return scan_decimal_escape(escape);
  }
  fail_escape(escape, "invalid escape sequence");
  return false;
}

// Messages show the string up to the byte that is wrong.
void Lexer::fail_escape(const char* escape, std::string_view message) {
  const char* shown_end = at_end() ? next_ : next_ + 1;
  fail(message, delimiter_ + buffer_ + std::string(escape, shown_end));
}

bool Lexer::expect_hex_digit(const char* escape) {
  ++next_;
  if (has_class(*next_, kHexDigit)) {
    return true;
  }
  fail_escape(escape, "hexadecimal digit expected");
  return false;
}

bool Lexer::scan_hexadecimal_escape(const char* escape) {
  int value = 0;
  for (int i = 0; i < 2; ++i) {
    if (!expect_hex_digit(escape)) {
      return false;
    }
    value = value * 16 + hex_value(*next_);
  }
  ++next_;
  buffer_ += static_cast<char>(value);
  return true;
}

bool Lexer::scan_unicode_escape(const char* escape) {
  ++next_;
  if (*next_ != '{') {
    fail_escape(escape, "missing '{'");
    return false;
  }
  if (!expect_hex_digit(escape)) {
    return false;
  }
  auto value = static_cast<std::uint32_t>(hex_value(*next_));
  for (++next_; has_class(*next_, kHexDigit); ++next_) {
    if (value > kLargestCodePoint >> 4) {
      fail_escape(escape, "UTF-8 value too large");
      return false;
    }
    value = value * 16 + static_cast<std::uint32_t>(hex_value(*next_));
  }
  if (*next_ != '}') {
    fail_escape(escape, "missing '}'");
    return false;
  }
  ++next_;
  append_utf8(buffer_, value);
  return true;
}

void Lexer::append_code_point(std::uint32_t code_point) { append_utf8(buffer_, code_point); }

bool Lexer::scan_decimal_escape(const char* escape) {
  int value = 0;
  for (int i = 0; i < 3 && has_class(*next_, kDigit); ++i) {
    value = value * 10 + (*next_++ - '0');
  }
  if (value > 255) {
    fail_escape(escape, "decimal escape too large");
    return false;
  }
  buffer_ += static_cast<char>(value);
  return true;
}

// At a bracket: moves `p` past it and past the equals signs after it. Gives their number plus 2
// when the same bracket follows, 1 for a single bracket, 0 for an opening that is not finished.
std::size_t Lexer::bracket_level(const char*& p) const {
  const char bracket = *p++;
  std::size_t count = 0;
  for (; *p == '='; ++p) {
    ++count;
  }
  if (*p == bracket) {
    return count + 2;
  }
  return count == 0 ? 1 : 0;
}

void Lexer::scan_long_string(Token& token, std::size_t level) {
  std::string_view body;
  bool is_copied = false;
  next_ += level - 1;
  if (!scan_long_bracket(level, false, body, is_copied)) {
    token.kind = kTokenEof;
    return;
  }
  token.kind = kTokenString;
  token.name = is_copied ? names_.intern_copy(body) : names_.intern(body);
}

// At the second opening bracket. The body is a view into the source, or into the buffer when some
// line does not end in a plain line feed. The body of a comment is not collected.
bool Lexer::scan_long_bracket(std::size_t level, bool is_comment, std::string_view& body,
                              bool& is_copied) {
  const std::int32_t first_line = line_;
  ++next_;
  if (*next_ == '\n' || *next_ == '\r') {
    skip_newline();
  }
  buffer_.clear();
  const char* pending = next_;  // what is not in the buffer yet
  for (;;) {
    while (!has_class(*next_, kBracketStop)) {
      ++next_;
    }
    if (*next_ == ']') {
      const char* close = next_;
      const char* p = next_;
      const bool is_close = bracket_level(p) == level;
      next_ = p;
      if (!is_close) {
        continue;
      }
      ++next_;
      is_copied = !buffer_.empty();
      body = {pending, static_cast<std::size_t>(close - pending)};
      if (is_copied) {
        buffer_.append(body);
        body = buffer_;
      }
      return true;
    }
    if (*next_ != '\0') {
      const char* line_end = next_;
      skip_newline();
      if (!is_comment && (*line_end != '\n' || next_ - line_end > 1)) {
        buffer_.append(pending, line_end);
        buffer_ += '\n';
        pending = next_;
      }
    } else if (at_end()) {
      fail("unfinished long " + std::string(is_comment ? "comment" : "string") +
               " (starting at line " + std::to_string(first_line) + ") near <eof>",
           "");
      return false;
    } else {
      ++next_;
    }
  }
}

}  // namespace moonlet::frontend::lua54
