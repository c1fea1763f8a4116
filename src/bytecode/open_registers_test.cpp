#include "bytecode/open_registers.hpp"

#include <gtest/gtest.h>

#include "bytecode/numeric_loops.hpp"
#include "bytecode/test_chunk.hpp"

namespace moonlet::bytecode {
namespace {

using namespace test;
using enum Opcode;

std::vector<int> members(const RegisterSet& set) {
  std::vector<int> numbers;
  for (int number = 0; number < 256; ++number) {
    if (set.has(number)) numbers.push_back(number);
  }
  return numbers;
}

TEST(RegisterSets, Ranges) {
  for (int first = 0; first <= 256; first += 8) {
    for (int end = 0; end <= 256; end += 8) {
      const RegisterSet set = RegisterSet::range(first, end);
      EXPECT_EQ(members(set).size(), static_cast<std::size_t>(std::max(end - first, 0)));
      EXPECT_EQ(set.is_empty(), end <= first);
      if (end > first) {
        EXPECT_EQ(members(set).front(), first);
        EXPECT_EQ(set.limit(), end);
      }
    }
  }
}

TEST(RegisterSets, Algebra) {
  const RegisterSet a = RegisterSet::range(60, 70), b = RegisterSet::range(65, 130);
  EXPECT_EQ(a | b, RegisterSet::range(60, 130));
  EXPECT_EQ(a & b, RegisterSet::range(65, 70));
  EXPECT_EQ(a - b, RegisterSet::range(60, 65));
  EXPECT_TRUE((a | b).contains(a));
  EXPECT_FALSE(a.contains(b));
  RegisterSet set;
  set.add(64);
  set.add(255);
  set.remove(64);
  EXPECT_EQ(members(set), std::vector<int>{255});
}

TEST(OpenRegisters, FlowThroughBranchesAndLoops) {
  const std::vector<std::uint32_t> code = {
      make_abx(Closure, 9, 0),          // 0 opens 1 and 5
      make_abc(Opcode::Test, 0, 0, 0),  // 1
      make_j(2),                        // 2 to 5
      make_abc(Close, 4, 0, 0),         // 3 closes 5
      make_abc(Tbc, 7, 0, 0),           // 4
      make_abc(Move, 0, 0, 0),          // 5
      make_j(-6),                       // 6 to 1
  };
  RegisterSet captured;
  captured.add(1);
  captured.add(5);
  const RegisterSet captures[] = {captured};
  const OpenRegisters open = *OpenRegisters::try_make(code, captures);
  EXPECT_EQ(members(open.at(0)), (std::vector<int>{}));
  EXPECT_EQ(members(open.at(1)), (std::vector<int>{1, 5, 7}));
  EXPECT_EQ(members(open.at(3)), (std::vector<int>{1, 5, 7}));
  EXPECT_EQ(members(open.at(4)), (std::vector<int>{1}));
  EXPECT_EQ(members(open.at(5)), (std::vector<int>{1, 5, 7}));
  EXPECT_EQ(open.limits(), (std::vector<std::uint8_t>{0, 8, 8, 8, 2, 8, 8}));
}

TEST(OpenRegisters, GenericLoopsOpenTheirClosingValue) {
  const std::vector<std::uint32_t> code = {make_abx(TForPrep, 4, 0), make_abc(TForCall, 4, 0, 2),
                                           make_abx(TForLoop, 4, 2), kReturnClose};
  const OpenRegisters open = *OpenRegisters::try_make(code, {});
  EXPECT_EQ(open.limits(), (std::vector<std::uint8_t>{0, 4, 4, 4}));
}

// Blocks that each jump back to the one before, and a way in for each of 245 registers, so that
// they go through the blocks one behind the other.
std::vector<std::uint32_t> register_by_register(int blocks) {
  std::vector<std::uint32_t> code = {kReturn};
  for (int n = 1; n < blocks + 245; ++n) code.push_back(make_j(-2));
  for (int number = 0; number < 245; ++number) {
    code.push_back(make_abc(Tbc, static_cast<unsigned>(number), 0, 0));
    code.push_back(make_j(blocks + number - 1 - static_cast<int>(code.size())));
  }
  return code;
}

TEST(OpenRegisters, ManyVisitsOfFewBlocksAreFine) {
  const auto code = register_by_register(200);
  EXPECT_EQ(OpenRegisters::try_make(code, {})->at(0).limit(), 245);
}

TEST(OpenRegisters, GivesUpWhatTakesTooLong) {
  const auto code = register_by_register(100'000);
  EXPECT_FALSE(OpenRegisters::try_make(code, {}));
  Chunk chunk = make_chunk({kReturn});
  Function& main = chunk.functions[0];
  main.code = code;
  main.heights.assign(code.size(), 0);
  main.max_stack = 250;
  EXPECT_EQ(verdict(chunk), "function 0, instruction 0: captured registers flow in too many ways");
}

TEST(NumericLoops, AreListedByTheirBegin) {
  const auto loops = find_numeric_loops(std::vector<std::uint32_t>{
      make_abx(ForPrep, 0, 2), make_abx(ForPrep, 4, 0), make_abx(ForLoop, 4, 1),
      make_abx(ForLoop, 0, 3), make_abx(ForPrep, 1, 0), make_abx(ForLoop, 1, 1), kReturn});
  ASSERT_TRUE(loops);
  ASSERT_EQ(loops->size(), 3u);
  EXPECT_EQ(loops->at(0).first, 1u);
  EXPECT_EQ(loops->at(0).last, 3u);
  EXPECT_EQ(loops->at(1).base, 4);
  EXPECT_TRUE(loops->at(1).contains(2));
  EXPECT_FALSE(loops->at(1).contains(1));
  EXPECT_FALSE(loops->at(1).contains(3));
  EXPECT_EQ(loops->at(2).first, 5u);
}

}  // namespace
}  // namespace moonlet::bytecode
