#include "bytecode/analysis.hpp"

#include <set>

#include <gtest/gtest.h>

#include "bytecode/full_chunk.hpp"
#include "bytecode/operands.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;
using enum Opcode;
using Heights = std::vector<std::uint8_t>;

Heights lowered(std::vector<std::uint32_t> code, Heights bounds) {
  Function function;
  function.parameter_count = 1;
  function.max_stack = 10;
  function.code = std::move(code);
  function.heights = std::move(bounds);
  compute_heights(function);
  return {function.heights.begin(), function.heights.end()};
}

TEST(ComputeHeights, EntryHasTheParameters) {
  EXPECT_EQ(lowered({kReturn}, {5}), Heights{1});
  EXPECT_EQ(lowered({kReturn}, {0}), Heights{0});
}

TEST(ComputeHeights, KeepsTheBoundWhereItIsLower) {
  EXPECT_EQ(lowered({make_abc(LoadNil, 1, 3, 0), make_abc(Move, 0, 1, 0), kReturn}, {1, 3, 9}),
            (Heights{1, 3, 3}));
}

TEST(ComputeHeights, ResultsCountWhenThereIsNoHoleBelow) {
  EXPECT_EQ(lowered({make_abc(Move, 1, 0, 0), make_abc(Move, 3, 0, 0), kReturn}, {9, 9, 9}),
            (Heights{1, 2, 2}));
}

TEST(ComputeHeights, JoinsAreTheLowestOfTheWaysThere) {
  // A jump over the initialisation, forward; then the loop back to it.
  EXPECT_EQ(
      lowered({make_abc(Opcode::Test, 0, 0, 0), make_j(1), make_abc(LoadNil, 1, 0, 0), kReturn},
              {9, 9, 9, 9}),
      (Heights{1, 1, 1, 1}));
  EXPECT_EQ(lowered({make_abc(LoadNil, 1, 2, 0), make_abc(Move, 0, 1, 0), make_abc(Call, 1, 1, 1),
                     make_j(-3)},
                    {9, 9, 9, 9}),
            (Heights{1, 1, 1, 1}));
}

TEST(ComputeHeights, AuxiliaryWordsHaveNone) {
  EXPECT_EQ(lowered({make_abc(LoadKX, 1, 0, 0), 0, kReturn}, {9, 9, 9}), (Heights{1, 0, 2}));
}

TEST(ComputeHeights, TakersOfListsHaveTheListsFirstRegister) {
  EXPECT_EQ(lowered({make_abc(Vararg, 1, 0, 0), make_abc(Return, 0, 0, 0)}, {1, 7}),
            (Heights{1, 1}));
  EXPECT_EQ(lowered({make_abc(Vararg, 1, 0, 0), make_abc(Return, 0, 0, 0)}, {1, 0}),
            (Heights{1, 1}));
}

TEST(ComputeHeights, ClosesHaveAllThatIsInitialised) {
  EXPECT_EQ(lowered({make_abc(LoadNil, 1, 3, 0), make_abc(Close, 1, 0, 0), kReturn}, {1, 0, 1}),
            (Heights{1, 5, 1}));
}

TEST(ComputeHeights, LongChainsOfBackwardJumpsTakeLinearTime) {
  // Each lowering reaches the next block by a jump back.
  std::vector<std::uint32_t> code;
  const int blocks = 200'000;
  for (int n = 0; n < blocks; ++n) {
    code.push_back(make_abc(Move, 0, 0, 0));
    code.push_back(n == 0 ? make_abc(Return0, 0, 0, 0) : make_j(-4));
  }
  code.insert(code.begin(), make_j(2 * blocks - 2));
  const Heights heights = lowered(code, Heights(code.size(), 9));
  EXPECT_EQ(heights[1], 1);
}

TEST(FullChunk, HasEveryOpcode) {
  std::set<Opcode> seen;
  const std::vector<std::uint32_t> code = full_code();
  for (std::size_t pc = 0; pc < code.size(); pc = next_start(code, pc)) {
    seen.insert(opcode(code[pc]));
  }
  for (int op = 0; op < kOpcodeCount; ++op) {
    EXPECT_TRUE(seen.contains(static_cast<Opcode>(op))) << kOpcodeInfo[op].name;
  }
}

TEST(FullChunk, Verifies) { EXPECT_EQ(verdict(make_full_chunk()), ""); }

}  // namespace
}  // namespace moonlet::bytecode
