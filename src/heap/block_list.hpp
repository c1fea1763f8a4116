// A list that grows at its end without moving what it has: blocks of fixed size, so that no
// addition takes long, however long the list is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "heap/block_cache.hpp"

namespace moonlet::heap {

template <typename T>
class BlockList {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  BlockList() = default;
  BlockList(const BlockList&) = delete;
  BlockList& operator=(const BlockList&) = delete;

  bool empty() const { return end_ == begin_; }
  std::size_t size() const {
    return blocks_.empty() ? 0 : last_ * kInBlock + static_cast<std::size_t>(end_ - begin_);
  }
  T& back() { return end_[-1]; }
  T& operator[](std::size_t n) { return blocks_[n / kInBlock][n % kInBlock]; }

  template <typename Test>
  bool has_any(Test test) {
    const std::size_t count = size();
    for (std::size_t n = 0; n < count; ++n) {
      if (test((*this)[n])) return true;
    }
    return false;
  }

  void push_back(const T& value) {
    if (ML_UNLIKELY(end_ == limit_)) add_block();
    *end_++ = value;
  }
  // Only the first block is ever without elements.
  void pop_back() {
    --end_;
    if (ML_UNLIKELY(end_ == begin_) && last_ != 0) {
      go_to(last_ - 1);
      end_ = limit_;
    }
  }
  void clear() {
    blocks_.clear();
    last_ = 0;
    begin_ = end_ = limit_ = nullptr;
  }
  void swap(BlockList& other) {
    std::swap(blocks_, other.blocks_);
    std::swap(last_, other.last_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(limit_, other.limit_);
  }
  // Drops up to `count` elements and gives back some memory. False: there was none.
  bool release_some(std::size_t count) {
    for (std::size_t n = 0; n < count && !empty(); ++n) pop_back();
    for (std::size_t n = 0; n < kReleasedAtOnce && blocks_.size() > last_ + 1; ++n) {
      blocks_.pop_back();
    }
    if (!empty() || blocks_.size() > last_ + 1) return true;
    clear();
    return false;
  }

 private:
  static constexpr std::size_t kBlockBytes = 4096;
  static constexpr std::size_t kInBlock = kBlockBytes / sizeof(T);
  static constexpr std::size_t kReleasedAtOnce = 16;

  void go_to(std::size_t block) {
    last_ = block;
    begin_ = end_ = blocks_[block].get();
    limit_ = begin_ + kInBlock;
  }
  ML_COLD void add_block() {
    const std::size_t next = blocks_.empty() ? 0 : last_ + 1;
    // Blocks that were left stay for the next time.
    if (next == blocks_.size()) {
      void* block = allocate_cached(kBlockBytes);
      if (block == nullptr) static_cast<void>(::operator new(SIZE_MAX / 2));  // as it refuses
      blocks_.emplace_back(static_cast<T*>(block));
    }
    go_to(next);
  }

  struct Release {
    void operator()(T* block) const { release_cached(block, kBlockBytes); }
  };

  std::vector<std::unique_ptr<T[], Release>> blocks_;
  std::size_t last_ = 0;  // the block that end_ is in
  T* begin_ = nullptr;    // of that block
  T* end_ = nullptr;
  T* limit_ = nullptr;
};

}  // namespace moonlet::heap
