#include <cerrno>
#include <cstdio>

#include "base/os/durable_file.hpp"
#include "base/os/file.hpp"
#include "store/state_file_lock.hpp"

namespace moonlet::store {

namespace os = base::os;

namespace {

std::expected<std::string, std::string> read_file(const std::string& path) {
  auto contents = os::read_whole_file(path);
  if (!contents) {
    return std::unexpected("cannot read " + path + ": " + os::error_text(contents.error()));
  }
  return std::move(*contents);
}

class FileStore final : public StateStore {
 public:
  explicit FileStore(std::string path) : path_(std::move(path)) {}

  std::expected<void, std::string> put(const std::string&, std::string_view state) override {
    const int error = os::replace_file(path_, state);
    if (error == 0) return {};
    return std::unexpected("cannot write " + path_ + ": " + os::error_text(error));
  }
  std::expected<std::string, std::string> get(const std::string&) override {
    return read_file(path_);
  }
  std::expected<std::unique_ptr<StateLock>, std::string> lock(const std::string&) override {
    return lock_state_file(path_);
  }
  std::expected<std::vector<std::string>, std::string> list() override {
    return std::vector<std::string>{path_};
  }
  std::string place_of(const std::string&) const override { return path_; }
  bool holds_one() const override { return true; }

 private:
  std::string path_;
};

class StreamStore final : public StateStore {
 public:
  std::expected<void, std::string> put(const std::string&, std::string_view state) override {
    const std::size_t written = std::fwrite(state.data(), 1, state.size(), stdout);
    if (written == state.size() && std::fflush(stdout) == 0) return {};
    return std::unexpected("cannot write the state to the standard output: " +
                           os::error_text(errno));
  }
  std::expected<std::string, std::string> get(const std::string&) override {
    std::string contents;
    char buffer[65536];
    for (;;) {
      const auto count = os::read_file(os::kStandardInput, buffer, sizeof buffer);
      if (!count) {
        return std::unexpected("cannot read the standard input: " + os::error_text(count.error()));
      }
      if (*count == 0) return contents;
      contents.append(buffer, *count);
    }
  }
  std::expected<std::vector<std::string>, std::string> list() override {
    return std::vector<std::string>{"-"};
  }
  std::string place_of(const std::string&) const override { return "the standard output"; }
  bool holds_one() const override { return true; }
};

}  // namespace

std::unique_ptr<StateStore> make_file_store(std::string path) {
  return std::make_unique<FileStore>(std::move(path));
}

std::unique_ptr<StateStore> make_stream_store() { return std::make_unique<StreamStore>(); }

}  // namespace moonlet::store
