#include "stdlib/utf8_codec.hpp"

namespace moonlet::stdlib {
namespace {

// The smallest code point that needs a sequence of so many bytes; shorter ones are overlong.
constexpr std::uint32_t kSmallest[kSequenceBytesMax + 1] = {0,       0,        0x80,     0x800,
                                                            0x10000, 0x200000, 0x4000000};

// Bytes of the sequence that `first` begins, 0: it begins none.
std::uint32_t sequence_size(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xc0) return 0;
  std::uint32_t size = 2;
  for (unsigned bit = 0x20; bit > 1 && (first & bit) != 0; bit >>= 1) ++size;
  return first >= 0xfe ? 0 : size;
}

bool is_unicode(std::uint32_t code) { return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff); }

}  // namespace

Decoded decode_utf8(std::string_view text, Utf8Mode mode) {
  if (text.empty()) return {};
  const auto first = static_cast<unsigned char>(text[0]);
  const std::uint32_t size = sequence_size(first);
  if (size == 0 || size > text.size()) return {};
  if (size == 1) return {1, first};
  std::uint32_t code = first & ((1u << (7 - size)) - 1);
  for (std::uint32_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return {};
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  if (code < kSmallest[size]) return {};
  if (mode == Utf8Mode::Strict && !is_unicode(code)) return {};
  return {size, code};
}

std::size_t encode_utf8(char (&out)[kSequenceBytesMax], std::uint32_t code) {
  if (code < 0x80) {
    out[0] = static_cast<char>(code);
    return 1;
  }
  std::size_t size = 2;
  while (size < kSequenceBytesMax && code >= kSmallest[size + 1]) ++size;
  for (std::size_t i = size - 1; i > 0; --i) {
    out[i] = static_cast<char>(0x80 | (code & 0x3f));
    code >>= 6;
  }
  const unsigned lead = 0xffu << (8 - size);
  out[0] = static_cast<char>((lead | code) & 0xff);
  return size;
}

}  // namespace moonlet::stdlib
