// A checksum against damage, not against forgery: XXH3 of 64 bits (xxhash.com).
#pragma once

#include <cstdint>
#include <string_view>

namespace moonlet::api {

// The same on every platform.
std::uint64_t checksum(std::string_view data);

}  // namespace moonlet::api
