// Search for a plain string that can stop and go on: its state is two numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace moonlet::stdlib {

enum class SearchResult : std::uint8_t { Found, Absent, Running };

struct PlainSearch {
  std::uint32_t at = 0;        // candidate position in the text
  std::uint32_t compared = 0;  // bytes of the needle that are known to agree there

  // Goes on until done or `budget` bytes were looked at; lowers `budget`. Found: the needle is at
  // `at`. REQUIRES: the same text and needle each time, at <= text.size().
  SearchResult run(std::string_view text, std::string_view needle, std::int64_t& budget);

  // Whether these numbers can have come from run().
  bool is_possible(std::size_t text_size, std::size_t needle_size) const {
    return at <= text_size && compared <= needle_size &&
           (compared == 0 || std::uint64_t{at} + needle_size <= text_size);
  }
};

}  // namespace moonlet::stdlib
