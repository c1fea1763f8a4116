#include <gtest/gtest.h>

#include "bytecode/test_chunk.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;
using enum Opcode;

std::string at(int pc, const std::string& what) {
  return "function 0, instruction " + std::to_string(pc) + ": " + what;
}

// ---- Heights.

TEST(VerifyHeights, OneForEachWord) {
  Chunk chunk = make_chunk({kReturn});
  chunk.functions[0].heights = {};
  EXPECT_EQ(verdict(chunk), at(0, "not one height for each word"));
}

TEST(VerifyHeights, NoHigherThanTheFrame) {
  Chunk chunk = make_chunk({make_abc(LoadNil, 2, 7, 0), kReturn});
  chunk.functions[0].heights[1] = 11;
  EXPECT_EQ(verdict(chunk), at(0, "register 10 is not initialised on the way to 1"));
  // At a position that nothing leads to.
  chunk = make_chunk({kReturn, kReturn});
  chunk.functions[0].heights[1] = 11;
  EXPECT_EQ(verdict(chunk), at(1, "height above the frame"));
}

TEST(VerifyHeights, ZeroAtAuxiliaryWords) {
  Chunk chunk = make_chunk({make_abc(LoadKX, 0, 0, 0), kNameK, kReturn});
  chunk.functions[0].heights[1] = 1;
  EXPECT_EQ(verdict(chunk), at(0, "height at an auxiliary word"));
}

TEST(VerifyHeights, OnlyParametersLiveAtTheEntry) {
  Chunk chunk = make_chunk({kReturn});
  EXPECT_EQ(chunk.functions[0].heights[0], 2);
  chunk.functions[0].heights[0] = 3;
  EXPECT_EQ(verdict(chunk), at(0, "registers live at the entry"));
}

TEST(VerifyHeights, RegistersHaveToBeInitialised) {
  Chunk chunk = make_chunk({make_abc(LoadNil, 2, 0, 0), kReturn});
  EXPECT_EQ(chunk.functions[0].heights[1], 3);
  chunk.functions[0].heights[1] = 4;
  EXPECT_EQ(verdict(chunk), at(0, "register 3 is not initialised on the way to 1"));
}

TEST(VerifyHeights, InitialisedOnEveryWay) {
  // if r0 then r2 = nil end; return r2
  Chunk chunk = make_chunk({make_abc(Opcode::Test, 0, 0, 0), make_j(1), make_abc(LoadNil, 2, 0, 0),
                            make_abc(Return1, 2, 0, 0)});
  EXPECT_EQ(verdict(chunk), at(3, "register 2 is read but not live"));
  chunk.functions[0].heights[3] = 3;
  EXPECT_EQ(verdict(chunk), at(1, "register 2 is not initialised on the way to 3"));
}

TEST(VerifyHeights, TestSetWritesOnlyWhenItJumps) {
  const Instruction test = make_abc(TestSet, 2, 0, 1);
  EXPECT_EQ(verdict_of_code({test, make_j(1), kReturn, make_abc(Return1, 2, 0, 0)}), "");
  EXPECT_EQ(verdict_of_code({test, make_j(1), make_abc(Return1, 2, 0, 0), kReturn}),
            at(2, "register 2 is read but not live"));
}

TEST(VerifyHeights, LoadFalseSkipLeavesOutOneWord) {
  EXPECT_EQ(verdict_of_code({make_abc(LoadFalseSkip, 2, 0, 0), make_abc(LoadTrue, 3, 0, 0),
                             make_abc(Return1, 3, 0, 0)}),
            at(2, "register 3 is read but not live"));
}

TEST(VerifyHeights, WhatAHeightLeavesOutIsLost) {
  Chunk chunk =
      make_chunk({make_abc(LoadNil, 2, 0, 0), make_abc(Move, 0, 1, 0), make_abc(Return1, 2, 0, 0)});
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[0].heights[1] = 2;
  EXPECT_EQ(verdict(chunk), at(1, "register 2 is not initialised on the way to 2"));
}

