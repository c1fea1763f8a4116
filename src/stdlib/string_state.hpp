// How the state machines of the string library lie in their Buffers: little-endian fields, one
// after the other, behind a version byte. A reader trusts nothing: a frozen state may be forged.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace moonlet::stdlib {

class StateWriter {
 public:
  explicit StateWriter(char* out) : out_(out), start_(out) {}

  void u8(std::uint64_t value) { put(value, 1); }
  void u16(std::uint64_t value) { put(value, 2); }
  void u32(std::uint64_t value) { put(value, 4); }
  void u64(std::uint64_t value) { put(value, 8); }
  std::uint32_t size() const { return static_cast<std::uint32_t>(out_ - start_); }

 private:
  void put(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) *out_++ = static_cast<char>(value >> (8 * i));
  }

  char* out_;
  char* start_;
};

class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(get(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(get(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(get(4)); }
  std::uint64_t u64() { return get(8); }
  // False once a read went past the end.
  bool is_good() const { return is_good_; }
  bool is_at_end() const { return is_good_ && bytes_.empty(); }

 private:
  std::uint64_t get(std::size_t bytes) {
    if (bytes_.size() < bytes) {
      is_good_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes_[i])) << (8 * i);
    }
    bytes_.remove_prefix(bytes);
    return value;
  }

  std::string_view bytes_;
  bool is_good_ = true;
};

}  // namespace moonlet::stdlib
