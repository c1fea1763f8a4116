#include <limits>

#include <gtest/gtest.h>

#include "bytecode/analysis.hpp"
#include "bytecode/test_chunk.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;
using enum Opcode;

TEST(Verify, AcceptsTheSmallestChunk) { EXPECT_EQ(verdict_of_code({kReturn}), ""); }

TEST(Verify, NeedsAFunction) { EXPECT_EQ(verdict(Chunk{}), "no functions"); }

TEST(Verify, ChildrenExist) {
  Chunk chunk = make_chunk({kReturn});
  chunk.functions[0].children = {1};
  EXPECT_EQ(verdict(chunk), "function 1 does not exist");
}

TEST(Verify, ChildrenComeAfterTheirParent) {
  Chunk chunk = make_chunk({kReturn});
  chunk.functions[0].children = {0};
  EXPECT_EQ(verdict(chunk), "function 0 comes before its parent");
  chunk = make_chunk({kReturn});
  add_child(chunk, {});
  chunk.functions[1].children = {1};
  EXPECT_EQ(verdict(chunk), "function 1 comes before its parent");
}

TEST(Verify, ChildrenHaveOneParent) {
  Chunk chunk = make_chunk({kReturn});
  add_child(chunk, {});
  add_child(chunk, {});
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[1].children = {2};
  EXPECT_EQ(verdict(chunk), "function 2 has two parents");
  chunk.functions[0].children = {1, 1};
  EXPECT_EQ(verdict(chunk), "function 1 has two parents");
  chunk.functions[0].children = {1};
  chunk.functions[1].children = {};
  EXPECT_EQ(verdict(chunk), "function 2 has no parent");
}

TEST(Verify, NamesTheFunctionOfAnError) {
  Chunk chunk = make_chunk({kReturn});
  add_child(chunk, {});
  chunk.functions[1].code = {make_abc(Close, 0, 0, 0), make_abc(Return1, 5, 0, 0)};
  chunk.functions[1].heights = {0, 0};
  EXPECT_EQ(verdict(chunk), "function 1, instruction 1: register 5 is read but not live");
}

TEST(Verify, UpvaluesExistInTheParent) {
  Chunk chunk = make_chunk({kReturn});
  add_child(chunk, {9});
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[1].upvalues = {{true, 10, kNoString}};
  EXPECT_EQ(verdict(chunk), "function 1: upvalue from register 10, which its parent does not have");
  chunk.functions[1].upvalues = {{false, 1, kNoString}};
  EXPECT_EQ(verdict(chunk), "function 1: upvalue from upvalue 1, which its parent does not have");
  // Those of main are found elsewhere.
  chunk.functions[1].upvalues = {};
  chunk.functions[0].upvalues.assign(255, {true, 200, kNoString});
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[0].upvalues.assign(256, {true, 200, kNoString});
  EXPECT_EQ(verdict(chunk), "function 0: too many upvalues");
}

TEST(Verify, FrameSizes) {
  Chunk chunk = make_chunk({kReturn});
  chunk.functions[0].max_stack = 251;
  EXPECT_EQ(verdict(chunk), "function 0: too many registers");
  chunk.functions[0].max_stack = 250;
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[0].max_stack = 1;
  EXPECT_EQ(verdict(chunk), "function 0: too many parameters");
}

TEST(Verify, Constants) {
  Chunk chunk = make_chunk({kReturn});
  List<Constant>& constants = chunk.functions[0].constants;
  constants[kNameK].string = 3;
  EXPECT_EQ(verdict(chunk), "function 0: string 3 does not exist");
  constants = test_constants();
  constants[kFloatK].number = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(verdict(chunk), "function 0: constant is not a number");
  constants = test_constants();
  constants[kNilK].kind = static_cast<Constant::Kind>(7);
  EXPECT_EQ(verdict(chunk), "function 0: unknown kind of constant");
}

TEST(Verify, OnlyThePreludeNamesNativeFunctions) {
  Chunk chunk = make_chunk({make_abx(LoadK, 0, kNameK), kReturn});
  chunk.functions[0].constants[kNameK].kind = Constant::Kind::Builtin;
  EXPECT_EQ(verdict(chunk), "function 0: constant names a native function");
  EXPECT_EQ(verdict(chunk, AllowBuiltins::Yes), "");
  chunk.functions[0].constants[kNameK].string = 3;
  EXPECT_EQ(verdict(chunk, AllowBuiltins::Yes), "function 0: string 3 does not exist");
}

TEST(Verify, Names) {
  Chunk chunk = make_chunk({kReturn});
  chunk.functions[0].source = 3;
  EXPECT_EQ(verdict(chunk), "function 0: string 3 does not exist");
  chunk.functions[0].source = kNoString;
  chunk.functions[0].upvalues[0].name = 3;
  EXPECT_EQ(verdict(chunk), "function 0: string 3 does not exist");
}

TEST(Verify, Lines) {
  Chunk chunk = make_chunk({make_abc(LoadNil, 0, 0, 0), kReturn});
  Function& main = chunk.functions[0];
  main.lines = {1};
  EXPECT_EQ(verdict(chunk), "function 0: not one line for each word");
  main.lines = {1, -1};
  EXPECT_EQ(verdict(chunk), "function 0: line out of range");
  main.lines = {2, 1};
  EXPECT_EQ(verdict(chunk), "");
  main.last_line_defined = 0x80000000;
  EXPECT_EQ(verdict(chunk), "function 0: line out of range");
}

TEST(Verify, Locals) {
  Chunk chunk = make_chunk({make_abc(LoadNil, 0, 0, 0), kReturn});
  Function& main = chunk.functions[0];
  main.locals = {{1, 0, 2}, {1, 1, 2}};
  EXPECT_EQ(verdict(chunk), "");
  main.locals = {{3, 0, 2}};
  EXPECT_EQ(verdict(chunk), "function 0: string 3 does not exist");
  main.locals = {{kNoString, 0, 2}};
  EXPECT_EQ(verdict(chunk), "function 0: string 4294967295 does not exist");
  main.locals = {{1, 1, 2}, {1, 0, 2}};
  EXPECT_EQ(verdict(chunk), "function 0: local variables are not in order");
  main.locals = {{1, 1, 0}};
  EXPECT_EQ(verdict(chunk), "function 0: local variable has no sane range");
  main.locals = {{1, 0, 3}};
  EXPECT_EQ(verdict(chunk), "function 0: local variable has no sane range");
  main.locals.assign(11, {1, 0, 2});
  EXPECT_EQ(verdict(chunk), "function 0: more local variables than registers");
  main.locals.assign(10, {1, 0, 2});
  EXPECT_EQ(verdict(chunk), "");
}

}  // namespace
}  // namespace moonlet::bytecode
