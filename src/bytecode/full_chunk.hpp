// A chunk for tests in which every opcode occurs.
#pragma once

#include "bytecode/test_chunk.hpp"

namespace moonlet::bytecode::test {

// Register 0 and 1 are parameters, 2 and up are free. Loops and calls use 4 and up.
inline std::vector<std::uint32_t> full_code() {
  using enum Opcode;
  std::vector<std::uint32_t> code = {
      make_abc(Move, 2, 0, 0),
      make_asbx(LoadI, 3, -5),
      make_asbx(LoadF, 3, 5),
      make_abx(LoadK, 3, kNameK),
      make_abc(LoadKX, 3, 0, 0),
      kFloatK,
      make_abc(LoadNil, 4, 2, 0),
      make_abc(LoadFalseSkip, 3, 0, 0),
      make_abc(LoadTrue, 3, 0, 0),
      make_abc(LoadFalse, 3, 0, 0),
      make_abc(GetUpvalue, 3, 0, 0),
      make_abc(SetUpvalue, 3, 0, 0),
      make_abc(GetGlobal, 3, 0, 0),
      kNameK,
      make_abc(SetGlobal, 3, 0, 0),
      kNameK,
      make_abc(GetField, 3, 2, 0),
      kNameK,
      make_abc(SetField, 3, 2, 0),
      kNameK,
      make_abc(GetTable, 3, 2, 1),
      make_abc(SetTable, 3, 2, 1),
      make_abc(GetInteger, 3, 2, 255),
      make_abc(SetInteger, 3, 2, 0),
      // x:name(...)
      make_abc(Self, 4, 2, 0),
      kNameK,
      make_abc(Vararg, 6, 0, 0),
      make_abc(Call, 4, 0, 1),
      // {1, ...}
      make_abc(NewTable, 4, 3, 0),
      1,
      make_asbx(LoadI, 5, 1),
      make_abc(Vararg, 6, 0, 2),
      make_abc(SetList, 4, 2, 0),
      0,
      make_abc(Call, 4, 1, 0),
      make_abc(SetList, 3, 0, 0),
      256,
  };
  for (int op = static_cast<int>(Add); op <= static_cast<int>(ShrKR); op += 3) {
    code.push_back(make_abc(static_cast<Opcode>(op), 3, 1, 2));
    code.push_back(make_abc(static_cast<Opcode>(op + 1), 3, 1, kFloatK));
    code.push_back(make_abc(static_cast<Opcode>(op + 2), 3, kIntegerK, 2));
  }
  for (int op = static_cast<int>(ModF); op <= static_cast<int>(IDivFKR); op += 3) {
    code.push_back(make_abc(static_cast<Opcode>(op), 3, 1, 2));
    code.push_back(make_abc(static_cast<Opcode>(op + 1), 3, 1, kFloatK));
    code.push_back(make_abc(static_cast<Opcode>(op + 2), 3, kIntegerK, 2));
  }
  code.push_back(make_abc(GetTableF, 3, 2, 1));
  code.push_back(make_abc(SetTableF, 3, 2, 1));
  for (const Opcode op : {Unm, BNot, Not, Len, LenF}) code.push_back(make_abc(op, 3, 2, 0));
  // Tests that jump over the next one.
  for (const auto& [op, b] : {std::pair{Opcode::Test, 0u},
                              {TestSet, 1u},
                              {Eq, 1u},
                              {EqK, kNameK},
                              {Lt, 1u},
                              {Le, 1u},
                              {LtK, kIntegerK},
                              {LeK, kFloatK},
                              {GtK, kIntegerK},
                              {GeK, kFloatK},
                              {EqF, 1u},
                              {EqFK, kFloatK},
                              {LtF, 1u},
                              {LeF, 1u},
                              {LtFK, kIntegerK},
                              {LeFK, kFloatK},
                              {GtFK, kIntegerK},
                              {GeFK, kFloatK}}) {
    code.push_back(make_abc(op, 2, b, 1));
    code.push_back(make_j(0));
  }
  const std::vector<std::uint32_t> rest = {
      // a .. b
      make_abc(Move, 4, 0, 0),
      make_abc(Move, 5, 1, 0),
      make_abc(Concat, 4, 2, 0),
      // for i = ... do f = function() return i end; if i then break end end
      make_abc(LoadNil, 4, 2, 0),
      make_abx(ForPrep, 4, 6),
      make_abx(Closure, 8, 0),
      make_abc(Opcode::Test, 7, 0, 0),
      make_j(2),
      make_abc(Close, 7, 0, 0),
      make_j(2),
      make_abc(Close, 7, 0, 0),
      make_abx(ForLoop, 4, 7),
      // for k, v in ... do end
      make_abc(LoadNil, 4, 3, 0),
      make_abx(TForPrep, 8, 1),
      make_abc(Move, 3, 9, 0),
      make_abc(TForCall, 8, 0, 3),
      make_abx(TForLoop, 8, 3),
      make_abc(Close, 4, 0, 0),
      // The same of Luau.
      make_abc(LoadNil, 4, 2, 0),
      make_abx(ForPrepF, 4, 0),
      make_abx(ForLoopF, 4, 1),
      make_abc(LoadNil, 3, 3, 0),
      make_abx(IterPrep, 7, 3),
      make_abc(Call, 7, 2, 4),
      make_j(1),
      make_abc(Move, 9, 8, 0),
      make_abc(IterCall, 7, 0, 3),
      make_abx(TForLoop, 7, 3),
      make_abc(Close, 3, 0, 0),
      // The ways out.
      make_abc(Opcode::Test, 0, 0, 0),
      make_j(1),
      make_abc(Return0, 0, 0, 0),
      make_abc(Opcode::Test, 1, 0, 0),
      make_j(2),
      make_abc(Call, 1, 1, 0),
      make_abc(TailCall, 0, 0, 0),
      make_abc(Opcode::Test, 0, 0, 1),
      make_j(1),
      make_abc(Return1, 2, 0, 0),
      make_abc(Opcode::Test, 0, 0, 1),
      make_j(1),
      make_abc(Return, 1, 3, 0),
      make_abc(Tbc, 2, 0, 0),
      make_abx(Closure, 3, 1),
      make_abc(Vararg, 4, 0, 0),
      make_abc(ReturnClose, 4, 0, 0),
  };
  code.insert(code.end(), rest.begin(), rest.end());
  return code;
}

// Verifies; main has two children and debug data.
inline Chunk make_full_chunk() {
  Chunk chunk = make_chunk(full_code());
  add_child(chunk, {7});
  add_child(chunk, {3, 0});
  Function& main = chunk.functions[0];
  main.last_line_defined = 100;
  for (std::size_t pc = 0; pc < main.code.size(); ++pc) {
    main.lines.push_back(static_cast<std::int32_t>(pc % 2 == 0 ? 100 - pc / 2 : pc));
  }
  const auto size = static_cast<std::uint32_t>(main.code.size());
  main.locals = {{1, 0, size}, {2, 0, size}, {1, 3, 70}, {1, 3, 9}};
  chunk.functions[1].parameter_count = 1;
  chunk.functions[1].is_vararg = false;
  chunk.functions[1].heights = {1};
  return chunk;
}

}  // namespace moonlet::bytecode::test
