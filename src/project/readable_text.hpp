// What scripts say, for readers that take text alone.
#pragma once

#include <string>
#include <string_view>

namespace moonlet::project {

// Each byte that belongs to no character of UTF-8 becomes U+FFFD.
std::string readable_text(std::string_view bytes);

}  // namespace moonlet::project
