// Which of the names that there are may have been meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moonlet::project {

// The one that takes the fewest changes of a letter (or swaps of neighbours), if they are few for
// its length; else empty.
std::string nearest_name(std::string_view wrong, const std::vector<std::string>& names);

// "; did you mean X?", "; there are: a b c", or nothing, to end a message with.
std::string hint_for(std::string_view wrong, const std::vector<std::string>& names);

}  // namespace moonlet::project
