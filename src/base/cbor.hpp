// CBOR (RFC 8949), as much as Moonlet's formats need: definite lengths, shortest heads, doubles in
// 8 bytes, tags. The writer makes the deterministic encoding; the reader accepts nothing else.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace moonlet::base {

enum class CborMajor : std::uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Tag, Simple };

class CborWriter {
 public:
  void head(CborMajor major, std::uint64_t argument) {
    if (argument < 24) {
      out_.push_back(static_cast<char>(static_cast<unsigned>(major) << 5 | argument));
    } else {
      long_head(major, argument);
    }
  }
  void unsigned_integer(std::uint64_t n) { head(CborMajor::Unsigned, n); }
  void integer(std::int64_t n) {
    if (n >= 0) {
      head(CborMajor::Unsigned, static_cast<std::uint64_t>(n));
    } else {
      head(CborMajor::Negative, ~static_cast<std::uint64_t>(n));
    }
  }
  void number(double n);  // every NaN becomes one
  void bytes(std::string_view data) {
    head(CborMajor::Bytes, data.size());
    out_.append(data);
  }
  void text(std::string_view data) {
    head(CborMajor::Text, data.size());
    out_.append(data);
  }
  void array(std::uint64_t count) { head(CborMajor::Array, count); }
  void tag(std::uint64_t number) { head(CborMajor::Tag, number); }
  void boolean(bool b) { out_.push_back(static_cast<char>(b ? 0xf5 : 0xf4)); }
  void null() { out_.push_back(static_cast<char>(0xf6)); }
  std::string& output() { return out_; }

 private:
  void long_head(CborMajor major, std::uint64_t argument);
  std::string out_;
};

inline constexpr std::uint64_t kCborFalse = 20;
inline constexpr std::uint64_t kCborTrue = 21;
inline constexpr std::uint64_t kCborNull = 22;
inline constexpr std::uint64_t kCborDouble = 27;  // a Simple head whose argument is the bits

// One head: for Bytes and Text the data is still to be taken.
struct CborHead {
  CborMajor major;
  bool is_double = false;
  std::uint64_t argument = 0;
};

// Reads from a borrowed buffer. After the first error everything fails and `error()` says what.
class CborReader {
 public:
  explicit CborReader(std::string_view data) : data_(data) {}
  bool ok() const { return error_ == nullptr; }
  const char* error() const { return error_; }
  std::size_t offset() const { return at_; }
  void seek(std::size_t offset) { at_ = offset; }
  std::size_t left() const { return data_.size() - at_; }
  void fail(const char* reason) {
    if (error_ == nullptr) error_ = reason;
  }

  CborHead head() {
    if (at_ < data_.size() && error_ == nullptr) {
      const auto byte = static_cast<std::uint8_t>(data_[at_]);
      if ((byte & 31) < 24) {
        ++at_;
        return {static_cast<CborMajor>(byte >> 5), false, static_cast<std::uint64_t>(byte & 31)};
      }
    }
    return long_head();
  }
  CborHead peek() {
    const std::size_t at = at_;
    const CborHead h = head();
    at_ = at;
    return h;
  }
  std::uint64_t unsigned_integer();
  std::uint64_t unsigned_integer(std::uint64_t max, const char* what);
  std::int64_t integer();
  double number();
  bool boolean();
  std::string_view bytes();
  std::string_view text();
  // Number of elements; each takes at least one byte, so a count beyond the input is an error.
  std::uint64_t array();
  void skip();  // one item with all inside it; iterative

 private:
  CborHead long_head();
  std::string_view take(std::uint64_t size);
  std::string_view data_;
  std::size_t at_ = 0;
  const char* error_ = nullptr;
};

}  // namespace moonlet::base
