// Hyperbolic functions on top of base/elementary.hpp: the same bits everywhere. Good to a few units
// in the last place.
#pragma once

namespace moonlet::stdlib::luau {

double hyperbolic_sine(double x);
double hyperbolic_cosine(double x);
double hyperbolic_tangent(double x);

}  // namespace moonlet::stdlib::luau
