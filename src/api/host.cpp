#include "moonlet/host.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/entropy.hpp"

namespace moonlet {

namespace {

// What is left of it, as far as that can be known.
std::size_t size_left(std::FILE* file) {
  const long at = std::ftell(file);
  if (at < 0 || std::fseek(file, 0, SEEK_END) != 0) return 0;
  const long end = std::ftell(file);
  if (std::fseek(file, at, SEEK_SET) != 0 || end < at) return 0;
  return static_cast<std::size_t>(end - at);
}

bool read_all(std::FILE* file, std::string& contents) {
  constexpr std::size_t kPiece = 16384;
  constexpr std::size_t kFirstMax = std::size_t{1} << 26;  // directories claim to be endless
  contents.clear();
  // In one piece, and the end of the file with it.
  std::size_t wanted = std::min(size_left(file), kFirstMax) + kPiece;
  for (;;) {
    const std::size_t size = contents.size();
    std::size_t count = 0;
    contents.resize_and_overwrite(size + wanted, [&](char* data, std::size_t) {
      count = std::fread(data + size, 1, wanted, file);
      return size + count;
    });
    if (count < wanted) return std::ferror(file) == 0;
    wanted = contents.size();
  }
}

}  // namespace

// Whoever reads the output sees every line when it is complete.
void Host::write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (text.ends_with('\n')) std::fflush(stdout);
}

void Host::write_error(std::string_view text) {
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void Host::flush() { std::fflush(stdout); }

void Host::warn(std::string_view text, bool to_be_continued) {
  if (!is_warning_continued_) std::fputs("Lua warning: ", stderr);
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (!to_be_continued) std::fputs("\n", stderr);
  is_warning_continued_ = to_be_continued;
}

std::int64_t Host::time_seconds() { return std::time(nullptr); }

double Host::clock_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

bool Host::uses_utc() { return false; }

std::int64_t Host::steady_ns() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

std::int64_t Host::time_ns() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

std::uint64_t Host::entropy() { return base::next_entropy(); }

bool Host::read_file(std::string_view path, std::string& contents, std::string& message) {
  std::FILE* file = path.empty() ? stdin : std::fopen(std::string(path).c_str(), "rb");
  if (file == nullptr) {
    message = "cannot open " + std::string(path) + ": " + std::strerror(errno);
    return false;
  }
  const bool done = read_all(file, contents);
  if (!done) {
    message =
        "cannot read " + std::string(path.empty() ? "stdin" : path) + ": " + std::strerror(errno);
  }
  if (file != stdin) std::fclose(file);
  return done;
}

Host& process_host() {
  static Host host;
  return host;
}

}  // namespace moonlet
