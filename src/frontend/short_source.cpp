#include "frontend/compile.hpp"

namespace moonlet::frontend {

std::string short_source(std::string_view chunk_name) {
  constexpr std::size_t kLimit = 59;
  constexpr std::string_view kDots = "...";
  constexpr std::string_view kPrefix = "[string \"";
  constexpr std::string_view kSuffix = "\"]";
  if (chunk_name.starts_with('=')) {
    return std::string(chunk_name.substr(1, kLimit));
  }
  if (chunk_name.starts_with('@')) {
    const std::string_view file = chunk_name.substr(1);
    if (file.size() <= kLimit) {
      return std::string(file);
    }
    return std::string(kDots) += file.substr(file.size() - (kLimit - kDots.size()));
  }
  constexpr std::size_t kRoom = kLimit - kPrefix.size() - kDots.size() - kSuffix.size();
  const std::size_t line_end = chunk_name.find('\n');
  std::string result(kPrefix);
  if (line_end == std::string_view::npos && chunk_name.size() < kRoom) {
    result += chunk_name;
  } else {
    result += chunk_name.substr(0, line_end).substr(0, kRoom);
    result += kDots;
  }
  return result += kSuffix;
}

}  // namespace moonlet::frontend
