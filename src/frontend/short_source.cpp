#include "frontend/compile.hpp"

namespace moonlet::frontend {

std::string short_source(std::string_view chunk_name, std::size_t limit) {
  constexpr std::string_view kDots = "...";
  constexpr std::string_view kPrefix = "[string \"";
  constexpr std::string_view kSuffix = "\"]";
  if (chunk_name.starts_with('=')) {
    return std::string(chunk_name.substr(1, limit));
  }
  if (chunk_name.starts_with('@')) {
    const std::string_view file = chunk_name.substr(1);
    if (file.size() <= limit) {
      return std::string(file);
    }
    return std::string(kDots) += file.substr(file.size() - (limit - kDots.size()));
  }
  const std::size_t room = limit - kPrefix.size() - kDots.size() - kSuffix.size();
  const std::size_t line_end = chunk_name.find('\n');
  std::string result(kPrefix);
  if (line_end == std::string_view::npos && chunk_name.size() < room) {
    result += chunk_name;
  } else {
    result += chunk_name.substr(0, line_end).substr(0, room);
    result += kDots;
  }
  return result += kSuffix;
}

}  // namespace moonlet::frontend
