#include "stdlib/luau/noise.hpp"

#include <cmath>
#include <cstdint>

namespace moonlet::stdlib::luau {

namespace {

// Perlin's permutation of 0 to 255.
constexpr std::uint8_t kPermutation[256] = {
    151, 160, 137, 91,  90,  15,  131, 13,  201, 95,  96,  53,  194, 233, 7,   225, 140, 36,  103,
    30,  69,  142, 8,   99,  37,  240, 21,  10,  23,  190, 6,   148, 247, 120, 234, 75,  0,   26,
    197, 62,  94,  252, 219, 203, 117, 35,  11,  32,  57,  177, 33,  88,  237, 149, 56,  87,  174,
    20,  125, 136, 171, 168, 68,  175, 74,  165, 71,  134, 139, 48,  27,  166, 77,  146, 158, 231,
    83,  111, 229, 122, 60,  211, 133, 230, 220, 105, 92,  41,  55,  46,  245, 40,  244, 102, 143,
    54,  65,  25,  63,  161, 1,   216, 80,  73,  209, 76,  132, 187, 208, 89,  18,  169, 200, 196,
    135, 130, 116, 188, 159, 86,  164, 100, 109, 198, 173, 186, 3,   64,  52,  217, 226, 250, 124,
    123, 5,   202, 38,  147, 118, 126, 255, 82,  85,  212, 207, 206, 59,  227, 47,  16,  58,  17,
    182, 189, 28,  42,  223, 183, 170, 213, 119, 248, 152, 2,   44,  154, 163, 70,  221, 153, 101,
    155, 167, 43,  172, 9,   129, 22,  39,  253, 19,  98,  108, 110, 79,  113, 224, 232, 178, 185,
    112, 104, 218, 246, 97,  228, 251, 34,  242, 193, 238, 210, 144, 12,  191, 179, 162, 241, 81,
    51,  145, 235, 249, 14,  239, 107, 49,  192, 214, 31,  181, 199, 106, 157, 184, 84,  204, 176,
    115, 121, 50,  45,  127, 4,   150, 254, 138, 236, 205, 93,  222, 114, 67,  29,  24,  72,  243,
    141, 128, 195, 78,  66,  215, 61,  156, 180,
};

int permuted(int n) { return kPermutation[n & 255]; }

// The product of (x, y, z) and one of twelve directions to the edges of a cube; four of them count
// twice.
float slope(int hash, float x, float y, float z) {
  const int direction = hash & 15;
  const float u = direction < 8 ? x : y;
  const float v = direction < 4 ? y : direction == 12 || direction == 14 ? x : z;
  return ((direction & 1) == 0 ? u : -u) + ((direction & 2) == 0 ? v : -v);
}

float fade(float t) { return t * t * t * (t * (t * 6 - 15) + 10); }

float between(float t, float a, float b) { return a + t * (b - a); }

struct Coordinate {
  explicit Coordinate(double number) {
    const auto narrow = static_cast<float>(number);
    const float floor = std::floor(narrow);
    cell = std::isfinite(floor) ? static_cast<int>(std::fmod(floor, 256.0F)) & 255 : 0;
    rest = narrow - floor;
  }
  int cell;
  float rest;
};

}  // namespace

double noise(double x, double y, double z) {
  const Coordinate cx(x);
  const Coordinate cy(y);
  const Coordinate cz(z);
  // At the corners of a cell, z first, then y, then x.
  float planes[2];
  for (int dz = 0; dz < 2; ++dz) {
    float rows[2];
    for (int dy = 0; dy < 2; ++dy) {
      float corners[2];
      for (int dx = 0; dx < 2; ++dx) {
        const int hash = permuted(permuted(permuted(cx.cell + dx) + cy.cell + dy) + cz.cell + dz);
        corners[dx] = slope(hash, cx.rest - static_cast<float>(dx),
                            cy.rest - static_cast<float>(dy), cz.rest - static_cast<float>(dz));
      }
      rows[dy] = between(fade(cx.rest), corners[0], corners[1]);
    }
    planes[dz] = between(fade(cy.rest), rows[0], rows[1]);
  }
  return static_cast<double>(between(fade(cz.rest), planes[0], planes[1]));
}

}  // namespace moonlet::stdlib::luau
