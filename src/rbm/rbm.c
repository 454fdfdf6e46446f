/* SPDX-License-Identifier: ISC */

/* Free energies and their gradients, doc/math.md, equations E5 to E10, G5 to G9, G11 and H3. */

#include <rollsmith/rbm.h>

#include "base/multiversion.h"
#include "base/elementwise.h"
#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/sparse.h"
#include "rbm/counts.h"
#include "rbm/scaled.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct RsRbmWork {
  size_t padded;       /* H rounded up to whole vectors */
  rs_scalar *columns;  /* V x padded: W transposed, Bernoulli only */
  rs_scalar *dcolumns; /* V x padded: gradient of W, transposed, Bernoulli only */
  rs_scalar *s;        /* 2 x padded: mean hidden units of one frame, Bernoulli only */
  uint32_t *on;        /* 2 x V: numbers of the units that are on, Bernoulli only */
  rs_scalar *field;    /* count x H: fields of the hidden units, then what is computed from them */
  rs_scalar *scaled;   /* count x V: v o e^{-z/2}, Gaussian only */
  rs_scalar *back;     /* count x V: what the hidden units send back, Gaussian only */
};

RsStatus rs_rbm_work_new(const RsRbm *rbm, size_t count, RsRbmWork **out) {
  size_t hidden = 0;
  size_t visible = 0;
  size_t weights = 0;
  if (!rbm->visible || !rbm->hidden) {
    return RS_ERR_ARGUMENT;
  }
  if (!rs_multiply_sizes(count, rbm->hidden, &hidden) ||
      !rs_multiply_sizes(count, rbm->visible, &visible) ||
      !rs_multiply_sizes(rbm->visible, rbm->hidden + RS_VECTOR_MULTIPLE, &weights)) {
    return RS_ERR_OVERFLOW;
  }
  const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
  RsRbmWork *work = rs_alloc(1, sizeof *work);
  if (!work) {
    return RS_ERR_MEMORY;
  }
  work->field = rs_alloc(hidden, sizeof *work->field);
  work->padded = rs_round_to_vectors(rbm->hidden);
  work->s = gaussian ? NULL : rs_alloc(work->padded, 2 * sizeof *work->s);
  work->columns = gaussian ? NULL : rs_alloc(weights, sizeof *work->columns);
  work->dcolumns = gaussian ? NULL : rs_alloc(weights, sizeof *work->dcolumns);
  work->on = gaussian ? NULL : rs_alloc(rbm->visible + 1, 2 * sizeof *work->on);
  work->scaled = gaussian ? rs_alloc(visible, sizeof *work->scaled) : NULL;
  work->back = gaussian ? rs_alloc(visible, sizeof *work->back) : NULL;
  const bool complete = gaussian ? work->scaled && work->back
                                 : work->on && work->s && work->columns && work->dcolumns;
  if (!work->field || !complete) {
    rs_rbm_work_free(work);
    return RS_ERR_MEMORY;
  }
  *out = work;
  return RS_OK;
}

void rs_rbm_work_free(RsRbmWork *work) {
  if (work) {
    free(work->on);
    free(work->s);
    free(work->columns);
    free(work->dcolumns);
    free(work->field);
    free(work->scaled);
    free(work->back);
    free(work);
  }
}

void rs_rbm_scaled(const RsRbm *rbm, size_t count, const rs_scalar *biases, size_t stride,
                   const rs_scalar *v, size_t v_stride, rs_scalar factor, rs_scalar *out) {
  const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
  const size_t visible = rbm->visible;
  for (size_t n = 0; n < count; ++n, v += v_stride, out += visible) {
    if (!gaussian) {
      rs_scaled_copy(visible, factor, v, out);
      continue;
    }
    rs_scaled_copy(visible, (rs_scalar)-0.5, biases + n * stride + visible + rbm->hidden, out);
    rs_exp(visible, out, out);
    for (size_t i = 0; i < visible; ++i) {
      out[i] *= factor * v[i];
    }
  }
}

/* Input of the hidden units: v itself, or v o e^{-z/2} for a Gaussian machine (equation G2). */
static const rs_scalar *seen_by_hidden(const RsRbm *rbm, size_t count, const rs_scalar *biases,
                                       const rs_scalar *v, RsRbmWork *work) {
  if (rbm->kind == RS_RBM_BERNOULLI) {
    return v;
  }
  rs_rbm_scaled(rbm, count, biases, rs_rbm_biases(rbm), v, rbm->visible, 1, work->scaled);
  return work->scaled;
}

