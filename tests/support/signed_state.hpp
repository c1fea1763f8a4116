// States that were changed, with the checksum that they then have to have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/checksum.hpp"

namespace moonlet {

inline std::string signed_again(std::string state) {
  state.resize(state.size() - 8);
  const std::uint64_t sum = api::checksum(std::string_view(state).substr(0, state.size() - 1));
  for (int shift = 56; shift >= 0; shift -= 8) state += static_cast<char>(sum >> shift);
  return state;
}

}  // namespace moonlet
