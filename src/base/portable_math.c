/* SPDX-License-Identifier: ISC */

#include "base/portable_math.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* x = m 2^k with m from sqrt(1/2) to sqrt(2). @return m. */
static double mantissa_of(double x, double *k) {
  uint64_t bits;
  double m;
  memcpy(&bits, &x, sizeof bits);
  *k = (double)((int64_t)(bits >> 52) - 1023);
  bits = (bits & (UINT64_MAX >> 12)) | UINT64_C(1023) << 52;
  memcpy(&m, &bits, sizeof m);
  const int large = m > M_SQRT2;
  *k += large;
  return large ? m / 2 : m;
}

/* log m = 2 artanh s with s = (m - 1) / (m + 1), |s| <= 0.172. */
double rs_portable_log(double x) {
  double k;
  const double m = mantissa_of(x, &k);
  const double s = (m - 1) / (m + 1), q = s * s;
  double p = 1.0 / 23;
  for (int i = 21; i > 1; i -= 2) {
    p = p * q + 1.0 / i;
  }
  return k * M_LN2 + (2 * s + 2 * s * (p * q));
}

/* Taylor series to the power of 16, for |r| <= pi / 4. */
static double cosine_of(double r) {
  const double q = r * r;
  double p = 1;
  for (int i = 16; i > 0; i -= 2) {
    p = 1 - p * q / (i * (i - 1));
  }
  return p;
}

static double sine_of(double r) {
  const double q = r * r;
  double p = 1;
  for (int i = 16; i > 0; i -= 2) {
    p = 1 - p * q / (i * (i + 1));
  }
  return p * r;
}

void rs_portable_sincos(double turns, double *cosine, double *sine) {
  const double quarter = floor(4 * turns + 0.5);
  const double r = (4 * turns - quarter) * M_PI_2;
  const double c = cosine_of(r), s = sine_of(r);
  switch ((int)quarter % 4) {
  case 0:
    *cosine = c, *sine = s;
    break;
  case 1:
    *cosine = -s, *sine = c;
    break;
  case 2:
    *cosine = -c, *sine = -s;
    break;
  default:
    *cosine = s, *sine = -c;
  }
}