/* field = b + seen W', count x H. */
static void hidden_field(const RsRbm *rbm, const rs_scalar *w, size_t count,
                         const rs_scalar *biases, const rs_scalar *seen, rs_scalar *field) {
  const size_t stride = rs_rbm_biases(rbm);
  rs_gemm(RS_PLAIN, RS_TRANSPOSED, count, rbm->hidden, rbm->visible, seen, rbm->visible, w,
          rbm->visible, 0, field, rbm->hidden);
  for (size_t n = 0; n < count; ++n) {
    rs_axpy(rbm->hidden, 1, biases + n * stride + rbm->visible, field + n * rbm->hidden);
  }
}

/* W transposed, and room for its gradient. */
static void open_columns(const RsRbm *rbm, const rs_scalar *w, RsRbmWork *work) {
  rs_transpose(rbm->hidden, rbm->visible, w, rbm->visible, 0, work->columns, work->padded);
  memset(work->dcolumns, 0, rbm->visible * work->padded * sizeof *work->dcolumns);
}

static void close_columns(const RsRbm *rbm, const RsRbmWork *work, rs_scalar *dw) {
  if (dw) {
    rs_transpose(rbm->visible, rbm->hidden, work->dcolumns, work->padded, 1, dw, rbm->visible);
  }
}

/* The fields of the hidden units of one frame, and which visible ones are on. */
static size_t sparse_field(const RsRbm *rbm, const rs_scalar *biases, const rs_scalar *v,
                           const RsRbmWork *work, uint32_t *on, rs_scalar *field) {
  const size_t count = rs_list_nonzero(rbm->visible, v, on);
  memcpy(field, biases + rbm->visible, rbm->hidden * sizeof *field);
  rs_gather_rows(count, on, v, work->padded, work->columns, work->padded, field);
  return count;
}

/* One frame of sparse_gradient(). */
static void sparse_frame(const RsRbm *rbm, const rs_scalar *biases, const rs_scalar *v,
                         rs_real sign, RsRbmWork *work, rs_scalar *dbiases) {
  const size_t padded = work->padded;
  const size_t on = sparse_field(rbm, biases, v, work, work->on, work->s);
  rs_sigmoid(padded, work->s, work->s);
  rs_axpy(rbm->hidden, -sign, work->s, dbiases + rbm->visible);
  rs_scatter_rows(on, work->on, v, -sign, padded, work->s, work->dcolumns, padded);
  for (size_t m = 0; m < on; ++m) {
    dbiases[work->on[m]] -= sign * v[work->on[m]];
  }
  rs_counts_add_gradient(rbm, v, sign, dbiases + rs_rbm_potentials(rbm));
}

/* The gradient of a Bernoulli machine from sums of the rows of W transposed. */
static void sparse_gradient(const RsRbm *rbm, const rs_scalar *w, size_t count,
                            const rs_scalar *biases, const rs_scalar *v, rs_real sign,
                            RsRbmWork *work, rs_scalar *dw, rs_scalar *dbiases) {
  const size_t stride = rs_rbm_biases(rbm);
  open_columns(rbm, w, work);
  for (size_t n = 0; n < count; ++n) {
    sparse_frame(rbm, biases + n * stride, v + n * rbm->visible, sign, work, dbiases + n * stride);
  }
  close_columns(rbm, work, dw);
}

/* out = factor (a - b). */
RS_MULTIVERSION static void difference(size_t n, rs_real factor, const rs_scalar *a,
                                       const rs_scalar *b, rs_scalar *out) {
  for (size_t i = 0; i < n; ++i) {
    out[i] = factor * (a[i] - b[i]);
  }
}

/*
  One frame of rs_rbm_contrast(), in which few units differ. With s and s' for the hidden units
  given v and the sample v', W v' is W v + W (v' - v), and s'v' - s v is (s' - s) v + s' (v' - v).
*/
static void contrast_frame(const RsRbm *rbm, const rs_scalar *biases, const rs_scalar *v,
                           const rs_scalar *sample, rs_real factor, RsRbmWork *work,
                           rs_scalar *dbiases) {
  const size_t padded = work->padded, visible = rbm->visible, hidden = rbm->hidden;
  uint32_t *on = work->on, *changed = on + visible;
  rs_scalar *s = work->s, *sample_s = s + padded, *change = dbiases;
  difference(visible, 1, sample, v, change);
  const size_t count = sparse_field(rbm, biases, v, work, on, s);
  const size_t changes = rs_list_nonzero(visible, change, changed);
  memcpy(sample_s, s, padded * sizeof *s);
  rs_gather_rows(changes, changed, change, padded, work->columns, padded, sample_s);
  rs_sigmoid(2 * padded, s, s);
  difference(hidden, factor, sample_s, s, dbiases + visible);
  rs_scatter_rows(count, on, v, 1, hidden, dbiases + visible, work->dcolumns, padded);
  rs_scatter_rows(changes, changed, change, factor, padded, sample_s, work->dcolumns, padded);
  rs_scale(visible, factor, dbiases);
  rs_scalar *dpotentials = dbiases + rs_rbm_potentials(rbm);
  memset(dpotentials, 0, rbm->planes * RS_COUNT_CLASSES * sizeof *dpotentials);
  rs_counts_add_gradient(rbm, v, factor, dpotentials);
  rs_counts_add_gradient(rbm, sample, -factor, dpotentials);
}

