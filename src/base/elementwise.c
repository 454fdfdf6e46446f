/* SPDX-License-Identifier: ISC */

#include "base/elementwise.h"
#include "base/multiversion.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined RS_SCALAR_COMPLEX

/* Speed is not what the complex flavour is for: the C library's functions, arranged not to
 * overflow. */

static rs_scalar sigmoid_of(rs_scalar x) {
  const rs_scalar z = cexp(creal(x) < 0 ? x : -x);
  return (creal(x) < 0 ? z : 1) / (1 + z);
}

/* The principal logarithm wherever the exponential can be had. */
static rs_scalar softplus_of(rs_scalar x) {
  return creal(x) < 700 ? clog(1 + cexp(x)) : x;
}

#define exp_of cexp
#define tanh_of ctanh

#else

#if defined RS_SCALAR_DOUBLE
typedef uint64_t Bits;
#define FRACTION_BITS 52
#define EXPONENT_BIAS 1023
#define EXP_LOWEST (-707.0) /* e^x and its half are normal numbers above */
#define EXP_HIGHEST 709.782712893384
#define TANH_ONE 44.0                 /* tanh(x / 2) is one above, rounded */
#define LN2_HIGH 0x1.62e42fee00000p-1 /* its product with an exponent is exact */
#define LN2_LOW 0x1.a39ef35793c76p-33
#else
typedef uint32_t Bits;
#define FRACTION_BITS 23
#define EXPONENT_BIAS 127
#define EXP_LOWEST (-86.0f)
#define EXP_HIGHEST 88.72283f
#define TANH_ONE 20.0f
#define LN2_HIGH 0x1.62e400p-1f
#define LN2_LOW 0x1.7f7d1cp-20f
#endif

/* Adding it leaves a number of this size rounded to a whole one, which then stands in its last
 * bits. */
#define ROUNDER ((rs_real)1.5 * (rs_real)((Bits)1 << FRACTION_BITS))

RS_ALWAYS_INLINE Bits bits_of(rs_real x) {
  Bits bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* 2^k, the exponent being normal. */
RS_ALWAYS_INLINE rs_real power_of_two(Bits k) {
  const Bits bits = (k + EXPONENT_BIAS) << FRACTION_BITS;
  rs_real power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

/* x = k log 2 + remainder, with |remainder| <= log(2) / 2. */
RS_ALWAYS_INLINE rs_real reduce(rs_real x, Bits *k) {
  const rs_real shifted = x * (rs_real)M_LOG2E + ROUNDER;
  const rs_real whole = shifted - ROUNDER;
  *k = bits_of(shifted) - bits_of(ROUNDER);
  return (x - whole * LN2_HIGH) - whole * LN2_LOW;
}

/* e^r - 1 by its Taylor series, for |r| <= log(2) / 2. */
RS_ALWAYS_INLINE rs_real exp_minus_one(rs_real r) {
#if defined RS_SCALAR_DOUBLE
  rs_real p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
#else
  rs_real p = (rs_real)(1.0 / 5040.0);
#endif
  p = p * r + (rs_real)(1.0 / 720.0);
  p = p * r + (rs_real)(1.0 / 120.0);
  p = p * r + (rs_real)(1.0 / 24.0);
  p = p * r + (rs_real)(1.0 / 6.0);
  p = p * r + (rs_real)0.5;
  return p * (r * r) + r;
}

RS_ALWAYS_INLINE rs_real exp_of(rs_real x) {
  Bits k;
  const rs_real r = reduce(x, &k);
  /* Half the power, doubled: 2^k alone would overflow just below the largest number. */
  const rs_real y = (1 + exp_minus_one(r)) * power_of_two(k - 1) * 2;
  const rs_real above = x > EXP_HIGHEST ? (rs_real)INFINITY : y;
  return x < EXP_LOWEST ? 0 : above;
}

/* tanh x = (e^{2x} - 1) / (e^{2x} + 1), from e^{2x} - 1 so that small arguments keep their digits.
 */
RS_ALWAYS_INLINE rs_real tanh_of(rs_real x) {
  rs_real twice = 2 * (rs_real)fabs(x);
  twice = twice > TANH_ONE ? TANH_ONE : twice;
  Bits k;
  const rs_real r = reduce(twice, &k);
  const rs_real power = power_of_two(k);
  const rs_real e = power * exp_minus_one(r) + (power - 1);
  return (rs_real)copysign(e / (e + 2), x);
}

/* 1 / (1 + e^{-x}) is good on both sides of zero; above the limit e^{-x} is lost beside one. */
RS_ALWAYS_INLINE rs_real sigmoid_of(rs_real x) {
  Bits k;
  const rs_real r = reduce(-EXP_LOWEST < x ? (rs_real)EXP_LOWEST : -x, &k);
  const rs_real power = power_of_two(k);
  const rs_real y = 1 / (1 + (power * exp_minus_one(r) + power));
  return x < EXP_LOWEST ? 0 : y;
}

/* log(1 + z) for 0 <= z <= 1, as 2 artanh(z / (2 + z)); the square in the series is 1/9 at most. */
RS_ALWAYS_INLINE rs_real log_one_plus(rs_real z) {
  const rs_real s = z / (2 + z), q = s * s;
#if defined RS_SCALAR_DOUBLE
  rs_real p = 1.0 / 33;
  p = p * q + 1.0 / 31;
  p = p * q + 1.0 / 29;
  p = p * q + 1.0 / 27;
  p = p * q + 1.0 / 25;
  p = p * q + 1.0 / 23;
  p = p * q + 1.0 / 21;
  p = p * q + 1.0 / 19;
  p = p * q + 1.0 / 17;
  p = p * q + 1.0 / 15;
#else
  rs_real p = (rs_real)(1.0 / 15);
#endif
  p = p * q + (rs_real)(1.0 / 13);
  p = p * q + (rs_real)(1.0 / 11);
  p = p * q + (rs_real)(1.0 / 9);
  p = p * q + (rs_real)(1.0 / 7);
  p = p * q + (rs_real)(1.0 / 5);
  p = p * q + (rs_real)(1.0 / 3);
  return 2 * s + 2 * s * (p * q);
}

RS_ALWAYS_INLINE rs_real softplus_of(rs_real x) {
  const rs_real z = exp_of(-(rs_real)fabs(x));
  return (x < 0 ? 0 : x) + log_one_plus(z);
}

#endif

RS_MULTIVERSION
void rs_exp(size_t n, const rs_scalar *x, rs_scalar *y) {
  for (size_t i = 0; i < n; ++i) {
    y[i] = exp_of(x[i]);
  }
}

RS_MULTIVERSION
void rs_tanh(size_t n, const rs_scalar *x, rs_scalar *y) {
  for (size_t i = 0; i < n; ++i) {
    y[i] = tanh_of(x[i]);
  }
}

RS_MULTIVERSION
void rs_sigmoid(size_t n, const rs_scalar *x, rs_scalar *y) {
  for (size_t i = 0; i < n; ++i) {
    y[i] = sigmoid_of(x[i]);
  }
}

RS_MULTIVERSION
void rs_softplus(size_t n, const rs_scalar *x, rs_scalar *y) {
  for (size_t i = 0; i < n; ++i) {
    y[i] = softplus_of(x[i]);
  }
}
