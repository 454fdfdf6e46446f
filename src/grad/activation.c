/* SPDX-License-Identifier: ISC */

/* Activation functions and their derivatives, doc/math.md, equations N1 and N3. */

#include "grad/activation.h"
#include "base/multiversion.h"
#include "base/elementwise.h"
#include "base/linear_algebra.h"

#include <tgmath.h>

/* The half-linear tanh of the seed author's dinrhiw2 library: a tanh(b v) + a b v / 2. */
#define HALF_LINEAR_A ((rs_real)1.7159)
#define HALF_LINEAR_B ((rs_real)(2.0 / 3.0))
#define HALF_LINEAR_AB (HALF_LINEAR_A * HALF_LINEAR_B)

const char *rs_activation_name(RsActivation activation) {
  switch (activation) {
  case RS_IDENTITY:
    return "identity";
  case RS_SIGMOID:
    return "sigmoid";
  case RS_TANH:
    return "tanh";
  case RS_SOFTPLUS:
    return "softplus";
  case RS_RELU:
    return "relu";
  case RS_LEAKY_RELU:
    return "leaky relu";
  case RS_SQUARE:
    return "square";
  case RS_SMOOTH_SQRT:
    return "smoothed square root";
  case RS_SINE:
    return "sine";
  case RS_HALF_LINEAR_TANH:
    return "half-linear tanh";
  case RS_SOFTMAX:
    return "softmax";
  }
  return "unknown";
}

bool rs_activation_keeps_field(RsActivation activation) {
  switch (activation) {
  case RS_SOFTPLUS:
  case RS_LEAKY_RELU:
  case RS_SQUARE:
  case RS_SINE:
  case RS_HALF_LINEAR_TANH:
    return true;
  default:
    return false;
  }
}

#if defined RS_SCALAR_COMPLEX
#define REAL_PART creal
#else
#define REAL_PART
#endif

/* One row; the largest field is taken off first, so that nothing overflows. */
static void softmax(size_t n, const rs_scalar *v, rs_scalar *y) {
  rs_real largest = REAL_PART(v[0]);
  for (size_t i = 1; i < n; ++i) {
    largest = REAL_PART(v[i]) > largest ? REAL_PART(v[i]) : largest;
  }
  for (size_t i = 0; i < n; ++i) {
    y[i] = v[i] - largest;
  }
  rs_exp(n, y, y);
  rs_scalar sum = 0;
  for (size_t i = 0; i < n; ++i) {
    sum += y[i];
  }
  for (size_t i = 0; i < n; ++i) {
    y[i] /= sum;
  }
}

static void half_linear_tanh(size_t n, const rs_scalar *v, rs_scalar *y) {
  enum { PIECE = 256 };
  rs_scalar piece[PIECE];
  for (size_t from = 0; from < n; from += PIECE) {
    const size_t count = n - from < PIECE ? n - from : PIECE;
    for (size_t i = 0; i < count; ++i) {
      piece[i] = HALF_LINEAR_B * v[from + i];
    }
    rs_tanh(count, piece, piece);
    for (size_t i = 0; i < count; ++i) {
      y[from + i] = HALF_LINEAR_A * piece[i] + (rs_real)0.5 * HALF_LINEAR_AB * v[from + i];
    }
  }
}

/* Whether v < 0; a NaN is not: it stays a NaN. Complex nets do not use it. */
RS_ALWAYS_INLINE bool negative(rs_scalar v) {
  return REAL_PART(v) < 0;
}

/* Whether v > 0. At a kink the slope is that of the left side. */
RS_ALWAYS_INLINE bool positive(rs_scalar v) {
  return REAL_PART(v) > 0;
}

static void activate_elements(RsActivation f, rs_real p, size_t n, const rs_scalar *v,
                              rs_scalar *y) {
#define EACH(expression)                                                                           \
  for (size_t i = 0; i < n; ++i) {                                                                 \
    y[i] = (expression);                                                                           \
  }                                                                                                \
  break
  switch (f) {
  case RS_IDENTITY:
  case RS_SOFTMAX:
    EACH(v[i]);
  case RS_SIGMOID:
    rs_sigmoid(n, v, y);
    break;
  case RS_TANH:
    rs_tanh(n, v, y);
    break;
  case RS_SOFTPLUS:
    rs_softplus(n, v, y);
    break;
  case RS_RELU:
    EACH(negative(v[i]) ? 0 : v[i]);
  case RS_LEAKY_RELU:
    EACH(negative(v[i]) ? p * v[i] : v[i]);
  case RS_SQUARE:
    EACH(v[i] * v[i]);
  case RS_SMOOTH_SQRT:
    EACH(sqrt(v[i] + p));
  case RS_SINE:
    EACH(sin(v[i]));
  case RS_HALF_LINEAR_TANH:
    half_linear_tanh(n, v, y);
    break;
  }
#undef EACH
}

