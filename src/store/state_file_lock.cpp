#include "store/state_file_lock.hpp"

#include "base/os/file_lock.hpp"

namespace moonlet::store {

namespace os = base::os;

namespace {

class FileStateLock final : public StateLock {
 public:
  explicit FileStateLock(os::FileLock lock) : lock_(std::move(lock)) {}

 private:
  os::FileLock lock_;
};

}  // namespace

std::expected<std::unique_ptr<StateLock>, std::string> lock_state_file(const std::string& path) {
  auto lock = os::FileLock::take(path);
  if (lock) return std::make_unique<FileStateLock>(std::move(*lock));
  if (lock.error() != os::is_locked_error()) return nullptr;
  return std::unexpected("another process is going on with " + path +
                         "; wait for its end, or resume a copy of the state");
}

}  // namespace moonlet::store
