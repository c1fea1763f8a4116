// Runs verified code without values, for tests: every branch, result count and call of the script
// is decided by a random number, and the frame is stopped, emptied of what is dead and restored
// before every instruction. What the interpreter trusts is checked at each step, from the text of
// opcodes.def alone: none of the verifier's own tables are used.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "bytecode/numeric_loops.hpp"
#include "bytecode/open_registers.hpp"

namespace moonlet::bytecode::test {

class ShadowRun {
 public:
  ShadowRun(const Chunk& chunk, const Function& function, std::uint32_t seed)
      : chunk_(chunk), function_(function), random_(seed) {}

  // As a call of the function.
  void start_at_entry() {
    for (int n = 0; n < function_.parameter_count; ++n) write(n);
    pc_ = 0;
  }

  // As a thawed frame: everything that a restorer lets pass, at any instruction.
  void start_at(std::size_t pc, std::size_t previous, const std::vector<NumericLoop>& loops,
                const RegisterSet& may_be_open) {
    pc_ = static_cast<std::int64_t>(pc);
    const int height = function_.heights[pc];
    for (int n = 0; n < height; ++n) write(n);
    for (const NumericLoop& loop : loops) {
      if (loop.contains(pc) && loop.base + 3 <= height) enter_loop(loop.base, loop.first - 1);
    }
    for (int n = 0; n < height; ++n) {
      if (!may_be_open.has(n)) continue;
      if (flip()) cells_.insert(n);
      if (flip()) marked_.push_back(n);
    }
    if (takes_list(function_.code[pc])) {
      top_ = static_cast<int>(op_a(function_.code[previous])) + below(4);
      for (int n = height; n < top_; ++n) write(n);
    }
  }

  // "" or what was wrong.
  std::string run(int steps) {
    while (steps-- > 0 && wrong_.empty() && !has_left_) {
      if (pc_ < 0 || pc_ >= static_cast<std::int64_t>(function_.code.size())) return "out of code";
      stop_and_restore();
      step();
    }
    if (wrong_.empty()) return "";
    return "instruction " + std::to_string(last_) + ": " + wrong_;
  }

 private:
  static constexpr int kSlots = 300;  // an open list may leave the frame

