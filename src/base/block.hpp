// Blocks of memory of which large ones are the system's own pages: what malloc() gives back of its
// is as much as happens to lie at its end, which took half a millisecond at once.
#pragma once

#include <cstddef>
#include <memory>

namespace moonlet::base {

// Aligned to 16, not initialised; nullptr: no memory.
[[nodiscard]] void* allocate_block(std::size_t bytes);
void release_block(void* block, std::size_t bytes);
// As realloc().
[[nodiscard]] void* resize_block(void* block, std::size_t bytes, std::size_t wanted);

struct ReleaseBlock {
  std::size_t bytes;
  void operator()(std::byte* block) const { release_block(block, bytes); }
};
using OwnedBlock = std::unique_ptr<std::byte[], ReleaseBlock>;
// Throws std::bad_alloc, as new does.
OwnedBlock make_block(std::size_t bytes);

}  // namespace moonlet::base
