#include "moonlet/block_cache.hpp"

#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/address_sanitizer.hpp"
#include "heap/block_cache.hpp"
#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// Each test begins with an empty cache of a known bound.
class BlockCache : public testing::Test {
 protected:
  BlockCache() : bytes_max_(block_cache_bytes_max()) {
    set_block_cache_bytes_max(kBlockCacheBytesDefault);
    empty_block_cache();
  }
  ~BlockCache() override {
    set_block_cache_bytes_max(bytes_max_);
    empty_block_cache();
  }

 private:
  const std::size_t bytes_max_;
};

Image image() {
  ImageOptions options;
  options.sources = {{"m", "local t = {} return {main = function(n) t[1] = n return n end}", "m"}};
  return *Image::compile(*Engine::make(), options);
}

void live(const Image& image) {
  Vm vm = *image.fork();
  ASSERT_TRUE(vm.start("m", {"main"}, {1}));
  ASSERT_TRUE(std::holds_alternative<Finished>(vm.run()));
}

TEST_F(BlockCache, ASecondVmTakesWhatTheFirstGaveBack) {
  const Image the_image = image();
  live(the_image);
  const BlockCacheStats first = block_cache_stats();
  EXPECT_GT(first.blocks, 1u);
  EXPECT_GT(first.bytes, 1000u);
  live(the_image);
  const BlockCacheStats second = block_cache_stats();
  EXPECT_GT(second.hits, first.hits);
  EXPECT_EQ(second.misses, first.misses);
  EXPECT_EQ(second.bytes, first.bytes);
  EXPECT_EQ(empty_block_cache(), second.bytes);
  EXPECT_EQ(block_cache_stats().blocks, 0u);
}

TEST_F(BlockCache, IsBoundedAndCanBeOff) {
  set_block_cache_bytes_max(3000);
  const Image the_image = image();
  std::vector<Vm> vms;
  for (int n = 0; n < 50; ++n) {
    vms.push_back(*the_image.fork());
    (void)vms.back().usage();
  }
  vms.clear();
  EXPECT_GT(block_cache_stats().blocks, 0u);
  EXPECT_LE(block_cache_stats().bytes, 3000u);
  set_block_cache_bytes_max(0);
  live(the_image);
  EXPECT_EQ(block_cache_stats().bytes, 0u);
  EXPECT_EQ(block_cache_stats().blocks, 0u);
}

// Blocks of sizes that are not asked for any more make room.
TEST_F(BlockCache, WhatIsUsedNowStays) {
  set_block_cache_bytes_max(64 * 1024);
  std::vector<void*> old;
  for (std::size_t n = 0; n < 60; ++n) old.push_back(heap::allocate_cached(1000 + n % 7));
  for (std::size_t n = 0; n < 60; ++n) heap::release_cached(old[n], 1000 + n % 7);
  EXPECT_GT(block_cache_stats().bytes, 50'000u);
  void* block = heap::allocate_cached(20'000);
  heap::release_cached(block, 20'000);
  const std::uint64_t hits = block_cache_stats().hits;
  void* again = heap::allocate_cached(20'000);
  EXPECT_EQ(again, block);
  EXPECT_EQ(block_cache_stats().hits, hits + 1);
  heap::release_cached(again, 20'000);
  EXPECT_LE(block_cache_stats().bytes, 64u * 1024);
}

TEST_F(BlockCache, EverySizeComesBackWhole) {
  std::vector<std::pair<char*, std::size_t>> blocks;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t bytes = 1; bytes < 70'000; bytes += bytes / 3 + 1) {
      blocks.emplace_back(static_cast<char*>(heap::allocate_cached(bytes)), bytes);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back().first) % 16, 0u);
      std::memset(blocks.back().first, static_cast<int>(bytes % 251), bytes);
    }
    for (const auto& [block, bytes] : blocks) {
      for (std::size_t n = 0; n < bytes; n += 97) {
        ASSERT_EQ(static_cast<unsigned char>(block[n]), bytes % 251);
      }
    }
    for (const auto& [block, bytes] : blocks) heap::release_cached(block, bytes);
    blocks.clear();
  }
  EXPECT_LE(block_cache_stats().bytes, kBlockCacheBytesDefault);
}

// A leak checker would see what a thread that ends leaves behind.
TEST_F(BlockCache, BelongsToAThreadAndEndsWithIt) {
  const Image the_image = image();
  live(the_image);
  const BlockCacheStats mine = block_cache_stats();
  Vm handed_over = *the_image.fork();
  (void)handed_over.usage();
  std::thread other([&] {
    EXPECT_EQ(block_cache_stats().blocks, 0u);
    live(the_image);
    const std::size_t before = block_cache_stats().bytes;
    { const Vm here = std::move(handed_over); }
    EXPECT_GT(block_cache_stats().bytes, before);
  });
  other.join();
  EXPECT_LT(block_cache_stats().bytes, mine.bytes) << "what the Vm has that went away";
}

class Plain final : public Allocator {
 public:
  void* allocate(std::size_t bytes) override {
    ++count;
    return std::malloc(bytes);
  }
  void release(void* block, std::size_t) override { std::free(block); }
  int count = 0;
};

TEST_F(BlockCache, IsNotBetweenAVmAndAnAllocatorOfTheHosts) {
  const Image the_image = image();
  Plain plain;
  ForkOptions options;
  options.allocator = &plain;
  int counts[2];
  for (int& count : counts) {
    plain.count = 0;
    Vm vm = *the_image.fork(options);
    (void)vm.usage();
    count = plain.count;
  }
  EXPECT_GT(counts[0], 0);
  EXPECT_EQ(counts[0], counts[1]);
}

#ifdef ML_ADDRESS_SANITIZER
TEST_F(BlockCache, TheSanitizerSeesWhatIsUsedAfterItsEnd) {
  auto* block = static_cast<volatile char*>(heap::allocate_cached(1000));
  heap::release_cached(const_cast<char*>(block), 1000);
  EXPECT_DEATH((void)block[500], "use-after-poison");
  empty_block_cache();
  EXPECT_DEATH((void)block[500], "use-after-free");
}
#endif

}  // namespace
}  // namespace moonlet
