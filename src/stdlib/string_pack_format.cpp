#include "stdlib/string_pack_format.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace moonlet::stdlib {

std::uint32_t PackReader::read_number() {
  // Digits beyond this are left in the format, where they are no option.
  constexpr std::uint32_t kMax = (0x7fffffff - 9) / 10;
  constexpr std::uint32_t kLuauNumberMax = 1u << 30;
  std::uint32_t value = 0;
  do {
    value = value * 10 + static_cast<std::uint32_t>(format[at++] - '0');
  } while (has_digit() && value <= kMax);
  if (word == kLuauWord) has_overflown = value > kLuauNumberMax || has_digit();
  return value;
}

PackError PackReader::read_size(std::uint32_t fallback, std::uint32_t& size) {
  size = has_digit() ? read_number() : fallback;
  if (size >= 1 && size <= kIntegerBytesMax) return PackError::None;
  number = size;
  return PackError::SizeOutOfLimits;
}

PackError PackReader::read_option(PackOption& option) {
  const char letter = format[at++];
  const auto fixed = [&option](PackKind kind, std::uint32_t size) {
    option.kind = kind;
    option.size = size;
    return PackError::None;
  };
  option = {};
  switch (letter) {
    case 'b':
      return fixed(PackKind::Signed, 1);
    case 'B':
      return fixed(PackKind::Unsigned, 1);
    case 'h':
      return fixed(PackKind::Signed, 2);
    case 'H':
      return fixed(PackKind::Unsigned, 2);
    case 'l':
      return fixed(PackKind::Signed, 8);
    case 'L':
      return fixed(PackKind::Unsigned, 8);
    case 'j':
      return fixed(PackKind::Signed, word);
    case 'J':
    case 'T':
      return fixed(PackKind::Unsigned, word);
    case 'f':
      return fixed(PackKind::Float, 4);
    case 'n':
    case 'd':
      return fixed(PackKind::Double, 8);
    case 'i':
      option.kind = PackKind::Signed;
      return read_size(4, option.size);
    case 'I':
      option.kind = PackKind::Unsigned;
      return read_size(4, option.size);
    case 's':
      option.kind = PackKind::Prefixed;
      return read_size(word, option.size);
    case 'c':
      if (!has_digit()) return PackError::MissingSize;
      return fixed(PackKind::Characters, read_number());
    case 'z':
      return fixed(PackKind::ZeroEnded, 0);
    case 'x':
      return fixed(PackKind::Padding, 1);
    case 'X':
      return fixed(PackKind::Alignment, 0);
    case ' ':
      return PackError::None;
    case '<':
    case '=':
      is_little = true;
      return PackError::None;
    case '>':
      is_little = false;
      return PackError::None;
    case '!': {
      std::uint32_t size = 0;
      const PackError error = read_size(8, size);
      if (error == PackError::None) max_alignment = static_cast<std::uint8_t>(size);
      return error;
    }
    default:
      number = static_cast<std::uint8_t>(letter);
      return PackError::InvalidOption;
  }
}

PackError PackReader::next(std::uint64_t total, PackOption& option) {
  PackError error = read_option(option);
  if (has_overflown) return PackError::SizeTooLarge;
  if (error != PackError::None) return error;
  std::uint32_t align = option.size;
  if (option.kind == PackKind::Alignment) {
    // As the option after it would be aligned, which is not there itself.
    if (is_at_end()) return PackError::InvalidNext;
    PackOption following;
    error = read_option(following);
    if (has_overflown) return PackError::SizeTooLarge;
    if (error != PackError::None) return error;
    if (following.kind == PackKind::Characters || following.size == 0) {
      return PackError::InvalidNext;
    }
    align = following.size;
  }
  if (align <= 1 || option.kind == PackKind::Characters) return PackError::None;
  if (align > max_alignment) align = max_alignment;
  if (!std::has_single_bit(align)) return PackError::NotPowerOfTwo;
  option.alignment = static_cast<std::uint32_t>((align - (total & (align - 1))) & (align - 1));
  return PackError::None;
}

void encode_integer(char* out, std::uint64_t value, std::uint32_t size, bool is_little,
                    bool is_negative) {
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint64_t byte = i < kIntegerBytes ? value >> (8 * i) : (is_negative ? 0xff : 0);
    out[is_little ? i : size - 1 - i] = static_cast<char>(byte);
  }
}

bool decode_integer(const char* in, std::uint32_t size, bool is_little, bool is_signed,
                    std::int64_t& value) {
  const auto byte_at = [=](std::uint32_t i) {
    return static_cast<std::uint8_t>(in[is_little ? i : size - 1 - i]);
  };
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < size && i < kIntegerBytes; ++i) {
    bits |= std::uint64_t{byte_at(i)} << (8 * i);
  }
  if (size < kIntegerBytes && is_signed) {
    const std::uint64_t sign = std::uint64_t{1} << (8 * size - 1);
    bits = (bits ^ sign) - sign;
  }
  value = static_cast<std::int64_t>(bits);
  const std::uint8_t extension = is_signed && value < 0 ? 0xff : 0;
  for (std::uint32_t i = kIntegerBytes; i < size; ++i) {
    if (byte_at(i) != extension) return false;
  }
  return true;
}

void encode_float(char* out, double value, std::uint32_t size, bool is_little) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  const std::uint64_t bits = size == 4 ? std::bit_cast<std::uint32_t>(static_cast<float>(value))
                                       : std::bit_cast<std::uint64_t>(value);
  encode_integer(out, bits, size, is_little, false);
}

double decode_float(const char* in, std::uint32_t size, bool is_little) {
  std::int64_t bits = 0;
  // Never more than eight bytes, so nothing can be left over.
  (void)decode_integer(in, size, is_little, false, bits);
  const double value = size == 4 ? std::bit_cast<float>(static_cast<std::uint32_t>(bits))
                                 : std::bit_cast<double>(bits);
  return std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value;
}

}  // namespace moonlet::stdlib
