#define XXH_INLINE_ALL
#include "api/checksum.hpp"

#include <xxhash.h>

namespace moonlet::api {

std::uint64_t checksum(std::string_view data) { return XXH3_64bits(data.data(), data.size()); }

}  // namespace moonlet::api
