#define XXH_INLINE_ALL
#include "base/checksum.hpp"

#include <xxhash.h>

namespace moonlet::base {

std::uint64_t checksum(std::string_view data) { return XXH3_64bits(data.data(), data.size()); }

}  // namespace moonlet::base
