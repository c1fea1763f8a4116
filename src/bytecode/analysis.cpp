#include "bytecode/analysis.hpp"

#include <algorithm>
#include <array>

#include "bytecode/operands.hpp"

namespace moonlet::bytecode {

namespace {

// Where most instructions lead, and what they leave, without asking twice: the rows of opcodes.def
// and operands.hpp in one byte. Opcodes that there are not take one word and lead nowhere.
struct FlowRow {
  enum class Kind : std::uint8_t {
    Nowhere,
    Keeps,   // on to the next, writing nothing
    Writes,  // on to the next, writing A
    Other,
  };
  Kind kind = Kind::Nowhere;
  std::uint8_t words = 1;
  bool has_bound = false;  // may have one that follows from the code, or make one
};

constexpr FlowRow flow_row(Opcode op) {
  const OpcodeInfo& row = info(op);
  FlowRow result{FlowRow::Kind::Other, static_cast<std::uint8_t>(1 + row.aux_words), false};
  switch (row.effect) {
    case Effect::Plain:
      result.kind =
          row.a == Role::W || row.a == Role::M ? FlowRow::Kind::Writes : FlowRow::Kind::Keeps;
      break;
    case Effect::Call:
    case Effect::TailCall:
    case Effect::SetList:
    case Effect::Return:
    case Effect::Vararg:
    case Effect::Close:
      result.has_bound = true;
      break;
    default:
      break;
  }
  return result;
}

constexpr auto kFlowRows = [] {
  std::array<FlowRow, 256> rows{};
  for (int op = 0; op < kOpcodeCount; ++op) {
    rows[static_cast<std::size_t>(op)] = flow_row(static_cast<Opcode>(op));
  }
  return rows;
}();

const FlowRow& flow_row(Instruction i) { return kFlowRows[i & 0xff]; }

// Lowers heights along the edges of the code until nothing changes. A height is the only state of
// a position: a register above a hole is dead in the hole's sense, since it would not survive a
// stop there. Every height only falls, so a position is visited at most 250 times, and code from
// a compiler needs little more than one pass.
class HeightLowering {
 public:
  explicit HeightLowering(Function& function)
      : code_(function.code.data()),
        heights_(function.heights.data()),
        size_(function.code.size()) {}

  void run(int parameter_count) {
    if (size_ == 0) return;
    lower(0, parameter_count);
    for (std::size_t pc = 0; pc < size_;) {
      const FlowRow& row = flow_row(code_[pc]);
      const std::size_t next = pc + row.words;
      if (row.kind == FlowRow::Kind::Other) {
        position_ = pc;
        flow_otherwise(code_[pc], pc, heights_[pc]);
      } else if (row.kind != FlowRow::Kind::Nowhere && next < size_) {
        heights_[next] = std::min(heights_[next], height_behind(row, pc));
      }
      pc = next;
    }
    position_ = size_;
    while (!pending_.empty()) {
      const std::size_t pc = pending_.back();
      pending_.pop_back();
      const FlowRow& row = flow_row(code_[pc]);
      if (row.kind == FlowRow::Kind::Other) {
        flow_otherwise(code_[pc], pc, heights_[pc]);
      } else if (row.kind != FlowRow::Kind::Nowhere) {
        lower(static_cast<std::int64_t>(pc + row.words), height_behind(row, pc));
      }
    }
  }

 private:
  // Of an instruction that keeps registers or writes A.
  std::uint8_t height_behind(const FlowRow& row, std::size_t pc) const {
    const std::uint8_t height = heights_[pc];
    const bool is_first_free = row.kind == FlowRow::Kind::Writes && op_a(code_[pc]) == height;
    return static_cast<std::uint8_t>(height + (is_first_free ? 1 : 0));
  }

  void flow_otherwise(Instruction i, std::size_t pc, int height) {
    const Successors next = successors(i, static_cast<std::int64_t>(pc));
    if (next.next != kNowhere) lower(next.next, height_after(i, height, Edge::Next));
    if (next.jump != kNowhere) lower(next.jump, height_after(i, height, Edge::Jump));
  }

  void lower(std::int64_t pc, int height) {
    if (pc < 0 || pc >= static_cast<std::int64_t>(size_)) return;
    const auto index = static_cast<std::size_t>(pc);
    if (heights_[index] <= height) return;
    heights_[index] = static_cast<std::uint8_t>(height);
    // Positions behind the first pass's have to be visited again.
    if (index <= position_) pending_.push_back(index);
  }

  const std::uint32_t* code_;
  std::uint8_t* heights_;
  std::size_t size_;
  std::vector<std::size_t> pending_;
  std::size_t position_ = 0;
};

// Bounds that follow from the code rather than from the compiler's books: auxiliary words have
// none; below an open list are exactly the registers up to it; and before a Close everything stays
// alive that a closure or a pending close may still name.
void set_implied_bounds(Function& function) {
  const List<std::uint32_t>& code = function.code;
  std::uint8_t* heights = function.heights.data();
  std::size_t taker = 0;  // where the list that was made last would be taken
  unsigned open_from = 0;
  for (std::size_t pc = 0; pc < code.size();) {
    const Instruction i = code[pc];
    const FlowRow& row = flow_row(i);
    const std::size_t end = std::min(pc + row.words, code.size());
    for (std::size_t aux = pc + 1; aux < end; ++aux) heights[aux] = 0;
    if (row.has_bound) {
      if (is_open_consumer(i) && taker == pc && pc != 0) {
        heights[pc] = static_cast<std::uint8_t>(open_from);
      }
      if (info(opcode(i)).effect == Effect::Close) heights[pc] = function.max_stack;
      if (is_open_producer(i)) {
        taker = end;
        open_from = op_a(i);
      }
    }
    pc = end;
  }
}

}  // namespace

void compute_heights(Function& function) {
  function.heights.resize(function.code.size());
  set_implied_bounds(function);
  lower_heights(function);
}

void lower_heights(Function& function) { HeightLowering(function).run(function.parameter_count); }

}  // namespace moonlet::bytecode
