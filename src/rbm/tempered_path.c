/* SPDX-License-Identifier: ISC */

/* Machines between independent units and a Bernoulli machine: doc/math.md, equations A9 and A10. */

#include "rbm/tempered_path.h"

#include "base/elementwise.h"
#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/multiversion.h"
#include "base/portable_math.h"
#include "base/sparse.h"

#include <rollsmith/likelihood.h>

#include <stdlib.h>
#include <string.h>

/* Sums that are kept side by side, so that a compiler may add in vectors without changing them. */
enum { LANES = RS_VECTOR_MULTIPLE };

bool rs_tempered_path_init(RsTemperedPath *path, const RsRbm *rbm) {
  *path = (RsTemperedPath){
      .rbm = *rbm,
      .columns = rs_alloc(rbm->visible, rbm->hidden * sizeof *path->columns),
      .v = rs_alloc(rbm->visible, sizeof *path->v),
      .h = rs_alloc(rbm->hidden, sizeof *path->h),
      .up = rs_alloc(rbm->hidden, sizeof *path->up),
      .down = rs_alloc(rbm->visible, sizeof *path->down),
      .on = rs_alloc(rbm->visible, sizeof *path->on),
      .centre = rs_alloc(rbm->hidden, sizeof *path->centre),
      .scratch = rs_alloc(rs_round_to_vectors(rbm->hidden), 3 * sizeof *path->scratch),
  };
  return path->columns && path->v && path->h && path->up && path->down && path->on &&
         path->centre && path->scratch;
}

void rs_tempered_path_clear(RsTemperedPath *path) {
  free(path->columns);
  free(path->v);
  free(path->h);
  free(path->up);
  free(path->down);
  free(path->on);
  free(path->centre);
  free(path->scratch);
}

void rs_tempered_path_set_weights(RsTemperedPath *path, const rs_scalar *w) {
  rs_transpose(path->rbm.hidden, path->rbm.visible, w, path->rbm.visible, 0, path->columns,
               path->rbm.hidden);
}

/* to = coupling W v. @return How many units are on, which are listed. */
static size_t send_up(const RsTemperedPath *path, const rs_scalar *v, rs_scalar *to) {
  const size_t hidden = path->rbm.hidden;
  memset(to, 0, hidden * sizeof *to);
  const size_t count = rs_list_nonzero(path->rbm.visible, v, path->on);
  rs_gather_rows(count, path->on, v, hidden, path->columns, hidden, to);
  rs_scale(hidden, path->coupling, to);
  return count;
}

void rs_tempered_path_open(RsTemperedPath *path, const rs_scalar *biases, rs_scalar coupling) {
  const size_t visible = path->rbm.visible, hidden = path->rbm.hidden;
  path->biases = biases;
  path->coupling = coupling;
  path->constant = 0;
  send_up(path, path->v, path->up);
  for (size_t j = 0; j < hidden; ++j) {
    path->centre[j] = biases[visible + j] + path->up[j];
  }
  for (size_t i = 0; i < visible; ++i) {
    const rs_scalar *column = path->columns + i * hidden;
    double sum = 0;
    for (size_t j = 0; j < hidden; ++j) {
      sum += (double)path->h[j] * (double)column[j];
    }
    path->down[i] = (rs_scalar)((double)coupling * sum);
    path->constant += (double)(path->down[i] * path->v[i]);
  }
}

void rs_tempered_path_biases(const RsTemperedPath *path, double beta, rs_scalar *biases) {
  const size_t visible = path->rbm.visible;
  const rs_scalar share = (rs_scalar)(1 - beta);
  memcpy(biases, path->biases, rs_rbm_biases(&path->rbm) * sizeof *biases);
  for (size_t i = 0; i < visible; ++i) {
    biases[i] += share * path->down[i];
  }
  for (size_t j = 0; j < path->rbm.hidden; ++j) {
    biases[visible + j] += share * path->up[j];
  }
}

double rs_tempered_path_field(const RsTemperedPath *path, const rs_scalar *v, rs_scalar *field) {
  const size_t hidden = path->rbm.hidden;
  const size_t count = send_up(path, v, field);
  rs_axpy(hidden, -1, path->up, field);
  double product = -path->constant;
  for (size_t i = 0; i < count; ++i) {
    product += (double)(path->down[path->on[i]] * v[path->on[i]]);
  }
  return product;
}

