// Who is at the other end, and where this process's settings are.
#pragma once

#include <optional>
#include <string>

#include "base/os/file.hpp"

namespace moonlet::base::os {

bool is_terminal(Descriptor file);

// Nothing removes the variable. Not while other threads may look.
void set_environment_variable(const std::string& name, const std::optional<std::string>& value);

}  // namespace moonlet::base::os
