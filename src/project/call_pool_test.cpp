#include "project/call_pool.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace moonlet::project {
namespace {

using Clock = std::chrono::steady_clock;

HostFunction program(const std::string& exec) {
  HostFunction function;
  function.name = "f";
  function.by = CommandLine{exec};
  return function;
}

Invocation call(int n) { return {"f", Value(n), "vm:0." + std::to_string(n)}; }

TEST(CallPool, EachCallEndsOnce) {
  const HostFunction echo = program("cat");
  CallPool pool;
  for (int n = 0; n < 50; ++n) pool.begin(echo, call(n), {});
  EXPECT_TRUE(pool.knows("vm:0.49"));
  std::vector<bool> has_ended(50);
  for (int n = 0; n < 50; ++n) {
    const CallPool::Ended ended = pool.take();
    ASSERT_TRUE(ended.answer) << ended.answer.error();
    const auto number = static_cast<std::size_t>(*ended.answer->integer());
    EXPECT_EQ(ended.id, call(static_cast<int>(number)).id);
    EXPECT_FALSE(has_ended[number]);
    has_ended[number] = true;
  }
  EXPECT_FALSE(pool.knows("vm:0.49"));
}

TEST(CallPool, TheFirstToEndIsTakenFirst) {
  const HostFunction slow = program("sleep 5");
  const HostFunction quick = program("cat");
  CallPool pool;
  pool.begin(slow, call(1), {});
  pool.begin(quick, call(2), {});
  EXPECT_EQ(pool.take().id, "vm:0.2");
}

TEST(CallPool, WhatIsAbandonedEndsSoon) {
  const HostFunction slow = program("sleep 5");
  const HostFunction quick = program("cat");
  const Clock::time_point begin = Clock::now();
  {
    CallPool pool;
    for (int n = 0; n < 40; ++n) pool.begin(slow, call(n), {});
    pool.abandon();
    EXPECT_FALSE(pool.knows("vm:0.1"));
    pool.begin(quick, call(100), {});
    EXPECT_EQ(pool.take().id, "vm:0.100");
    pool.begin(slow, call(101), {});
  }
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(4));
}

}  // namespace
}  // namespace moonlet::project
