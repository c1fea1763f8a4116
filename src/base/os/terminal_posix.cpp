#include <cstdlib>

#include <unistd.h>

#include "base/os/terminal.hpp"

namespace moonlet::base::os {

bool is_terminal(Descriptor file) { return isatty(file) == 1; }

void set_environment_variable(const std::string& name, const std::optional<std::string>& value) {
  if (value) {
    setenv(name.c_str(), value->c_str(), 1);
  } else {
    unsetenv(name.c_str());
  }
}

}  // namespace moonlet::base::os