TEST(VerifyHeights, WritingAboveAHoleKeepsNothing) {
  EXPECT_EQ(verdict_of_code({make_abc(LoadNil, 3, 0, 0), make_abc(Return1, 3, 0, 0)}),
            at(1, "register 3 is read but not live"));
}

TEST(VerifyHeights, CallsKillWhatIsAbove) {
  // r2(), then r3 is gone; r2 is the result.
  EXPECT_EQ(verdict_of_code(
                {make_abc(LoadNil, 2, 1, 0), make_abc(Call, 2, 1, 2), make_abc(Return1, 2, 0, 0)}),
            "");
  EXPECT_EQ(verdict_of_code(
                {make_abc(LoadNil, 2, 1, 0), make_abc(Call, 2, 1, 2), make_abc(Return1, 3, 0, 0)}),
            at(2, "register 3 is read but not live"));
  EXPECT_EQ(verdict_of_code({make_abc(Call, 1, 1, 1), make_abc(Return1, 1, 0, 0)}),
            at(1, "register 1 is read but not live"));
}

TEST(VerifyHeights, ArgumentsHaveToBeLive) {
  EXPECT_EQ(verdict_of_code({make_abc(Call, 0, 3, 1), kReturn}),
            at(0, "register 2 is read but not live"));
  EXPECT_EQ(verdict_of_code({make_abc(Call, 2, 1, 1), kReturn}),
            at(0, "register 2 is read but not live"));
  EXPECT_EQ(verdict_of_code({make_abc(TailCall, 0, 3, 0)}),
            at(0, "register 2 is read but not live"));
  EXPECT_EQ(verdict_of_code({make_abc(Return, 0, 4, 0)}), at(0, "register 2 is read but not live"));
  EXPECT_EQ(verdict_of_code({make_abc(Concat, 0, 3, 0), kReturn}),
            at(0, "register 2 is read but not live"));
  EXPECT_EQ(verdict_of_code({make_abc(SetList, 0, 2, 0), 0, kReturn}),
            at(0, "register 2 is read but not live"));
}

TEST(VerifyHeights, GenericLoopKeepsItsStateAndLosesItsVariables) {
  const auto with_body = [](Instruction body) {
    return verdict_of_code({make_abc(LoadNil, 0, 3, 0), make_abx(TForPrep, 4, 1), body,
                            make_abc(TForCall, 4, 0, 3), make_abx(TForLoop, 4, 3),
                            make_abc(Close, 0, 0, 0), kReturn});
  };
  EXPECT_EQ(with_body(make_abc(Move, 3, 5, 0)), "");
  EXPECT_EQ(with_body(make_abc(Move, 3, 6, 0)), at(2, "register 6 is read but not live"));
  // The call needs all four registers of the state, although it reads only three.
  Chunk chunk = make_chunk(
      {make_abc(LoadNil, 0, 2, 0), make_abc(TForCall, 4, 0, 2), make_abx(TForLoop, 4, 2), kReturn});
  EXPECT_EQ(verdict(chunk), at(1, "register 3 is read but not live"));
}

// ---- Open lists.

TEST(VerifyOpenLists, AreTakenByTheNextInstruction) {
  const Instruction open_call = make_abc(Call, 1, 1, 0);
  EXPECT_EQ(verdict_of_code({open_call, make_abc(Return, 1, 0, 0)}), "");
  EXPECT_EQ(verdict_of_code({open_call, make_abc(Return, 0, 0, 0)}), "");
  EXPECT_EQ(verdict_of_code({open_call, make_abc(Call, 0, 0, 1), kReturn}), "");
  EXPECT_EQ(verdict_of_code({open_call, make_abc(TailCall, 0, 0, 0)}), "");
  EXPECT_EQ(verdict_of_code({open_call, make_abc(ReturnClose, 1, 0, 0)}), "");
  EXPECT_EQ(verdict_of_code({open_call, make_abc(SetList, 0, 0, 0), 0, kReturn}), "");
  EXPECT_EQ(verdict_of_code({make_abc(Vararg, 2, 0, 0), make_abc(Call, 1, 0, 1), kReturn}), "");
  EXPECT_EQ(verdict_of_code({open_call, kReturn}), at(0, "open list is not taken"));
  EXPECT_EQ(verdict_of_code({open_call, make_abc(Move, 0, 0, 0), make_abc(Return, 1, 0, 0)}),
            at(0, "open list is not taken"));
}

