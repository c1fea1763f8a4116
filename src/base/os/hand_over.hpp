// Programs that pass their work on: what one leaves when it ends is what the next begins with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/os/file.hpp"
#include "base/os/process.hpp"

namespace moonlet::base::os {

// Where this program's file is, as far as the system tells; `called_as` is the first word of its
// command line.
std::string own_program(const std::string& called_as);

struct HandOver {
  ExitStatus status;
  std::string left;
};
// Runs a program with our standard files and waits for its end. It gets `given` by
// receive_hand_over() and leaves something by leave_hand_over(). Keyboard signals are its own
// business meanwhile.
[[nodiscard]] HandOver run_with_hand_over(const std::string& program,
                                          const std::vector<std::string>& words,
                                          std::string_view given);

// In such a program, once each. Programs that it starts in turn see nothing of this.
[[nodiscard]] Result<std::string> receive_hand_over();
// 0, or an error number.
[[nodiscard]] int leave_hand_over(std::string_view left);

}  // namespace moonlet::base::os
