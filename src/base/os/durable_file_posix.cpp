#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os/durable_file.hpp"
#include "base/os/file.hpp"

namespace moonlet::base::os {
namespace {

// Pipes and terminals, too: whatever is no file and must not become one.
bool is_device(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

int write_to_device(const std::string& path, std::string_view contents) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const int error = write_file(file, contents.data(), contents.size());
  return close(file) != 0 && error == 0 ? errno : error;
}

int write_and_sync(int file, std::string_view contents) {
  int error = write_file(file, contents.data(), contents.size());
  if (error == 0 && fsync(file) != 0) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  return error;
}

// The name itself is on the disk only when its folder is. Not all file systems offer that.
void sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(fsync(file));
  close(file);
}

}  // namespace

int replace_file(const std::string& path, std::string_view contents) {
  if (is_device(path)) return write_to_device(path, contents);
  std::string temporary = path + ".new-XXXXXX";
  const int file = mkostemp(temporary.data(), O_CLOEXEC);
  if (file < 0) return errno;
  int error = write_and_sync(file, contents);
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return error;
  }
  sync_folder_of(path);
  return 0;
}

}  // namespace moonlet::base::os
