// Numerals in a stream.
#pragma once

#include "stdlib/io_stream.hpp"
#include "vm/builtin.hpp"

namespace moonlet::stdlib {

// Takes the longest prefix of the stream that may begin a numeral, of at most kLongest characters.
class NumeralReader {
 public:
  static constexpr std::size_t kLongest = 200;

  explicit NumeralReader(Stream& stream) : stream_(stream) {}

  // False: the stream failed.
  [[nodiscard]] bool read();
  // The number that was read, or nil.
  vm::Value number() const;

 private:
  // Is there a next character?
  bool has_next();
  bool take();
  bool accept(char a, char b);
  int accept_digits(bool is_hexadecimal);

  Stream& stream_;
  char text_[kLongest];
  std::size_t size_ = 0;
  bool is_too_long_ = false;
  bool has_failed_ = false;
};

}  // namespace moonlet::stdlib
