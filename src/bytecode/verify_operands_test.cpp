#include <gtest/gtest.h>

#include "bytecode/operands.hpp"
#include "bytecode/test_chunk.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;
using enum Opcode;

constexpr const char* kAt0 = "function 0, instruction 0: ";

std::string at_0(const std::string& what) { return kAt0 + what; }

TEST(VerifyOperands, EmptyCode) { EXPECT_EQ(verdict_of_code({}), at_0("no code")); }

TEST(VerifyOperands, UnknownOpcode) {
  EXPECT_EQ(verdict_of_code({0xff, kReturn}), at_0("unknown opcode 255"));
  EXPECT_EQ(verdict_of_code({kOpcodeCount, kReturn}),
            at_0("unknown opcode " + std::to_string(kOpcodeCount)));
}

TEST(VerifyOperands, CodeEndsBeforeAuxiliaryWord) {
  EXPECT_EQ(verdict_of_code({make_abc(LoadKX, 0, 0, 0)}), at_0("code ends inside an instruction"));
}

TEST(VerifyOperands, FallsOffTheEnd) {
  EXPECT_EQ(verdict_of_code({make_abc(LoadNil, 0, 0, 0)}), at_0("control falls off the end"));
  EXPECT_EQ(verdict_of_code({make_abc(Opcode::Test, 0, 0, 0), make_j(-2)}),
            at_0("control falls off the end"));
}

TEST(VerifyOperands, JumpMayBeTheLastInstruction) { EXPECT_EQ(verdict_of_code({make_j(-1)}), ""); }

TEST(VerifyOperands, JumpOutOfTheFunction) {
  EXPECT_EQ(verdict_of_code({make_j(0)}), at_0("jump out of the function"));
  EXPECT_EQ(verdict_of_code({make_j(-2), kReturn}), at_0("jump out of the function"));
  EXPECT_EQ(verdict_of_code({make_j(kMinSJ), kReturn}), at_0("jump out of the function"));
  EXPECT_EQ(verdict_of_code({make_j(kMaxSJ), kReturn}), at_0("jump out of the function"));
  EXPECT_EQ(verdict_of_code({make_abc(LoadFalseSkip, 0, 0, 0), kReturn}),
            at_0("jump out of the function"));
}

TEST(VerifyOperands, JumpIntoAnInstruction) {
  EXPECT_EQ(verdict_of_code({make_j(1), make_abc(LoadKX, 0, 0, 0), kNameK, kReturn}),
            at_0("jump into an instruction"));
  EXPECT_EQ(verdict_of_code(
                {make_abc(LoadFalseSkip, 0, 0, 0), make_abc(LoadKX, 0, 0, 0), kNameK, kReturn}),
            at_0("jump into an instruction"));
}

TEST(VerifyOperands, RegistersBeyondTheFrame) {
  const std::vector<Instruction> reaching_10 = {
      make_abc(Move, 10, 0, 0),        make_abc(Move, 0, 10, 0),
      make_abc(GetTable, 0, 0, 10),    make_abc(LoadNil, 8, 2, 0),
      make_abc(Concat, 8, 3, 0),       make_abc(Call, 9, 2, 1),
      make_abc(Call, 9, 1, 3),         make_abc(TailCall, 9, 2, 0),
      make_abc(Return, 9, 3, 0),       make_abc(ReturnClose, 9, 3, 0),
      make_abc(Return1, 10, 0, 0),     make_abc(Vararg, 9, 0, 3),
      make_abx(ForPrep, 7, 0),         make_abx(TForLoop, 10, 0),
      make_abc(Tbc, 10, 0, 0),         make_abc(GetUpvalue, 10, 0, 0),
      make_abc(SetUpvalue, 10, 0, 0),  make_abc(Add, 0, 0, 10),
      make_abc(AddRK, 0, 10, kFloatK), make_abc(AddKR, 0, kFloatK, 10),
  };
  for (const Instruction i : reaching_10) {
    EXPECT_EQ(verdict_of_code({i, kReturn}), at_0("register 10 out of range (10)"))
        << info(opcode(i)).name;
  }
  EXPECT_EQ(verdict_of_code({make_abc(Self, 9, 0, 0), kNameK, kReturn}),
            at_0("register 10 out of range (10)"));
  EXPECT_EQ(verdict_of_code({make_abc(SetList, 9, 1, 0), 0, kReturn}),
            at_0("register 10 out of range (10)"));
}

TEST(VerifyOperands, PlacesWithoutRegisterMayBeTheEndOfTheFrame) {
  EXPECT_EQ(verdict_of_code({make_abc(Close, 10, 0, 0), make_abc(Return, 10, 1, 0)}), "");
  EXPECT_EQ(verdict_of_code({make_abc(Close, 11, 0, 0), kReturn}),
            at_0("register 10 out of range (10)"));
  EXPECT_EQ(verdict_of_code({make_abc(Vararg, 11, 0, 1), kReturn}),
            at_0("register 10 out of range (10)"));
  EXPECT_EQ(verdict_of_code({make_abc(Return, 11, 1, 0)}), at_0("register 10 out of range (10)"));
}

TEST(VerifyOperands, ConstantsOutOfRange) {
  EXPECT_EQ(verdict_of_code({make_abx(LoadK, 0, 5), kReturn}), at_0("constant 5 out of range (5)"));
  EXPECT_EQ(verdict_of_code({make_abc(LoadKX, 0, 0, 0), 5, kReturn}),
            at_0("constant 5 out of range (5)"));
  EXPECT_EQ(verdict_of_code({make_abc(GetField, 0, 0, 0), 70000, kReturn}),
            at_0("constant 70000 out of range (5)"));
  EXPECT_EQ(verdict_of_code({make_abc(EqK, 0, 9, 0), make_j(0), kReturn}),
            at_0("constant 9 out of range (5)"));
}