void rs_rbm_contrast(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                     const rs_scalar *v, const rs_scalar *sample, rs_real factor, RsRbmWork *work,
                     rs_scalar *dw, rs_scalar *dbiases) {
  const size_t stride = rs_rbm_biases(rbm), values = count * rbm->visible;
  if (rbm->kind != RS_RBM_BERNOULLI || !rs_is_sparse(values, v) || !rs_is_sparse(values, sample)) {
    memset(dbiases, 0, count * stride * sizeof *dbiases);
    rs_rbm_gradient(rbm, w, count, biases, v, factor, work, dw, dbiases);
    rs_rbm_gradient(rbm, w, count, biases, sample, -factor, work, dw, dbiases);
    return;
  }
  open_columns(rbm, w, work);
  for (size_t n = 0; n < count; ++n) {
    const size_t at = n * rbm->visible;
    contrast_frame(rbm, biases + n * stride, v + at, sample + at, factor, work,
                   dbiases + n * stride);
  }
  close_columns(rbm, work, dw);
}

void rs_rbm_hidden(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                   const rs_scalar *v, RsRbmWork *work, rs_scalar *s) {
  hidden_field(rbm, w, count, biases, seen_by_hidden(rbm, count, biases, v, work), work->field);
  rs_sigmoid(count * rbm->hidden, work->field, s);
}

/* Sums in double whatever the scalar, since a nat is the difference of large ones; eight at once.
 */
