#include "bytecode/analysis.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
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
    Call,    // on to the next, with C - 1 registers from A up
    Jump,
    Test,  // to both instructions behind it, writing nothing
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
    case Effect::Jump:
      result.kind = FlowRow::Kind::Jump;
      break;
    case Effect::Test:
      if (row.a != Role::W) result.kind = FlowRow::Kind::Test;
      break;
    case Effect::Call:
      result.kind = FlowRow::Kind::Call;
      result.has_bound = true;
      break;
    case Effect::TailCall:
    case Effect::Return:
      result.kind = FlowRow::Kind::Nowhere;
      result.has_bound = true;
      break;
    case Effect::SetList:
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
  HeightLowering(Function& function, base::Pace* pace)
      : pace_(pace),
        code_(function.code.data()),
        heights_(function.heights.data()),
        size_(function.code.size()) {}

  void run(int parameter_count) {
    if (size_ == 0) return;
    lower(0, parameter_count);
    for (std::size_t pc = 0; pc < size_; pc += flow_row(code_[pc]).words) {
      position_ = pc;
      spend();
      flow(pc);
    }
    position_ = size_;
    while (!pending_.empty()) {
      const std::size_t pc = pending_.back();
      pending_.pop_back();
      spend();
      flow(pc);
    }
  }

 private:
  ML_ALWAYS_INLINE void spend() {
    constexpr int kInstructionsOfUnit = 16;
    if (--left_of_unit_ > 0) return;
    left_of_unit_ = kInstructionsOfUnit;
    if (pace_ != nullptr) pace_->spend();
  }

  ML_ALWAYS_INLINE void flow(std::size_t pc) {
    using Kind = FlowRow::Kind;
    const Instruction i = code_[pc];
    const FlowRow& row = flow_row(i);
    const int height = heights_[pc], a = static_cast<int>(op_a(i));
    switch (row.kind) {
      case Kind::Nowhere:
        return;
      case Kind::Keeps:
        return lower(pc + row.words, height);
      case Kind::Writes:
        return lower(pc + row.words, height + (a == height ? 1 : 0));
      case Kind::Call: {
        const int results = std::max(static_cast<int>(op_c(i)) - 1, 0);
        return lower(pc + 1, height < a ? height : a + results);
      }
      case Kind::Jump:
        return lower(pc + 1 + static_cast<std::size_t>(op_sj(i)), height);
      case Kind::Test:
        lower(pc + 1, height);
        return lower(pc + 2, height);
      case Kind::Other:
        return flow_otherwise(i, pc, height);
    }
  }

  ML_NOINLINE void flow_otherwise(Instruction i, std::size_t pc, int height) {
    const Successors next = successors(i, static_cast<std::int64_t>(pc));
    if (next.next != kNowhere) {
      lower(static_cast<std::size_t>(next.next), height_after(i, height, Edge::Next));
    }
    if (next.jump != kNowhere) {
      lower(static_cast<std::size_t>(next.jump), height_after(i, height, Edge::Jump));
    }
  }

  // Positions outside of the code, before its beginning too, are above its size.
  void lower(std::size_t pc, int height) {
    if (pc >= size_ || heights_[pc] <= height) return;
    heights_[pc] = static_cast<std::uint8_t>(height);
    // Positions behind the first pass's have to be visited again.
    if (pc <= position_) pending_.push_back(pc);
  }

  base::Pace* pace_;  // may be null
  int left_of_unit_ = 1;
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

void lower_heights(Function& function, base::Pace* pace) {
  HeightLowering(function, pace).run(function.parameter_count);
}

}  // namespace moonlet::bytecode
