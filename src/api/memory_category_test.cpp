// Memory by categories that the host names.
#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

constexpr std::string_view kScript = R"(
local kept = {}
local M = {}
function M.keep(name, size)
  local list = {}
  for i = 1, size do list[i] = {i, name = name .. i} end
  kept[name] = list
end
function M.grow(name, size)
  local list = kept[name]
  for i = #list + 1, size do list[i] = i end
end
function M.drop(name) kept[name] = nil collectgarbage() end
function M.mixed(name)
  local co = coroutine.wrap(function(...)
    local held <close> = setmetatable({}, {__close = function() kept[#kept + 1] = name end})
    local chunk = load("local a = ... return function() a = a + 1 return a end")
    for i = 1, 20 do coroutine.yield(chunk(i)) end
  end)
  kept[#kept + 1] = co
  for i = 1, 12 do kept[name .. i] = {[co()] = string.rep(name, i * 9), x = i, [name] = co} end
  sys.invoke("wait")
  for i = 1, 6 do kept[name .. i] = nil kept[#kept + 1] = co() end
  return #kept
end
return M
)";

Image image() {
  ImageOptions options;
  options.sources = {{"m", std::string(kScript), "m.lua"}};
  return *Image::compile(*Engine::make(), options);
}

Vm fork_of(const Image& image) {
  ForkOptions options;
  options.id = "v";
  options.seed = 1;
  return *image.fork(options);
}

std::uint64_t bytes_of(const Vm& vm, std::string_view name) {
  std::uint64_t sum = 0;
  std::uint64_t found = 0;
  for (const MemoryCategory& category : vm.memory_by_category()) {
    sum += category.bytes;
    if (category.name == name) found = category.bytes;
  }
  EXPECT_EQ(sum, vm.usage().memory_bytes);
  EXPECT_EQ(vm.find_damage(), "");
  return found;
}

void call(Vm& vm, const std::string& function, const std::vector<Value>& arguments) {
  ASSERT_TRUE(vm.start("m", {function}, arguments));
  const Outcome outcome = vm.run();
  ASSERT_TRUE(std::holds_alternative<Finished>(outcome));
}

std::vector<std::uint64_t> all_bytes(const Vm& vm) {
  std::vector<std::uint64_t> bytes;
  for (const MemoryCategory& category : vm.memory_by_category()) bytes.push_back(category.bytes);
  return bytes;
}

TEST(MemoryCategory, WhatIsMadeCountsWhereItWasMade) {
  Vm vm = fork_of(image());
  EXPECT_EQ(vm.memory_by_category().size(), 1u);
  ASSERT_TRUE(vm.set_memory_category("world"));
  call(vm, "keep", {"w", 100});
  const std::uint64_t world = bytes_of(vm, "world");
  EXPECT_GT(world, 100u * 64);
  ASSERT_TRUE(vm.set_memory_category("players"));
  call(vm, "keep", {"p", 10});
  EXPECT_GT(bytes_of(vm, "players"), 10u * 64);
  EXPECT_EQ(bytes_of(vm, "world"), world);
  // A list grows in its own category, whoever makes it grow.
  call(vm, "grow", {"w", 5000});
  EXPECT_GE(bytes_of(vm, "world"), world + 4900u * 8);
  // What is swept is gone from where it was.
  ASSERT_TRUE(vm.set_memory_category(""));
  call(vm, "drop", {"w"});
  EXPECT_LT(bytes_of(vm, "world"), world / 2);
  const std::uint64_t rest = bytes_of(vm, "");
  call(vm, "keep", {"r", 100});
  EXPECT_GT(bytes_of(vm, ""), rest + 100u * 64);
}

TEST(MemoryCategory, ThereAreFifteenNames) {
  Vm vm = fork_of(image());
  for (int n = 1; n <= 15; ++n) ASSERT_TRUE(vm.set_memory_category("c" + std::to_string(n)));
  const auto refused = vm.set_memory_category("c16");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "a Vm cannot have more than 15 categories");
  EXPECT_TRUE(vm.set_memory_category("c3"));
  EXPECT_TRUE(vm.set_memory_category(""));
  EXPECT_FALSE(vm.set_memory_category(std::string(65, 'x')));
  EXPECT_EQ(vm.memory_by_category().size(), 16u);
}

// A busy program, in another category at each stop, stopped everywhere. With `trips`, each time it
// is taken down and built again, and has to have the same bytes in the same places.
std::vector<std::uint64_t> life(bool trips) {
  const Image the_image = image();
  Vm vm = fork_of(the_image);
  int stops = 0;
  for (const char* name : {"one", "two", "three"}) {
    EXPECT_TRUE(vm.set_memory_category(name));
    EXPECT_TRUE(vm.start("m", {"mixed"}, {name}));
    for (;;) {
      const Outcome outcome = vm.run({.trip_every = 11});
      if (std::holds_alternative<Finished>(outcome)) break;
      if (const auto* suspended = std::get_if<Suspended>(&outcome)) {
        EXPECT_TRUE(vm.resume(suspended->command.id, {}));
      }
      std::string state = *vm.freeze();
      const std::vector<std::uint64_t> before = all_bytes(vm);
      if (trips) {
        switch (stops % 3) {
          case 0:
            vm = *Vm::thaw(the_image, state);
            break;
          case 1:
            EXPECT_TRUE(vm.rest());
            break;
          case 2:
            EXPECT_TRUE(vm.trip(TripCheck::SameBytes));
            break;
        }
        EXPECT_EQ(all_bytes(vm), before);
        EXPECT_EQ(*vm.freeze(), state);
      }
      EXPECT_EQ(vm.find_damage(), "");
      static constexpr const char* kNames[] = {"", "two", "four", "one"};
      EXPECT_TRUE(vm.set_memory_category(kNames[++stops % 4]));
      if (testing::Test::HasFailure()) return {};
    }
  }
  EXPECT_GT(stops, 30);
  return all_bytes(vm);
}

TEST(MemoryCategory, IsPartOfTheState) {
  const std::vector<std::uint64_t> straight = life(false);
  EXPECT_EQ(straight.size(), 5u);
  for (const std::uint64_t bytes : straight) EXPECT_GT(bytes, 100u);
  EXPECT_EQ(life(true), straight);
}

TEST(MemoryCategory, ForksAndImagesHaveThem) {
  const Image the_image = image();
  Vm vm = fork_of(the_image);
  const std::size_t size = vm.freeze()->size();
  ASSERT_TRUE(vm.set_memory_category("world"));
  call(vm, "keep", {"w", 50});
  (void)*vm.freeze();
  const std::vector<std::uint64_t> bytes = all_bytes(vm);
  EXPECT_EQ(all_bytes(*vm.fork()), bytes);
  // In the image of it, strings and code are shared, and count nowhere.
  const Image branch = *vm.seal();
  Vm of_branch = fork_of(branch);
  EXPECT_GT(bytes_of(of_branch, "world"), 50u * 64);
  EXPECT_LT(bytes_of(of_branch, "world"), bytes[1]);
  EXPECT_LE(of_branch.freeze()->size(), size) << "nothing to say about categories";
  const std::uint64_t world = bytes_of(of_branch, "world");
  call(of_branch, "keep", {"again", 50});
  EXPECT_GT(bytes_of(of_branch, "world"), world + 50u * 64);
  call(of_branch, "drop", {"w"});
  EXPECT_EQ(*Vm::thaw(branch, *of_branch.freeze())->freeze(), *of_branch.freeze());
  EXPECT_EQ(all_bytes(*Vm::thaw(branch, *of_branch.freeze())), all_bytes(of_branch));
}

TEST(MemoryCategory, AnUpgradeKeepsThem) {
  ImageOptions options;
  options.sources = {{"m", std::string(kScript) + "--", "m.lua"}};
  const Engine engine = *Engine::make();
  const Image from = *Image::compile(engine, options);
  options.sources[0].text += "-";
  const Image to = *Image::compile(engine, options);
  Vm upgraded = fork_of(from);
  ASSERT_TRUE(upgraded.set_memory_category("world"));
  call(upgraded, "keep", {"w", 50});
  (void)*upgraded.freeze();
  const std::uint64_t world = bytes_of(upgraded, "world");
  ASSERT_TRUE(upgraded.upgrade(to));
  // But for the thread of the last call, which is the image's now.
  EXPECT_LE(bytes_of(upgraded, "world"), world);
  EXPECT_GT(bytes_of(upgraded, "world") + 500, world);
  call(upgraded, "keep", {"more", 50});
  EXPECT_GT(bytes_of(upgraded, "world"), world);
  // An image whose names are others is none that it can move to.
  Vm other = fork_of(to);
  ASSERT_TRUE(other.set_memory_category("players"));
  const Image sealed = *other.seal();
  const auto refused = upgraded.upgrade(sealed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problems.at(0).reason, "it has other categories of memory");
}

}  // namespace
}  // namespace moonlet