RS_MULTIVERSION static double sum_of(size_t n, const rs_scalar *x) {
  enum { SUMS = 8 };
  double sums[SUMS] = {0};
  size_t i = 0;
  for (; i + SUMS <= n; i += SUMS) {
    for (size_t j = 0; j < SUMS; ++j) {
      sums[j] += (double)x[i + j];
    }
  }
  for (; i < n; ++i) {
    sums[0] += (double)x[i];
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

/* The part of the free energy that only the visible units make: -a'v, or the Gaussian's square. */
static double visible_energy(const RsRbm *rbm, const rs_scalar *biases, const rs_scalar *v) {
  const rs_scalar *z = biases + rbm->visible + rbm->hidden;
  double energy = 0;
  for (size_t i = 0; i < rbm->visible; ++i) {
    if (rbm->kind == RS_RBM_GAUSSIAN) {
      const double apart = (double)v[i] - (double)biases[i];
      energy += 0.5 * apart * apart * exp(-(double)z[i]);
    } else {
      energy -= (double)biases[i] * (double)v[i];
    }
  }
  return energy + rs_counts_energy(rbm, biases + rs_rbm_potentials(rbm), v);
}

void rs_rbm_free_energy(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                        const rs_scalar *v, RsRbmWork *work, rs_real *f) {
  hidden_field(rbm, w, count, biases, seen_by_hidden(rbm, count, biases, v, work), work->field);
  rs_softplus(count * rbm->hidden, work->field, work->field);
  for (size_t n = 0; n < count; ++n) {
    const double energy =
        visible_energy(rbm, biases + n * rs_rbm_biases(rbm), v + n * rbm->visible);
    f[n] = (rs_real)(energy - sum_of(rbm->hidden, work->field + n * rbm->hidden));
  }
}

/* dF/da and dF/dz of one frame of a Gaussian machine, equations G6 and G8. */
static void gaussian_visible_gradient(const RsRbm *rbm, const rs_scalar *biases, const rs_scalar *v,
                                      const rs_scalar *scaled, const rs_scalar *back, rs_real sign,
                                      rs_scalar *dbiases) {
  const rs_scalar *z = biases + rbm->visible + rbm->hidden;
  rs_scalar *dz = dbiases + rbm->visible + rbm->hidden;
  for (size_t i = 0; i < rbm->visible; ++i) {
    const rs_scalar apart = v[i] - biases[i];
    const rs_scalar precise = apart * (rs_scalar)exp(-(double)z[i]);
    dbiases[i] -= sign * precise;
    dz[i] -= (rs_scalar)0.5 * (sign * apart * precise + scaled[i] * back[i]);
  }
}

void rs_rbm_gradient(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                     const rs_scalar *v, rs_real sign, RsRbmWork *work, rs_scalar *dw,
                     rs_scalar *dbiases) {
  if (rbm->kind == RS_RBM_BERNOULLI && rs_is_sparse(count * rbm->visible, v)) {
    sparse_gradient(rbm, w, count, biases, v, sign, work, dw, dbiases);
    return;
  }
  const size_t stride = rs_rbm_biases(rbm);
  const rs_scalar *seen = seen_by_hidden(rbm, count, biases, v, work);
  rs_scalar *p = work->field; /* -sign s: the factor that all of dF shares */
  hidden_field(rbm, w, count, biases, seen, p);
  rs_sigmoid(count * rbm->hidden, p, p);
  rs_scale(count * rbm->hidden, -sign, p);
  if (dw) {
    rs_gemm(RS_TRANSPOSED, RS_PLAIN, rbm->hidden, rbm->visible, count, p, rbm->hidden, seen,
            rbm->visible, 1, dw, rbm->visible);
  }
  if (rbm->kind == RS_RBM_GAUSSIAN) {
    rs_gemm(RS_PLAIN, RS_PLAIN, count, rbm->visible, rbm->hidden, p, rbm->hidden, w, rbm->visible,
            0, work->back, rbm->visible);
  }
  for (size_t n = 0; n < count; ++n) {
    rs_scalar *d = dbiases + n * stride;
    rs_axpy(rbm->hidden, 1, p + n * rbm->hidden, d + rbm->visible);
    if (rbm->kind == RS_RBM_GAUSSIAN) {
      gaussian_visible_gradient(rbm, biases + n * stride, v + n * rbm->visible,
                                seen + n * rbm->visible, work->back + n * rbm->visible, sign, d);
    } else {
      rs_axpy(rbm->visible, -sign, v + n * rbm->visible, d);
      rs_counts_add_gradient(rbm, v + n * rbm->visible, sign, d + rs_rbm_potentials(rbm));
    }
  }
}

/*
  One frame of rs_rbm_gradient_of_hidden(): dF/da and dF/dz. q = W'h; mean: output, the scaled
  visible units' mean.
*/
static void gaussian_mean_gradient(const RsRbm *rbm, const rs_scalar *biases, const rs_scalar *q,
                                   rs_real sign, rs_scalar *mean, rs_scalar *dbiases) {
  const rs_scalar *z = biases + rbm->visible + rbm->hidden;
  rs_scalar *dz = dbiases + rbm->visible + rbm->hidden;
  for (size_t i = 0; i < rbm->visible; ++i) {
    const rs_scalar scale = (rs_scalar)rs_inverse_deviation(z[i]);
    const rs_scalar centre = biases[i] * scale;
    dbiases[i] -= sign * scale * q[i];
    dz[i] += sign * (rs_scalar)0.5 * (centre * q[i] - 1);
    mean[i] = centre + q[i];
  }
}

void rs_rbm_gradient_of_hidden(const RsRbm *rbm, const rs_scalar *w, size_t count,
                               const rs_scalar *biases, const rs_scalar *h, rs_real sign,
                               RsRbmWork *work, rs_scalar *dw, rs_scalar *dbiases) {
  const size_t stride = rs_rbm_biases(rbm);
  rs_gemm(RS_PLAIN, RS_PLAIN, count, rbm->visible, rbm->hidden, h, rbm->hidden, w, rbm->visible, 0,
          work->back, rbm->visible);
  for (size_t n = 0; n < count; ++n) {
    rs_scalar *d = dbiases + n * stride;
    gaussian_mean_gradient(rbm, biases + n * stride, work->back + n * rbm->visible, sign,
                           work->scaled + n * rbm->visible, d);
    for (size_t j = 0; j < rbm->hidden; ++j) {
      work->field[n * rbm->hidden + j] = -sign * h[n * rbm->hidden + j];
      d[rbm->visible + j] += work->field[n * rbm->hidden + j];
    }
  }
  if (dw) {
    rs_gemm(RS_TRANSPOSED, RS_PLAIN, rbm->hidden, rbm->visible, count, work->field, rbm->hidden,
            work->scaled, rbm->visible, 1, dw, rbm->visible);
  }
}
