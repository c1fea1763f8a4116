#include "stdlib/math_random.hpp"

#include <cstdint>

#include <gtest/gtest.h>

namespace moonlet::stdlib {
namespace {

// What Lua 5.4 prints after math.randomseed(first, second) for
//   math.random(0), math.random(), math.random(6), math.random(-10, 1000000),
//   math.random(math.mininteger, math.maxinteger), math.random(1, 3 << 61)
struct Sequence {
  std::uint64_t first;
  std::uint64_t second;
  std::uint64_t all_bits;
  double fraction;
  std::int64_t dice;
  std::int64_t medium;
  std::int64_t any;
  std::int64_t large;
};

constexpr Sequence kSequences[] = {
    {1007, 0, 0x7a7040a5a323c9d6, 0x1.791ae4e98b70cp-1, 3, 807987, -5595447614429989000,
     0x2a152f2b7e02c27b},
    {0, 0, 0x3f359d4e37b433c1, 0x1.e0ee2c379aefp-3, 4, 732939, -476379886374458193,
     0x43edab1830e0d8ed},
    {42, 7, 0xd4f84e156cc64a30, 0x1.f1bc360385883p-1, 2, 601605, -5621866793293290636,
     0x1786d10a552f5ddf},
    {~std::uint64_t{0}, 0, 0xa558eb0c47a30331, 0x1.deca184fdd74dp-1, 4, 724077, -304106213833861976,
     0x359d37ba38919807},
    {std::uint64_t{1} << 63, 5, 0xb265d0819a26ba6b, 0x1.e0eb0fffa8cd6p-2, 5, 120234,
     -2549187580919813156, 0x417997988de3ec5},
};

std::int64_t between(RandomState& state, std::int64_t low, std::int64_t high) {
  const std::uint64_t first = static_cast<std::uint64_t>(low);
  const std::uint64_t range = static_cast<std::uint64_t>(high) - first;
  return static_cast<std::int64_t>(first + project_random(state, next_random(state), range));
}

TEST(MathRandom, GivesTheSequencesOfTheReference) {
  for (const Sequence& want : kSequences) {
    RandomState state;
    seed_random(state, want.first, want.second);
    EXPECT_EQ(next_random(state), want.all_bits);
    EXPECT_EQ(random_float(next_random(state)), want.fraction);
    EXPECT_EQ(between(state, 1, 6), want.dice);
    EXPECT_EQ(between(state, -10, 1'000'000), want.medium);
    EXPECT_EQ(between(state, INT64_MIN, INT64_MAX), want.any);
    EXPECT_EQ(between(state, 1, std::int64_t{3} << 61), want.large);
  }
}

TEST(MathRandom, ProjectionStaysInBounds) {
  RandomState state;
  seed_random(state, 1, 2);
  for (std::uint64_t highest : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2},
                                std::uint64_t{5}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    for (int i = 0; i < 1000; ++i) {
      EXPECT_LE(project_random(state, next_random(state), highest), highest);
    }
  }
}

}  // namespace
}  // namespace moonlet::stdlib
