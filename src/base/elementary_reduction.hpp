// Reduction of an angle by quarter turns.
#pragma once

#include "base/elementary_double_double.hpp"

namespace moonlet::base::elementary {

// x = quarter * pi/2 + rest (quarter modulo 4), |rest| <= pi/4 and a little.
struct Angle {
  DoubleDouble rest;
  unsigned quarter;
};

// REQUIRES: x is finite.
Angle reduce_angle(double x);

}  // namespace moonlet::base::elementary
