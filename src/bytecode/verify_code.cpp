#include "bytecode/verify_code.hpp"

#include <cstddef>
#include <string>

#include "bytecode/open_registers.hpp"
#include "bytecode/operands.hpp"
#include "bytecode/verify_operands.hpp"

namespace moonlet::bytecode {

namespace {

using Result = std::expected<void, std::string>;

std::unexpected<std::string> error(std::string what) { return std::unexpected(std::move(what)); }

std::string register_name(int number) { return "register " + std::to_string(number); }

// Checks the instructions of a function, whose words are known to be sound one by one, against
// heights, loops and open registers. The heights are the proof that came with the code: since the
// registers that live at a position are exactly those below its height, each instruction can be
// checked on its own, and all of them in one pass.
class FlowVerifier {
 public:
  FlowVerifier(const Function& function, std::vector<NumericLoop> loops,
               const std::vector<RegisterSet>& captures, std::vector<std::uint8_t> open_limits)
      : function_(function),
        code_(function.code),
        heights_(function.heights),
        loops_(std::move(loops)),
        captures_(captures),
        open_limits_(std::move(open_limits)) {
    if (!loops_.empty()) mark_loop_bodies();
  }

  std::expected<void, CodeError> run() {
    if (Result r = check_entry(); !r) return std::unexpected(CodeError{0, r.error()});
    std::size_t previous = 0;
    for (std::size_t pc = 0; pc < code_.size(); pc = next_start(code_, pc)) {
      if (Result r = check(pc, previous); !r) return std::unexpected(CodeError{pc, r.error()});
      previous = pc;
    }
    return {};
  }

 private:
  Result check_entry() const {
    if (heights_[0] > function_.parameter_count) return error("registers live at the entry");
    return {};
  }

  Result check(std::size_t pc, std::size_t previous) const {
    if (Result r = check_height(pc); !r) return r;
    if (Result r = check_reads(pc); !r) return r;
    if (Result r = check_open_list(pc, previous); !r) return r;
    if (Result r = check_locked(pc); !r) return r;
    if (Result r = check_open_registers(pc); !r) return r;
    const Successors after = successors(code_[pc], static_cast<std::int64_t>(pc));
    if (Result r = check_edge(pc, after.next, Edge::Next); !r) return r;
    return check_edge(pc, after.jump, Edge::Jump);
  }

  Result check_height(std::size_t pc) const {
    if (heights_[pc] > function_.max_stack) return error("height above the frame");
    for (std::size_t aux = pc + 1; aux < next_start(code_, pc); ++aux) {
      if (heights_[aux] != 0) return error("height at an auxiliary word");
    }
    return {};
  }

  Result check_reads(std::size_t pc) const {
    const Instruction i = code_[pc];
    const int height = heights_[pc];
    int end = 0;
    for_each_read(i, [&end](RegisterRange range) { end = std::max(end, range.end); });
    // What lies below a call lives on while it runs.
    if (killed_from(i) != kNoRegister) end = std::max(end, killed_from(i));
    if (end > height) return error(register_name(end - 1) + " is read but not live");
    if (opcode(i) != Opcode::Closure) return {};
    // A local function may capture the register that it is about to be stored in.
    RegisterSet captured = captures_[op_bx(i)];
    captured.remove(static_cast<int>(op_a(i)));
    if (captured.limit() > height) return error("captured register is not live");
    return {};
  }

  // ---- Lists of values up to thread.top: made by one instruction, taken by the next.

  Result check_open_list(std::size_t pc, std::size_t previous) const {
    if (!is_open_consumer(code_[pc])) return {};
    if (pc == 0 || !is_open_producer(code_[previous])) return error("no open list to take");
    const int from = static_cast<int>(op_a(code_[previous]));
    if (static_cast<int>(op_a(code_[pc])) > from) return error("open list begins too low");
    if (heights_[pc] != from) return error("height is not where the open list begins");
    return {};
  }

  // ---- Numeric loops.

  void mark_loop_bodies() {
    innermost_.assign(code_.size(), kNoLoop);
    std::vector<std::size_t> around;
    std::size_t next = 0;
    for (std::size_t pc = 0; pc < code_.size(); ++pc) {
      while (!around.empty() && loops_[around.back()].last < pc) around.pop_back();
      if (next < loops_.size() && loops_[next].first == pc) {
        const RegisterSet outer = around.empty() ? RegisterSet{} : locked_[around.back()];
        const int base = loops_[next].base;
        locked_.push_back(outer | RegisterSet::range(base, base + 3));
        enclosing_.push_back(around.empty() ? kNoLoop : around.back());
        around.push_back(next++);
      }
      if (!around.empty()) innermost_[pc] = around.back();
    }
  }

  std::size_t innermost(std::size_t pc) const { return loops_.empty() ? kNoLoop : innermost_[pc]; }