TEST(VerifyOpenLists, TakersNeedOne) {
  EXPECT_EQ(verdict_of_code({make_abc(Return, 0, 0, 0)}), at(0, "no open list to take"));
  EXPECT_EQ(verdict_of_code({kReturn, make_abc(Return, 0, 0, 0)}), at(1, "no open list to take"));
  EXPECT_EQ(verdict_of_code({make_abc(Move, 0, 1, 0), make_abc(Call, 0, 0, 1), kReturn}),
            at(0, "way to an open list's taker"));
}

TEST(VerifyOpenLists, TakersAreNotJumpedTo) {
  EXPECT_EQ(verdict_of_code({make_abc(Opcode::Test, 0, 0, 0), make_j(1), make_abc(Call, 1, 1, 0),
                             make_abc(Return, 1, 0, 0)}),
            at(1, "way to an open list's taker"));
}

TEST(VerifyOpenLists, BeginAtOrAboveTheirTaker) {
  EXPECT_EQ(verdict_of_code({make_abc(Call, 0, 1, 0), make_abc(Return, 1, 0, 0)}),
            at(1, "open list begins too low"));
  for (const Instruction taker : {make_abc(Call, 1, 0, 1), make_abc(TailCall, 1, 0, 0)}) {
    EXPECT_EQ(verdict_of_code({make_abc(Call, 1, 1, 0), taker, kReturn}),
              at(1, "register 1 is read but not live"));
  }
}

TEST(VerifyOpenLists, EverythingBelowIsInitialised) {
  EXPECT_EQ(verdict_of_code({make_abc(Vararg, 4, 0, 0), make_abc(Call, 1, 0, 1), kReturn}),
            at(0, "register 3 is read but not live"));
}

TEST(VerifyOpenLists, HeightOfTheTakerIsWhereTheListBegins) {
  Chunk chunk = make_chunk({make_abc(Vararg, 2, 0, 0), make_abc(Return, 2, 0, 0)});
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[0].heights[1] = 1;
  EXPECT_EQ(verdict(chunk), at(1, "height is not where the open list begins"));
}

// ---- Numeric loops.

// for r2 = ... do body end, around instructions that are all one word.
std::vector<std::uint32_t> numeric_loop(std::vector<std::uint32_t> body) {
  std::vector<std::uint32_t> code = {make_abc(LoadNil, 2, 2, 0)};
  const auto size = static_cast<unsigned>(body.size());
  code.push_back(make_abx(ForPrep, 2, size));
  code.insert(code.end(), body.begin(), body.end());
  code.push_back(make_abx(ForLoop, 2, size + 1));
  code.push_back(kReturn);
  return code;
}

TEST(VerifyLoops, BodyMayUseItsVariable) {
  EXPECT_EQ(verdict_of_code(numeric_loop({})), "");
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Move, 5, 5, 0), make_abc(Move, 6, 2, 0)})), "");
}

TEST(VerifyLoops, TheVariableIsUnsetWhenTheLoopIsSkipped) {
  auto code = numeric_loop({});
  code.back() = make_abc(Return1, 5, 0, 0);
  EXPECT_EQ(verdict_of_code(code), at(3, "register 5 is read but not live"));
}

