/* SPDX-License-Identifier: ISC */

/* Objectives as nets, doc/math.md, equations O1 to O5. */

#include <rollsmith/objective.h>

#include "base/linear_algebra.h"

RsStatus rs_objective_sparse_coding(size_t features, size_t size, RsNet **out, RsError *error) {
  const RsLayerSpec spec = {.outputs = size, .activation = RS_SQUARE, .bias = RS_BIAS_FROZEN};
  return rs_net_new(features, 1, &spec, out, error);
}

double rs_objective_penalty(size_t n, const rs_scalar *a, rs_real gamma, rs_scalar *g) {
  const double norm = (double)rs_norm(n, a);
  if (g) {
    rs_axpy(n, 2 * gamma, a, g);
  }
  return (double)gamma * norm * norm;
}

RsStatus rs_objective_topographic(size_t features, size_t groups, const rs_scalar *v,
                                  rs_real epsilon, RsNet **out, RsError *error) {
  const RsLayerSpec spec[2] = {
      {.outputs = features, .activation = RS_SQUARE, .weights = RS_WEIGHTS_IDENTITY},
      {.outputs = groups,
       .activation = RS_SMOOTH_SQRT,
       .parameter = epsilon,
       .weights = RS_WEIGHTS_GIVEN,
       .given = v},
  };
  return rs_net_new(features, 2, spec, out, error);
}

RsStatus rs_objective_ica(size_t size, size_t features, RsNet **out, RsError *error) {
  const RsLayerSpec spec[2] = {
      {.outputs = features},
      {.outputs = size,
       .activation = RS_SQUARE,
       .weights = RS_WEIGHTS_TIED,
       .weights_of = 1,
       .skip = RS_SKIP_SUBTRACT,
       .skip_from = 0},
  };
  return rs_net_new(size, 2, spec, out, error);
}
