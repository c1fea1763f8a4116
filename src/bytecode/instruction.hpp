// The canonical instruction: one 32-bit little-endian word.
//
//   bits   0-7   8-15   16-23   24-31
//   ABC    op     A       B       C
//   ABx    op     A       Bx ..........   (AsBx: the same bits, signed)
//   J      op     sJ ..................   (signed 24 bits)
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace moonlet::bytecode {

enum class Opcode : std::uint8_t {
#define ML_OPCODE(name, ...) name,
#include "bytecode/opcodes.def"
};

enum class Format : std::uint8_t { ABC, ABx, AsBx, J };
// _ unused, W written, R read, M both, K constant, U upvalue, N number, F flag, P child function.
enum class Role : std::uint8_t { _, W, R, M, K, U, N, F, P };
enum class Effect : std::uint8_t {
  Plain,
  Jump,
  Test,
  Skip,
  Nil,
  Self,
  Concat,
  SetList,
  Call,
  TailCall,
  Return,
  Vararg,
  ForPrep,
  ForLoop,
  TForPrep,
  IterPrep,
  TForCall,
  TForLoop,
  Close,
};

struct OpcodeInfo {
  std::string_view name;
  Format format;
  std::uint8_t aux_words;
  Role a, b, c;
  Effect effect;
  std::string_view meaning;
};

inline constexpr OpcodeInfo kOpcodeInfo[] = {
#define ML_OPCODE(name, format, aux, a, b, c, effect, meaning) \
  {#name, Format::format, aux, Role::a, Role::b, Role::c, Effect::effect, meaning},
#include "bytecode/opcodes.def"
};
inline constexpr int kOpcodeCount = static_cast<int>(std::size(kOpcodeInfo));
static_assert(kOpcodeCount <= 200, "keep room for specialised forms");

constexpr const OpcodeInfo& info(Opcode op) { return kOpcodeInfo[static_cast<int>(op)]; }

// An arithmetic operator has three opcodes in a row: both operands in registers, then the second
// a constant (RK), then the first (KR).
static_assert(static_cast<int>(Opcode::AddRK) == static_cast<int>(Opcode::Add) + 1);
static_assert(static_cast<int>(Opcode::AddKR) == static_cast<int>(Opcode::Add) + 2);
static_assert(static_cast<int>(Opcode::ShrKR) == static_cast<int>(Opcode::Add) + 35);

using Instruction = std::uint32_t;

constexpr int kMaxA = 255;
constexpr int kMaxB = 255;
constexpr int kMaxC = 255;
constexpr int kMaxBx = 65535;
constexpr int kMinSBx = -32768;
constexpr int kMaxSBx = 32767;
constexpr int kMaxSJ = (1 << 23) - 1;
constexpr int kMinSJ = -(1 << 23);
constexpr int kMaxRegisters = 250;

constexpr Instruction make_abc(Opcode op, unsigned a, unsigned b, unsigned c) {
  return static_cast<Instruction>(op) | a << 8 | b << 16 | c << 24;
}
constexpr Instruction make_abx(Opcode op, unsigned a, unsigned bx) {
  return static_cast<Instruction>(op) | a << 8 | bx << 16;
}
constexpr Instruction make_asbx(Opcode op, unsigned a, int sbx) {
  return make_abx(op, a, static_cast<std::uint16_t>(sbx));
}
constexpr Instruction make_j(int sj) {
  return static_cast<Instruction>(Opcode::Jump) | static_cast<std::uint32_t>(sj) << 8;
}
constexpr Opcode opcode(Instruction i) { return static_cast<Opcode>(i & 0xff); }
constexpr unsigned op_a(Instruction i) { return (i >> 8) & 0xff; }
constexpr unsigned op_b(Instruction i) { return (i >> 16) & 0xff; }
constexpr unsigned op_c(Instruction i) { return i >> 24; }
constexpr unsigned op_bx(Instruction i) { return i >> 16; }
constexpr int op_sbx(Instruction i) { return static_cast<std::int32_t>(i) >> 16; }
constexpr int op_sj(Instruction i) { return static_cast<std::int32_t>(i) >> 8; }

}  // namespace moonlet::bytecode
