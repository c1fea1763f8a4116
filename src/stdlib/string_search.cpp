#include "stdlib/string_search.hpp"

#include <algorithm>
#include <cstring>

namespace moonlet::stdlib {
namespace {

// Small, so that what a failed comparison is charged is close to what it cost.
constexpr std::size_t kPieceBytes = 64;
// A candidate costs more than the bytes that are compared.
constexpr std::int64_t kCandidateWork = 16;

std::size_t within(std::int64_t budget, std::size_t size) {
  return std::min<std::size_t>(size, static_cast<std::size_t>(std::max<std::int64_t>(budget, 1)));
}

}  // namespace

SearchResult PlainSearch::run(std::string_view text, std::string_view needle,
                              std::int64_t& budget) {
  if (needle.empty()) return SearchResult::Found;
  do {
    if (compared == 0) {
      if (needle.size() > text.size() - at) return SearchResult::Absent;
      const std::size_t starts = text.size() - at - needle.size() + 1;
      const std::size_t window = within(budget, starts);
      const char* from = text.data() + at;
      const void* found = std::memchr(from, needle[0], window);
      const std::size_t skipped =
          found == nullptr ? window
                           : static_cast<std::size_t>(static_cast<const char*>(found) - from);
      at += static_cast<std::uint32_t>(skipped);
      budget -= static_cast<std::int64_t>(skipped) + kCandidateWork;
      if (found == nullptr) {
        if (window == starts) return SearchResult::Absent;
        continue;
      }
      compared = 1;
    }
    const std::size_t piece = std::min(needle.size() - compared, kPieceBytes);
    budget -= static_cast<std::int64_t>(piece);
    if (std::memcmp(text.data() + at + compared, needle.data() + compared, piece) != 0) {
      ++at;
      compared = 0;
      continue;
    }
    compared += static_cast<std::uint32_t>(piece);
    if (compared == needle.size()) return SearchResult::Found;
  } while (budget > 0);
  return SearchResult::Running;
}

}  // namespace moonlet::stdlib
