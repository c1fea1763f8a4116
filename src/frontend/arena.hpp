// Memory for one compilation: nodes are bumped out of growing blocks and released together, so that
// a tree of any depth costs neither a call to the allocator a node nor a recursion to destroy.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace moonlet::frontend {

class Arena {
 public:
  Arena() = default;
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
      add_block(size);
    }
    std::byte* result = next_;
    next_ += size;
    return result;
  }

 private:
  static constexpr std::size_t kAlignment = alignof(void*);
  static constexpr std::size_t kFirstBlock = 16 * 1024;
  static constexpr std::size_t kLargestBlock = 1024 * 1024;

  void add_block(std::size_t at_least) {
    const std::size_t size = at_least > block_size_ ? at_least : block_size_;
    if (block_size_ < kLargestBlock) {
      block_size_ *= 2;
    }
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    next_ = blocks_.back().get();
    end_ = next_ + size;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t block_size_ = kFirstBlock;
};

}  // namespace moonlet::frontend