TEST(VerifyLoops, PrepAndLoopPairUp) {
  const std::string no_prep = "ForLoop does not belong to a ForPrep";
  const std::string no_loop = "ForPrep does not lead to a ForLoop";
  EXPECT_EQ(verdict_of_code({make_abx(ForLoop, 0, 1), kReturn}), at(0, no_prep));
  EXPECT_EQ(verdict_of_code({make_abx(ForPrep, 0, 0), kReturn, kReturn}), at(0, no_loop));
  auto code = numeric_loop({make_abc(Move, 5, 5, 0)});
  code[3] = make_abx(ForLoop, 3, 2);
  EXPECT_EQ(verdict_of_code(code), at(3, no_prep));
  code[3] = make_abx(ForLoop, 2, 1);
  EXPECT_EQ(verdict_of_code(code), at(3, no_prep));
  code[3] = make_abx(ForLoop, 2, 2);
  EXPECT_EQ(verdict_of_code(code), "");
  code[1] = make_abx(ForPrep, 2, 2);
  code.push_back(kReturn);
  EXPECT_EQ(verdict_of_code(code), at(3, no_prep));
}

TEST(VerifyLoops, TheEndIsNotInsideAnInstruction) {
  // The name of the field looks like the ForLoop.
  EXPECT_EQ(verdict_of_code({make_abx(ForPrep, 2, 1), make_abc(LoadKX, 5, 0, 0),
                             make_abx(ForLoop, 2, 2), kReturn}),
            at(1, "constant " + std::to_string(make_abx(ForLoop, 2, 2)) + " out of range (5)"));
  EXPECT_EQ(verdict_of_code({make_abc(LoadNil, 2, 2, 0), make_abx(ForPrep, 2, 1),
                             make_abc(LoadKX, 5, 0, 0), kNameK, kReturn}),
            at(1, "ForPrep does not lead to a ForLoop"));
}

TEST(VerifyLoops, Nest) {
  const auto nested = [](unsigned inner_base, unsigned inner_bx) {
    return verdict_of_code({make_abc(LoadNil, 2, 7, 0), make_abx(ForPrep, 2, 2),
                            make_abx(ForPrep, inner_base, inner_bx),
                            make_abx(ForLoop, inner_base, 1), make_abx(ForLoop, 2, 3), kReturn});
  };
  EXPECT_EQ(nested(5, 0), "");
  EXPECT_EQ(nested(6, 0), "");
  EXPECT_EQ(nested(4, 0), at(2, "state of a numeric loop is touched"));
  EXPECT_EQ(nested(0, 0), at(2, "state of a numeric loop is touched"));
  EXPECT_EQ(nested(5, 1), at(2, "numeric loop does not end inside the loop around it"));
}

TEST(VerifyLoops, StateIsNotWritten) {
  const std::string touched = at(2, "state of a numeric loop is touched");
  for (unsigned a = 2; a < 5; ++a) {
    EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Move, a, 0, 0)})), touched);
    EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Call, a, 1, 1)})), touched);
    EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Concat, a, 2, 0)})), touched);
  }
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(LoadNil, 0, 2, 0)})), touched);
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Vararg, 0, 0, 4)})), touched);
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Vararg, 1, 0, 3)})), touched);
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Self, 1, 0, 0)})),
            at(2, "constant " + std::to_string(make_abx(ForLoop, 2, 2)) + " out of range (5)"));
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Vararg, 4, 0, 0), make_abc(Return, 4, 0, 0)})),
            touched);
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(LoadNil, 0, 1, 0), make_abc(Move, 5, 0, 0)})),
            "");
}

TEST(VerifyLoops, StateIsKeptAlive) {
  Chunk chunk = make_chunk(numeric_loop({make_abc(Move, 0, 1, 0)}));
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[0].heights[2] = 4;
  EXPECT_EQ(verdict(chunk), at(2, "register 5 is not initialised on the way to 3"));
  chunk.functions[0].heights[3] = 4;
  EXPECT_EQ(verdict(chunk), at(3, "register 4 is read but not live"));
}

TEST(VerifyLoops, StateIsNotCaptured) {
  for (const std::uint8_t captured : {2, 3, 4}) {
    Chunk chunk = make_chunk(numeric_loop({make_abx(Closure, 6, 0)}));
    chunk.functions[0].code.back() = kReturnClose;
    add_child(chunk, {captured});
    EXPECT_EQ(verdict(chunk), at(2, "state of a numeric loop is touched"));
  }
  Chunk chunk = make_chunk(numeric_loop({make_abx(Closure, 6, 0), make_abc(Close, 5, 0, 0)}));
  add_child(chunk, {5});
  EXPECT_EQ(verdict(chunk), "");
}

