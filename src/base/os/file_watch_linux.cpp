// By inotify, on the folders of the files.
#if defined(__linux__)

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/os/file_watch.hpp"

namespace moonlet::base::os {
namespace {

constexpr std::uint32_t kChanges =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE;

struct Watched {
  std::string file;  // as it was given
  std::string name;  // in its folder
  int folder;        // of inotify
};

class Inotify final : public FileWatch {
 public:
  explicit Inotify(int descriptor) : descriptor_(descriptor) {}
  ~Inotify() override { close(descriptor_); }

  int add(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : file.substr(0, slash + 1);
    const int watched = inotify_add_watch(descriptor_, folder.c_str(), kChanges);
    if (watched < 0) return errno;
    files_.push_back({file, slash == std::string::npos ? file : file.substr(slash + 1), watched});
    return 0;
  }

  std::vector<std::string> wait(std::int64_t timeout_ms, std::int64_t quiet_ms) override {
    std::vector<std::string> changed;
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::milliseconds(timeout_ms);
    for (;;) {
      std::int64_t left = quiet_ms;
      if (changed.empty()) {
        left = timeout_ms < 0
                   ? -1
                   : std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (timeout_ms >= 0 && left <= 0) return changed;
      }
      pollfd ready = {descriptor_, POLLIN, 0};
      const int count = poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left, INT_MAX)));
      if (count < 0 && errno != EINTR) return changed;
      if (count == 0 && (!changed.empty() || timeout_ms >= 0)) return changed;
      if (count > 0) read_events(changed);
    }
  }

 private:
  void read_events(std::vector<std::string>& changed) {
    alignas(inotify_event) char buffer[4096];
    const ssize_t size = read(descriptor_, buffer, sizeof buffer);
    for (const char* at = buffer; size > 0 && at < buffer + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      for (const Watched& file : files_) {
        if (event->len == 0 || file.folder != event->wd || file.name != event->name) continue;
        const bool is_known = std::find(changed.begin(), changed.end(), file.file) != changed.end();
        if (!is_known) changed.push_back(file.file);
      }
    }
  }

  int descriptor_;
  std::vector<Watched> files_;
};

}  // namespace

Result<std::unique_ptr<FileWatch>> FileWatch::make(const std::vector<std::string>& files) {
  const int descriptor = inotify_init1(IN_CLOEXEC);
  if (descriptor < 0) return std::unexpected(errno);
  auto watch = std::make_unique<Inotify>(descriptor);
  for (const std::string& file : files) {
    if (const int error = watch->add(file); error != 0) return std::unexpected(error);
  }
  return watch;
}

}  // namespace moonlet::base::os

#endif
