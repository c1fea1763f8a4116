// Source text to tokens, and for Luau what its lexer (luau/lexer.hpp) has in common with this one.
// After the first error every further token is the end of the source, so
// that the parser comes to its end without asking.
#pragma once

#include <string>
#include <string_view>

#include "frontend/ast.hpp"
#include "frontend/lua54/token.hpp"

namespace moonlet::frontend::lua54 {

class Lexer {
 public:
  // Names and strings without escapes are views into `source`, whose last byte must be a zero that
  // is no part of the text.
  Lexer(std::string_view source, NameTable& names, std::string_view chunk_name);

  const Token& current() const { return current_; }
  int kind() const { return current_.kind; }
  void advance() {
    last_line_ = line_;
    if (has_ahead_) [[unlikely]] {
      has_ahead_ = false;
      current_ = ahead_;
    } else {
      scan(current_);
    }
  }
  // The token after the current one.
  int peek_kind();

  // The line that has been read up to, and the one where the last token that was consumed ended.
  std::int32_t line() const { return line_; }
  std::int32_t last_line() const { return last_line_; }

  // Expression::at of what begins here.
  std::int32_t node_line() const { return last_line(); }
  SourcePoint point() const { return {last_line_, current_.begin}; }

  bool has_failed() const { return has_failed_; }
  const std::string& error_message() const { return error_message_; }
  // "source:line: message near 'current token'", and the same without the token.
  void syntax_error(std::string_view message);
  void semantic_error(std::string_view message);
  // What was found wrong later, at something that was read when the source had been read to
  // `point`.
  void late_error(SourcePoint point, std::string_view message);
  // The message as it stands.
  void plain_error(std::string_view message);

 protected:
  void scan(Token& token);
  // At `start`, which is not in next_ yet; the others begin there.
  void scan_name(Token& token, const char* start);
  void finish_name(Token& token, const char* start, Name* name);
  void scan_pair(Token& token, const char* start);
  void scan_other(Token& token, const char* start);
  void scan_behind_comments(Token& token, const char* start);
  void finish(Token& token, const char* start, const char* end, std::uint32_t kind) {
    next_ = end;
    token.kind = static_cast<std::uint16_t>(kind);
    token.begin = static_cast<std::uint32_t>(start - begin_);
    token.end = static_cast<std::uint32_t>(end - begin_);
  }
  void scan_number(Token& token);
  void scan_other_number(Token& token);
  void scan_dots(Token& token);
  void scan_bracket(Token& token);
  void scan_short_string(Token& token);
  const char* skip_plain(const char* p, char delimiter) const;
  void scan_escapes(Token& token, char delimiter);
  bool scan_escape();
  bool scan_hexadecimal_escape(const char* escape);
  bool scan_unicode_escape(const char* escape);
  void append_code_point(std::uint32_t code_point);
  bool scan_decimal_escape(const char* escape);
  bool expect_hex_digit(const char* escape);
  void scan_long_string(Token& token, std::size_t level);
  bool scan_long_bracket(std::size_t level, bool is_comment, std::string_view& body,
                         bool& is_copied);
  std::size_t bracket_level(const char*& p) const;
  void skip_comment();
  void skip_blanks();
  void skip_newline();
  static const char* behind_newline(const char* p);

  void fail(std::string_view message, const std::string& near);
  void fail_escape(const char* escape, std::string_view message);
  std::string near_text(const Token& token) const;

  bool at_end() const { return next_ == end_; }

  const char* begin_;
  const char* next_;
  const char* end_;
  std::int32_t line_ = 1;
  std::int32_t last_line_ = 1;
  bool has_ahead_ = false;
  bool has_failed_ = false;
  Token current_;
  Token ahead_;
  NameTable& names_;
  std::string_view chunk_name_;
  std::size_t chunk_name_limit_ = 59;
  char delimiter_ = '"';  // of the string in the buffer
  std::string buffer_;    // the value of a string that is not verbatim in the source
  std::string error_message_;
};

}  // namespace moonlet::frontend::lua54
