// Memory that the process has, but does not need for the moment.
#pragma once

#include <cstddef>

namespace moonlet::base::os {

// The contents of these bytes are lost, and the system gets what it can of the memory below them;
// they may be written again.
void forget_contents(void* begin, std::size_t bytes);

}  // namespace moonlet::base::os
