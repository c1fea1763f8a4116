#include "frontend/lua54/lexer.hpp"

#include "base/check.hpp"
#include "base/number_parse.hpp"
#include "base/word.hpp"
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

// Whatever takes more than a few instructions is called last, so that this one needs no stack
// frame.
void Lexer::scan(Token& token) {
  const char* p = next_;
  for (;;) {
    const auto c = static_cast<unsigned char>(*p);
    switch (kTokenStarts[c]) {
      case TokenStart::Space:
        do {
          ++p;
        } while (*p == ' ');
        continue;
      case TokenStart::LineEnd:
        p = behind_newline(p);
        ++line_;
        continue;
      case TokenStart::Name:
        return scan_name(token, p);
      case TokenStart::Pair:
        return scan_pair(token, p);
      case TokenStart::Other:
        return scan_other(token, p);
      case TokenStart::Minus:
        if (p[1] == '-') return scan_behind_comments(token, p);
        [[fallthrough]];
      default:
        return finish(token, p, p + 1, c);
    }
  }
}

ML_NOINLINE void Lexer::scan_name(Token& token, const char* start) {
  if (end_ - start >= 8) [[likely]] {
    const std::uint64_t word = base::load_word(start);
    const std::size_t size = name_parts(word);
    if (size < 8) [[likely]] {
      return finish_name(token, start,
                         names_.intern_short({start, size}, base::first_bytes(word, size)));
    }
  }
  const char* p = start;
  while (has_class(*p, kNamePart)) {
    ++p;
  }
  finish_name(token, start, names_.intern({start, static_cast<std::size_t>(p - start)}));
}

void Lexer::finish_name(Token& token, const char* start, Name* name) {
  token.name = name;
  finish(token, start, start + name->size,
         name->reserved_word != 0 ? name->reserved_word : +kTokenName);
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

ML_NOINLINE void Lexer::scan_pair(Token& token, const char* start) {
  for (const Pair& pair : pairs_of(*start).pairs) {
    if (pair.kind != 0 && start[1] == pair.second) {
      return finish(token, start, start + 2, pair.kind);
    }
  }
  finish(token, start, start + 1, static_cast<unsigned char>(*start));
}

// What comes then is no comment, so that the two do not call each other again.
ML_NOINLINE void Lexer::scan_behind_comments(Token& token, const char* start) {
  next_ = start;
  do {
    skip_comment();
    skip_blanks();
  } while (next_[0] == '-' && next_[1] == '-');
  scan(token);
}

// Numbers, strings, dots, brackets and zeros.
ML_NOINLINE void Lexer::scan_other(Token& token, const char* start) {
  next_ = start;
  token.begin = static_cast<std::uint32_t>(start - begin_);
  switch (*start) {
    case '"':
    case '\'':
      scan_short_string(token);
      break;
    case '[':
      scan_bracket(token);
      break;
    case '.':
      scan_dots(token);
      break;
    case '\0':
      if (at_end()) {
        token.kind = kTokenEof;
      } else {
        ++next_;
        token.kind = 0;
      }
      break;
    default:
      scan_number(token);
      break;
  }
  token.end = static_cast<std::uint32_t>(next_ - begin_);
}

void Lexer::scan_dots(Token& token) {
  if (has_class(next_[1], kDigit)) {
    scan_number(token);
  } else if (next_[1] != '.') {
    ++next_;
    token.kind = '.';
  } else {
    const bool is_three = next_[2] == '.';
    next_ += is_three ? 3 : 2;
    token.kind = is_three ? kTokenDots : kTokenConcat;
  }
}

void Lexer::scan_bracket(Token& token) {
  const char* p = next_;
  const std::size_t level = bracket_level(p);
  if (level >= 2) {
    scan_long_string(token, level);
  } else if (level == 1) {
    ++next_;
    token.kind = '[';
  } else {
    fail("invalid long string delimiter", std::string(next_, p));
    token.kind = kTokenEof;
  }
}

// Most are a few digits.
void Lexer::scan_number(Token& token) {
  constexpr std::ptrdiff_t kSafeDigits = 18;
  const char* p = next_;
  std::int64_t value = 0;
  for (; has_class(*p, kDigit) && p - next_ < kSafeDigits; ++p) {
    value = value * 10 + (*p - '0');
  }
  if (has_class(*p, kNamePart) || *p == '.') {
    scan_other_number(token);
    return;
  }
  next_ = p;
  token.kind = kTokenInteger;
  token.integer = value;
}

// Takes whatever looks like part of a numeral, so that "3x" or "0xep1" is one malformed token.
void Lexer::scan_other_number(Token& token) {
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
  if (has_class(*p, kNamePart)) {  // no digit, those were taken
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
const char* Lexer::behind_newline(const char* p) {
  const char first = *p++;
  return (*p == '\n' || *p == '\r') && *p != first ? p + 1 : p;
}

void Lexer::skip_newline() {
  next_ = behind_newline(next_);
  ++line_;
}

void Lexer::skip_blanks() {
  while (has_class(*next_, kSpace)) {
    if (*next_ == '\n' || *next_ == '\r') {
      skip_newline();
    } else {
      ++next_;
    }
  }
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
  const char* p = next_;
  for (;; ++p) {
    while (!has_class(*p, kLineStop)) {
      ++p;
    }
    if (*p != '\0' || p == end_) {
      break;
    }
  }
  next_ = p;
}

// ------------------------------------------------------------------------------------ errors

void Lexer::fail(std::string_view message, const std::string& near) {
  if (has_failed_) {
    return;
  }
  has_failed_ = true;
  error_message_ =
      short_source(chunk_name_, chunk_name_limit_) + ":" + std::to_string(line_) + ": ";
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
