// SHA-256 (FIPS 180-4): names of contents, which nobody can make two of.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace moonlet::base {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// 64 hexadecimal digits.
std::string hex(const Sha256& digest);

}  // namespace moonlet::base
