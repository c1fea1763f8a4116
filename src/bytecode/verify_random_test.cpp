// Is the verifier right? Random and damaged code that it accepts is run without values, with an
// eye on everything that the interpreter trusts.
#include <random>

#include <gtest/gtest.h>

#include "bytecode/disassemble.hpp"
#include "bytecode/full_chunk.hpp"
#include "bytecode/shadow_run.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;
using enum Opcode;

class RandomCode {
 public:
  explicit RandomCode(std::uint32_t seed) : random_(seed) {}

  unsigned below(unsigned limit) { return random_() % limit; }

  // Six registers, a few instructions, and something that loops now and then.
  Chunk chunk() {
    std::vector<std::uint32_t> code;
    for (unsigned length = 3 + below(10); length > 0; --length) append(code);
    if (below(3) == 0) wrap_in_numeric_loop(code);
    if (below(6) == 0) append_generic_loop(code);
    code.push_back(make_abc(ReturnClose, 0, 1, 0));
    aim_jumps(code);
    Chunk result = make_chunk(code);
    for (int n = 0; n < 2; ++n) {
      add_child(result, {static_cast<std::uint8_t>(below(6)), static_cast<std::uint8_t>(below(3))});
    }
    return result;
  }

  // Changes one thing, as somebody would who looks for a hole.
  void damage(Function& function) {
    List<std::uint32_t>& code = function.code;
    const std::size_t at = below(static_cast<unsigned>(code.size()));
    switch (below(7)) {
      case 0:
        code[at] = (code[at] & ~0xff00u) | below(10) << 8;
        break;
      case 1:
        code[at] = (code[at] & ~0xff0000u) | below(10) << 16;
        break;
      case 2:
        code[at] = (code[at] & ~0xff000000u) | below(4) << 24;
        break;
      case 3:
        code[at] = (code[at] & ~0xffu) | below(kOpcodeCount);
        break;
      case 4:
        code[at] += (below(7) << 8) - (3u << 8);
        break;
      case 5:
        std::swap(code[at], code[below(static_cast<unsigned>(code.size()))]);
        break;
      case 6:
        function.heights[at] += static_cast<std::uint8_t>(below(2) == 0 ? 1 : 255);
        break;
    }
    if (below(4) != 0) {
      function.heights.assign(code.size(), function.max_stack);
      compute_heights(function);
    }
  }

 private:
  void append(std::vector<std::uint32_t>& code) {
    static constexpr Opcode kOften[] = {LoadNil, Move,   Closure, Close, Tbc,  Call,       Vararg,
                                        Jump,    Concat, Call,    Lt,    Self, ReturnClose};
    const Opcode op =
        below(3) == 0 ? static_cast<Opcode>(below(kOpcodeCount)) : kOften[below(std::size(kOften))];
    const OpcodeInfo& row = info(op);
    switch (row.effect) {
      case Effect::ForPrep:
      case Effect::ForLoop:
      case Effect::TForPrep:
      case Effect::IterPrep:
      case Effect::TForCall:
      case Effect::TForLoop:
        return;
      default:
        break;
    }
    if (op == Closure) {
      code.push_back(make_abx(op, below(6), below(2)));
    } else if (row.format == Format::ABC) {
      code.push_back(make_abc(op, below(6), operand(row.b), operand(row.c)));
      if (row.aux_words == 1) code.push_back(kNameK);
    } else {
      code.push_back(make_abx(op, below(6), 0));
    }
    if (row.effect == Effect::Test) code.push_back(make_j(0));
    // A list is worth nothing without somebody to take it.
    if ((op == Call || op == Vararg) && op_c(code.back()) == 0) {
      const unsigned from = op_a(code.back());
      code.push_back(make_abc(below(2) == 0 ? Call : ReturnClose, below(from + 1), 0, below(3)));
    }
  }

  unsigned operand(Role role) {
    switch (role) {
      case Role::K:
        return kIntegerK;
      case Role::U:
        return 0;
      case Role::F:
        return below(2);
      case Role::N:
        return below(4);
      default:
        return below(6);
    }
  }

  void wrap_in_numeric_loop(std::vector<std::uint32_t>& code) {
    const unsigned base = below(3), size = static_cast<unsigned>(code.size());
    code.insert(code.begin(), make_abx(ForPrep, base, size));
    if (below(3) == 0) code.insert(code.begin(), make_abx(Closure, 6, below(2)));
    code.insert(code.begin(), make_abc(LoadNil, below(base + 1), base + 3, 0));
    code.push_back(make_abx(ForLoop, base, size + 1));
  }

  void append_generic_loop(std::vector<std::uint32_t>& code) {
    const unsigned base = 4 + below(3);
    code.push_back(make_abc(LoadNil, base - 4, 3, 0));
    code.push_back(make_abx(TForPrep, base, 1));
    code.push_back(make_abc(Move, below(6), below(6), 0));
    code.push_back(make_abc(TForCall, base, 0, 2 + below(2)));
    code.push_back(make_abx(TForLoop, base, 3));
    code.push_back(make_abc(Close, base - 1, 0, 0));
  }

  void aim_jumps(std::vector<std::uint32_t>& code) {
    for (std::size_t pc = 0; pc < code.size(); ++pc) {
      if (opcode(code[pc]) != Jump) continue;
      const auto target = static_cast<int>(below(static_cast<unsigned>(code.size())));
      code[pc] = make_j(target - static_cast<int>(pc) - 1);
    }
  }

  std::mt19937 random_;
};

void expect_safe(const Chunk& chunk, std::uint32_t seed) {
  const std::string wrong = shadow_runs(chunk, seed, 8);
  ASSERT_EQ(wrong, "") << disassemble(chunk);
}

TEST(VerifyRandom, TheFullChunkIsSafe) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) expect_safe(make_full_chunk(), seed * 1000);
}

TEST(VerifyRandom, AcceptedCodeIsSafe) {
  int accepted = 0;
  for (std::uint32_t seed = 0; seed < 20'000 && !HasFatalFailure(); ++seed) {
    const Chunk chunk = RandomCode(seed).chunk();
    if (!verify(chunk)) continue;
    ++accepted;
    expect_safe(chunk, seed);
  }
  EXPECT_GT(accepted, 200);
}

TEST(VerifyRandom, DamagedCodeIsSafeOrRejected) {
  int accepted = 0;
  for (std::uint32_t seed = 0; seed < 4'000 && !HasFatalFailure(); ++seed) {
    RandomCode random(seed);
    Chunk chunk = make_full_chunk();
    for (unsigned changes = 1 + random.below(4); changes > 0; --changes) {
      random.damage(chunk.functions[0]);
    }
    if (!verify(chunk)) continue;
    ++accepted;
    expect_safe(chunk, seed);
  }
  EXPECT_GT(accepted, 200);
}

}  // namespace
}  // namespace moonlet::bytecode
