// Sources that come again as jobs, compiled once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "moonlet/image.hpp"
#include "moonlet/runtime/job.hpp"

namespace moonlet::runtime::detail {

// The second time that a text comes, it is loaded in a fork, and what that has become is sealed:
// forks of this image have the function already. Texts that do not compile, or take long to, are
// left to their jobs, which say why. Any thread.
class SourceCache {
 public:
  // `sources` has sources_module().
  SourceCache(Image sources, Host* host) : sources_(std::move(sources)), host_(host) {}

  // The text as a function of an image; nothing: the job compiles it.
  std::optional<EntryPoint> find(const SourceText& source);

 private:
  struct Entry {
    std::uint64_t used = 0;
    bool is_tried = false;
    std::optional<EntryPoint> entry;
  };
  std::optional<EntryPoint> compiled(const SourceText& source) const;
  void make_room();

  // ---- Constant.
  const Image sources_;
  Host* const host_;

  std::mutex mutex_;
  // ---- Guarded by mutex_.
  std::unordered_map<std::string, Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace moonlet::runtime::detail
