// Elementary functions whose results are the same bits on every compiler, platform and flag.
//
// A libm rounds as it likes, so a frozen program that moved would compute other numbers than one
// that stayed. These use only IEEE additions, multiplications, divisions and square roots of
// doubles (round to nearest, no contraction), and tables that the compiler computes in
// double-double arithmetic. Errors stay below 0.55 units in the last place (the test measures);
// results that are exactly representable are exact. Special cases are those of C99, Annex F,
// except that every NaN that comes out is the same one.
//
// Methods: P. T. P. Tang, "Table-driven implementation of the exponential function" (ACM TOMS
// 15(2), 1989) and "... of the logarithm function" (16(4), 1990); W. J. Cody and W. Waite,
// "Software Manual for the Elementary Functions" (1980), and M. Payne and R. Hanek, "Radian
// reduction for trigonometric functions" (SIGNUM Newsletter 18, 1983), for the reduction by pi/2;
// T. J. Dekker, "A floating-point technique for extending the available precision" (1971).
#pragma once

namespace moonlet::base {

double exponential(double x);  // e^x
double logarithm(double x);    // natural
double logarithm2(double x);   // exact for powers of two
double logarithm10(double x);  // exact for powers of ten
double logarithm(double x, double base);
double power(double x, double y);  // x^y

double sine(double x);
double cosine(double x);
double tangent(double x);
double arc_sine(double x);
double arc_cosine(double x);
double arc_tangent(double y, double x);  // angle of the point (x, y): atan2

// Remainder with the sign of x; exact.
double remainder_toward_zero(double x, double y);

// The NaN that results carry, whatever the processor makes of an invalid operation.
double canonical_nan();

}  // namespace moonlet::base
