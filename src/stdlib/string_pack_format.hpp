// Format strings of pack, packsize and unpack, and the encodings they name. No Vm is involved.
//
// Native is what the reference has on common 64-bit machines, on every platform: little-endian,
// int of 4 bytes, long and size_t of 8, largest alignment 8.
#pragma once

#include <cstdint>
#include <string_view>

namespace moonlet::stdlib {

enum class PackKind : std::uint8_t {
  Signed,
  Unsigned,
  Float,
  Double,
  Characters,
  Prefixed,
  ZeroEnded,
  Padding,
  Alignment,
  Nothing
};

struct PackOption {
  PackKind kind = PackKind::Nothing;
  std::uint32_t size = 0;       // of the option itself; of a Prefixed string, its length's
  std::uint32_t alignment = 0;  // bytes of padding before it
};

enum class PackError : std::uint8_t {
  None,
  SizeOutOfLimits,  // PackReader::number
  MissingSize,
  InvalidOption,  // PackReader::number is the character
  InvalidNext,    // these two are errors of the first argument
  NotPowerOfTwo,
  SizeTooLarge,  // of Luau alone
};

inline constexpr std::uint32_t kLuauWord = 4;  // PackReader::word of Luau

struct PackReader {
  std::string_view format;
  std::uint32_t at = 0;
  bool is_little = true;
  std::uint8_t max_alignment = 1;
  std::uint32_t number = 0;    // detail of an error
  std::uint32_t word = 8;      // bytes of 'j', 'J', 'T', and of the length of 's'
  bool has_overflown = false;  // a number of the format

  // A zero ends the format, as in C.
  bool is_at_end() const { return at >= format.size() || format[at] == '\0'; }
  // Reads the next option, which will stand behind `total` bytes. REQUIRES: not at the end.
  PackError next(std::uint64_t total, PackOption& option);

 private:
  bool has_digit() const { return at < format.size() && format[at] >= '0' && format[at] <= '9'; }
  std::uint32_t read_number();
  PackError read_size(std::uint32_t fallback, std::uint32_t& size);
  PackError read_option(PackOption& option);
};

// ---- Encodings. `size` is 1 to 16.
inline constexpr int kIntegerBytes = 8;
inline constexpr int kIntegerBytesMax = 16;
void encode_integer(char* out, std::uint64_t value, std::uint32_t size, bool is_little,
                    bool is_negative);
// False: the bytes beyond the eighth say that it is no 64-bit integer.
[[nodiscard]] bool decode_integer(const char* in, std::uint32_t size, bool is_little,
                                  bool is_signed, std::int64_t& value);
// IEEE single (size 4) or double (8). Every NaN is written as, and read as, the same one.
void encode_float(char* out, double value, std::uint32_t size, bool is_little);
double decode_float(const char* in, std::uint32_t size, bool is_little);

}  // namespace moonlet::stdlib
