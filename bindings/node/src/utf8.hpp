#pragma once

#include <string_view>

namespace moonlet::node {

// RFC 3629: no surrogates, nothing beyond U+10FFFF, nothing longer than it has to be.
bool is_utf8(std::string_view text);

}  // namespace moonlet::node
