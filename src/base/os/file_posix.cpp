#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os/file.hpp"

namespace moonlet::base::os {
namespace {

// Calls again what a signal cut short.
template <typename Call>
auto repeat(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Result<Descriptor> descriptor_or_error(int result) {
  if (result < 0) return std::unexpected(errno);
  return result;
}

// Makes a file from the template; its last six characters become the name.
int make_file(std::string& name) { return mkostemp(name.data(), O_CLOEXEC); }

// The two versions of strerror_r that there are.
[[maybe_unused]] const char* chosen_text(const char* result, const char*) { return result; }
[[maybe_unused]] const char* chosen_text(int, const char* buffer) { return buffer; }

}  // namespace

Result<Descriptor> open_file(const std::string& path, const OpenMode& mode) {
  int flags = O_CLOEXEC;
  flags |= mode.can_read ? (mode.can_write ? O_RDWR : O_RDONLY) : O_WRONLY;
  if (mode.creates) flags |= O_CREAT;
  if (mode.truncates) flags |= O_TRUNC;
  if (mode.appends) flags |= O_APPEND;
  const int file = repeat([&] { return open(path.c_str(), flags, 0666); });
  // Where the next write goes is also where such a file says that it is.
  if (file >= 0 && mode.appends && !mode.can_read) lseek(file, 0, SEEK_END);
  return descriptor_or_error(file);
}

Result<Descriptor> open_temporary_file() {
  std::string name = "/tmp/moonlet_XXXXXX";
  const int file = make_file(name);
  if (file >= 0) unlink(name.c_str());
  return descriptor_or_error(file);
}

Result<std::string> make_temporary_name() {
  std::string name = "/tmp/lua_XXXXXX";
  const int file = make_file(name);
  if (file < 0) return std::unexpected(errno);
  close(file);
  return name;
}

int close_file(Descriptor file) { return close(file) == 0 ? 0 : errno; }

Result<std::size_t> read_file(Descriptor file, char* to, std::size_t size) {
  const ssize_t count = repeat([&] { return read(file, to, size); });
  if (count < 0) return std::unexpected(errno);
  return static_cast<std::size_t>(count);
}

int write_file(Descriptor file, const char* from, std::size_t size) {
  while (size != 0) {
    const ssize_t count = repeat([&] { return write(file, from, size); });
    if (count < 0) return errno;
    from += count;
    size -= static_cast<std::size_t>(count);
  }
  return 0;
}

Result<std::string> read_whole_file(const std::string& path) {
  const Result<Descriptor> file = open_file(path, {.can_read = true});
  if (!file) return std::unexpected(file.error());
  std::string contents;
  char buffer[16384];
  for (;;) {
    const Result<std::size_t> count = read_file(*file, buffer, sizeof buffer);
    if (!count || *count == 0) {
      close(*file);
      if (!count) return std::unexpected(count.error());
      return contents;
    }
    contents.append(buffer, *count);
  }
}

Result<std::int64_t> seek_file(Descriptor file, std::int64_t offset, SeekFrom from) {
  const int whence = from == SeekFrom::Start     ? SEEK_SET
                     : from == SeekFrom::Current ? SEEK_CUR
                                                 : SEEK_END;
  const off_t position = lseek(file, static_cast<off_t>(offset), whence);
  if (position < 0) return std::unexpected(errno);
  return static_cast<std::int64_t>(position);
}

int make_folder(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), 0777) != 0) {
      struct stat status;
      if (errno != EEXIST || stat(part.c_str(), &status) != 0) return errno;
      if (!S_ISDIR(status.st_mode)) return ENOTDIR;
    }
    if (end == std::string::npos) return 0;
  }
}

int remove_path(const std::string& path) { return std::remove(path.c_str()) == 0 ? 0 : errno; }

int rename_path(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

std::string error_text(int error) {
  char buffer[256] = "unknown error";
  return chosen_text(strerror_r(error, buffer, sizeof buffer), buffer);
}

int bad_descriptor_error() { return EBADF; }
int invalid_argument_error() { return EINVAL; }
int no_such_file_error() { return ENOENT; }

}  // namespace moonlet::base::os