void rs_tempered_path_mean(const RsTemperedPath *path, const rs_scalar *field, rs_scalar *sum) {
  const size_t hidden = path->rbm.hidden;
  for (size_t j = 0; j < hidden; ++j) {
    path->scratch[j] = path->centre[j] + field[j];
  }
  rs_sigmoid(hidden, path->scratch, path->scratch);
  for (size_t j = 0; j < hidden; ++j) {
    sum[j] += path->scratch[j];
  }
}

/* linear = max(y, 0) - max(x, 0), x = -|x| and y = -|y|. */
RS_MULTIVERSION
static void split_softplus(size_t units, rs_scalar *x, rs_scalar *y, rs_scalar *linear) {
  for (size_t j = 0; j < units; ++j) {
    linear[j] = (y[j] > 0 ? y[j] : 0) - (x[j] > 0 ? x[j] : 0);
    x[j] = x[j] > 0 ? -x[j] : x[j];
    y[j] = y[j] > 0 ? -y[j] : y[j];
  }
}

/* Lane by lane, the products of (1 + y) / (1 + x) and the sums of `linear`. */
RS_MULTIVERSION
static void multiply_lanes(size_t units, const rs_scalar *x, const rs_scalar *y,
                           const rs_scalar *linear, double *product, double *sum) {
  for (size_t base = 0; base < units; base += LANES) {
    for (size_t i = 0; i < LANES; ++i) {
      product[i] *= (1 + (double)y[base + i]) / (1 + (double)x[base + i]);
      sum[i] += (double)linear[base + i];
    }
  }
}

/*
  Sum of softplus(y) - softplus(x), which are overwritten; `units` is a multiple of LANES. With
  z = e^-|x|, softplus(x) is max(x, 0) + log(1 + z); the logarithm is taken of the product of up to
  MOST factors, which lie between 1/2 and 2.
*/
static double softplus_gap(size_t units, rs_scalar *x, rs_scalar *y, rs_scalar *linear) {
  enum { MOST = 32 * LANES };
  double gap = 0, sum[LANES] = {0};
  split_softplus(units, x, y, linear);
  rs_exp(units, x, x);
  rs_exp(units, y, y);
  for (size_t begin = 0; begin < units; begin += MOST) {
    double product[LANES], all = 1;
    for (int i = 0; i < LANES; ++i) {
      product[i] = 1;
    }
    multiply_lanes(units - begin < MOST ? units - begin : MOST, x + begin, y + begin,
                   linear + begin, product, sum);
    for (int i = 0; i < LANES; ++i) {
      all *= product[i];
    }
    gap += rs_portable_log(all);
  }
  for (int i = 0; i < LANES; ++i) {
    gap += sum[i];
  }
  return gap;
}

/* x and y become the fields of hidden units at both couplings. */
RS_MULTIVERSION
static void fields_at(size_t units, const RsTemperedPath *path, rs_scalar low, rs_scalar high,
                      const rs_scalar *field, rs_scalar *x, rs_scalar *y) {
  for (size_t j = 0; j < units; ++j) {
    x[j] = path->centre[j] + low * field[j];
    y[j] = path->centre[j] + high * field[j];
  }
}

double rs_tempered_path_gap(const RsTemperedPath *path, double low, double high,
                            const rs_scalar *field, double product) {
  const size_t hidden = path->rbm.hidden, padded = rs_round_to_vectors(hidden);
  rs_scalar *x = path->scratch, *y = x + padded, *linear = y + padded;
  fields_at(hidden, path, (rs_scalar)low, (rs_scalar)high, field, x, y);
  memset(x + hidden, 0, (padded - hidden) * sizeof *x);
  memset(y + hidden, 0, (padded - hidden) * sizeof *y);
  return (low - high) * product + softplus_gap(padded, x, y, linear);
}

double rs_tempered_path_base(const RsTemperedPath *path, const rs_scalar *biases,
                             const unsigned char *states) {
  return rs_log_z_uncoupled_within(&path->rbm, NULL, biases, states) - path->constant;
}
