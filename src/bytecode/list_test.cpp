#include "bytecode/list.hpp"

#include <gtest/gtest.h>

namespace moonlet::bytecode {
namespace {

using Numbers = List<int>;

TEST(List, Grows) {
  Numbers list;
  for (int n = 0; n < 100; ++n) list.push_back(n);
  ASSERT_EQ(list.size(), 100u);
  EXPECT_EQ(list[0], 0);
  EXPECT_EQ(list.back(), 99);
  list.push_back(list[0]);
  list.resize(103, 7);
  EXPECT_EQ(list.back(), 7);
  list.pop_back();
  list.resize(2);
  EXPECT_EQ(list, (Numbers{0, 1}));
  list.assign(3, 5);
  EXPECT_EQ(list, (std::vector<int>{5, 5, 5}));
}

TEST(List, KeepsItsContentWhenItIsResizedForOverwriting) {
  Numbers list{1, 2};
  list.resize_for_overwrite(1000);
  list[999] = 7;
  EXPECT_EQ(list[1], 2);
  list.resize_for_overwrite(1);
  EXPECT_EQ(list, Numbers{1});
}

TEST(List, WritesToMemoryThatIsNotItsOwnUntilItGrows) {
  int memory[] = {1, 2, 3};
  Numbers list = Numbers::lying_at(memory);
  list[0] = 10;
  EXPECT_EQ(memory[0], 10);
  list.push_back(4);
  list[1] = 20;
  EXPECT_EQ(memory[1], 2);
  EXPECT_EQ(list, (Numbers{10, 20, 3, 4}));
  Numbers assigned = Numbers::lying_at(memory);
  assigned.assign(2, 7);
  EXPECT_EQ(memory[0], 10);
}

TEST(List, CopiesOwnTheirMemory) {
  int memory[] = {1, 2, 3};
  const Numbers list = Numbers::lying_at(memory);
  Numbers copy = list;
  copy[0] = 5;
  EXPECT_EQ(memory[0], 1);
  Numbers moved = std::move(copy);
  EXPECT_TRUE(copy.empty());
  copy = moved;
  EXPECT_EQ(copy, moved);
  EXPECT_NE(copy, list);
  const std::span<const int> none = Numbers{};
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace moonlet::bytecode
