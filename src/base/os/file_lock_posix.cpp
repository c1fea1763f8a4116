#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os/file_lock.hpp"

namespace moonlet::base::os {

namespace {

// Is this still the file of that name? Its owner may have put another in its place since.
bool has_name(Descriptor file, const std::string& path) {
  struct stat own;
  struct stat named;
  return fstat(file, &own) == 0 && stat(path.c_str(), &named) == 0 && own.st_dev == named.st_dev &&
         own.st_ino == named.st_ino;
}

bool is_file(Descriptor file) {
  struct stat status;
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path) {
  for (;;) {
    const Descriptor file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::unexpected(errno);
    FileLock lock(file);
    if (!is_file(file)) return FileLock(-1);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::unexpected(errno);
      if (errno != EINTR) return FileLock(-1);
    } else if (has_name(file, path)) {
      return lock;
    }
  }
}

FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FileLock::~FileLock() {
  if (file_ >= 0) close(file_);
}

int is_locked_error() { return EWOULDBLOCK; }

}  // namespace moonlet::base::os
