// CBOR (RFC 8949), as much as Moonlet's formats need: definite lengths, shortest heads, doubles in
// 8 bytes, tags. The writer makes the deterministic encoding; the reader accepts nothing else.
#pragma once

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moonlet::base {

inline constexpr std::uint64_t kCborNan = 0x7ff8000000000000u;  // the only one

inline bool is_other_nan(std::uint64_t bits) {
  return (bits & ~(std::uint64_t{1} << 63)) > 0x7ff0000000000000u && bits != kCborNan;
}

// Of floats as bits.
bool has_nan(const std::uint64_t* numbers, std::size_t count);

enum class CborMajor : std::uint8_t { Unsigned, Negative, Bytes, Text, Array, Map, Tag, Simple };

class CborWriter {
 public:
  CborWriter() = default;
  CborWriter(CborWriter&& other) noexcept
      : begin_(std::exchange(other.begin_, nullptr)),
        at_(std::exchange(other.at_, nullptr)),
        end_(std::exchange(other.end_, nullptr)),
        borrowed_(std::move(other.borrowed_)),
        borrowed_bytes_(std::exchange(other.borrowed_bytes_, 0)) {}
  CborWriter& operator=(CborWriter&&) = delete;
  ~CborWriter() { std::free(begin_); }

  void head(CborMajor major, std::uint64_t argument) {
    need(9);
    const auto top = static_cast<unsigned>(major) << 5;
    if (argument < 24) {
      *at_++ = static_cast<char>(top | argument);
    } else if (argument <= 0xff) {
      at_[0] = static_cast<char>(top | 24);
      at_[1] = static_cast<char>(argument);
      at_ += 2;
    } else if (argument <= 0xffff) {
      at_[0] = static_cast<char>(top | 25);
      at_[1] = static_cast<char>(argument >> 8);
      at_[2] = static_cast<char>(argument);
      at_ += 3;
    } else {
      long_head(top, argument);
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
  void number(double n) {  // every NaN becomes one
    std::uint64_t bits = std::bit_cast<std::uint64_t>(n);
    if (n != n) bits = kCborNan;
    need(9);
    at_[0] = static_cast<char>(0xfb);
    put_big_endian(at_ + 1, bits);
    at_ += 9;
  }
  void bytes(std::string_view data) {
    head(CborMajor::Bytes, data.size());
    append(data);
  }
  // The same, but what is long is copied only by write_to(); it has to stay until then.
  void borrowed_bytes(std::string_view data) {
    head(CborMajor::Bytes, data.size());
    borrow(data);
  }
  void borrow(std::string_view data) {
    if (data.size() < kBorrowedMin) return append(data);
    borrowed_.push_back({static_cast<std::size_t>(at_ - begin_), data});
    borrowed_bytes_ += data.size();
  }
  void text(std::string_view data) {
    head(CborMajor::Text, data.size());
    append(data);
  }
  void array(std::uint64_t count) { head(CborMajor::Array, count); }
  void tag(std::uint64_t number) { head(CborMajor::Tag, number); }
  void boolean(bool b) { put(b ? 0xf5 : 0xf4); }
  void null() { put(0xf6); }
  void append(std::string_view data) {  // items that are already encoded
    need(data.size());
    std::memcpy(at_, data.data(), data.size());
    at_ += data.size();
  }

  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_) + borrowed_bytes_; }
  // REQUIRES: room for size() bytes. The end of them.
  char* write_to(char* out) const;

 private:
  struct Borrowed {
    std::size_t at;  // of the own bytes, where it belongs
    std::string_view data;
  };
  static constexpr std::size_t kBorrowedMin = 1024;

  static void put_big_endian(char* out, std::uint64_t n) {
    if constexpr (std::endian::native == std::endian::little) n = std::byteswap(n);
    std::memcpy(out, &n, sizeof n);
  }
  void put(unsigned byte) {
    need(1);
    *at_++ = static_cast<char>(byte);
  }
  void need(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) [[unlikely]] {
      grow(bytes);
    }
  }
  void grow(std::size_t bytes);
  void long_head(unsigned top, std::uint64_t argument);

  char* begin_ = nullptr;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::vector<Borrowed> borrowed_;
  std::size_t borrowed_bytes_ = 0;
};

// What several writers hold, one after the other.
std::size_t size_of(std::span<const CborWriter> parts);
// REQUIRES: room for all. The end of it.
char* write_to(char* out, std::span<const CborWriter> parts);
std::string join(std::span<const CborWriter> parts);
inline std::string text_of(const CborWriter& writer) { return join({&writer, 1}); }

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
  explicit CborReader(std::string_view data) : data_(data), limit_(data.size()) {}
  bool ok() const { return error_ == nullptr; }
  const char* error() const { return error_; }
  std::size_t offset() const { return at_; }
  void seek(std::size_t offset) { at_ = offset; }
  std::size_t left() const { return data_.size() - at_; }
  void fail(const char* reason) {
    if (error_ != nullptr) return;
    error_ = reason;
    limit_ = 0;
  }
  // The next byte; 0xff when there is none, which nothing begins with.
  std::uint8_t first() const {
    return at_ < limit_ ? static_cast<std::uint8_t>(data_[at_]) : std::uint8_t{0xff};
  }
  void pass(std::size_t bytes) { at_ += bytes; }  // REQUIRES: they were looked at

  CborHead head() {
    if (at_ < limit_) [[likely]] {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(data_.data() + at_);
      const auto major = static_cast<CborMajor>(*bytes >> 5);
      const unsigned low = *bytes & 31;
      if (low < 24) {
        ++at_;
        return {major, false, low};
      }
      // The commonest of the others, when they are as they have to be.
      const std::size_t left = limit_ - at_;
      if (low == 24 && left >= 2 && bytes[1] >= 24 && major != CborMajor::Simple) {
        at_ += 2;
        return {major, false, bytes[1]};
      }
      if (low == 25 && left >= 3 && bytes[1] != 0 && major != CborMajor::Simple) {
        at_ += 3;
        return {major, false, std::uint64_t{bytes[1]} << 8 | bytes[2]};
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
  std::uint64_t unsigned_integer() {
    const std::uint8_t byte = first();
    if (byte < 24) [[likely]] {
      ++at_;
      return byte;
    }
    return long_unsigned_integer();
  }
  std::uint64_t unsigned_integer(std::uint64_t max, const char* what) {
    const std::uint64_t n = unsigned_integer();
    if (n > max) [[unlikely]] {
      fail(what);
      return 0;
    }
    return n;
  }
  std::int64_t integer();
  double number();
  bool boolean();
  std::string_view bytes();
  std::string_view text();
  // Number of elements; each takes at least one byte, so a count beyond the input is an error.
  std::uint64_t array() {
    const std::uint8_t byte = first();
    const std::uint8_t count = byte ^ 0x80;
    if (count < 24 && count < limit_ - at_) [[likely]] {
      ++at_;
      return count;
    }
    return long_array();
  }
  void skip();  // one item with all inside it; iterative

 private:
  CborHead long_head();
  std::uint64_t long_unsigned_integer();
  std::uint64_t long_array();
  std::string_view take(std::uint64_t size);
  std::string_view data_;
  std::size_t at_ = 0;
  std::size_t limit_;  // size of the data; 0 after an error
  const char* error_ = nullptr;
};

}  // namespace moonlet::base
