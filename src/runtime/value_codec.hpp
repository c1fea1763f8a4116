// Values as bytes: deterministic CBOR (RFC 8949), docs/formats/program.md.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "moonlet/value.hpp"

namespace moonlet::runtime {

class ValueWriter {
 public:
  void array(std::uint64_t count) { head(4, count); }
  void number(std::int64_t number);
  void bytes(std::string_view bytes);
  void text(std::string_view text);
  // False: it has a host object, or nests deeper than kValueDepthMax.
  [[nodiscard]] bool value(const Value& value, int depth = 0);
  std::string take() { return std::move(out_); }

 private:
  void head(unsigned major, std::uint64_t argument);
  std::string out_;
};

// Reads what may come from anywhere. After the first mistake everything is empty, and ok() false.
class ValueReader {
 public:
  explicit ValueReader(std::string_view in) : in_(in) {}
  std::uint64_t array();
  std::int64_t number();
  std::string_view bytes();
  std::string_view text();
  Value value(int depth = 0);
  bool ok() const { return ok_; }
  std::size_t offset() const { return offset_; }
  bool at_end() const { return offset_ == in_.size(); }

 private:
  struct Head {
    unsigned major;
    unsigned extra;  // the low five bits
    std::uint64_t argument;
  };
  Head head();
  std::string_view take(std::uint64_t count);
  // A list of so many items takes that many bytes at least, so that a claim costs no memory.
  std::uint64_t count_of(const Head& head, unsigned items);
  void fail() { ok_ = false; }

  std::string_view in_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

}  // namespace moonlet::runtime
