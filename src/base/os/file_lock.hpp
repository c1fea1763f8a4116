// A file that one process at a time works with.
#pragma once

#include <string>

#include "base/os/file.hpp"

namespace moonlet::base::os {

// The system keeps the lock, on the file itself: it ends with the process, however that ends, and
// leaves nothing behind. Who replaces a file that he has locked lets go of the name: the new file
// is free. Programs that are started do not inherit it.
class FileLock {
 public:
  // EWOULDBLOCK: another process has it. Of what is no file that can be locked (a pipe, a file
  // system without locks) there is an empty lock.
  [[nodiscard]] static Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(Descriptor file) : file_(file) {}
  Descriptor file_;  // -1: none
};

int is_locked_error();

}  // namespace moonlet::base::os
