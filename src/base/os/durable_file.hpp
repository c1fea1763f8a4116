// Files that are there completely or not at all.
#pragma once

#include <string>
#include <string_view>

namespace moonlet::base::os {

// Writes a temporary file beside `path`, makes sure that it is on the disk, and gives it the name.
// Whoever looks sees the old file or the new one. A device is written to. 0, or an error number.
[[nodiscard]] int replace_file(const std::string& path, std::string_view contents);

}  // namespace moonlet::base::os
