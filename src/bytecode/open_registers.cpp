#include "bytecode/open_registers.hpp"

#include <algorithm>
#include <array>

namespace moonlet::bytecode {

namespace {

// No register has a higher number than kMaxRegisters - 1.
constexpr int kMaxLimit = kMaxRegisters;

// One more than the highest register of the set.
int limit_of(const RegisterSet& registers) {
  int limit = kMaxLimit;
  while (limit > 0 && !registers[static_cast<std::size_t>(limit - 1)]) --limit;
  return limit;
}

// Spreads limits from where registers become open along the edges. An instruction passes on what
// reaches it or less, so that settling the highest limits first settles each position once.
class OpenFlood {
 public:
  explicit OpenFlood(const std::vector<std::uint32_t>& code)
      : code_(code), limits_(code.size(), 0) {}

  void open_after(std::size_t pc, int limit) { pass_on(pc, limit); }

  std::vector<std::uint8_t> settle() && {
    for (int limit = kMaxLimit; limit > 0; --limit) {
      std::vector<std::size_t>& reached = reached_[static_cast<std::size_t>(limit)];
      while (!reached.empty()) {
        const std::size_t pc = reached.back();
        reached.pop_back();
        if (limits_[pc] >= limit) continue;
        limits_[pc] = static_cast<std::uint8_t>(limit);
        const Instruction i = code_[pc];
        const bool closes = info(opcode(i)).effect == Effect::Close;
        pass_on(pc, closes ? std::min(limit, static_cast<int>(op_a(i))) : limit);
      }
    }
    return std::move(limits_);
  }

 private:
  void pass_on(std::size_t pc, int limit) {
    const Successors next = successors(code_[pc], static_cast<std::int64_t>(pc));
    for (const std::int64_t target : {next.next, next.jump}) {
      if (target == kNowhere || limit <= limits_[static_cast<std::size_t>(target)]) continue;
      reached_[static_cast<std::size_t>(limit)].push_back(static_cast<std::size_t>(target));
    }
  }

  const std::vector<std::uint32_t>& code_;
  std::vector<std::uint8_t> limits_;
  std::array<std::vector<std::size_t>, kMaxLimit + 1> reached_;  // by limit
};

}  // namespace

RegisterSet captured_registers(const Function& child) {
  RegisterSet registers;
  for (const Upvalue& upvalue : child.upvalues) {
    if (upvalue.from_parent_register) registers[upvalue.index] = true;
  }
  return registers;
}

std::vector<std::uint8_t> open_limits(const Chunk& chunk, const Function& function) {
  std::vector<int> child_limits;
  child_limits.reserve(function.children.size());
  for (const std::uint32_t child : function.children) {
    child_limits.push_back(limit_of(captured_registers(chunk.functions[child])));
  }
  OpenFlood flood(function.code);
  for (std::size_t pc = 0; pc < function.code.size(); pc = next_start(function.code, pc)) {
    const Instruction i = function.code[pc];
    const int a = static_cast<int>(op_a(i));
    if (opcode(i) == Opcode::Closure) flood.open_after(pc, child_limits[op_bx(i)]);
    if (opcode(i) == Opcode::Tbc) flood.open_after(pc, std::min(a + 1, kMaxLimit));
    if (opcode(i) == Opcode::TForPrep) flood.open_after(pc, std::min(a, kMaxLimit));
  }
  return std::move(flood).settle();
}

}  // namespace moonlet::bytecode
