// Memory by pages of the system.
#pragma once

#include <cstddef>

namespace moonlet::base::os {

// Zeroed, apart from what malloc() has: giving it back costs its own pages and no others. Sizes
// need be no multiples of anything. nullptr: there is none.
[[nodiscard]] void* map_pages(std::size_t bytes);
void unmap_pages(void* begin, std::size_t bytes);
// Perhaps at another place, with the contents, which Linux does not even touch; nullptr: there is
// none, and all is as before.
bool can_resize_pages();  // without copying
[[nodiscard]] void* resize_pages(void* begin, std::size_t bytes, std::size_t wanted);

// The contents of these bytes are lost, and the system gets what it can of the memory below them;
// they may be written again.
void forget_contents(void* begin, std::size_t bytes);

}  // namespace moonlet::base::os
