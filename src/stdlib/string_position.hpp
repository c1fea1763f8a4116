// Positions in a string as scripts give them: from 1, negative ones from the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace moonlet::stdlib {

// Start of a range: clipped to [1, inf).
constexpr std::uint64_t start_position(std::int64_t position, std::size_t size) {
  if (position > 0) return static_cast<std::uint64_t>(position);
  const auto length = static_cast<std::int64_t>(size);
  if (position == 0 || position < -length) return 1;
  return static_cast<std::uint64_t>(length + position + 1);
}

// End of a range: clipped to [0, size].
constexpr std::uint64_t end_position(std::int64_t position, std::size_t size) {
  const auto length = static_cast<std::int64_t>(size);
  if (position > length) return size;
  if (position >= 0) return static_cast<std::uint64_t>(position);
  return position < -length ? 0 : static_cast<std::uint64_t>(length + position + 1);
}

}  // namespace moonlet::stdlib
