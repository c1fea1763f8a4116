// UTF-8 as the manual has it: sequences of up to six bytes, code points of up to 31 bits; strict
// reading allows only what Unicode does. No Vm is involved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace moonlet::stdlib {

inline constexpr std::uint32_t kCodePointMax = 0x7fffffff;
inline constexpr std::size_t kSequenceBytesMax = 6;

enum class Utf8Mode : bool { Strict, Lax };

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

struct Decoded {
  std::uint32_t size = 0;  // bytes; 0: no valid sequence
  std::uint32_t code = 0;
};

// The sequence at the beginning of `text`.
Decoded decode_utf8(std::string_view text, Utf8Mode mode);

// Writes the sequence of a code point up to kCodePointMax and returns its size.
std::size_t encode_utf8(char (&out)[kSequenceBytesMax], std::uint32_t code);

}  // namespace moonlet::stdlib
