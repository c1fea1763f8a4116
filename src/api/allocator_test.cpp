// Programs in memory of the host's.
#include "moonlet/allocator.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <unordered_map>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// Gives pieces of one block, takes nothing back, and is given up as a whole.
class Arena final : public Allocator {
 public:
  explicit Arena(std::size_t bytes)
      : begin_(static_cast<char*>(std::aligned_alloc(16, bytes))), bytes_(bytes) {}
  ~Arena() override { std::free(begin_); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(std::size_t bytes) override {
    const std::size_t rounded = (bytes + 15) / 16 * 16;
    if (rounded > bytes_ - used_) return nullptr;
    used_ += rounded;
    return begin_ + used_ - rounded;
  }
  void release(void*, std::size_t) override {}
  std::size_t used() const { return used_; }

 private:
  char* begin_;
  std::size_t bytes_;
  std::size_t used_ = 0;
};

enum class Resizing : std::uint8_t { Never, Always };

// Knows each block, and fails when it is told to: at the n-th request, and some after it.
class Counter final : public Allocator {
 public:
  explicit Counter(Resizing resizing = Resizing::Always) : resizing_(resizing) {}
  ~Counter() override { EXPECT_TRUE(blocks.empty()) << blocks.size() << " blocks are left"; }

  void* allocate(std::size_t bytes) override {
    if (is_told_to_fail()) return nullptr;
    void* block = std::malloc(bytes);
    blocks.emplace(block, bytes);
    std::memset(block, 0xcd, bytes);
    return block;
  }
  void release(void* block, std::size_t bytes) override {
    const auto found = blocks.find(block);
    ASSERT_TRUE(found != blocks.end());
    EXPECT_EQ(found->second, bytes);
    blocks.erase(found);
    std::free(block);
  }
  void* resize(void* block, std::size_t bytes, std::size_t wanted) override {
    if (resizing_ == Resizing::Never || is_told_to_fail()) return nullptr;
    void* moved = std::malloc(wanted);
    std::memcpy(moved, block, std::min(bytes, wanted));
    release(block, bytes);
    blocks.emplace(moved, wanted);
    ++resized;
    return moved;
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& block : blocks) sum += block.second;
    return sum;
  }
  void fail_at(std::uint64_t request, std::uint64_t count) {
    requests = 0;
    first_ = request;
    count_ = count;
  }

  std::unordered_map<void*, std::size_t> blocks;
  std::uint64_t requests = 0;
  std::uint64_t resized = 0;

 private:
  bool is_told_to_fail() {
    ++requests;
    return requests >= first_ && requests - first_ < count_;
  }
  Resizing resizing_;
  std::uint64_t first_ = UINT64_MAX;
  std::uint64_t count_ = 0;
};

// Small and large tables, long strings, deep stacks and coroutines, with a question in between.
constexpr std::string_view kScript = R"(
local kept = {}
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
local function main(size)
  local list = {}
  for i = 1, size do list[i] = {i, name = "n" .. i} end
  kept.list = list
  local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(deep(size) + i) end end)
  local sum = co()
  local text = string.rep("x", size * 20)
  sum = sum + sys.invoke("ask", #text)
  kept.text = text .. sum
  return sum + co() + #kept.text + #kept.list + list[size].name:byte(1)
end
return {main = main}
)";

Image image() {
  ImageOptions options;
  options.sources = {{"m", std::string(kScript), "m.lua"}};
  return *Image::compile(*Engine::make(), options);
}

ForkOptions options_with(Allocator* allocator) {
  ForkOptions options;
  options.id = "v";
  options.seed = 1;
  options.allocator = allocator;
  return options;
}

constexpr std::int64_t kSize = 400;
constexpr std::int64_t kAnswer = 1 + kSize + 7 + kSize + 2 + kSize * 20 + 3 + kSize + 'n';

// What a host does, each step as often as it takes.
template <typename Step>
auto again(Step step) {
  for (;;) {
    auto done = step();
    if (done) return done;
    EXPECT_NE(done.error().find("not enough memory"), std::string::npos) << done.error();
    if (done.error().find("not enough memory") == std::string::npos) std::abort();
  }
}

TEST(Allocator, AnArenaHoldsAProgram) {
  const Image the_image = image();
  Arena arena(1 << 22);
  {
    Vm vm = *the_image.fork(options_with(&arena));
    ASSERT_TRUE(vm.start("m", {"main"}, {kSize}));
    const Outcome outcome = vm.run();
    ASSERT_TRUE(vm.resume(std::get<Suspended>(outcome).command.id, {7}));
    EXPECT_EQ(std::get<Finished>(vm.run()).values[0], Value(kAnswer));
    EXPECT_GT(arena.used(), vm.usage().memory_bytes);
  }
  Arena small(8000);
  Vm vm = *the_image.fork(options_with(&small));
  ASSERT_TRUE(vm.start("m", {"main"}, {kSize}));
  const Outcome outcome = vm.run();
  EXPECT_EQ(std::get<Failed>(outcome).message, "not enough memory");
  EXPECT_TRUE(vm.freeze());
}

