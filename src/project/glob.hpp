// Patterns for names: * stands for anything, ? for one character.
#pragma once

#include <string_view>

namespace moonlet::project {

bool matches_glob(std::string_view pattern, std::string_view name);

}  // namespace moonlet::project
