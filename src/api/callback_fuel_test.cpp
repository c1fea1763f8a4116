// Functions that no call instruction calls cost fuel and can be stopped, too: without that, a
// script that only calls metamethods would run for as long as it likes.
#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// Each takes about 2^40 calls.
constexpr const char* kPrograms[] = {
    "local m m = setmetatable({}, {__index = function(_, n)\n"
    "  return n < 2 and n or m[n - 1] + m[n - 2] end}) return m[60]",

    "local depth = 0 local o = setmetatable({}, {}) getmetatable(o).__unm = function(a)\n"
    "  if depth > 40 then return a end depth = depth + 1 local b, c = -a, -a\n"
    "  depth = depth - 1 return b end return -o",

    "local depth = 0 local o = setmetatable({}, {}) getmetatable(o).__concat = function()\n"
    "  if depth > 40 then return o end depth = depth + 1 local b, c = o .. 1, o .. 2\n"
    "  depth = depth - 1 return b end return o .. o",

    "local depth = 0 local o = setmetatable({}, {}) getmetatable(o).__close = function()\n"
    "  if depth > 40 then return end depth = depth + 1\n"
    "  do local a <close> = o local b <close> = o end depth = depth - 1 end\n"
    "do local a <close> = o end",
};

TEST(CallbackFuel, EndsRunsOfMetamethodsAlone) {
  for (const char* program : kPrograms) {
    ImageOptions options;
    options.sources = {{"m", std::string("return {main = function() ") + program + " end}", "m"}};
    auto image = Image::compile(*Engine::make(), options);
    ASSERT_TRUE(image) << image.error();
    Vm vm = image->fork(ForkOptions{}).value();
    ASSERT_TRUE(vm.start("m", {"main"}, {}));
    for (std::uint64_t run = 1; run <= 3; ++run) {
      const Outcome outcome = vm.run({.fuel = 10'000});
      ASSERT_TRUE(std::holds_alternative<Preempted>(outcome)) << program;
      EXPECT_GE(vm.usage().fuel, run * 10'000);
      EXPECT_LT(vm.usage().fuel, run * 10'000 + 1'000);
      vm = Vm::thaw(*image, vm.freeze().value()).value();
    }
  }
}

}  // namespace
}  // namespace moonlet
