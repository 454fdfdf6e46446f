/* SPDX-License-Identifier: ISC */

#include "base/linear_algebra.h"
#include "base/multiversion.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

RS_MULTIVERSION
void rs_axpy(size_t n, rs_scalar alpha, const rs_scalar *x, rs_scalar *y) {
  for (size_t i = 0; i < n; ++i) {
    y[i] += alpha * x[i];
  }
}

RS_MULTIVERSION
void rs_scaled_copy(size_t n, rs_scalar alpha, const rs_scalar *x, rs_scalar *y) {
  for (size_t i = 0; i < n; ++i) {
    y[i] = alpha * x[i];
  }
}

RS_MULTIVERSION
void rs_lerp(size_t n, rs_real share, const rs_scalar *x, rs_scalar *y) {
  for (size_t i = 0; i < n; ++i) {
    y[i] += share * (x[i] - y[i]);
  }
}

RS_MULTIVERSION
void rs_scale(size_t n, rs_scalar alpha, rs_scalar *x) {
  for (size_t i = 0; i < n; ++i) {
    x[i] *= alpha;
  }
}

rs_scalar rs_dot(size_t n, const rs_scalar *x, const rs_scalar *y) {
  rs_scalar sum = 0;
  for (size_t i = 0; i < n; ++i) {
    sum += x[i] * y[i];
  }
  return sum;
}

/* In double for every scalar type, since millions of squares are added. SUMS independent sums hide
   the latency of the addition: 4 registers of 8 doubles. */
RS_MULTIVERSION
rs_real rs_norm(size_t n, const rs_scalar *x) {
  enum { SUMS = 32 };
  const rs_real *parts = (const rs_real *)x; /* real and imaginary parts */
  /* NOLINTNEXTLINE(bugprone-sizeof-expression): a complex number has two parts */
  const size_t count = n * (sizeof(rs_scalar) / sizeof(rs_real));
  double sums[SUMS] = {0}, sum = 0;
  size_t i = 0;
  for (; i + SUMS <= count; i += SUMS) {
    for (size_t j = 0; j < SUMS; ++j) {
      sums[j] += (double)parts[i + j] * parts[i + j];
    }
  }
  for (; i < count; ++i) {
    sum += (double)parts[i] * parts[i];
  }
  for (size_t j = 0; j < SUMS; ++j) {
    sum += sums[j];
  }
  return (rs_real)sqrt(sum);
}

/* NaN and infinity have the largest exponent; comparing integers is faster than isfinite(). */
RS_MULTIVERSION
bool rs_all_finite(size_t n, const rs_scalar *x) {
#if defined RS_SCALAR_DOUBLE || defined RS_SCALAR_COMPLEX
  typedef uint64_t Bits;
  const Bits magnitude = INT64_MAX, infinity = (Bits)0x7ff << 52;
#else
  typedef uint32_t Bits;
  const Bits magnitude = INT32_MAX, infinity = (Bits)0xff << 23;
#endif
  const char *numbers = (const char *)x;
  Bits bad = 0;
  for (size_t i = 0; i < n * (sizeof *x / sizeof(Bits)); ++i) {
    Bits bits;
    memcpy(&bits, numbers + i * sizeof bits, sizeof bits);
    bad |= (bits & magnitude) >= infinity;
  }
  return !bad;
}

void rs_sum_rows(size_t rows, size_t columns, const rs_scalar *a, size_t lda, rs_scalar *sum) {
  for (size_t r = 0; r < rows; ++r) {
    rs_axpy(columns, 1, a + r * lda, sum);
  }
}

RS_MULTIVERSION
void rs_scale_columns(size_t rows, size_t columns, const rs_scalar *factors, rs_scalar *a) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t i = 0; i < columns; ++i) {
      a[r * columns + i] *= factors[i];
    }
  }
}
