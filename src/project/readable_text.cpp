#include "project/readable_text.hpp"

#include <algorithm>

#include "moonlet/json.hpp"

namespace moonlet::project {

namespace {

constexpr std::size_t kCharacterBytesMax = 4;

// 0: no character begins here.
std::size_t character_size(std::string_view bytes) {
  if (static_cast<unsigned char>(bytes[0]) < 0x80) return 1;
  for (std::size_t size = 2; size <= std::min(bytes.size(), kCharacterBytesMax); ++size) {
    if (to_json(Value(std::string(bytes.substr(0, size))))) return size;
  }
  return 0;
}

}  // namespace

std::string readable_text(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    text += size > 0 ? bytes.substr(0, size) : "\xef\xbf\xbd";
    bytes.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return text;
}

}  // namespace moonlet::project
