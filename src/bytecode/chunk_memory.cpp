#include "bytecode/chunk_memory.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace moonlet::bytecode {

void ChunkMemory::begin_function(std::uint32_t function_index) {
  function_ = function_index;
  if (!blocks_.empty()) {
    std::uint32_t& first = blocks_.back().first_function;
    first = std::min(first, function_index);
  }
}

void* ChunkMemory::allocate(std::size_t size) {
  ML_ASSERT(!is_sorted_);
  size = (size + kAlignment - 1) & ~(kAlignment - 1);
  if (size > static_cast<std::size_t>(end_ - next_)) add_block(size);
  std::byte* result = next_;
  next_ += size;
  return result;
}

void ChunkMemory::add_block(std::size_t at_least) {
  const std::size_t size = std::max(at_least, block_size_);
  block_size_ = std::min(block_size_ * 2, kLargestBlock);
  blocks_.push_back({base::make_block(size), function_});
  next_ = blocks_.back().bytes.get();
  end_ = next_ + size;
}

void ChunkMemory::release_from(std::uint32_t function_index) {
  if (!is_sorted_) {
    is_sorted_ = true;
    std::ranges::sort(blocks_, {}, &Block::first_function);
  }
  while (!blocks_.empty() && blocks_.back().first_function >= function_index) blocks_.pop_back();
}

}  // namespace moonlet::bytecode
