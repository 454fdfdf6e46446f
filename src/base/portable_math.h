/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_PORTABLE_MATH_H
#define RS_BASE_PORTABLE_MATH_H

/**
   @file portable_math.h Logarithm, sine and cosine with the same bits on every platform.

   C libraries differ in the last bit of these. Errors are a few units in the last place.
*/

/** log x. @param x A normal number above 0. */
double rs_portable_log(double x);

/** Cosine and sine of 2 pi `turns`. @param turns 0 to 1. */
void rs_portable_sincos(double turns, double *cosine, double *sine);

#endif /* RS_BASE_PORTABLE_MATH_H */
