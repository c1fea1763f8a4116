// A program that goes on beside us for as long as it is needed.
#pragma once

#include <expected>
#include <memory>

#include "base/os/subprocess.hpp"

namespace moonlet::base::os {

// Its first line of output says that it is ready. It is to end when its input does, which happens
// when the HeldProgram goes, and when our process ends, however that is.
class HeldProgram {
 public:
  // `request`: its time-out is that of the first line, and of the end; input and bounds of output
  // mean nothing here. The error is how it ended, or why it was killed, instead of being ready.
  [[nodiscard]] static std::expected<std::unique_ptr<HeldProgram>, CommandResult> start(
      const CommandRequest& request);
  virtual ~HeldProgram() = default;
  [[nodiscard]] virtual bool is_running() = 0;
};

}  // namespace moonlet::base::os