TEST(VerifyLoops, StateIsNotMarkedToBeClosed) {
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Tbc, 3, 0, 0), make_abc(Close, 3, 0, 0)})),
            at(2, "state of a numeric loop is touched"));
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Tbc, 5, 0, 0), make_abc(Close, 5, 0, 0)})), "");
}

TEST(VerifyLoops, StateWasNotCapturedBefore) {
  auto code = numeric_loop({});
  code[0] = make_abc(LoadNil, 2, 2, 0);
  code.insert(code.begin() + 1, make_abx(Closure, 6, 0));
  code.back() = kReturnClose;
  Chunk chunk = make_chunk(code);
  add_child(chunk, {2});
  EXPECT_EQ(verdict(chunk), at(2, "register 2 may be captured or to be closed, and needs a Close"));
  code.insert(code.begin() + 2, make_abc(Close, 2, 0, 0));
  chunk = make_chunk(code);
  add_child(chunk, {2});
  EXPECT_EQ(verdict(chunk), "");
}

TEST(VerifyLoops, AreNotJumpedInto) {
  auto code = numeric_loop({make_abc(Move, 5, 2, 0)});
  code.back() = make_j(-3);  // to the body
  EXPECT_EQ(verdict_of_code(code), at(4, "jump into a numeric loop"));
  code.back() = make_j(-2);  // to the ForLoop
  EXPECT_EQ(verdict_of_code(code), at(4, "jump into a numeric loop"));
  code.back() = make_j(-4);  // to the ForPrep
  EXPECT_EQ(verdict_of_code(code), "");
  // Over the ForPrep.
  code = numeric_loop({});
  code[0] = make_abc(LoadFalseSkip, 2, 0, 0);
  EXPECT_EQ(verdict_of_code(code), at(0, "jump into a numeric loop"));
}

TEST(VerifyLoops, MayBeLeft) {
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Opcode::Test, 5, 0, 0), make_j(1)})), "");
  EXPECT_EQ(verdict_of_code(numeric_loop({make_abc(Return1, 5, 0, 0)})), "");
}

// ---- Open registers.

Chunk capturing(std::vector<std::uint32_t> code, std::vector<std::uint8_t> captured) {
  Chunk chunk = make_chunk(std::move(code));
  add_child(chunk, std::move(captured));
  return chunk;
}

std::string needs_close(int pc, int number) {
  return at(pc, "register " + std::to_string(number) +
                    " may be captured or to be closed, and needs a Close");
}

TEST(VerifyOpenRegisters, CapturedRegistersAreLive) {
  EXPECT_EQ(verdict(capturing({make_abx(Closure, 0, 0), kReturnClose}, {1})), "");
  EXPECT_EQ(verdict(capturing({make_abx(Closure, 0, 0), kReturnClose}, {1, 2})),
            at(0, "captured register is not live"));
  // local function f
  EXPECT_EQ(verdict(capturing({make_abx(Closure, 2, 0), kReturnClose}, {1, 2})), "");
  EXPECT_EQ(verdict(capturing({make_abx(Closure, 3, 0), kReturnClose}, {3})), needs_close(1, 3));
}

TEST(VerifyOpenRegisters, StayLive) {
  Chunk chunk = capturing({make_abx(Closure, 0, 0), make_abc(Move, 0, 0, 0), kReturnClose}, {1});
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[0].heights[1] = 1;
  chunk.functions[0].heights[2] = 1;
  EXPECT_EQ(verdict(chunk), needs_close(1, 1));
}