  // Registers that the instruction may not touch. A ForLoop may touch its own.
  Result check_locked(std::size_t pc) const {
    const Instruction i = code_[pc];
    std::size_t loop = innermost(pc);
    if (loop != kNoLoop && loops_[loop].last == pc) loop = enclosing_[loop];
    if (loop == kNoLoop) return {};
    RegisterSet touched = RegisterSet::range(killed_from(i), kNoRegister);
    for_each_write(i, [&](RegisterRange range) {
      touched = touched | RegisterSet::range(range.first, range.end);
    });
    touched = touched | opened_registers(i, captures_);
    if (!(touched & locked_[loop]).is_empty()) return error("state of a numeric loop is touched");
    return {};
  }

  Result check_loop_entry(std::size_t pc, std::size_t target) const {
    const std::size_t loop = innermost(target);
    if (loop == kNoLoop) return {};
    if (pc + 1 < loops_[loop].first || pc > loops_[loop].last) {
      return error("jump into a numeric loop");
    }
    return {};
  }

  // ---- Open registers.

  Result check_open_registers(std::size_t pc) const {
    if (open_limits_.empty() || open_limits_[pc] == 0) return {};
    const int limit = open_limits_[pc];
    if (limit > std::min<int>(heights_[pc], allowed_open(code_[pc]))) {
      return error(register_name(limit - 1) +
                   " may be captured or to be closed, and needs a Close");
    }
    return {};
  }

  // Registers from here up may not be open at the instruction: it kills them, or trusts them while
  // the script runs. Pending closes of a frame rise, so that a register is marked only above all
  // others.
  static int allowed_open(Instruction i) {
    const int a = static_cast<int>(op_a(i));
    switch (opcode(i)) {
      case Opcode::Call:
      case Opcode::TForCall:
      case Opcode::IterCall:
      case Opcode::Concat:
      case Opcode::ForPrep:
      case Opcode::ForPrepF:
      case Opcode::Tbc:
        return a;
      case Opcode::TForPrep:
        return a - 1;
      case Opcode::IterPrep:
        return a - 4;
      case Opcode::TailCall:
        return op_c(i) != 0 ? kNoRegister : 0;
      case Opcode::Return:
      case Opcode::Return0:
      case Opcode::Return1:
        return 0;
      default:
        return kNoRegister;
    }
  }

  // ---- Ways to other instructions.

  Result check_edge(std::size_t pc, std::int64_t to, Edge edge) const {
    if (to == kNowhere) return {};
    const auto target = static_cast<std::size_t>(to);
    const Instruction i = code_[pc];
    if (is_open_producer(i) != is_open_consumer(code_[target])) {
      return error(is_open_producer(i) ? "open list is not taken" : "way to an open list's taker");
    }
    if (heights_[target] > height_after(i, heights_[pc], edge)) {
      return error(register_name(heights_[target] - 1) + " is not initialised on the way to " +
                   std::to_string(target));
    }
    return check_loop_entry(pc, target);
  }

  static constexpr std::size_t kNoLoop = SIZE_MAX;

  const Function& function_;
  const std::span<const std::uint32_t> code_;
  const std::span<const std::uint8_t> heights_;
  const std::vector<NumericLoop> loops_;
  const std::vector<RegisterSet>& captures_;     // by child
  const std::vector<std::uint8_t> open_limits_;  // by position; empty: no register is ever open
  std::vector<std::size_t> innermost_;           // loop, by position; empty without loops
  std::vector<std::size_t> enclosing_;           // loop, by loop
  std::vector<RegisterSet> locked_;              // registers, by loop, those of outer loops too
};

bool can_open_registers(const Function& function) {
  for (std::size_t pc = 0; pc < function.code.size(); pc = next_start(function.code, pc)) {
    const Opcode op = opcode(function.code[pc]);
    if (op == Opcode::Closure || op == Opcode::Tbc || op == Opcode::TForPrep) return true;
  }
  return false;
}

}  // namespace

std::expected<void, CodeError> verify_code(const Chunk& chunk, const Function& function) {
  if (function.code.empty()) return std::unexpected(CodeError{0, "no code"});
  if (function.heights.size() != function.code.size()) {
    return std::unexpected(CodeError{0, "not one height for each word"});
  }
  if (auto starts = verify_operands(function); !starts) return std::unexpected(starts.error());
  auto loops = find_numeric_loops(function.code);
  if (!loops) return std::unexpected(loops.error());

  std::vector<RegisterSet> captures;
  captures.reserve(function.children.size());
  for (const std::uint32_t child : function.children) {
    captures.push_back(captured_registers(chunk.functions[child]));
  }
  std::vector<std::uint8_t> limits;
  if (can_open_registers(function)) {
    const auto open = OpenRegisters::try_make(function.code, captures);
    if (!open) return std::unexpected(CodeError{0, "captured registers flow in too many ways"});
    limits = open->limits();
  }
  return FlowVerifier(function, *std::move(loops), captures, std::move(limits)).run();
}

}  // namespace moonlet::bytecode
