// Waits until files change.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/os/file.hpp"

namespace moonlet::base::os {

// Files are watched by name: one that is replaced, as editors do, or is not there yet, is watched
// all the same.
class FileWatch {
 public:
  // The error is a folder's that cannot be watched.
  [[nodiscard]] static Result<std::unique_ptr<FileWatch>> make(
      const std::vector<std::string>& files);
  virtual ~FileWatch() = default;

  // Waits for a change, then until nothing has changed for `quiet_ms`. Which of the files changed,
  // as they were given to make(), each once; empty: nothing within `timeout_ms` (-1: no end).
  virtual std::vector<std::string> wait(std::int64_t timeout_ms, std::int64_t quiet_ms) = 0;
};

}  // namespace moonlet::base::os
