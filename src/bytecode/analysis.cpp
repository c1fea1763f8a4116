#include "bytecode/analysis.hpp"

#include <algorithm>

#include "bytecode/operands.hpp"

namespace moonlet::bytecode {

namespace {

// Lowers heights along the edges of the code until nothing changes. A height is the only state of
// a position: a register above a hole is dead in the hole's sense, since it would not survive a
// stop there. Every height only falls, so a position is visited at most 250 times, and code from
// a compiler needs little more than one pass.
class HeightLowering {
 public:
  explicit HeightLowering(Function& function) : code_(function.code), heights_(function.heights) {}

  void run(int parameter_count) {
    if (code_.empty()) return;
    lower(0, parameter_count);
    for (std::size_t pc = 0; pc < code_.size(); pc = next_start(code_, pc)) {
      position_ = pc;
      flow(pc);
    }
    while (!pending_.empty()) {
      const std::size_t pc = pending_.back();
      pending_.pop_back();
      position_ = code_.size();
      flow(pc);
    }
  }

 private:
  void flow(std::size_t pc) {
    const Instruction i = code_[pc];
    if (!has_opcode(i)) return;
    const Successors next = successors(i, static_cast<std::int64_t>(pc));
    lower(next.next, height_after(i, heights_[pc], Edge::Next));
    lower(next.jump, height_after(i, heights_[pc], Edge::Jump));
  }

  // Positions behind the first pass's have to be visited again.
  void lower(std::int64_t pc, int height) {
    if (pc < 0 || pc >= static_cast<std::int64_t>(code_.size())) return;
    const auto index = static_cast<std::size_t>(pc);
    if (heights_[index] <= height) return;
    heights_[index] = static_cast<std::uint8_t>(height);
    if (index <= position_) pending_.push_back(index);
  }

  const std::vector<std::uint32_t>& code_;
  std::vector<std::uint8_t>& heights_;
  std::vector<std::size_t> pending_;
  std::size_t position_ = 0;
};

// Bounds that follow from the code rather than from the compiler's books: auxiliary words have
// none; below an open list are exactly the registers up to it; and before a Close everything stays
// alive that a closure or a pending close may still name.
void set_implied_bounds(Function& function) {
  const std::vector<std::uint32_t>& code = function.code;
  int open_from = kNoRegister;
  for (std::size_t pc = 0; pc < code.size();) {
    const Instruction i = code[pc];
    const std::size_t end = std::min(next_start(code, pc), code.size());
    std::fill(function.heights.begin() + static_cast<std::ptrdiff_t>(pc) + 1,
              function.heights.begin() + static_cast<std::ptrdiff_t>(end), std::uint8_t{0});
    if (has_opcode(i)) {
      if (is_open_consumer(i) && open_from != kNoRegister) {
        function.heights[pc] = static_cast<std::uint8_t>(open_from);
      }
      if (info(opcode(i)).effect == Effect::Close) function.heights[pc] = function.max_stack;
      open_from = is_open_producer(i) ? static_cast<int>(op_a(i)) : kNoRegister;
    }
    pc = end;
  }
}

}  // namespace

void compute_heights(Function& function) {
  function.heights.resize(function.code.size());
  set_implied_bounds(function);
  HeightLowering(function).run(function.parameter_count);
}

}  // namespace moonlet::bytecode
