#include "heap/vector.hpp"

#include <bit>
#include <cmath>

#include "heap/table.hpp"

namespace moonlet::heap {

namespace {

std::uint32_t canonical_bits(float lane) {
  return std::isnan(lane) ? kCanonicalNan32 : std::bit_cast<std::uint32_t>(lane);
}

Value from_bits(const LaneBits& bits) {
  Value v;
  v.bits = std::uint64_t{bits[1]} << 32 | bits[0];
  v.meta = std::uint64_t{bits[2]} << 32 | static_cast<std::uint64_t>(Tag::Vector);
  return v;
}

constexpr std::uint32_t kNegativeZero = 0x80000000;

bool is_canonical(std::uint32_t bits) {
  return bits == kCanonicalNan32 || !std::isnan(std::bit_cast<float>(bits));
}

}  // namespace

LaneBits read_lane_bits(std::string_view text) {
  LaneBits bits{};
  for (std::size_t n = 0; n < kVectorBytes; ++n) {
    bits[n / 4] |= std::uint32_t{static_cast<unsigned char>(text[n])} << (n % 4 * 8);
  }
  return bits;
}

Value make_vector(const Lanes& lanes) {
  return from_bits({canonical_bits(lanes[0]), canonical_bits(lanes[1]), canonical_bits(lanes[2])});
}

LaneBits vector_lane_bits(const Value& vector) {
  ML_ASSERT(vector.is_vector());
  return {static_cast<std::uint32_t>(vector.bits), static_cast<std::uint32_t>(vector.bits >> 32),
          static_cast<std::uint32_t>(vector.meta >> 32)};
}

Lanes vector_lanes(const Value& vector) {
  const LaneBits bits = vector_lane_bits(vector);
  return {std::bit_cast<float>(bits[0]), std::bit_cast<float>(bits[1]),
          std::bit_cast<float>(bits[2])};
}

bool try_vector(const LaneBits& bits, Value& vector) {
  for (const std::uint32_t lane : bits) {
    if (!is_canonical(lane)) return false;
  }
  vector = from_bits(bits);
  return true;
}

bool is_equal_vector(const Value& a, const Value& b) { return vector_lanes(a) == vector_lanes(b); }

bool has_nan_lane(const Value& vector) {
  for (const float lane : vector_lanes(vector)) {
    if (std::isnan(lane)) return true;
  }
  return false;
}

VectorKeyText vector_key_text(const Value& vector) {
  VectorKeyText text;
  const LaneBits bits = vector_lane_bits(vector);
  for (std::size_t n = 0; n < kVectorBytes; ++n) {
    const std::uint32_t lane = bits[n / 4] == kNegativeZero ? 0 : bits[n / 4];
    text.bytes[n] = static_cast<char>(lane >> (n % 4 * 8));
  }
  return text;
}

Value vector_of_key(const Value& key) {
  ML_ASSERT(key.is(Tag::VectorKey));
  return from_bits(read_lane_bits(key.string()->view()));
}

bool is_vector_key_text(std::string_view text) {
  if (text.size() != kVectorBytes) return false;
  for (const std::uint32_t lane : read_lane_bits(text)) {
    if (std::isnan(std::bit_cast<float>(lane)) || lane == kNegativeZero) return false;
  }
  return true;
}

std::uint32_t vector_key_hash(std::string_view text) {
  const LaneBits bits = read_lane_bits(text);
  return hash_word(std::uint64_t{bits[1]} << 32 | bits[0]) ^ hash_word(~std::uint64_t{bits[2]});
}

}  // namespace moonlet::heap
