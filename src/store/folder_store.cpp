#include <algorithm>
#include <filesystem>

#include "base/os/durable_file.hpp"
#include "base/os/file.hpp"
#include "store/state_file_lock.hpp"

namespace moonlet::store {

namespace os = base::os;

namespace {

constexpr std::string_view kEnding = ".state";

class FolderStore final : public StateStore {
 public:
  explicit FolderStore(std::string folder) : folder_(std::move(folder)) {
    while (folder_.size() > 1 && folder_.ends_with("/")) folder_.pop_back();
  }

  std::expected<void, std::string> put(const std::string& name, std::string_view state) override {
    if (auto problem = problem_with_name(name); !problem.empty()) return std::unexpected(problem);
    if (const int error = os::make_folder(folder_); error != 0) {
      return std::unexpected("cannot make the folder " + folder_ + ": " + os::error_text(error));
    }
    const int error = os::replace_file(place_of(name), state);
    if (error == 0) return {};
    return std::unexpected("cannot write " + place_of(name) + ": " + os::error_text(error));
  }

  std::expected<std::string, std::string> get(const std::string& name) override {
    if (auto problem = problem_with_name(name); !problem.empty()) return std::unexpected(problem);
    auto contents = os::read_whole_file(place_of(name));
    if (contents) return std::move(*contents);
    if (contents.error() == os::no_such_file_error()) {
      return std::unexpected("there is no state " + name + " in " + folder_);
    }
    return std::unexpected("cannot read " + place_of(name) + ": " +
                           os::error_text(contents.error()));
  }

  std::expected<std::unique_ptr<StateLock>, std::string> lock(const std::string& name) override {
    if (auto problem = problem_with_name(name); !problem.empty()) return std::unexpected(problem);
    return lock_state_file(place_of(name));
  }

  std::expected<std::vector<std::string>, std::string> list() override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator files(folder_, error);
    if (error == std::errc::no_such_file_or_directory) return names;
    for (; !error && files != std::filesystem::directory_iterator(); files.increment(error)) {
      std::string name = files->path().filename().string();
      if (!name.ends_with(kEnding)) continue;  // what was killed while it wrote ends otherwise
      name.resize(name.size() - kEnding.size());
      if (problem_with_name(name).empty()) names.push_back(std::move(name));
    }
    if (error) return std::unexpected("cannot read the folder " + folder_ + ": " + error.message());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string place_of(const std::string& name) const override {
    return folder_ + "/" + name + std::string(kEnding);
  }

 private:
  std::string folder_;
};

}  // namespace

std::unique_ptr<StateStore> make_folder_store(std::string folder) {
  return std::make_unique<FolderStore>(std::move(folder));
}

}  // namespace moonlet::store
