// Where the lists of a chunk's functions may lie, so that thousands of functions with seven lists
// each cost no call to the allocator. It can be given back before the chunk's end: loading goes
// through the functions from the last to the first, and its objects take the place of what it has
// read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "base/block.hpp"

namespace moonlet::bytecode {

class ChunkMemory {
 public:
  // What is taken from now on belongs to this function.
  void begin_function(std::uint32_t function_index);

  // Room for as many, not initialised. REQUIRES: a function was begun.
  template <typename T>
  std::span<T> take(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
    return {static_cast<T*>(allocate(count * sizeof(T))), count};
  }

  // Lists of functions from here on are not looked at again; nothing can be taken any more.
  // REQUIRES: the indices fall from one call to the next.
  void release_from(std::uint32_t function_index);

 private:
  struct Block {
    base::OwnedBlock bytes;
    std::uint32_t first_function;  // the lowest index
  };

  static constexpr std::size_t kAlignment = 8;
  static constexpr std::size_t kFirstBlock = 1024;
  static constexpr std::size_t kLargestBlock = 64 * 1024;

  void* allocate(std::size_t size);
  void add_block(std::size_t at_least);

  std::vector<Block> blocks_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t block_size_ = kFirstBlock;
  std::uint32_t function_ = 0;
  bool is_sorted_ = false;  // by rising first_function
};

}  // namespace moonlet::bytecode
