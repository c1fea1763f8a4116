// Gradient noise in three dimensions (K. Perlin, "Improving Noise", SIGGRAPH 2002, with the
// permutation of his reference), in single precision. It repeats every 256 units.
#pragma once

namespace moonlet::stdlib::luau {

double noise(double x, double y, double z);

}  // namespace moonlet::stdlib::luau
