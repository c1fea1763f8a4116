// Blocks of memory for one piece of work, of which large ones are the system's own pages: what
// malloc() gives back is as much as happens to lie at its end, which took half a millisecond at
// once. Not for what is asked for again and again: such pages are new each time.
#pragma once

#include <cstddef>
#include <memory>

namespace moonlet::base {

// Aligned to 16, not initialised; nullptr: no memory.
[[nodiscard]] void* allocate_block(std::size_t bytes);
void release_block(void* block, std::size_t bytes);

struct ReleaseBlock {
  std::size_t bytes;
  void operator()(std::byte* block) const { release_block(block, bytes); }
};
using OwnedBlock = std::unique_ptr<std::byte[], ReleaseBlock>;
// Throws std::bad_alloc, as new does.
OwnedBlock make_block(std::size_t bytes);
// With as much of the contents as fits; large blocks are not copied.
OwnedBlock resize_block(OwnedBlock block, std::size_t wanted);

}  // namespace moonlet::base