TEST(VerifyOperands, ConstantOperandsAreNumbers) {
  EXPECT_EQ(verdict_of_code({make_abc(AddRK, 0, 0, kNameK), kReturn}),
            at_0("constant operand is not a number"));
  EXPECT_EQ(verdict_of_code({make_abc(ShrKR, 0, kTrueK, 0), kReturn}),
            at_0("constant operand is not a number"));
  for (const Opcode op : {LtK, LeK, GtK, GeK}) {
    EXPECT_EQ(verdict_of_code({make_abc(op, 0, kNilK, 0), make_j(0), kReturn}),
              at_0("constant operand is not a number"));
    EXPECT_EQ(verdict_of_code({make_abc(op, 0, kIntegerK, 0), make_j(0), kReturn}), "");
  }
  EXPECT_EQ(verdict_of_code({make_abc(EqK, 0, kNameK, 0), make_j(0), kReturn}), "");
}

TEST(VerifyOperands, NamesAreStrings) {
  for (const Opcode op : {GetGlobal, SetGlobal, GetField, SetField, Self}) {
    EXPECT_EQ(verdict_of_code({make_abc(op, 0, 0, 0), kIntegerK, kReturn}),
              at_0("name is not a string constant"));
    EXPECT_EQ(verdict_of_code({make_abc(op, 0, 0, 0), kNameK, kReturn}), "");
  }
}

TEST(VerifyOperands, UpvaluesAndChildrenOutOfRange) {
  EXPECT_EQ(verdict_of_code({make_abc(GetUpvalue, 0, 1, 0), kReturn}),
            at_0("upvalue 1 out of range (1)"));
  EXPECT_EQ(verdict_of_code({make_abc(SetGlobal, 0, 1, 0), kNameK, kReturn}),
            at_0("upvalue 1 out of range (1)"));
  EXPECT_EQ(verdict_of_code({make_abx(Closure, 0, 0), kReturn}),
            at_0("child function 0 out of range (0)"));
}

TEST(VerifyOperands, FlagsAreZeroOrOne) {
  EXPECT_EQ(verdict_of_code({make_abc(Opcode::Test, 0, 0, 2), make_j(0), kReturn}),
            at_0("flag is neither 0 nor 1"));
  EXPECT_EQ(verdict_of_code({make_abc(TailCall, 0, 1, 2)}), at_0("flag is neither 0 nor 1"));
}

TEST(VerifyOperands, TestsArePairedWithJumps) {
  EXPECT_EQ(verdict_of_code({make_abc(Lt, 0, 1, 0), kReturn}), at_0("no Jump behind a test"));
  EXPECT_EQ(verdict_of_code({make_abc(Opcode::Test, 0, 0, 0)}), at_0("no Jump behind a test"));
}

TEST(VerifyOperands, ConcatTakesTwo) {
  EXPECT_EQ(verdict_of_code({make_abc(Concat, 0, 1, 0), kReturn}),
            at_0("Concat of fewer than two values"));
}

TEST(VerifyOperands, ElementCountsAreBoundedByTheCode) {
  EXPECT_EQ(verdict_of_code({make_abc(NewTable, 0, 0, 0), 3 * 256 + 255, kReturn}), "");
  EXPECT_EQ(verdict_of_code({make_abc(NewTable, 0, 0, 0), 4 * 256, kReturn}),
            at_0("more elements than the code can make"));
  EXPECT_EQ(verdict_of_code({make_abc(SetList, 0, 1, 0), 0xffffffff, kReturn}),
            at_0("more elements than the code can make"));
}

TEST(VerifyOperands, VarargNeedsAVarargFunction) {
  Chunk chunk = make_chunk({make_abc(Vararg, 0, 0, 2), kReturn});
  EXPECT_EQ(verdict(chunk), "");
  chunk.functions[0].is_vararg = false;
  EXPECT_EQ(verdict(chunk), at_0("Vararg in a function that has none"));
}

TEST(VerifyOperands, GenericLoopsStandTogether) {
  const std::string apart = "TForCall and TForLoop do not stand together";
  const std::vector<std::uint32_t> good = {
      make_abc(LoadNil, 0, 3, 0),
      make_abx(TForPrep, 4, 0),
      make_abc(TForCall, 4, 0, 3),
      make_abx(TForLoop, 4, 2),
      kReturnClose,
  };
  EXPECT_EQ(verdict_of_code(good), "");

  auto code = good;
  code[3] = make_abx(TForLoop, 5, 2);
  EXPECT_EQ(verdict_of_code(code), "function 0, instruction 2: " + apart);
  code[2] = make_abc(Move, 4, 0, 0);
  EXPECT_EQ(verdict_of_code(code), "function 0, instruction 3: " + apart);
  // A word that looks like a TForCall, but is the name of a field.
  code[1] = make_abc(GetField, 4, 0, 0);
  code[2] = make_abc(TForCall, 5, 0, 3);
  code = {code[0], code[3], code[4]};
  EXPECT_EQ(verdict_of_code(code), "function 0, instruction 1: " + apart);

  code = good;
  code[2] = make_abc(TForCall, 4, 0, 1);
  EXPECT_EQ(verdict_of_code(code), "function 0, instruction 2: TForCall without a loop variable");
  for (const Instruction i :
       {make_abx(TForPrep, 3, 0), make_abc(TForCall, 3, 0, 2), make_abx(TForLoop, 3, 1)}) {
    EXPECT_EQ(verdict_of_code({i, kReturn}), at_0("generic loop without room for its state"));
  }
}

}  // namespace
}  // namespace moonlet::bytecode
