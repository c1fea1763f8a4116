// A host type of plain data: three numbers, with operators.
#pragma once

#include <bit>
#include <cmath>
#include <string>

#include <moonlet/moonlet.hpp>

struct Vec3 {
  double x = 0;
  double y = 0;
  double z = 0;
};

// The same bytes on every machine: little-endian, and one NaN for all.
inline std::expected<std::string, std::string> vec3_to_bytes(const Vec3& v) {
  std::string bytes;
  for (const double n : {v.x, v.y, v.z}) {
    const auto bits = std::isnan(n) ? 0x7ff8000000000000u : std::bit_cast<std::uint64_t>(n);
    for (int b = 0; b < 8; ++b) bytes += static_cast<char>(bits >> (8 * b));
  }
  return bytes;
}

// States may come from anywhere: everything is looked at.
inline std::expected<Vec3, std::string> vec3_from_bytes(std::string_view bytes,
                                                        std::uint32_t version) {
  if (version != 1) return std::unexpected("only version 1 is known");
  if (bytes.size() != 24) return std::unexpected("24 bytes make a vector");
  double n[3];
  for (std::size_t i = 0; i < 3; ++i) {
    std::uint64_t bits = 0;
    for (std::size_t b = 8; b-- > 0;)
      bits = bits << 8 | static_cast<unsigned char>(bytes[i * 8 + b]);
    n[i] = std::bit_cast<double>(bits);
  }
  return Vec3{n[0], n[1], n[2]};
}

// Vec3(x, y, z); what is missing is 0.
inline moonlet::HostResult new_vec3(const moonlet::HostCall& call) {
  double n[3] = {};
  for (std::size_t i = 0; i < 3 && i < call.count(); ++i) {
    const auto given = call.number(i);
    if (!given) return std::unexpected(call.wrong_argument(i, "number"));
    n[i] = *given;
  }
  return moonlet::results(moonlet::HostObject::of(Vec3{n[0], n[1], n[2]}));
}

// An operator on two vectors.
template <typename F>
auto on_vectors(F operation) {
  return [operation](const moonlet::HostCall& call) -> moonlet::HostResult {
    const Vec3* a = call.object<Vec3>(0);
    const Vec3* b = call.object<Vec3>(1);
    if (a == nullptr) return std::unexpected(call.wrong_argument(0, "Vec3"));
    if (b == nullptr) return std::unexpected(call.wrong_argument(1, "Vec3"));
    return moonlet::results(operation(*a, *b));
  };
}

// A vector and a number, in either order.
inline moonlet::HostResult scale_vec3(const moonlet::HostCall& call) {
  const std::size_t vector = call.object<Vec3>(0) != nullptr ? 0 : 1;
  const Vec3* v = call.object<Vec3>(vector);
  const auto by = call.number(1 - vector);
  if (!by) return std::unexpected(call.wrong_argument(1 - vector, "number"));
  return moonlet::results(moonlet::HostObject::of(Vec3{v->x * *by, v->y * *by, v->z * *by}));
}

inline moonlet::HostType vec3_type() {
  using moonlet::HostCall;
  using moonlet::HostObject;
  using moonlet::results;
  return moonlet::HostTypeOf<Vec3>("Vec3", 1)
      .field("x", &Vec3::x)
      .field("y", &Vec3::y)
      .field("z", &Vec3::z)
      .method("length",
              [](Vec3& v, const HostCall&) {
                return results(std::sqrt(v.x * v.x + v.y * v.y + v.z * v.z));
              })
      .method("dot",
              [](Vec3& v, const HostCall& call) -> moonlet::HostResult {
                const Vec3* w = call.object<Vec3>(0);
                if (w == nullptr) return std::unexpected(call.wrong_argument(0, "Vec3"));
                return results(v.x * w->x + v.y * w->y + v.z * w->z);
              })
      .metamethod("__add", on_vectors([](const Vec3& a, const Vec3& b) {
                    return HostObject::of(Vec3{a.x + b.x, a.y + b.y, a.z + b.z});
                  }))
      .metamethod("__sub", on_vectors([](const Vec3& a, const Vec3& b) {
                    return HostObject::of(Vec3{a.x - b.x, a.y - b.y, a.z - b.z});
                  }))
      .metamethod("__mul", scale_vec3)
      .metamethod("__unm", on_vectors([](const Vec3& a, const Vec3&) {
                    return HostObject::of(Vec3{-a.x, -a.y, -a.z});
                  }))
      .metamethod("__eq", on_vectors([](const Vec3& a, const Vec3& b) {
                    return a.x == b.x && a.y == b.y && a.z == b.z;
                  }))
      .saved(vec3_to_bytes, vec3_from_bytes);
}
