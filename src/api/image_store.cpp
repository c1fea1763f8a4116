#include "moonlet/image_store.hpp"

#include <mutex>
#include <optional>
#include <unordered_map>

#include "api/vm_record.hpp"
#include "base/os/durable_file.hpp"
#include "base/os/file.hpp"
#include "base/sha256.hpp"

namespace moonlet {

namespace os = base::os;

namespace {

constexpr std::size_t kHashDigits = 2 * sizeof(base::Sha256);

// Only such a text is ever made part of a path.
bool is_hash(std::string_view text) {
  return text.size() == kHashDigits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

namespace api {

class StoredImages {
 public:
  StoredImages(const moonlet::Engine& engine, std::optional<std::string> folder)
      : engine_(engine), folder_(std::move(folder)) {}

  std::expected<void, std::string> add(const Image& image) {
    if (!folder_) {
      const std::lock_guard lock(mutex_);
      kept_.try_emplace(image.hash(), image);
      return {};
    }
    const std::string path = path_of(image.hash());
    if (os::read_whole_file(path) == image.bytes()) return {};
    int error = os::make_folder(*folder_);
    if (error == 0) error = os::replace_file(path, image.bytes());
    if (error != 0) return std::unexpected("cannot write " + path + ": " + os::error_text(error));
    return {};
  }

  std::expected<Image, std::string> find(std::string_view hash) {
    if (!is_hash(hash)) return std::unexpected("\"" + std::string(hash) + "\" is not a hash");
    const std::string name(hash);
    const std::lock_guard lock(mutex_);
    if (folder_) return loaded(name);
    const auto found = kept_.find(name);
    if (found == kept_.end()) return std::unexpected("image " + name + " is not in the store");
    return found->second;
  }

 private:
  std::string path_of(const std::string& hash) const { return *folder_ + "/" + hash + ".image"; }

  // All Vms of an image share one copy of it.
  std::expected<Image, std::string> loaded(const std::string& hash) {
    std::weak_ptr<const ImageRecord>& known = loaded_[hash];
    if (auto record = known.lock()) return Image(std::move(record));
    auto image = read(hash);
    if (image) {
      known = image->record_;
    } else {
      loaded_.erase(hash);
    }
    return image;
  }

  std::expected<Image, std::string> read(const std::string& hash) const {
    const std::string path = path_of(hash);
    const auto bytes = os::read_whole_file(path);
    if (!bytes && bytes.error() == os::no_such_file_error()) {
      return std::unexpected("image " + hash + " is not in " + *folder_);
    }
    if (!bytes) {
      return std::unexpected("cannot read " + path + ": " + os::error_text(bytes.error()));
    }
    if (base::hex(base::sha256(*bytes)) != hash) {
      return std::unexpected(path + " is damaged: its content has another hash");
    }
    auto image = Image::load(engine_, *bytes);
    if (!image) return std::unexpected(path + ": " + image.error());
    return image;
  }

  const moonlet::Engine engine_;
  const std::optional<std::string> folder_;

  // ---- Guarded by the mutex.
  std::mutex mutex_;
  std::unordered_map<std::string, Image> kept_;  // without a folder
  std::unordered_map<std::string, std::weak_ptr<const ImageRecord>> loaded_;
};

}  // namespace api

ImageStore::ImageStore(const Engine& engine)
    : images_(std::make_shared<api::StoredImages>(engine, std::nullopt)) {}

ImageStore::ImageStore(const Engine& engine, std::string folder)
    : images_(std::make_shared<api::StoredImages>(engine, std::move(folder))) {}

std::expected<void, std::string> ImageStore::add(const Image& image) { return images_->add(image); }

std::expected<Image, std::string> ImageStore::find(std::string_view hash) const {
  return images_->find(hash);
}

}  // namespace moonlet
