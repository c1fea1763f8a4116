// What is wrong with a source, in the words of the reference implementation.
#include <string>

#include <gtest/gtest.h>

#include "frontend/compile.hpp"

namespace moonlet::frontend {
namespace {

std::string message(std::string_view source, const CompileOptions& options = {}) {
  const auto result = compile_lua54(source, "=x", options);
  return result.has_value() ? "none" : result.error().message;
}

struct Case {
  std::string_view source;
  std::string_view message;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(message(c.source), c.message) << c.source;
  }
}

TEST(Messages, Tokens) {
  check({
      {"x", "x:1: syntax error near <eof>"},
      {"syntax error", "x:1: syntax error near 'error'"},
      {"1.000", "x:1: unexpected symbol near '1.000'"},
      {"[[a]]", "x:1: unexpected symbol near '[[a]]'"},
      {"[==[\na]==]", "x:2: unexpected symbol near '[==[a]==]'"},
      {"'a\\65'", "x:1: unexpected symbol near ''aA''"},
      {"while << do end", "x:1: unexpected symbol near '<<'"},
      {"a\1a = 1", "x:1: syntax error near '<\\1>'"},
      {"\xff"
       "a = 1",
       "x:1: unexpected symbol near '<\\255>'"},
      {std::string_view("a\0", 2), "x:1: syntax error"},
      {"x = = 1", "x:1: unexpected symbol near '='"},
      {"goto 1", "x:1: <name> expected near '1'"},
  });
}

TEST(Messages, Numerals) {
  check({
      {"x = 3x", "x:1: malformed number near '3x'"},
      {"x = 0xep", "x:1: malformed number near '0xep'"},
      {"x = 1..2", "x:1: malformed number near '1..2'"},
      {"x = 1e+", "x:1: malformed number near '1e+'"},
  });
}

TEST(Messages, Strings) {
  check({
      {"x = 'abc", "x:1: unfinished string near <eof>"},
      {"x = 'a\\nbc\n'", "x:1: unfinished string near ''a\nbc'"},
      {"x = 'a\\qb'", "x:1: invalid escape sequence near ''a\\q'"},
      {"x = '\\300'", "x:1: decimal escape too large near ''\\300''"},
      {"x = '\\xa'", "x:1: hexadecimal digit expected near ''\\xa''"},
      {"x = '\\u11'", "x:1: missing '{' near ''\\u1'"},
      {"x = '\\u{11'", "x:1: missing '}' near ''\\u{11''"},
      {"x = '\\u{}'", "x:1: hexadecimal digit expected near ''\\u{}'"},
      {"x = '\\u{110000000}'", "x:1: UTF-8 value too large near ''\\u{110000000'"},
      {"\nx = [[a\n\n", "x:4: unfinished long string (starting at line 2) near <eof>"},
      {"--[[a\n", "x:2: unfinished long comment (starting at line 1) near <eof>"},
      {"x = [=a", "x:1: invalid long string delimiter near '[='"},
  });
}

TEST(Messages, Structure) {
  check({
      {"if x then", "x:1: 'end' expected near <eof>"},
      {"if x then\n\n", "x:3: 'end' expected (to close 'if' at line 1) near <eof>"},
      {"local a = {4\n\n", "x:3: '}' expected (to close '{' at line 1) near <eof>"},
      {"f(\n1", "x:2: ')' expected (to close '(' at line 1) near <eof>"},
      {"repeat x() end", "x:1: 'until' expected near 'end'"},
      {"end", "x:1: <eof> expected near 'end'"},
      {"for x do end", "x:1: '=' or 'in' expected near 'do'"},
      {"for 1 = 1, 2 do end", "x:1: <name> expected near '1'"},
      {"if x do end", "x:1: 'then' expected near 'do'"},
      {"return return", "x:1: unexpected symbol near 'return'"},
      {"return 1 x = 2", "x:1: <eof> expected near 'x'"},
      {"function f(a,) end", "x:1: <name> or '...' expected near ')'"},
      {"function f(..., a) end", "x:1: ')' expected near ','"},
      {"function f() return ... end", "x:1: cannot use '...' outside a vararg function near '...'"},
      {"x:y = 1", "x:1: function arguments expected near '='"},
      {"f() = 1", "x:1: syntax error near '='"},
      {"(x) = 1", "x:1: syntax error near '='"},
      {"(f())", "x:1: syntax error near <eof>"},
      {"x, f() = 1", "x:1: syntax error near '='"},
  });
}

TEST(Messages, GotoAndLabels) {
  check({
      {"break", "x:1: break outside loop at line 1"},
      {"do\nbreak end\n", "x:3: break outside loop at line 2"},
      {"while x do local f = function() break end end", "x:1: break outside loop at line 1"},
      {"\ngoto A do ::A:: end", "x:2: no visible label 'A' for <goto> at line 2"},
      {"function f() goto A end ::A::", "x:1: no visible label 'A' for <goto> at line 1"},
      {"::A:: ::A::", "x:1: label 'A' already defined on line 1"},
      {"::A::\ndo ::A:: end", "x:2: label 'A' already defined on line 1"},
      {"goto A; local y; ::A:: f()", "x:1: <goto A> at line 1 jumps into the scope of local 'y'"},
      {"goto A; local y <const> = 1; ::A:: f()",
       "x:1: <goto A> at line 1 jumps into the scope of local 'y'"},
      {"repeat goto A; local y; ::A:: until y",
       "x:1: <goto A> at line 1 jumps into the scope of local 'y'"},
      {"goto A; local y; ::A:: ; ::B::", "none"},
      {"::A:: function f() ::A:: goto A end goto A", "none"},
      {"do ::A:: end ::A:: goto A", "none"},
  });
}

TEST(Messages, Attributes) {
  check({
      {"local x <const> = 1; x = 2", "x:1: attempt to assign to const variable 'x'"},
      {"local x <const> = f(); x = 2", "x:1: attempt to assign to const variable 'x'"},
      {"local x <close> = f(); function g() y, x = 2 end",
       "x:1: attempt to assign to const variable 'x'"},
      {"local x <const> = 1; function x() end", "x:1: attempt to assign to const variable 'x'"},
      {"local x <const> = 1; (x) = 1", "x:1: syntax error near '='"},
      {"local x <const> = {}; x.y = 1; x[1] = 2", "none"},
      {"local x <foo> = 1", "x:1: unknown attribute 'foo'"},
      {"local x <close>, y <close> = 1", "x:1: multiple to-be-closed variables in local list"},
  });
}

TEST(Messages, TheFirstErrorCounts) {
  check({
      {"local x <const> = 1; x = 2; @", "x:1: attempt to assign to const variable 'x'"},
      {"@ local x <const> = 1; x = 2;", "x:1: unexpected symbol near '@'"},
      {"break '", "x:1: unfinished string near <eof>"},
  });
}

// The trees of functions that are behind the parser are gone, and their place is used again.
TEST(Messages, ConstantsOfFinishedFunctionsAreForgotten) {
  EXPECT_EQ(message("do local f = function() local x <const> = 1; return x end end f() = 2"),
            "x:1: syntax error near '='");
  EXPECT_EQ(message("local x <const> = 1; local function f() return x end; x = 2"),
            "x:1: attempt to assign to const variable 'x'");
}

TEST(Messages, ChunkNames) {
  const auto name_of = [](std::string_view chunk_name) {
    return compile_lua54("x", chunk_name).error().message;
  };
  EXPECT_EQ(name_of("@file.lua"), "file.lua:1: syntax error near <eof>");
  EXPECT_EQ(name_of("x"), "[string \"x\"]:1: syntax error near <eof>");
}

TEST(Messages, ShortSource) {
  const std::string x80(80, 'x');
  EXPECT_EQ(short_source("=" + x80), std::string(59, 'x'));
  EXPECT_EQ(short_source("@" + x80), "..." + std::string(56, 'x'));
  EXPECT_EQ(short_source("@" + std::string(59, 'x')), std::string(59, 'x'));
  EXPECT_EQ(short_source(x80), "[string \"" + std::string(45, 'x') + "...\"]");
  EXPECT_EQ(short_source(std::string(44, 'x')), "[string \"" + std::string(44, 'x') + "\"]");
  EXPECT_EQ(short_source("a\nb"), "[string \"a...\"]");
  EXPECT_EQ(short_source(""), "[string \"\"]");
  EXPECT_EQ(short_source("="), "");
}

TEST(Messages, PreludeHasNoGlobals) {
  const CompileOptions prelude{.is_prelude = true};
  EXPECT_EQ(message("print(string.format)", prelude), "none");
  EXPECT_EQ(message("print = 1", prelude), "x:1: attempt to assign to builtin 'print'");
  EXPECT_EQ(message("function string.f() end", prelude),
            "x:1: attempt to assign to builtin 'string.f'");
}

}  // namespace
}  // namespace moonlet::frontend
