// Images by their hash: for states that outlive the program which knew their image.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "moonlet/engine.hpp"
#include "moonlet/image.hpp"

namespace moonlet {

namespace api {
class StoredImages;
}

// Holds images in memory, or in a folder as well. A handle; copies are the same store. Usable from
// any thread, and a folder by any number of processes at once.
class ImageStore {
 public:
  // In memory, for as long as the store exists. Images that are found belong to the engine.
  explicit ImageStore(const Engine& engine);
  // In a folder, which is made when the first image is added. An image is a file there, named
  // HASH.image; it appears complete or not at all.
  ImageStore(const Engine& engine, std::string folder);

  // Keeps an image; one that is there already is not written again. The error names the file.
  [[nodiscard]] std::expected<void, std::string> add(const Image& image);
  // The image whose Image::hash() this is. Content read from a folder is checked against the hash.
  // The error says that there is none, or what is wrong with it.
  [[nodiscard]] std::expected<Image, std::string> find(std::string_view hash) const;

 private:
  std::shared_ptr<api::StoredImages> images_;
};

}  // namespace moonlet