TEST(VerifyOpenRegisters, StayLiveOnEveryWayToTheirClose) {
  // if r0 then local r2; closure(r2) end, with the Close behind the end
  EXPECT_EQ(
      verdict(capturing({make_abc(Opcode::Test, 0, 0, 0), make_j(2), make_abc(LoadNil, 2, 0, 0),
                         make_abx(Closure, 3, 0), make_abc(Close, 2, 0, 0), kReturn},
                        {2})),
      needs_close(4, 2));
  // and inside
  EXPECT_EQ(
      verdict(capturing({make_abc(Opcode::Test, 0, 0, 0), make_j(3), make_abc(LoadNil, 2, 0, 0),
                         make_abx(Closure, 3, 0), make_abc(Close, 2, 0, 0), kReturn},
                        {2})),
      "");
}

TEST(VerifyOpenRegisters, CallsAreAboveThem) {
  EXPECT_EQ(
      verdict(capturing({make_abx(Closure, 0, 0), make_abc(Call, 1, 1, 2), kReturnClose}, {1})),
      needs_close(1, 1));
  EXPECT_EQ(
      verdict(capturing({make_abx(Closure, 0, 0), make_abc(Call, 1, 1, 2), kReturnClose}, {0})),
      "");
}

TEST(VerifyOpenRegisters, ConcatIsAboveThem) {
  const Instruction join = make_abc(Concat, 0, 2, 0);
  EXPECT_EQ(verdict(capturing({make_abx(Closure, 2, 0), join, kReturnClose}, {1})),
            needs_close(1, 1));
  EXPECT_EQ(verdict_of_code({join, make_abc(Return1, 1, 0, 0)}),
            at(1, "register 1 is read but not live"));
}

TEST(VerifyOpenRegisters, PlainReturnsHaveNone) {
  for (const Instruction leave : {make_abc(Return, 0, 1, 0), make_abc(Return0, 0, 0, 0),
                                  make_abc(Return1, 0, 0, 0), make_abc(TailCall, 0, 1, 0)}) {
    EXPECT_EQ(verdict(capturing({make_abx(Closure, 0, 0), leave}, {0})), needs_close(1, 0));
    EXPECT_EQ(verdict(capturing({make_abx(Closure, 0, 0), make_abc(Close, 0, 0, 0), leave}, {0})),
              "");
  }
  EXPECT_EQ(verdict(capturing({make_abx(Closure, 0, 0), make_abc(TailCall, 0, 1, 1)}, {0})), "");
}

TEST(VerifyOpenRegisters, MarkedRegistersRise) {
  const Instruction tbc_0 = make_abc(Tbc, 0, 0, 0), tbc_1 = make_abc(Tbc, 1, 0, 0);
  EXPECT_EQ(verdict_of_code({tbc_0, tbc_1, kReturnClose}), "");
  EXPECT_EQ(verdict_of_code({tbc_1, tbc_0, kReturnClose}), needs_close(1, 1));
  EXPECT_EQ(verdict_of_code({tbc_0, tbc_0, kReturnClose}), needs_close(1, 0));
  EXPECT_EQ(verdict_of_code({tbc_0, make_abc(Close, 0, 0, 0), tbc_0, kReturnClose}), "");
  EXPECT_EQ(verdict_of_code({tbc_0, make_j(-2)}), needs_close(0, 0));
  EXPECT_EQ(verdict_of_code({tbc_0, kReturn}), needs_close(1, 0));
}

TEST(VerifyOpenRegisters, GenericLoopsMarkTheirFourthRegister) {
  std::vector<std::uint32_t> code = {make_abc(LoadNil, 0, 3, 0), make_abx(TForPrep, 4, 0),
                                     make_abc(TForCall, 4, 0, 2), make_abx(TForLoop, 4, 2),
                                     kReturn};
  EXPECT_EQ(verdict_of_code(code), needs_close(4, 3));
  code[4] = make_abc(Close, 3, 0, 0);
  code.push_back(kReturn);
  EXPECT_EQ(verdict_of_code(code), "");
  code[0] = make_abc(LoadNil, 0, 4, 0);
  code.insert(code.begin() + 1, make_abc(Tbc, 4, 0, 0));
  EXPECT_EQ(verdict_of_code(code), needs_close(2, 4));
}

}  // namespace
}  // namespace moonlet::bytecode
