#include "frontend/lua54/lexer.hpp"

#include "base/check.hpp"
#include "base/number_parse.hpp"
#include "frontend/compile.hpp"
#include "frontend/lua54/character.hpp"

namespace moonlet::frontend::lua54 {

Lexer::Lexer(std::string_view source, NameTable& names, std::string_view chunk_name)
    : begin_(source.data()),
      next_(source.data()),
      end_(source.data() + source.size()),
      names_(names),
      chunk_name_(chunk_name) {
  ML_ASSERT(*end_ == '\0');
  for (int kind = kFirstReservedWord; kind <= kLastReservedWord; ++kind) {
    names_.intern(reserved_word(kind))->reserved_word = static_cast<std::uint32_t>(kind);
  }
}

int Lexer::peek_kind() {
  if (!has_ahead_) {
    scan(ahead_);
    has_ahead_ = !has_failed_;
  }
  return has_failed_ ? static_cast<int>(kTokenEof) : ahead_.kind;
}

void Lexer::scan(Token& token) {
  for (;;) {
    const char c = *next_;
    if (has_class(c, kNameStart)) {
      scan_name(token);
      return;
    }
    if (c == '\n' || c == '\r') {
      skip_newline();
    } else if (has_class(c, kSpace)) {
      ++next_;
    } else if (c == '-' && next_[1] == '-') {
      skip_comment();
    } else {
      token.begin = static_cast<std::uint32_t>(next_ - begin_);
      scan_symbol(token, c);
      token.end = static_cast<std::uint32_t>(next_ - begin_);
      return;
    }
  }
}

void Lexer::scan_name(Token& token) {
  const char* start = next_;
  const char* p = start + 1;
  while (has_class(*p, kNamePart)) {
    ++p;
  }
  next_ = p;
  Name* name = names_.intern({start, static_cast<std::size_t>(p - start)});
  token.begin = static_cast<std::uint32_t>(start - begin_);
  token.end = static_cast<std::uint32_t>(p - begin_);
  token.name = name;
  const bool is_reserved = name->reserved_word != 0;
  token.kind = static_cast<std::uint16_t>(is_reserved ? name->reserved_word : +kTokenName);
}

namespace {

// A character that becomes another token together with the one that follows it.
struct Pair {
  char second;
  std::uint16_t kind;
};

struct Pairs {
  Pair pairs[2];
};

constexpr Pairs pairs_of(char first) {
  switch (first) {
    case '=':
      return {{{'=', kTokenEq}, {}}};
    case '<':
      return {{{'=', kTokenLe}, {'<', kTokenShl}}};
    case '>':
      return {{{'=', kTokenGe}, {'>', kTokenShr}}};
    case '/':
      return {{{'/', kTokenIDiv}, {}}};
    case '~':
      return {{{'=', kTokenNe}, {}}};
    case ':':
      return {{{':', kTokenDoubleColon}, {}}};
    default:
      return {};
  }
}

}  // namespace

// Everything but names, space and comments.
void Lexer::scan_symbol(Token& token, char c) {
  switch (c) {
    case '=':
    case '<':
    case '>':
    case '/':
    case '~':
    case ':':
      ++next_;
      token.kind = static_cast<unsigned char>(c);
      for (const Pair& pair : pairs_of(c).pairs) {
        if (pair.kind != 0 && *next_ == pair.second) {
          ++next_;
          token.kind = pair.kind;
          break;
        }
      }
      return;
    case '"':
    case '\'':
      scan_short_string(token);
      return;
    case '[': {
      const char* p = next_;
      const std::size_t level = bracket_level(p);
      if (level >= 2) {
        scan_long_string(token, level);
        return;
      }
      if (level == 0) {
        fail("invalid long string delimiter", std::string(next_, p));
        token.kind = kTokenEof;
        return;
      }
      break;
    }
    case '.':
      if (has_class(next_[1], kDigit)) {
        scan_number(token);
        return;
      }
      if (next_[1] == '.') {
        const bool is_dots = next_[2] == '.';
        token.kind = is_dots ? kTokenDots : kTokenConcat;
        next_ += is_dots ? 3 : 2;
        return;
      }
      break;
    case '\0':
      if (at_end()) {
        token.kind = kTokenEof;
        return;
      }
      break;
    default:
      if (has_class(c, kDigit)) {
        scan_number(token);
        return;
      }
      break;
  }
  ++next_;
  token.kind = static_cast<unsigned char>(c);
}

// Takes whatever looks like part of a numeral, so that "3x" or "0xep1" is one malformed token.
void Lexer::scan_number(Token& token) {
  const char* start = next_;
  const char* p = start;
  char exponent = 'e';
  if (*p == '0' && (p[1] | 0x20) == 'x') {
    exponent = 'p';
    p += 2;
  }
  for (;;) {
    if ((*p | 0x20) == exponent) {
      ++p;
      if (*p == '+' || *p == '-') {
        ++p;
      }
    } else if (has_class(*p, kHexDigit) || *p == '.') {
      ++p;
    } else {
      break;
    }
  }
  if (has_class(*p, kNameStart)) {
    ++p;
  }
  next_ = p;
  const std::string_view text{start, static_cast<std::size_t>(p - start)};
  const base::ParsedNumber parsed = base::parse_number(text);
  switch (parsed.kind) {
    case base::NumberKind::Integer:
      token.kind = kTokenInteger;
      token.integer = parsed.integer;
      return;
    case base::NumberKind::Float:
      token.kind = kTokenFloat;
      token.number = parsed.number;
      return;
    case base::NumberKind::None:
      break;
  }
  fail("malformed number", std::string(text));
  token.kind = kTokenEof;
}

// \n, \r, \r\n and \n\r end one line each.
void Lexer::skip_newline() {
  const char first = *next_++;
  if ((*next_ == '\n' || *next_ == '\r') && *next_ != first) {
    ++next_;
  }
  ++line_;
}

void Lexer::skip_comment() {
  next_ += 2;
  if (*next_ == '[') {
    const char* p = next_;
    const std::size_t level = bracket_level(p);
    next_ = p;
    if (level >= 2) {
      std::string_view body;
      bool is_copied = false;
      scan_long_bracket(level, true, body, is_copied);
      return;
    }
  }
  while (*next_ != '\n' && *next_ != '\r' && !(*next_ == '\0' && at_end())) {
    ++next_;
  }
}

// ------------------------------------------------------------------------------------ errors

void Lexer::fail(std::string_view message, const std::string& near) {
  if (has_failed_) {
    return;
  }
  has_failed_ = true;
  error_message_ = short_source(chunk_name_) + ":" + std::to_string(line_) + ": ";
  error_message_ += message;
  if (!near.empty()) {
    // Texts of tokens go through the reference implementation as C strings.
    error_message_ += " near '" + near.substr(0, near.find('\0')) + "'";
  }
  next_ = end_;
  has_ahead_ = false;
  current_.kind = kTokenEof;
}

void Lexer::syntax_error(std::string_view message) {
  if (has_failed_) {
    return;
  }
  const Token token = current_;
  if (token.kind >= kTokenFloat) {
    fail(message, near_text(token));
  } else if (token.kind == 0) {
    fail(message, "");  // a zero byte cannot be shown
  } else {
    fail(std::string(message) + " near " + describe(token.kind), "");
  }
}

void Lexer::late_error(SourcePoint point, std::string_view message) {
  has_ahead_ = false;
  if (point.next_token == 0) {
    line_ = point.line;
    semantic_error(message);
    return;
  }
  const char* token = begin_ + point.next_token;
  line_ = 1;
  for (next_ = begin_; next_ < token;) {
    if (*next_ == '\n' || *next_ == '\r') {
      skip_newline();
    } else {
      ++next_;
    }
  }
  scan(current_);
  syntax_error(message);
}

void Lexer::semantic_error(std::string_view message) { fail(message, ""); }

void Lexer::plain_error(std::string_view message) {
  fail(message, "");
  error_message_ = message;
}

// A string is shown with its delimiters, but with its escapes resolved.
std::string Lexer::near_text(const Token& token) const {
  const std::string_view raw{begin_ + token.begin, token.end - token.begin};
  if (token.kind != kTokenString) {
    return std::string(raw);
  }
  std::size_t delimiter = 1;
  if (raw[0] == '[') {
    delimiter = raw.find('[', 1) + 1;
  }
  std::string text(raw.substr(0, delimiter));
  text += token.name->text();
  text += raw.substr(raw.size() - delimiter);
  return text;
}

}  // namespace moonlet::frontend::lua54
