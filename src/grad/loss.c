/* SPDX-License-Identifier: ISC */

/* Costs and their cotangents, doc/math.md, equations L1 to L6. */

#include <rollsmith/loss.h>

#include "base/elementwise.h"
#include "base/linear_algebra.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static RsStatus check(RsLossKind kind, const rs_scalar *t, RsError *error) {
  if ((unsigned)kind > RS_LOSS_SUM) {
    return rs_error(error, RS_ERR_ARGUMENT, "unknown cost %u", (unsigned)kind);
  }
  if (!t && kind != RS_LOSS_SUM) {
    return rs_error(error, RS_ERR_ARGUMENT, "a cost that needs targets was given none");
  }
#if defined RS_SCALAR_COMPLEX
  if (kind == RS_LOSS_LOGISTIC || kind == RS_LOSS_SOFTMAX) {
    return rs_error(error, RS_ERR_ARGUMENT, "logistic and softmax costs are for real outputs");
  }
#endif
  return RS_OK;
}

/* What a loss has to give in the end, and whether it is finite. */
static RsStatus deliver(double sum, size_t n, const rs_scalar *d, double *cost, RsError *error) {
  if (!isfinite(sum) || (d && !rs_all_finite(n, d))) {
    return rs_error(error, RS_ERR_NONFINITE,
                    "the cost or its gradient is not finite: an output is not, or %s",
                    "is 0 or 1 where its logarithm is taken");
  }
  if (cost) {
    *cost = sum;
  }
  return RS_OK;
}

/* Cost of one unit, and its slope. */
static double squared(rs_scalar y, rs_scalar t, rs_scalar *slope) {
  *slope = y - t;
#if defined RS_SCALAR_COMPLEX
  return 0.5 * (creal(*slope) * creal(*slope) + cimag(*slope) * cimag(*slope));
#else
  return 0.5 * (double)*slope * (double)*slope;
#endif
}

#if defined RS_SCALAR_COMPLEX
#define REAL_PART creal
#else
#define REAL_PART (double)

/* t log y, zero where t is zero whatever y. */
static double log_term(double t, double y) {
  return t != 0 ? t * log(y) : 0;
}

static double logistic(rs_scalar y, rs_scalar t, rs_scalar *slope) {
  const double one_less = 1 - (double)y;
  *slope = (rs_scalar)((y - t) / (y * one_less));
  return -log_term(t, y) - log_term(1 - (double)t, one_less);
}

static double cross_entropy(rs_scalar y, rs_scalar t, rs_scalar *slope) {
  *slope = t != 0 ? -t / y : 0;
  return -log_term(t, y);
}
#endif

static double unit(RsLossKind kind, rs_scalar y, const rs_scalar *t, rs_scalar *slope) {
  switch (kind) {
  case RS_LOSS_SQUARED:
    return squared(y, *t, slope);
#if !defined RS_SCALAR_COMPLEX
  case RS_LOSS_LOGISTIC:
    return logistic(y, *t, slope);
  case RS_LOSS_SOFTMAX:
    return cross_entropy(y, *t, slope);
#endif
  default:
    *slope = 1;
    return REAL_PART(y);
  }
}

RsStatus rs_loss(RsLossKind kind, size_t rows, size_t n, const rs_scalar *y, const rs_scalar *t,
                 double *cost, rs_scalar *dy, RsError *error) {
  const RsStatus status = check(kind, t, error);
  if (status) {
    return status;
  }
  double sum = 0;
  for (size_t i = 0; i < rows * n; ++i) {
    rs_scalar slope;
    sum += unit(kind, y[i], t ? t + i : NULL, &slope);
    if (dy) {
      dy[i] = slope;
    }
  }
  return deliver(sum, rows * n, dy, cost, error);
}

#if !defined RS_SCALAR_COMPLEX
/* log(1 + e^v) - t v, and sigmoid(v) - t. */
static double logistic_delta(size_t n, const rs_scalar *v, const rs_scalar *t, rs_scalar *dv) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    rs_scalar softplus, sigmoid;
    rs_softplus(1, v + i, &softplus);
    rs_sigmoid(1, v + i, &sigmoid);
    sum += (double)softplus - (double)t[i] * v[i];
    if (dv) {
      dv[i] = sigmoid - t[i];
    }
  }
  return sum;
}

/* One row: T log sum e^v - sum t v, and T softmax(v) - t, with T the sum of t. */
static double softmax_delta(size_t n, const rs_scalar *v, const rs_scalar *t, rs_scalar *dv) {
  double most = -INFINITY, sum = 0, total = 0, inner = 0;
  for (size_t i = 0; i < n; ++i) {
    most = (double)v[i] > most ? (double)v[i] : most;
  }
  for (size_t i = 0; i < n; ++i) {
    sum += exp(v[i] - most);
    total += t[i];
    inner += (double)t[i] * (v[i] - most);
  }
  for (size_t i = 0; dv && i < n; ++i) {
    dv[i] = (rs_scalar)(total * exp(v[i] - most) / sum - t[i]);
  }
  return (total != 0 ? total * log(sum) : 0) - inner;
}
#endif

RsStatus rs_loss_delta(RsLossKind kind, size_t rows, size_t n, const rs_scalar *v,
                       const rs_scalar *t, double *cost, rs_scalar *dv, RsError *error) {
#if !defined RS_SCALAR_COMPLEX
  if (t && (kind == RS_LOSS_LOGISTIC || kind == RS_LOSS_SOFTMAX)) {
    double sum = 0;
    for (size_t r = 0; r < rows; ++r) {
      sum += (kind == RS_LOSS_LOGISTIC ? logistic_delta : softmax_delta)(n, v + r * n, t + r * n,
                                                                         dv ? dv + r * n : NULL);
    }
    return deliver(sum, rows * n, dv, cost, error);
  }
#endif
  return rs_loss(kind, rows, n, v, t, cost, dv, error);
}
