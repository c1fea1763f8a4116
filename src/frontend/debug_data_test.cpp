// What debuggers see: lines, variables, upvalues.
#include <gtest/gtest.h>

#include "frontend/test_listing.hpp"

namespace moonlet::frontend {
namespace {

using test::compile;
using test::lines;

TEST(Lines, Statements) {
  EXPECT_EQ(lines("if\nmath.sin(1)\nthen\n  a=1\nelse\n  a=2\nend\n"), "2 3 4 6 7");
  EXPECT_EQ(lines("--\nif nil then\n  a=1\nelse\n  a=2\nend\n"), "2 3 5 6");
  EXPECT_EQ(lines("a=1\nrepeat\n  a=a+1\nuntil a==3\n"), "1 3 4");
  EXPECT_EQ(lines("while math.sin(1) do\n  if math.sin(1)\n  then break\n  end\nend\na=1"),
            "1 2 3 4 6");
}

TEST(Lines, Loops) {
  EXPECT_EQ(lines("\nfor i=1,\n3\ndo\n  a=i\nend\n"), "2 3 4 5 2 6");
  EXPECT_EQ(lines("for i,v in\npairs(x)\ndo\n  a=i\nend\n"), "2 3 4 2 5");
}

TEST(Lines, Operators) {
  EXPECT_EQ(lines("a = \nprint\n+\n(\n4\n/\n7)"), "3 7");
  EXPECT_EQ(lines("local b = {10}\na = b[1] \n\n+ \nb[1]\nb = 4\n"), "1 4 5 4 5 6");
  EXPECT_EQ(lines("a\n=\n-\n\nprint\n;"), "5 3 5 6");
}

TEST(Lines, CallsBelongToTheirParenthesis) {
  EXPECT_EQ(lines("local a = {x = 13}\na\n.\nx\n(\n23\n)\n"), "1 4 7 5 7");
}

TEST(Lines, FunctionsAreDefinedInTheirFirstLine) {
  EXPECT_EQ(lines("local a\nfunction a.x.y ()\na=a+1\nend"), "1 2 4 2 4");
  EXPECT_EQ(lines("local function foo()\nend\nfoo()"), "2 3");
}

TEST(Variables, AreActiveFromTheirStatementOn) {
  const bytecode::Chunk chunk = compile("local a = 1 do local b = a end local c");
  const bytecode::Function& main = chunk.functions[0];
  ASSERT_EQ(main.locals.size(), 3u);
  EXPECT_EQ(chunk.strings[main.locals[0].name], "a");
  EXPECT_EQ(main.locals[0].start_pc, 1u);
  EXPECT_EQ(main.locals[0].end_pc, 4u);
  EXPECT_EQ(main.locals[1].start_pc, 2u);
  EXPECT_EQ(main.locals[1].end_pc, 2u);
  EXPECT_EQ(main.locals[2].start_pc, 3u);
}

TEST(Variables, LoopsHaveHiddenOnes) {
  const bytecode::Chunk chunk = compile("for i = 1, 2 do end for k in f do end");
  std::string names;
  for (const bytecode::LocalVariable& local : chunk.functions[0].locals) {
    names += chunk.strings[local.name] + " ";
  }
  EXPECT_EQ(names,
            "(for state) (for state) (for state) i "
            "(for state) (for state) (for state) (for state) k ");
}

TEST(Upvalues, AreNumberedAsTheyAreMet) {
  const bytecode::Chunk chunk = compile(R"(
    local a, b
    function f(x)
      return function() return b, a, x, b, g end
    end)");
  ASSERT_EQ(chunk.functions.size(), 3u);
  const bytecode::Function& outer = chunk.functions[1];
  const bytecode::Function& inner = chunk.functions[2];
  const auto names = [&](const bytecode::Function& function) {
    std::string text;
    for (const bytecode::Upvalue& upvalue : function.upvalues) {
      text += chunk.strings[upvalue.name] + (upvalue.from_parent_register ? ":r" : ":u") +
              std::to_string(upvalue.index) + " ";
    }
    return text;
  };
  EXPECT_EQ(names(chunk.functions[0]), "_ENV:r0 ");
  EXPECT_EQ(names(outer), "b:r1 a:r0 _ENV:u0 ");
  EXPECT_EQ(names(inner), "b:u0 a:u1 x:r0 _ENV:u2 ");
  EXPECT_EQ(outer.line_defined, 3u);
  EXPECT_EQ(outer.last_line_defined, 5u);
}

}  // namespace
}  // namespace moonlet::frontend