TEST(Allocator, EverythingComesFromItAndGoesBack) {
  const Image the_image = image();
  Counter counter;
  {
    Vm vm = *the_image.fork(options_with(&counter));
    EXPECT_EQ(counter.bytes(), 0u) << "a fork begins at rest";
    ASSERT_TRUE(vm.start("m", {"main"}, {kSize}));
    const Outcome outcome = vm.run();
    EXPECT_GT(counter.bytes(), vm.usage().memory_bytes);
    EXPECT_GT(counter.resized, 0u) << "stacks grow in their place";
    ASSERT_TRUE(vm.rest());
    EXPECT_EQ(counter.blocks.size(), 1u) << "the state, and nothing else";
    Vm fork = *vm.fork(options_with(&counter));
    EXPECT_EQ(counter.blocks.size(), 2u);
    Vm of_process = *vm.fork();
    EXPECT_EQ(counter.blocks.size(), 2u) << "it is not inherited";
    ASSERT_TRUE(vm.resume(std::get<Suspended>(outcome).command.id, {7}));
    EXPECT_EQ(std::get<Finished>(vm.run()).values[0], Value(kAnswer));
  }
  EXPECT_TRUE(counter.blocks.empty());
}

TEST(Allocator, MainChunksMayHaveOne) {
  Counter counter;
  ImageOptions options;
  options.sources = {{"m", "return {list = {string.rep('x', 100000)}}", "m.lua"}};
  options.allocator = &counter;
  EXPECT_TRUE(Image::compile(*Engine::make(), options));
  EXPECT_GT(counter.requests, 0u);
  EXPECT_TRUE(counter.blocks.empty());
  counter.fail_at(1, UINT64_MAX);
  const auto refused = Image::compile(*Engine::make(), options);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("not enough memory"), std::string::npos) << refused.error();
}

// The state does not tell what memory the program was in.
TEST(Allocator, StatesDoNotDependOnIt) {
  const Image the_image = image();
  const auto state_with = [&](Allocator* allocator) {
    Vm vm = *the_image.fork(options_with(allocator));
    EXPECT_TRUE(vm.start("m", {"main"}, {kSize}));
    EXPECT_TRUE(std::holds_alternative<Suspended>(vm.run()));
    return *vm.freeze();
  };
  Counter moving(Resizing::Always);
  Counter copying(Resizing::Never);
  const std::string state = state_with(nullptr);
  EXPECT_EQ(state_with(&moving), state);
  EXPECT_EQ(state_with(&copying), state);
}

// As coroutine.wrap passes it on, the position stands in front.
void expect_out_of_memory(const Outcome& outcome) {
  const std::string& message = std::get<Failed>(outcome).message;
  EXPECT_TRUE(message.ends_with("not enough memory")) << message;
}

// From start to end, each step again when it fails: so many steps failed. A run that fails is begun
// again from a state.
int whole_life(const Image& the_image, Counter& counter) {
  int failed = 0;
  const auto count = [&](auto done) {
    if (!done) ++failed;
    return done;
  };
  const ForkOptions options = options_with(&counter);
  const auto begin = [&] {
    Vm vm = *again([&] { return the_image.fork(options); });
    again([&] { return count(vm.start("m", {"main"}, {kSize})); });
    return vm;
  };
  Vm vm = begin();
  Outcome outcome = vm.run();
  while (!std::holds_alternative<Suspended>(outcome)) {
    ++failed;
    expect_out_of_memory(outcome);
    EXPECT_EQ(vm.find_damage(), "");
    counter.fail_at(UINT64_MAX, 0);
    again([&] { return vm.freeze(); });
    vm = begin();
    outcome = vm.run();
  }
  const std::string state = *again([&] { return count(vm.freeze()); });
  again([&] { return count(vm.rest()); });
  Vm fork = *again([&] { return count(vm.fork(options)); });
  Vm thawed = *again([&] { return count(Vm::thaw(the_image, state, options)); });
  for (Vm* each : {&vm, &fork, &thawed}) {
    const CommandId id{each->id(), 0};
    again([&] { return count(each->resume(id, {7})); });
    outcome = each->run();
    if (const auto* finished = std::get_if<Finished>(&outcome)) {
      EXPECT_EQ(finished->values[0], Value(kAnswer));
    } else {
      ++failed;
      expect_out_of_memory(outcome);
      counter.fail_at(UINT64_MAX, 0);
    }
    EXPECT_EQ(each->find_damage(), "");
    again([&] { return count(each->freeze()); });
  }
  return failed;
}

class FailingAllocator : public testing::TestWithParam<std::uint64_t> {};

TEST_P(FailingAllocator, LosesNothingAtEveryRequest) {
  const Image the_image = image();
  std::uint64_t requests;
  {
    Counter counter;
    EXPECT_EQ(whole_life(the_image, counter), 0);
    requests = counter.requests;
  }
  EXPECT_GT(requests, 50u);
  int failed = 0;
  for (std::uint64_t n = 1; n <= requests; ++n) {
    Counter counter;
    counter.fail_at(n, GetParam());
    failed += whole_life(the_image, counter);
    if (HasFailure()) FAIL() << "request " << n;
  }
  EXPECT_GT(failed, 0);
}

// One failure, which a collection may make good, and some in a row, which reach the program.
INSTANTIATE_TEST_SUITE_P(OneAndSome, FailingAllocator, testing::Values(1, 7));

}  // namespace
}  // namespace moonlet
