#include <gtest/gtest.h>

#include "frontend/test_listing.hpp"

namespace moonlet::frontend {
namespace {

using test::compile;
using test::listing;

TEST(Codegen, ArithmeticSharesOneTemporary) {
  EXPECT_EQ(listing("local a, b = 1, 2.5; local c = a + b * 2 - 1 + (3 - a)"), R"(
LoadI r0 1
LoadK r1 2.5
MulRK r2 r1 2
Add r2 r0 r2
SubRK r2 r2 1
SubKR r3 3 r0
Add r2 r2 r3
Return0
)");
}

TEST(Codegen, LiteralsAreFolded) {
  EXPECT_EQ(listing("return 2^2 + 1, 7 // -2, 3 % -2, -5.5 % 2, ~0, 1 << 63, 2^53 | 1, not nil"),
            R"(
LoadF r0 5
LoadI r1 -4
LoadI r2 -1
LoadK r3 0.5
LoadI r4 -1
LoadK r5 -9223372036854775808
LoadK r6 9007199254740993
LoadTrue r7
Return r0 9
Return0
)");
}

TEST(Codegen, FoldingStopsAtErrorsZerosAndNan) {
  EXPECT_EQ(listing("return -0.0, 0/0, 7 // 0, 1.5 | 1, 1 < 2"), R"(
LoadF r0 0
Unm r0 r0
LoadI r1 0
DivRK r1 r1 0
LoadI r2 7
IDivRK r2 r2 0
LoadK r3 1.5
BOrRK r3 r3 1
LoadI r4 1
LtK r4 2 1
Jump 1 ; to 12
LoadFalseSkip r4
LoadTrue r4
Return r0 6
Return0
)");
}

TEST(Codegen, CompileTimeConstantsHaveNoRegister) {
  const bytecode::Chunk chunk = compile("local t <const> = 5; local u = t + 1; return t, u");
  EXPECT_EQ(listing(chunk), R"(
LoadI r0 6
LoadI r1 5
Move r2 r0
Return r1 3
Return0
)");
  EXPECT_EQ(chunk.functions[0].locals.size(), 1u);
}

TEST(Codegen, ConditionsMakeNoBooleans) {
  EXPECT_EQ(
      listing("local a; if a > 1 and a ~= 'x' or nil == a then f() elseif not a then g() end"),
      R"(
LoadNil r0 0
GtK r0 1 0
Jump 2 ; to 5
EqK r0 "x" 0
Jump 2 ; to 7
EqK r0 nil 0
Jump 4 ; to 11
GetGlobal r1 u0 "f" ; _ENV
Call r1 1 1
Jump 5 ; to 16
Test r0 1
Jump 3 ; to 16
GetGlobal r1 u0 "g" ; _ENV
Call r1 1 1
Return0
)");
}

TEST(Codegen, LogicalValuesAreWrittenOnce) {
  // The variable keeps its old value until the new one is known.
  EXPECT_EQ(listing("local a; a = a and a.x or not a"), R"(
LoadNil r0 0
Test r0 0
Jump 4 ; to 7
GetField r1 r0 "x"
TestSet r0 r1 1
Jump 1 ; to 8
Not r0 r0
Return0
)");
}

TEST(Codegen, ComparisonsAsValues) {
  EXPECT_EQ(listing("local a, b; return not (a < b), a and b >= a"), R"(
LoadNil r0 1
Lt r0 r1 0
Jump 1 ; to 4
LoadFalseSkip r2
LoadTrue r2
TestSet r3 r0 0
Jump 4 ; to 11
Le r0 r1 1
Jump 1 ; to 10
LoadFalseSkip r3
LoadTrue r3
Return r2 3
Return0
)");
}

TEST(Codegen, ConstantConditionsAreDecided) {
  EXPECT_EQ(listing("while true do if a then break end end"), R"(
GetGlobal r0 u0 "a" ; _ENV
Test r0 1
Jump 1 ; to 5
Jump -5 ; to 0
Return0
)");
}

TEST(Codegen, NumericLoop) {
  EXPECT_EQ(listing("for i = 1, 10 do f(i) end"), R"(
LoadI r0 1
LoadI r1 10
LoadI r2 1
ForPrep r0 4 ; to 9
GetGlobal r4 u0 "f" ; _ENV
Move r5 r3
Call r4 2 1
ForLoop r0 5 ; to 4
Return0
)");
}

TEST(Codegen, GenericLoop) {
  const bytecode::Chunk chunk = compile("for k, v in f() do g(k) end");
  EXPECT_EQ(listing(chunk), R"(
GetGlobal r0 u0 "f" ; _ENV
Call r0 1 5
TForPrep r4 4 ; to 8
GetGlobal r6 u0 "g" ; _ENV
Move r7 r4
Call r6 2 1
TForCall r4 3
TForLoop r4 6 ; to 4
Close r0
ReturnClose r0 1
)");
  EXPECT_GE(chunk.functions[0].max_stack, 7);
}

TEST(Codegen, BreakClosesBeforeItJumps) {
  EXPECT_EQ(listing("while f() do local x; g(function() return x end) if x then break end end"), R"(
GetGlobal r0 u0 "f" ; _ENV
Call r0 1 2
Test r0 0
Jump 11 ; to 16
LoadNil r0 0
GetGlobal r1 u0 "g" ; _ENV
Closure r2 0 ; function 1
Call r1 2 1
Test r0 0
Jump 2 ; to 14
Close r0
Jump 2 ; to 16
Close r0
Jump -16 ; to 0
ReturnClose r0 1
)");
}

TEST(Codegen, RepeatClosesOnBothWays) {
  EXPECT_EQ(listing("repeat local x; local f = function() return x end until x"), R"(
LoadNil r0 0
Closure r1 0 ; function 1
Test r0 0
Jump 2 ; to 6
Close r0
Jump 2 ; to 8
Close r0
Jump -8 ; to 0
ReturnClose r0 1
)");
}

TEST(Codegen, AssignmentSavesWhatItOverwrites) {
  EXPECT_EQ(listing("local a, i; a[i], i = i, a"), R"(
LoadNil r0 1
Move r2 r1
Move r3 r1
Move r1 r0
SetTable r3 r0 r2
Return0
)");
  EXPECT_EQ(listing("x, _ENV = 1, {}"), R"(
GetUpvalue r0 u0 ; _ENV
LoadI r1 1
NewTable r2 0 0
SetUpvalue r2 u0 ; _ENV
SetField r1 r0 "x"
Return0
)");
}

TEST(Codegen, Chains) {
  EXPECT_EQ(listing("local a; a.b.c:d(1).e = a['f g'][1][a][256]"), R"(
LoadNil r0 0
GetField r1 r0 "b"
GetField r1 r1 "c"
Self r1 r1 "d"
LoadI r3 1
Call r1 3 2
GetField r2 r0 "f g"
GetInteger r2 r2 1
GetTable r2 r2 r0
LoadI r3 256
GetTable r2 r2 r3
SetField r2 r1 "e"
Return0
)");
}

TEST(Codegen, OpenCallsFeedTheirConsumer) {
  EXPECT_EQ(listing("return f(x:m(...))"), R"(
GetGlobal r0 u0 "f" ; _ENV
GetGlobal r1 u0 "x" ; _ENV
Self r1 r1 "m"
Vararg r3 0
Call r1 0 0
TailCall r0 0 0
Return0
)");
}

TEST(Codegen, NoTailCallOutOfAClosingScope) {
  EXPECT_EQ(listing("local x <close> = f(); return g()"), R"(
GetGlobal r0 u0 "f" ; _ENV
Call r0 1 2
Tbc r0
GetGlobal r1 u0 "g" ; _ENV
Call r1 1 0
ReturnClose r1 0
ReturnClose r1 1
)");
}

TEST(Codegen, TablesAreFlushedInBlocks) {
  std::string source = "local t = {x = 1";
  for (int i = 0; i < 51; ++i) {
    source += ", true";
  }
  const std::string text = listing(source + ", f()}");
  EXPECT_NE(text.find("NewTable r0 1 51\n"), std::string::npos) << text;
  EXPECT_NE(text.find("SetList r0 50 0\nLoadTrue r1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("Call r2 1 0\nSetList r0 0 50\n"), std::string::npos) << text;
}

TEST(Codegen, EnvironmentMayBeAVariable) {
  EXPECT_EQ(listing("local _ENV = {}; x = y"), R"(
NewTable r0 0 0
GetField r1 r0 "y"
SetField r1 r0 "x"
Return0
)");
}

TEST(Codegen, ConcatenationIsOneInstruction) {
  EXPECT_EQ(listing("local s = 'a' .. 1 .. (f() .. 'b')"), R"(
LoadK r0 "a"
LoadI r1 1
GetGlobal r2 u0 "f" ; _ENV
Call r2 1 2
LoadK r3 "b"
Concat r0 4
Return0
)");
}

TEST(Codegen, ParenthesesLeaveOneValue) {
  EXPECT_EQ(listing("return (...), (f()), true and ..."), R"(
Vararg r0 2
GetGlobal r1 u0 "f" ; _ENV
Call r1 1 2
Vararg r2 2
Return r0 4
Return0
)");
}

TEST(Codegen, PreludeNamesBuiltins) {
  const bytecode::Chunk chunk =
      compile("local s = string.format; return s(x), table", {.is_prelude = true});
  EXPECT_EQ(listing(chunk), R"(
LoadK r0 builtin string.format
Move r1 r0
LoadK r2 builtin x
Call r1 2 2
LoadK r2 builtin table
Return r1 3
Return0
)");
}

TEST(Codegen, ConstantsAreSharedWithinAFunction) {
  const bytecode::Chunk chunk =
      compile("return 'a', 'a', 99999, 99999, 99999.0, 99999.0, 'b', function() return 'a' end");
  EXPECT_EQ(chunk.functions[0].constants.size(), 4u);
  EXPECT_EQ(chunk.functions[1].constants.size(), 1u);
  EXPECT_EQ(chunk.functions[0].constants[0].string, chunk.functions[1].constants[0].string);
}

TEST(Codegen, StringsStandInTheOrderInWhichFunctionsOfTheSourceUseThem) {
  const bytecode::Chunk chunk = compile(
      "local function outer() local v = 'b'; function inner() return 'c', v, 'a' end end; x = 'a'");
  EXPECT_EQ(chunk.strings,
            (std::vector<std::string>{"_ENV", "outer", "a", "x", "b", "v", "inner", "c", "=x"}));
  EXPECT_EQ(chunk.strings.at(chunk.functions[2].name), "inner");
}

TEST(Codegen, FunctionsStandInTheOrderInWhichTheyBegin) {
  const bytecode::Chunk chunk = compile(
      "local function a() local function b() end; local function c() end end\n"
      "local function d() end");
  EXPECT_EQ(chunk.functions[0].children, (std::vector<std::uint32_t>{1, 4}));
  EXPECT_EQ(chunk.functions[1].children, (std::vector<std::uint32_t>{2, 3}));
}

}  // namespace
}  // namespace moonlet::frontend
