#include "base/siphash.hpp"

#include <bit>
#include <cstring>

#include "base/check.hpp"

namespace moonlet::base {
namespace {

struct State {
  std::uint64_t a, b, c, d;

  explicit State(const HashKey& key)
      : a(key.low ^ 0x736f6d6570736575),
        b(key.high ^ 0x646f72616e646f6d),
        c(key.low ^ 0x6c7967656e657261),
        d(key.high ^ 0x7465646279746573) {}

  ML_ALWAYS_INLINE void round() {
    a += b;
    c += d;
    b = std::rotl(b, 13) ^ a;
    d = std::rotl(d, 16) ^ c;
    a = std::rotl(a, 32);
    c += b;
    a += d;
    b = std::rotl(b, 17) ^ c;
    d = std::rotl(d, 21) ^ a;
    c = std::rotl(c, 32);
  }
  template <int kRounds>
  ML_ALWAYS_INLINE void absorb(std::uint64_t word) {
    d ^= word;
    for (int i = 0; i < kRounds; ++i) round();
    a ^= word;
  }
};

// Byte order of the machine: a hash is never compared with one of another process.
ML_ALWAYS_INLINE std::uint64_t load_word(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// The last 0 to 7 bytes, without reading beyond them: overlapping loads of 4, 2 and 1.
ML_ALWAYS_INLINE std::uint64_t load_tail(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  if (count >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, bytes, 4);
    std::memcpy(&last, bytes + count - 4, 4);
    word = first | static_cast<std::uint64_t>(last) << (8 * (count - 4));
  } else if (count > 0) {
    const auto byte = [bytes](std::size_t i) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i]));
    };
    word = byte(0) | byte(count / 2) << (8 * (count / 2)) | byte(count - 1) << (8 * (count - 1));
  }
  return word;
}

template <int kCompression, int kFinalisation>
ML_ALWAYS_INLINE std::uint64_t siphash(const HashKey& key, std::string_view bytes) {
  State state(key);
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) state.absorb<kCompression>(load_word(at));
  const std::uint64_t length = static_cast<std::uint64_t>(bytes.size()) << 56;
  state.absorb<kCompression>(length | load_tail(at, left));
  state.c ^= 0xff;
  for (int i = 0; i < kFinalisation; ++i) state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

}  // namespace

std::uint64_t siphash24(const HashKey& key, std::uint64_t word) {
  State state(key);
  state.absorb<2>(word);
  state.absorb<2>(std::uint64_t{sizeof word} << 56);
  state.c ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

std::uint64_t siphash13(const HashKey& key, std::string_view bytes) {
  return siphash<1, 3>(key, bytes);
}

std::uint64_t siphash24(const HashKey& key, std::string_view bytes) {
  return siphash<2, 4>(key, bytes);
}

}  // namespace moonlet::base
