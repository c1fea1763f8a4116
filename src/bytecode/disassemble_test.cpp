#include "bytecode/disassemble.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "bytecode/full_chunk.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;
using enum Opcode;

std::string show(std::vector<std::uint32_t> code, std::size_t pc = 0) {
  Chunk chunk = make_chunk(std::move(code));
  add_child(chunk, {});
  return disassemble_instruction(chunk, chunk.functions[0], pc);
}

TEST(Disassemble, Functions) {
  Chunk chunk = make_chunk({make_abc(GetGlobal, 2, 0, 0), kNameK, make_abx(LoadK, 3, kFloatK),
                            make_abc(Call, 2, 2, 1), make_abc(Return0, 0, 0, 0)});
  Function& main = chunk.functions[0];
  main.lines = {1, 1, 1, 12, 2};
  main.locals = {{1, 0, 5}};
  add_child(chunk, {1});
  chunk.functions[1].is_vararg = false;
  chunk.functions[1].line_defined = 1;
  chunk.functions[1].last_line_defined = 2;
  chunk.functions[1].parameter_count = 1;
  EXPECT_EQ(disassemble(chunk),
            R"(function 0: "@test.lua", lines 0-0, 2 parameters and more, 10 registers
  upvalue 0: _ENV, upvalue 0 of the parent
  local name: 0 to 5
     0     [1]    2  GetGlobal  r2 u0 "name"       ; _ENV
     2     [1]    3  LoadK      r3 2.5
     3    [12]    4  Call       r2 2 1
     4     [2]    2  Return0

function 1: lines 1-2, 1 parameter, 10 registers
  upvalue 0: ?, upvalue 0 of the parent
  upvalue 1: ?, register 1 of the parent
     0     [-]    2  Return0
)");
}

TEST(Disassemble, Operands) {
  EXPECT_EQ(show({make_asbx(LoadI, 1, -3)}), "LoadI      r1 -3");
  EXPECT_EQ(show({make_abc(AddRK, 1, 2, kIntegerK)}), "AddRK      r1 r2 7");
  EXPECT_EQ(show({make_abc(AddKR, 1, kIntegerK, 2)}), "AddKR      r1 7 r2");
  EXPECT_EQ(show({make_abc(SetInteger, 1, 2, 3)}), "SetInteger r1 r2 3");
  EXPECT_EQ(show({make_abc(SetList, 1, 2, 0), 300}), "SetList    r1 2 300");
  EXPECT_EQ(show({make_abc(LoadFalseSkip, 1, 0, 0)}), "LoadFalseSkip r1");
  EXPECT_EQ(show({make_abc(Opcode::Test, 1, 0, 1), make_j(0)}), "Test       r1 1");
}

TEST(Disassemble, Targets) {
  EXPECT_EQ(show({make_j(3), 0, 0, 0, 0}), "Jump       3                  ; to 4");
  EXPECT_EQ(show({0, 0, make_j(-3)}, 2), "Jump       -3                 ; to 0");
  EXPECT_EQ(show({0, 0, make_j(-4)}, 2), "Jump       -4                 ; to -1?");
  EXPECT_EQ(show({make_abx(ForPrep, 1, 1), 0, 0, 0}), "ForPrep    r1 1               ; to 3");
  EXPECT_EQ(show({0, 0, 0, make_abx(TForLoop, 4, 3)}, 3), "TForLoop   r4 3               ; to 1");
  EXPECT_EQ(show({make_abx(Closure, 1, 0)}), "Closure    r1 0               ; function 1");
}

TEST(Disassemble, WhatIsWrongHasAQuestionMark) {
  EXPECT_EQ(show({0xff}), "? 255");
  EXPECT_EQ(show({make_abx(LoadK, 1, 900)}), "LoadK      r1 k900?");
  EXPECT_EQ(show({make_abc(LoadKX, 1, 0, 0)}), "LoadKX     r1 ?");
  EXPECT_EQ(show({make_abc(GetUpvalue, 1, 9, 0)}), "GetUpvalue r1 u9?");
  EXPECT_EQ(show({make_abx(Closure, 1, 5)}), "Closure    r1 5?");
  EXPECT_EQ(show({make_abc(Call, 1, 1, 1)}), "Call       r1 1 1");
  Chunk chunk = make_chunk({0xff, make_abc(LoadKX, 0, 0, 0)});
  chunk.functions[0].heights = {};
  chunk.functions[0].source = 77;
  chunk.functions[0].upvalues[0].name = 78;
  EXPECT_EQ(disassemble(chunk), R"(function 0: 77?, lines 0-0, 2 parameters and more, 10 registers
  upvalue 0: 78?, upvalue 0 of the parent
     0     [-]    -  ? 255
     1     [-]    -  LoadKX     r0 ?
)");
}

TEST(Disassemble, Constants) {
  Chunk chunk;
  chunk.strings = {"plain", std::string("\0\"\\\n9\xff", 6), std::string(100, 'x')};
  const auto show_string = [&chunk](std::uint32_t index) {
    Constant constant;
    constant.kind = Constant::Kind::String;
    constant.string = index;
    return show_constant(chunk, constant);
  };
  const auto show_float = [&chunk](double number) {
    Constant constant;
    constant.kind = Constant::Kind::Float;
    constant.number = number;
    return show_constant(chunk, constant);
  };
  EXPECT_EQ(show_string(0), "\"plain\"");
  EXPECT_EQ(show_string(1), R"("\000\"\\\0109\255")");
  EXPECT_EQ(show_string(2), '"' + std::string(60, 'x') + "\"...");
  EXPECT_EQ(show_string(3), "3?");
  EXPECT_EQ(show_float(2), "2.0");
  EXPECT_EQ(show_float(0.1), "0.1");
  EXPECT_EQ(show_float(-1e300), "-1e+300");
  EXPECT_EQ(show_float(std::numeric_limits<double>::infinity()), "inf");
  Constant constant;
  EXPECT_EQ(show_constant(chunk, constant), "nil");
  constant.kind = Constant::Kind::Builtin;
  EXPECT_EQ(show_constant(chunk, constant), "builtin plain");
  constant.kind = static_cast<Constant::Kind>(99);
  EXPECT_EQ(show_constant(chunk, constant), "?");
}

}  // namespace
}  // namespace moonlet::bytecode
