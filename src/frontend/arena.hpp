// Memory for one compilation: nodes are bumped out of growing blocks and released together, so that
// a tree of any depth costs neither a call to the allocator a node nor a recursion to destroy. What
// was made since a mark can be released before the rest: the tree of an inner function, when its
// code is made.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/block.hpp"
#include "base/pace.hpp"

namespace moonlet::frontend {

class Arena {
 public:
  struct Mark {
    std::size_t block = 0;
    std::byte* next = nullptr;
  };

  // A large tree takes long to give back: with a pace, that is done in pieces.
  explicit Arena(base::Pace* pace = nullptr) : pace_(pace) {}
  ~Arena() {
    while (!blocks_.empty()) {
      const bool is_large = blocks_.back().size == kLargestBlock;
      blocks_.pop_back();
      if (is_large && pace_ != nullptr) pace_->end_piece();
    }
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <typename T, typename... Arguments>
  T* make(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T>, "nobody runs destructors here");
    static_assert(alignof(T) <= kAlignment);
    return new (allocate(sizeof(T))) T{std::forward<Arguments>(arguments)...};
  }

  // Aligned for any node. The bytes are not initialised.
  void* allocate(std::size_t size) {
    size = (size + kAlignment - 1) & ~(kAlignment - 1);
    if (size > static_cast<std::size_t>(end_ - next_)) [[unlikely]] {
      next_block(size);
    }
    std::byte* result = next_;
    next_ += size;
    return result;
  }

  Mark mark() const { return {block_, next_}; }

  // The blocks stay, for what is allocated next.
  void release_to(Mark mark) {
    block_ = mark.block;
    next_ = mark.next;
    end_ = block_ == 0 ? nullptr : blocks_[block_ - 1].end();
  }

 private:
  static constexpr std::size_t kAlignment = alignof(void*);
  static constexpr std::size_t kFirstBlock = 4 * 1024;
  static constexpr std::size_t kLargestBlock = 64 * 1024;

  struct Block {
    base::OwnedBlock bytes;
    std::size_t size;

    std::byte* end() const { return bytes.get() + size; }
  };

  void next_block(std::size_t at_least) {
    if (block_ < blocks_.size() && blocks_[block_].size < at_least) {
      blocks_.resize(block_);
    }
    if (block_ == blocks_.size()) {
      const std::size_t size = at_least > block_size_ ? at_least : block_size_;
      if (block_size_ < kLargestBlock) {
        block_size_ *= 2;
      }
      blocks_.push_back({base::make_block(size), size});
    }
    const Block& block = blocks_[block_++];
    next_ = block.bytes.get();
    end_ = block.end();
  }

  base::Pace* pace_;  // may be null
  std::vector<Block> blocks_;
  std::size_t block_ = 0;  // how many of them are in use
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t block_size_ = kFirstBlock;
};

}  // namespace moonlet::frontend