void rs_activate(RsActivation f, rs_real p, size_t rows, size_t n, const rs_scalar *v,
                 rs_scalar *y) {
  if (f == RS_SOFTMAX) {
    for (size_t r = 0; r < rows; ++r) {
      softmax(n, v + r * n, y + r * n);
    }
  } else if (f != RS_IDENTITY || v != y) {
    activate_elements(f, p, rows * n, v, y);
  }
}

static void half_linear_slope(size_t n, const rs_scalar *v, rs_scalar *slope) {
  for (size_t i = 0; i < n; ++i) {
    slope[i] = HALF_LINEAR_B * v[i];
  }
  rs_tanh(n, slope, slope);
  for (size_t i = 0; i < n; ++i) {
    slope[i] = HALF_LINEAR_AB * ((rs_real)1.5 - slope[i] * slope[i]);
  }
}

RS_MULTIVERSION
void rs_slope(RsActivation f, rs_real p, size_t n, const rs_scalar *v, const rs_scalar *y,
              rs_scalar *slope) {
#define EACH(expression)                                                                           \
  for (size_t i = 0; i < n; ++i) {                                                                 \
    slope[i] = (expression);                                                                       \
  }                                                                                                \
  break
  switch (f) {
  case RS_IDENTITY:
  case RS_SOFTMAX: /* has a full Jacobian and no slope: handled by rs_pull_activation() */
    EACH(1);
  case RS_SIGMOID:
    EACH(y[i] * (1 - y[i]));
  case RS_TANH:
    EACH(1 - y[i] * y[i]);
  case RS_SOFTPLUS:
    rs_sigmoid(n, v, slope);
    break;
  case RS_RELU:
    EACH(y[i] == 0 ? 0 : 1);
  case RS_LEAKY_RELU:
    EACH(positive(v[i]) ? 1 : p);
  case RS_SQUARE:
    EACH(2 * v[i]);
  case RS_SMOOTH_SQRT:
    EACH((rs_real)0.5 / y[i]);
  case RS_SINE:
    EACH(cos(v[i]));
  case RS_HALF_LINEAR_TANH:
    half_linear_slope(n, v, slope);
    break;
  }
#undef EACH
}

/* Softmax has the Jacobian diag(y) - y y^T, which is symmetric: pull and push are the same. */
static void softmax_product(size_t rows, size_t n, const rs_scalar *y, rs_scalar *c) {
  for (size_t r = 0; r < rows; ++r, y += n, c += n) {
    const rs_scalar mean = rs_dot(n, y, c);
    for (size_t i = 0; i < n; ++i) {
      c[i] = y[i] * (c[i] - mean);
    }
  }
}

RS_MULTIVERSION
static void multiply_slope(RsActivation f, rs_real p, size_t n, const rs_scalar *v,
                           const rs_scalar *y, rs_scalar *c) {
  enum { PIECE = 256 }; /* the slopes of a piece stay in the nearest cache */
  rs_scalar slope[PIECE];
  for (size_t from = 0; from < n; from += PIECE) {
    const size_t count = n - from < PIECE ? n - from : PIECE;
    rs_slope(f, p, count, v ? v + from : NULL, y + from, slope);
    for (size_t i = 0; i < count; ++i) {
      c[from + i] *= slope[i];
    }
  }
}

void rs_pull_activation(RsActivation f, rs_real p, size_t rows, size_t n, const rs_scalar *v,
                        const rs_scalar *y, rs_scalar *c) {
  if (f == RS_SOFTMAX) {
    softmax_product(rows, n, y, c);
  } else if (f != RS_IDENTITY) {
    multiply_slope(f, p, rows * n, v, y, c);
  }
}

void rs_push_activation(RsActivation f, rs_real p, size_t rows, size_t n, const rs_scalar *v,
                        const rs_scalar *y, rs_scalar *t) {
  rs_pull_activation(f, p, rows, n, v, y, t);
}
