// What an instruction does to registers and where it goes, decoded from the rows of opcodes.def.
// Everything that reasons about code (verifier, heights, disassembler, debug names) asks here, so
// that the meaning of a row's Effect is written down once.
//
// REQUIRES of all functions: has_opcode(instruction). Registers of a malformed instruction may come
// out as numbers below 0 or above 255; positions may lie outside of the code.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "bytecode/instruction.hpp"

namespace moonlet::bytecode {

constexpr bool has_opcode(Instruction i) { return (i & 0xff) < kOpcodeCount; }

// What the auxiliary word of an instruction holds.
enum class AuxKind : std::uint8_t { None, Constant, StringConstant, Number };

constexpr AuxKind aux_kind(Opcode op) {
  if (info(op).aux_words == 0) return AuxKind::None;
  switch (op) {
    case Opcode::LoadKX:
      return AuxKind::Constant;
    case Opcode::NewTable:
    case Opcode::SetList:
      return AuxKind::Number;
    default:
      return AuxKind::StringConstant;
  }
}

// Constant operands (role K) of arithmetic and of order comparisons have to be numbers; handlers
// rely on it.
constexpr bool wants_numeric_constant(Opcode op) {
  return info(op).format == Format::ABC && op != Opcode::EqK;
}

// Registers first .. end-1.
struct RegisterRange {
  int first;
  int end;
};

inline constexpr int kNoRegister = 256;  // above every register

// Does it leave a list of values from A up to thread.top?
constexpr bool is_open_producer(Instruction i) {
  const Effect effect = info(opcode(i)).effect;
  return (effect == Effect::Call || effect == Effect::Vararg) && op_c(i) == 0;
}

// Return and ReturnClose count their values in B; Return0 and Return1 do not.
constexpr bool is_counted_return(Opcode op) {
  return info(op).effect == Effect::Return && info(op).b == Role::N;
}

// Does its list of values end at thread.top?
constexpr bool is_open_consumer(Instruction i) {
  switch (info(opcode(i)).effect) {
    case Effect::Call:
    case Effect::TailCall:
    case Effect::SetList:
      return op_b(i) == 0;
    case Effect::Return:
      return is_counted_return(opcode(i)) && op_b(i) == 0;
    default:
      return false;
  }
}

// Calls visit(RegisterRange) for the registers that the instruction reads. Of an open list only
// the registers with a fixed number are named: the function of a call, the table of a SetList.
template <class Visit>
constexpr void for_each_read(Instruction i, Visit&& visit) {
  const OpcodeInfo& row = info(opcode(i));
  const int a = static_cast<int>(op_a(i)), b = static_cast<int>(op_b(i));
  switch (row.effect) {
    case Effect::Concat:
      visit(RegisterRange{a, a + b});
      return;
    case Effect::SetList:
      visit(RegisterRange{a, a + 1 + b});
      return;
    case Effect::Call:
    case Effect::TailCall:
      visit(RegisterRange{a, a + std::max(b, 1)});
      return;
    case Effect::ForPrep:
    case Effect::ForLoop:
      visit(RegisterRange{a, a + 3});
      return;
    case Effect::TForPrep:
      visit(RegisterRange{a - 4, a});
      return;
    case Effect::IterPrep:
      visit(RegisterRange{a - 4, a - 1});
      return;
    case Effect::TForCall:
      visit(RegisterRange{a - 4, a - 1});
      return;
    case Effect::Return:
      if (is_counted_return(opcode(i))) {
        if (b > 1) visit(RegisterRange{a, a + b - 1});
        return;
      }
      break;
    default:
      break;
  }
  const auto visit_role = [&](Role role, int number) {
    if (role == Role::R || role == Role::M) visit(RegisterRange{number, number + 1});
  };
  visit_role(row.a, a);
  if (row.format == Format::ABC) {
    visit_role(row.b, b);
    visit_role(row.c, static_cast<int>(op_c(i)));
  }
}

// Calls visit(RegisterRange) for the registers that the instruction may write, open lists left out.
template <class Visit>
constexpr void for_each_write(Instruction i, Visit&& visit) {
  const OpcodeInfo& row = info(opcode(i));
  const int a = static_cast<int>(op_a(i)), c = static_cast<int>(op_c(i));
  switch (row.effect) {
    case Effect::Nil:
      visit(RegisterRange{a, a + 1 + static_cast<int>(op_b(i))});
      return;
    case Effect::Self:
      visit(RegisterRange{a, a + 2});
      return;
    case Effect::Call:
    case Effect::TForCall:
    case Effect::Vararg:
      if (c > 1) visit(RegisterRange{a, a + c - 1});
      return;
    case Effect::ForPrep:
    case Effect::ForLoop:
      visit(RegisterRange{a, a + 4});
      return;
    case Effect::TForLoop:
      visit(RegisterRange{a - 2, a - 1});
      return;
    case Effect::IterPrep:
      visit(RegisterRange{a - 4, a - 1});
      visit(RegisterRange{a, a + 2});
      return;
    default:
      if (row.a == Role::W || row.a == Role::M) visit(RegisterRange{a, a + 1});
  }
}

// From this register up nothing survives the instruction, except what it writes (kNoRegister: all
// registers survive). Concat keeps what it has joined so far in the place of its operands.
constexpr int killed_from(Instruction i) {
  switch (info(opcode(i)).effect) {
    case Effect::Call:
    case Effect::TForCall:
    case Effect::Concat:
      return static_cast<int>(op_a(i));
    case Effect::Vararg:
      return op_c(i) == 0 ? static_cast<int>(op_a(i)) : kNoRegister;
    default:
      return kNoRegister;
  }
}

// ---- Where control goes.

// Next is the usual way on; Jump the other one. A Test counts as jumping to its Jump word, which
// jumps on: the position of that word is as exact as any other.
enum class Edge : std::uint8_t { Next, Jump };

inline constexpr std::int64_t kNowhere = INT64_MIN;

struct Successors {
  std::int64_t next = kNowhere;
  std::int64_t jump = kNowhere;
};

constexpr Successors successors(Instruction i, std::int64_t pc) {
  const OpcodeInfo& row = info(opcode(i));
  const std::int64_t bx = op_bx(i);
  switch (row.effect) {
    case Effect::Jump:
      return {kNowhere, pc + 1 + op_sj(i)};
    case Effect::Test:
      return {pc + 2, pc + 1};
    case Effect::Skip:
      return {kNowhere, pc + 2};
    case Effect::ForPrep:
      return {pc + 1, pc + 2 + bx};
    case Effect::ForLoop:
    case Effect::TForLoop:
      return {pc + 1, pc + 1 - bx};
    case Effect::TForPrep:
      return {kNowhere, pc + 1 + bx};
    case Effect::IterPrep:
      return {pc + 1, pc + 1 + bx};
    case Effect::TailCall:
    case Effect::Return:
      return {kNowhere, kNowhere};
    default:
      return {pc + 1 + row.aux_words, kNowhere};
  }
}

// Some instructions write only when they go one of their ways.
constexpr bool writes_on(Instruction i, Edge edge) {
  switch (info(opcode(i)).effect) {
    case Effect::Test:
    case Effect::ForLoop:
    case Effect::TForLoop:
      return edge == Edge::Jump;
    case Effect::ForPrep:
    case Effect::IterPrep:  // what it writes on the way that jumps is there already
      return edge == Edge::Next;
    default:
      return true;
  }
}

// How many registers from 0 up hold values after the instruction, if `height` did before.
constexpr int height_after(Instruction i, int height, Edge edge) {
  height = std::min(height, killed_from(i));
  if (!writes_on(i, edge)) return height;
  for_each_write(i, [&](RegisterRange range) {
    if (range.first <= height) height = std::max(height, range.end);
  });
  return height;
}

// Position of the instruction after the one at pc.
constexpr std::size_t next_start(std::span<const std::uint32_t> code, std::size_t pc) {
  return pc + 1 + (has_opcode(code[pc]) ? info(opcode(code[pc])).aux_words : 0);
}

}  // namespace moonlet::bytecode
