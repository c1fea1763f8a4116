// Source text of Luau to tokens. Blanks, names, long strings and escapes are read as in Lua 5.4;
// its own are numerals with separators, interpolated strings, compound operators, attributes, and
// no operators on bits.
#pragma once

#include "frontend/lua54/lexer.hpp"
#include "frontend/luau/token.hpp"

namespace moonlet::frontend::luau {

class Lexer : private lua54::Lexer {
 public:
  Lexer(std::string_view source, NameTable& names, std::string_view chunk_name);

  using lua54::Lexer::current;
  using lua54::Lexer::error_message;
  using lua54::Lexer::has_failed;
  using lua54::Lexer::kind;
  using lua54::Lexer::plain_error;

  void advance();
  // The token after the current one, and whether it follows without anything between them.
  int peek_kind();
  const Name* peek_name();
  bool is_next_adjacent() const { return *next_ == *(next_ - 1); }
  // At the '}' that ends an expression in an interpolated string: the part of the string behind it.
  void advance_in_string();

  // Where the current token begins, and where the last one that was consumed ended.
  std::int32_t line() const { return token_line_; }
  std::int32_t last_line() const { return last_line_; }
  // Expression::at of what begins here.
  std::int32_t node_line() const { return line(); }
  SourcePoint point() const { return {last_line_, 0}; }

  // "source:line: message", at the current token or at a line.
  void error(std::string_view message) { error_at(token_line_, message); }
  void error_at(std::int32_t line, std::string_view message);
  // "Expected A when parsing CONTEXT, got B"
  void expected(std::string_view what, std::string_view context);

 private:
  void scan_luau(Token& token);
  bool scan_operator(Token& token);
  void scan_numeral(Token& token);
  void scan_quoted(Token& token);
  void scan_interpolated(Token& token, bool is_first);
  // Up to the delimiter, or to '{' if `stops_at_brace`. False after an error.
  bool scan_text(char delimiter, bool stops_at_brace, std::string_view unfinished);
  bool scan_luau_escape();
  void scan_attribute(Token& token);
  std::string found() const;

  std::int32_t token_line_ = 1;
  std::int32_t ahead_line_ = 1;
  std::int32_t ahead_end_line_ = 1;
  std::int32_t end_line_ = 1;  // of the current token
};

}  // namespace moonlet::frontend::luau
