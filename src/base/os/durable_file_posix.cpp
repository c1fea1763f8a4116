#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

#include "base/os/durable_file.hpp"
#include "base/os/file.hpp"

namespace moonlet::base::os {
namespace {

int write_and_sync(const std::string& path, std::string_view contents) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return errno;
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
  const std::string temporary = path + ".new-" + std::to_string(getpid());
  int error = write_and_sync(temporary, contents);
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(temporary.c_str());
    return error;
  }
  sync_folder_of(path);
  return 0;
}

}  // namespace moonlet::base::os
