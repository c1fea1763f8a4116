#include <algorithm>
#include <cctype>

#include "store/state_store.hpp"

namespace moonlet::store {

namespace {
constexpr std::size_t kNameBytesMax = 200;
}

std::string problem_with_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 && static_cast<unsigned char>(c) < 128;
  };
  const bool is_good =
      !name.empty() && name.size() <= kNameBytesMax && is_letter(name[0]) &&
      std::all_of(name.begin(), name.end(), [&](char c) {
        return is_letter(c) || std::string_view("-_.:").find(c) != std::string_view::npos;
      });
  if (is_good) return {};
  return "\"" + std::string(name.substr(0, kNameBytesMax)) +
         "\" is no name for a state: it may have letters, digits, and - _ . : after the first";
}

}  // namespace moonlet::store