  enum class Content : std::uint8_t { Dead, Value, LoopState };
  struct Slot {
    Content content = Content::Dead;
    std::int64_t loop = 0;  // of a LoopState, position of the ForPrep
  };

  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  bool flip() { return random_() % 2 == 0; }
  void fail(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

  static bool takes_list(Instruction i) {
    switch (opcode(i)) {
      case Opcode::Call:
      case Opcode::TailCall:
      case Opcode::SetList:
      case Opcode::Return:
      case Opcode::ReturnClose:
        return op_b(i) == 0;
      default:
        return false;
    }
  }

  void write(int number) { slots_[static_cast<std::size_t>(number)] = {Content::Value, 0}; }
  void enter_loop(int base, std::int64_t prep) {
    for (int n = base; n < base + 3; ++n) {
      slots_[static_cast<std::size_t>(n)] = {Content::LoopState, prep};
    }
  }
  void need(int first, int end) {
    for (int n = first; n < end; ++n) {
      if (n < 0 || slots_[static_cast<std::size_t>(n)].content == Content::Dead) {
        return fail("reads dead register " + std::to_string(n));
      }
    }
  }
  void kill(int first) {
    for (int n = first; n < kSlots; ++n) slots_[static_cast<std::size_t>(n)] = {};
  }
  void put(int first, int end) {
    for (int n = first; n < end; ++n) {
      if (n >= function_.max_stack) return fail("writes beyond the frame");
      write(n);
    }
  }

  // Nothing above the limit survives, everything below is there, open registers too.
  void stop_and_restore() {
    last_ = pc_;
    const int height = function_.heights[static_cast<std::size_t>(pc_)];
    const bool is_list = takes_list(function_.code[static_cast<std::size_t>(pc_)]);
    if (is_list != (top_ >= 0)) return fail(is_list ? "no list to take" : "list is not taken");
    const int limit = is_list ? top_ : height;
    if (height > limit) return fail("height above the list");
    need(0, limit);
    kill(limit);
    for (const int n : cells_) {
      if (n >= limit) return fail("captured register is dead");
    }
    for (const int n : marked_) {
      if (n >= limit) return fail("marked register is dead");
    }
  }

  // Some other code runs while this frame waits: closures write what they captured.
  void script_runs(int live_below) {
    for (const int n : cells_) {
      if (n >= live_below) return fail("open register above a call");
      if (flip()) write(n);
    }
    for (const int n : marked_) {
      if (n >= live_below) return fail("marked register above a call");
    }
    need(0, live_below);
  }

  // A metamethod may run inside the instruction.
  void metamethod() {
    if (flip()) script_runs(function_.heights[static_cast<std::size_t>(pc_)]);
  }

  void close_from(int first) {
    while (!marked_.empty() && marked_.back() >= first) {
      need(marked_.back(), marked_.back() + 1);
      marked_.pop_back();
      cells_.erase(cells_.lower_bound(first), cells_.end());
      script_runs(top_ >= 0 ? top_ : function_.heights[static_cast<std::size_t>(pc_)]);
    }
    cells_.erase(cells_.lower_bound(first), cells_.end());
  }

  void mark(int number) {
    need(number, number + 1);
    if (flip()) return;  // nil and false are not marked
    if (!marked_.empty() && marked_.back() >= number) fail("marked registers do not rise");
    marked_.push_back(number);
  }

  void leave(Instruction i) {
    const bool closes =
        opcode(i) == Opcode::ReturnClose || (opcode(i) == Opcode::TailCall && op_c(i) != 0);
    if (closes) close_from(0);
    if (!cells_.empty() || !marked_.empty()) fail("left with open registers");
    has_left_ = true;
  }

  // R[first] .. up to top, or `count` of them.
  void need_list(int first, unsigned b, int count) {
    if (b == 0 && top_ < first) fail("list ends below its taker");
    need(first, b == 0 ? top_ : first + count);
  }

  void results(int a, unsigned c) {
    if (c != 0) return put(a, a + static_cast<int>(c) - 1);
    top_ = a + below(5);
    for (int n = a; n < top_; ++n) write(n);
  }

  void step() {
    const Instruction i = function_.code[static_cast<std::size_t>(pc_)];
    const int a = static_cast<int>(op_a(i)), b = static_cast<int>(op_b(i));
    const int c = static_cast<int>(op_c(i)), bx = static_cast<int>(op_bx(i));
    std::int64_t next = pc_ + 1 + info(opcode(i)).aux_words;
    switch (opcode(i)) {
      case Opcode::LoadNil:
        put(a, a + b + 1);
        break;
      case Opcode::LoadFalseSkip:
        put(a, a + 1);
        ++next;
        break;
      case Opcode::Self:
        need(b, b + 1);
        metamethod();
        put(a, a + 2);
        break;
      case Opcode::SetList:
        need(a, a + 1);
        need_list(a + 1, op_b(i), b);
        top_ = -1;
        break;
      case Opcode::Concat: {
        need(a, a + b);
        if (flip()) {
          script_runs(function_.heights[static_cast<std::size_t>(pc_)]);
          for (const int n : cells_) {
            if (n >= a) fail("operand of Concat is captured");
          }
        }
        // What is left of the operands is nobody's business.
        for (int n = a; n < a + b; ++n) slots_[static_cast<std::size_t>(n)] = {};
        put(a, a + 1);
        break;
      }
      case Opcode::Jump:
        next += op_sj(i);
        break;
      case Opcode::Test:
      case Opcode::TestSet:
      case Opcode::Eq:
      case Opcode::EqK:
      case Opcode::Lt:
      case Opcode::Le:
      case Opcode::LtK:
      case Opcode::LeK:
      case Opcode::GtK:
      case Opcode::GeK:
      case Opcode::EqF:
      case Opcode::EqFK:
      case Opcode::LtF:
      case Opcode::LeF:
      case Opcode::LtFK:
      case Opcode::LeFK:
      case Opcode::GtFK:
      case Opcode::GeFK: {
        const Opcode op = opcode(i);
        if (op != Opcode::TestSet) need(a, a + 1);
        if (op == Opcode::TestSet || op == Opcode::Eq || op == Opcode::Lt || op == Opcode::Le ||
            op == Opcode::EqF || op == Opcode::LtF || op == Opcode::LeF) {
          need(b, b + 1);
        }
        metamethod();
        const Instruction jump = function_.code[static_cast<std::size_t>(next)];
        if (opcode(jump) != Opcode::Jump) fail("test without a jump");
        if (flip()) {
          if (op == Opcode::TestSet) put(a, a + 1);
          // Half of the time stopping between the two.
          next += flip() ? 0 : 1 + op_sj(jump);
        } else {
          ++next;
        }
        break;
      }
      case Opcode::ForPrep:
      case Opcode::ForPrepF:
        need(a, a + 3);
        if (flip()) {
          next += bx + 1;
          break;
        }
        put(a, a + 4);
        enter_loop(a, pc_);
        break;
      case Opcode::ForLoop:
      case Opcode::ForLoopF:
        for (int n = a; n < a + 3; ++n) {
          const Slot& slot = slots_[static_cast<std::size_t>(n)];
          if (slot.content != Content::LoopState || slot.loop != next - bx - 1) {
            fail("ForLoop without its state");
          }
        }
        if (flip()) {
          put(a + 3, a + 4);
          next -= bx;
        }
        break;
      case Opcode::TForPrep:
        need(a - 4, a);
        mark(a - 1);
        next += bx;
        break;
      case Opcode::IterPrep:
        need(a - 4, a - 1);
        put(a - 4, a - 1);
        if (flip()) {
          next += bx;
        } else {
          put(a, a + 2);
        }
        break;
      case Opcode::TForCall:
      case Opcode::IterCall:
        need(a - 4, a - 1);
        script_runs(a);
        kill(a);
        results(a, op_c(i));
        break;
      case Opcode::TForLoop:
        need(a, a + 1);
        if (flip()) {
          put(a - 2, a - 1);
          next -= bx;
        }
        break;
      case Opcode::Call:
        need(a, a + 1);
        need_list(a, op_b(i), b);
        top_ = -1;
        kill(a);
        script_runs(a);
        results(a, op_c(i));
        break;
      case Opcode::TailCall:
        need(a, a + 1);
        need_list(a, op_b(i), b);
        leave(i);
        break;
      case Opcode::Return:
      case Opcode::ReturnClose:
        need_list(a, op_b(i), b - 1);
        leave(i);
        break;
      case Opcode::Return0:
        leave(i);
        break;
      case Opcode::Return1:
        need(a, a + 1);
        leave(i);
        break;
      case Opcode::Vararg:
        if (!function_.is_vararg) fail("no extra arguments");
        if (c == 0) kill(a);
        results(a, op_c(i));
        break;
      case Opcode::Closure: {
        const Function& child = chunk_.functions[function_.children[static_cast<std::size_t>(bx)]];
        for (const Upvalue& upvalue : child.upvalues) {
          if (!upvalue.from_parent_register) continue;
          if (upvalue.index != a) need(upvalue.index, upvalue.index + 1);
          cells_.insert(upvalue.index);
        }
        put(a, a + 1);
        break;
      }
      case Opcode::Close:
        close_from(a);
        break;
      case Opcode::Tbc:
        mark(a);
        break;
      default:
        step_by_roles(i);
    }
    pc_ = next;
  }

  void step_by_roles(Instruction i) {
    const OpcodeInfo& row = info(opcode(i));
    if (row.effect != Effect::Plain) fail("opcode is unknown to the test");
    const int a = static_cast<int>(op_a(i)), b = static_cast<int>(op_b(i));
    const int c = static_cast<int>(op_c(i));
    if (row.a == Role::R) need(a, a + 1);
    if (row.format == Format::ABC && row.b == Role::R) need(b, b + 1);
    if (row.format == Format::ABC && row.c == Role::R) need(c, c + 1);
    metamethod();
    if (row.a == Role::W) put(a, a + 1);
  }

  const Chunk& chunk_;
  const Function& function_;
  std::mt19937 random_;
  std::array<Slot, kSlots> slots_{};
  std::set<int> cells_;
  std::vector<int> marked_;  // to be closed, rising
  std::int64_t pc_ = 0;
  std::int64_t last_ = 0;
  int top_ = -1;  // end of the open list
  bool has_left_ = false;
  std::string wrong_;
};

// Runs every function of a verified chunk from its entry and from random positions.
inline std::string shadow_runs(const Chunk& chunk, std::uint32_t seed, int runs) {
  for (const Function& function : chunk.functions) {
    std::vector<std::size_t> starts;
    for (std::size_t pc = 0; pc < function.code.size();
         pc += 1 + info(opcode(function.code[pc])).aux_words) {
      starts.push_back(pc);
    }
    std::vector<RegisterSet> captures;
    for (const std::uint32_t child : function.children) {
      captures.push_back(captured_registers(chunk.functions[child]));
    }
    const auto open = OpenRegisters::try_make(function.code, captures);
    if (!open) return "open registers of verified code are unknown";
    const auto loops = find_numeric_loops(function.code);
    if (!loops) return loops.error().what;
    for (int n = 0; n < runs; ++n, ++seed) {
      ShadowRun run(chunk, function, seed);
      if (n % 2 == 0) {
        run.start_at_entry();
      } else {
        const std::size_t index = (seed * 2654435761u >> 8) % starts.size();
        run.start_at(starts[index], index == 0 ? 0 : starts[index - 1], *loops,
                     open->at(starts[index]));
      }
      if (std::string wrong = run.run(200); !wrong.empty()) return wrong;
    }
  }
  return "";
}

}  // namespace moonlet::bytecode::test
