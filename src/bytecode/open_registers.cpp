#include "bytecode/open_registers.hpp"

#include <functional>
#include <queue>

#include "bytecode/operands.hpp"

namespace moonlet::bytecode {

namespace {

// Visits of a block on average, before the code is given up; small functions have some for free.
constexpr std::size_t kVisitsPerBlock = 32;
constexpr std::size_t kFreeVisits = 65'536;

// Numbers of blocks, each at most once, in rounds of rising order.
class Rounds {
 public:
  explicit Rounds(std::size_t count) : is_waiting_(count) {}

  // Blocks up to the one that is being visited have to wait for the next round.
  void add(std::size_t index) {
    if (is_waiting_[index]) return;
    is_waiting_[index] = true;
    (index > visited_ ? now_ : later_).push(index);
  }

  bool is_empty() const { return now_.empty() && later_.empty(); }

  std::size_t next() {
    if (now_.empty()) std::swap(now_, later_);
    visited_ = now_.top();
    now_.pop();
    is_waiting_[visited_] = false;
    return visited_;
  }

 private:
  using Queue = std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>>;

  Queue now_;
  Queue later_;
  std::size_t visited_ = 0;
  std::vector<bool> is_waiting_;
};

}  // namespace

RegisterSet captured_registers(const Function& child) {
  RegisterSet registers;
  for (const Upvalue& upvalue : child.upvalues) {
    if (upvalue.from_parent_register) registers.add(upvalue.index);
  }
  return registers;
}

RegisterSet opened_registers(Instruction i, std::span<const RegisterSet> captures) {
  const int a = static_cast<int>(op_a(i));
  switch (opcode(i)) {
    case Opcode::Closure:
      return captures[op_bx(i)];
    case Opcode::Tbc:
      return RegisterSet::range(a, a + 1);
    case Opcode::TForPrep:
      return RegisterSet::range(a - 1, a);
    default:
      return {};
  }
}

std::optional<OpenRegisters> OpenRegisters::try_make(std::span<const std::uint32_t> code,
                                                     std::span<const RegisterSet> captures) {
  OpenRegisters open(code, captures);
  open.find_blocks();
  open.summarise_blocks();
  if (!open.settle()) return std::nullopt;
  return open;
}

// A block begins at the entry, where a jump lands, and behind every instruction with a way that
// is not the word behind it.
void OpenRegisters::find_blocks() {
  std::vector<bool> is_first(code_.size() + 1);
  is_first[0] = true;
  for (std::size_t pc = 0; pc < code_.size(); pc = next_start(code_, pc)) {
    const Successors after = successors(code_[pc], static_cast<std::int64_t>(pc));
    const std::size_t behind = next_start(code_, pc);
    if (after.jump == kNowhere && after.next == static_cast<std::int64_t>(behind)) continue;
    is_first[behind] = true;
    for (const std::int64_t target : {after.next, after.jump}) {
      if (target != kNowhere) is_first[static_cast<std::size_t>(target)] = true;
    }
  }
  block_at_.resize(code_.size());
  for (std::size_t pc = 0; pc < code_.size(); ++pc) {
    if (is_first[pc])
      blocks_.push_back({.first = pc, .last = pc, .in = {}, .opened = {}, .kept = {}});
    block_at_[pc] = static_cast<std::uint32_t>(blocks_.size() - 1);
  }
}

RegisterSet OpenRegisters::step(std::size_t pc, const RegisterSet& before) const {
  const Instruction i = code_[pc];
  if (opcode(i) == Opcode::Close) return before & RegisterSet::range(0, static_cast<int>(op_a(i)));
  return before | opened_registers(i, captures_);
}

void OpenRegisters::summarise_blocks() {
  for (std::size_t index = 0; index < blocks_.size(); ++index) {
    Block& block = blocks_[index];
    RegisterSet all = RegisterSet::range(0, 256);
    for (std::size_t pc = block.first; pc < code_.size() && block_at_[pc] == index;
         pc = next_start(code_, pc)) {
      block.opened = step(pc, block.opened);
      all = step(pc, all);
      block.last = pc;
    }
    block.kept = all;
  }
}

bool OpenRegisters::settle() {
  Rounds rounds(blocks_.size());
  for (std::size_t index = 0; index < blocks_.size(); ++index) {
    if (!blocks_[index].opened.is_empty()) rounds.add(index);
  }
  std::size_t visits_left = kFreeVisits + kVisitsPerBlock * blocks_.size();
  while (!rounds.is_empty()) {
    if (visits_left-- == 0) return false;
    const Block& block = blocks_[rounds.next()];
    const RegisterSet out = block.opened | (block.in & block.kept);
    const Successors after = successors(code_[block.last], static_cast<std::int64_t>(block.last));
    for (const std::int64_t to : {after.next, after.jump}) {
      if (to == kNowhere) continue;
      const std::size_t target = block_at_[static_cast<std::size_t>(to)];
      if (blocks_[target].in.contains(out)) continue;
      blocks_[target].in = blocks_[target].in | out;
      rounds.add(target);
    }
  }
  return true;
}

RegisterSet OpenRegisters::at(std::size_t pc) const {
  const Block& block = blocks_[block_at_[pc]];
  RegisterSet open = block.in;
  for (std::size_t before = block.first; before < pc; before = next_start(code_, before)) {
    open = step(before, open);
  }
  return open;
}

template <class Visit>
void OpenRegisters::walk(Visit visit) const {
  RegisterSet open;
  for (std::size_t pc = 0; pc < code_.size(); pc = next_start(code_, pc)) {
    if (blocks_[block_at_[pc]].first == pc) open = blocks_[block_at_[pc]].in;
    visit(pc, open);
    open = step(pc, open);
  }
}

std::vector<RegisterSet> OpenRegisters::sets() const {
  std::vector<RegisterSet> sets(code_.size());
  walk([&sets](std::size_t pc, const RegisterSet& open) { sets[pc] = open; });
  return sets;
}

std::vector<std::uint8_t> OpenRegisters::limits() const {
  std::vector<std::uint8_t> limits(code_.size());
  walk([&limits](std::size_t pc, const RegisterSet& open) {
    limits[pc] = static_cast<std::uint8_t>(open.limit());
  });
  return limits;
}

}  // namespace moonlet::bytecode
