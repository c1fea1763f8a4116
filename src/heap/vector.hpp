// Vectors of Luau: three floats, unboxed in a Value. Each lane holds the one canonical NaN or a
// number, so equal bytes mean what the program can tell apart but for the zeros' signs.
//
// As a key of a table, where there is no room for the third lane beside that of the value, a vector
// is a short string of 12 bytes under a tag of its own: the lanes, the least significant byte
// first, without negative zeros.
#pragma once

#include <array>
#include <string_view>

#include "heap/object.hpp"

namespace moonlet::heap {

inline constexpr std::size_t kVectorBytes = 12;
inline constexpr std::uint32_t kCanonicalNan32 = 0x7fc00000;

using Lanes = std::array<float, 3>;
using LaneBits = std::array<std::uint32_t, 3>;

Value make_vector(const Lanes& lanes);
Lanes vector_lanes(const Value& vector);  // REQUIRES: a vector
LaneBits vector_lane_bits(const Value& vector);
// What make_vector() could have made; false: another NaN, nothing is written.
[[nodiscard]] bool try_vector(const LaneBits& bits, Value& vector);

bool is_equal_vector(const Value& a, const Value& b);  // as floats: 0 is -0, a NaN is nothing
bool has_nan_lane(const Value& vector);

// The least significant byte first. REQUIRES: kVectorBytes of them.
LaneBits read_lane_bits(std::string_view bytes);

// The bytes of a vector as a key, and back.
struct VectorKeyText {
  char bytes[kVectorBytes];
  std::string_view view() const { return {bytes, kVectorBytes}; }
};
VectorKeyText vector_key_text(const Value& vector);
Value vector_of_key(const Value& key);  // REQUIRES: a VectorKey
// Could these be the bytes of a key?
bool is_vector_key_text(std::string_view text);
std::uint32_t vector_key_hash(std::string_view text);

}  // namespace moonlet::heap
