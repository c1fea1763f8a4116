// What a file with a script may begin with, before the script.
#pragma once

#include <string_view>

namespace moonlet::stdlib {

// Without a byte order mark, and without a first line that begins with '#', which is a comment of
// the system's; its line stays counted. The answer ends where the text ends.
std::string_view skip_first_comment(std::string_view text);

}  // namespace moonlet::stdlib
