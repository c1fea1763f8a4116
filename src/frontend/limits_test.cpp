// Bounds, and what must have none.
#include <string>

#include <gtest/gtest.h>

#include "frontend/compile.hpp"

namespace moonlet::frontend {
namespace {

std::string repeat(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) {
    result += text;
  }
  return result;
}

std::string message(const std::string& source) {
  const auto result = compile_lua54(source, "=x");
  return result.has_value() ? "none" : result.error().message;
}

struct Nesting {
  const char* start;
  const char* open;
  const char* middle;
  const char* close;
};

TEST(Limits, SyntaxLevels) {
  const Nesting nestings[] = {
      {"local a; a", ",a", "= 1", ",1"},
      {"local a; a=", "{", "0", "}"},
      {"return ", "(", "2", ")"},
      {"return ", "a(", "2.2", ")"},
      {"return ", "a[", "1", "]"},
      {"", "do ", "", " end"},
      {"", "while a do ", "", " end"},
      {"", "repeat ", "", " until a"},
      {"", "for i = 1, 2 do f(function() ", "", " end) end"},
      {"", "if a then else ", "", " end"},
      {"", "function foo () ", "", " end"},
      {"x = ", "function () return ", "1", " end"},
      {"return ", "a..", "'a'", ""},
      {"return ", "a^", "a", ""},
      {"return ", "not ", "a", ""},
  };
  for (const Nesting& n : nestings) {
    const auto source = [&](int depth) {
      return n.start + repeat(n.open, depth) + n.middle + repeat(n.close, depth);
    };
    EXPECT_EQ(message(source(60)), "none") << n.open;
    EXPECT_EQ(message(source(500)), "C stack overflow") << n.open;
    EXPECT_EQ(message(n.start + repeat(n.open, 100000)), "C stack overflow") << n.open;
  }
}

TEST(Limits, ChainsHaveAnyLength) {
  constexpr int kCount = 100000;
  for (const std::string& source : {
           "return a" + repeat("+1", kCount),
           "return a" + repeat(" and b", kCount),
           "return a" + repeat(" or b", kCount),
           "if a" + repeat(" or b", kCount) + " then end",
           "return a" + repeat("<b", kCount),
           "return a" + repeat(".b", kCount),
           "return a" + repeat("()", kCount),
           "return a" + repeat("[1]", kCount),
           "a" + repeat(":b()", kCount),
           "if a then " + repeat("elseif b then ", kCount) + "end",
           repeat("a() ", kCount),
           repeat("local function f() end do end ", 150),
           "return {" + repeat("1,", kCount) + "}",
           "return {" + repeat("a=1;", kCount) + "}",
       }) {
    EXPECT_EQ(message(source), "none") << source.substr(0, 20);
  }
}

TEST(Limits, Variables) {
  std::string names = "a0";
  for (int i = 1; i < 200; ++i) {
    names += ", a" + std::to_string(i);
  }
  EXPECT_EQ(message("local " + names), "none");
  EXPECT_EQ(message("local " + names + ", b"),
            "x:1: too many local variables (limit is 200) in main function near <eof>");
  EXPECT_EQ(message("\nfunction foo (" + names + ",\nb) end"),
            "x:3: too many local variables (limit is 200) in function at line 2 near ')'");
}

TEST(Limits, Upvalues) {
  std::string source = "local x1";
  for (int i = 2; i <= 130; ++i) {
    source += ", x" + std::to_string(i);
  }
  source += "\nfunction f() local y1";
  for (int i = 2; i <= 130; ++i) {
    source += ", y" + std::to_string(i);
  }
  source += "\nfunction g() return x1";
  for (int i = 1; i <= 130; ++i) {
    source += "+x" + std::to_string(i) + "+y" + std::to_string(i);
  }
  EXPECT_EQ(message(source + " end end"),
            "x:3: too many upvalues (limit is 255) in function at line 3 near '+'");
}

TEST(Limits, Registers) {
  EXPECT_EQ(message("a = f(x" + repeat(",x", 240) + ")"), "none");
  EXPECT_EQ(message("a = f(x" + repeat(",x", 260) + ")"),
            "x:1: function or expression needs too many registers near 'x'");
}

// Code is made for inner functions first; errors come by the order in which functions begin, and
// after all those of the parser.
TEST(Limits, TheFirstFunctionBeyondABoundIsReported) {
  const std::string outer = "return f(x" + repeat(",x", 260) + ")";
  const std::string inner = "local function g() return f(y" + repeat(",y", 260) + ") end\n";
  EXPECT_EQ(message(inner), "x:1: function or expression needs too many registers near 'y'");
  EXPECT_EQ(message(inner + inner),
            "x:1: function or expression needs too many registers near 'y'");
  EXPECT_EQ(message(inner + outer),
            "x:2: function or expression needs too many registers near 'x'");
  EXPECT_EQ(message(inner + outer + " end"), "x:2: <eof> expected near 'end'");
}

TEST(Limits, LongLoops) {
  const std::string body = repeat("a=1 ", 30000);
  EXPECT_EQ(message("while a do " + body + "end"), "none");
  EXPECT_EQ(message("for i = 1, 2 do\n" + body + "\nend"),
            "x:3: control structure too long near 'end'");
}

TEST(Limits, ManyConstants) {
  std::string source = "local t = {";
  for (int i = 0; i < 70000; ++i) {
    source += "'s" + std::to_string(i) + "', ";
  }
  EXPECT_EQ(message(source + "} return 1 + t['s69999'], t < 0.25, t == 's68000'"), "none");
}

}  // namespace
}  // namespace moonlet::frontend
