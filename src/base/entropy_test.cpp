#include "base/entropy.hpp"

#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace moonlet::base {
namespace {

TEST(Entropy, NumbersDiffer) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(next_entropy());
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) seen.insert(next_entropy());
  });
  other.join();
  EXPECT_EQ(seen.size(), 2000u);
}

TEST(Entropy, EveryBitIsUsed) {
  std::uint64_t ever_set = 0;
  std::uint64_t always_set = ~std::uint64_t{0};
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t number = next_entropy();
    ever_set |= number;
    always_set &= number;
  }
  EXPECT_EQ(ever_set, ~std::uint64_t{0});
  EXPECT_EQ(always_set, 0u);
}

// Parent and child go on with different numbers.
TEST(Entropy, ChildProcessesHaveTheirOwn) {
  static_cast<void>(next_entropy());
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const std::uint64_t number = next_entropy();
    _exit(write(ends[1], &number, sizeof number) == sizeof number ? 0 : 1);
  }
  std::uint64_t theirs = 0;
  EXPECT_EQ(read(ends[0], &theirs, sizeof theirs), static_cast<ssize_t>(sizeof theirs));
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(next_entropy(), theirs);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace moonlet::base
