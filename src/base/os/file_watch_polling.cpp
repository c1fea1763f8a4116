// By looking again and again, where there is nothing better.
#if !defined(__linux__)

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include <sys/stat.h>

#include "base/os/file_watch.hpp"

namespace moonlet::base::os {
namespace {

constexpr std::int64_t kPauseMs = 100;

struct Look {
  std::time_t modified = 0;
  long long size = -1;
  friend bool operator==(const Look&, const Look&) = default;
};

Look look_at(const std::string& file) {
  struct stat status;
  if (stat(file.c_str(), &status) != 0) return {};
  return {status.st_mtime, static_cast<long long>(status.st_size)};
}

class Polling final : public FileWatch {
 public:
  explicit Polling(std::vector<std::string> files) : files_(std::move(files)) {
    for (const std::string& file : files_) looks_.push_back(look_at(file));
  }

  std::vector<std::string> wait(std::int64_t timeout_ms, std::int64_t quiet_ms) override {
    std::vector<std::string> changed;
    std::int64_t quiet = 0;
    for (std::int64_t waited = 0; timeout_ms < 0 || waited < timeout_ms || !changed.empty();
         waited += kPauseMs) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kPauseMs));
      quiet = look_again(changed) ? 0 : quiet + kPauseMs;
      if (!changed.empty() && quiet >= quiet_ms) break;
    }
    return changed;
  }

 private:
  bool look_again(std::vector<std::string>& changed) {
    bool found = false;
    for (std::size_t n = 0; n < files_.size(); ++n) {
      const Look now = look_at(files_[n]);
      if (now == looks_[n]) continue;
      looks_[n] = now;
      found = true;
      if (std::find(changed.begin(), changed.end(), files_[n]) == changed.end()) {
        changed.push_back(files_[n]);
      }
    }
    return found;
  }

  std::vector<std::string> files_;
  std::vector<Look> looks_;
};

}  // namespace

Result<std::unique_ptr<FileWatch>> FileWatch::make(const std::vector<std::string>& files) {
  return std::make_unique<Polling>(files);
}

}  // namespace moonlet::base::os

#endif
