/* SPDX-License-Identifier: ISC */

/* Full Jacobians, doc/math.md, equations J1 to J8, and C4. */

#include <rollsmith/jacobian.h>

#include "grad/activation.h"
#include "grad/net_internal.h"
#include "base/multiversion.h"
#include "base/linear_algebra.h"

#include <string.h>

static const RsLayer *layer_of(const RsNetWork *work, size_t k) {
  return &work->net->layer[k - 1];
}

static void set_identity(size_t n, rs_scalar *c) {
  memset(c, 0, n * n * sizeof *c);
  for (size_t i = 0; i < n; ++i) {
    c[i * n + i] = 1;
  }
}

/* All rows of cotangents meet the one row of the forward. */
static void pull_one_row(RsNetWork *work, size_t k, size_t rows) {
  const RsLayer *layer = layer_of(work, k);
  const size_t n = layer->outputs;
  for (size_t r = 0; r < rows; ++r) {
    rs_pull_activation(layer->activation, layer->parameter, 1, n, work->v[k], work->y[k],
                       work->c[k] + r * n);
  }
}

/* delta(k) of every layer, doc/math.md, equation J1: row o belongs to output o. */
static void pull_identity(RsNetWork *work, const rs_scalar *w, bool input) {
  const size_t last = work->net->layers, rows = rs_net_outputs(work->net);
  rs_backward_clear(work, last - 1, 0, rows);
  set_identity(rows, work->c[last]);
  for (size_t k = last; k; --k) {
    pull_one_row(work, k, rows);
    rs_backward_below(work, w, k, 0, rows, input || k > 1, NULL);
  }
}

/* to_j = or += delta_j y, for the outputs j of a layer; doc/math.md, equation J2. */
RS_MULTIVERSION
static void outer_product(size_t outputs, size_t inputs, const rs_scalar *delta, const rs_scalar *y,
                          size_t ld, bool add, rs_scalar *to) {
  for (size_t j = 0; j < outputs; ++j, to += ld) {
    const rs_scalar d = delta[j];
    if (add) {
      for (size_t i = 0; i < inputs; ++i) {
        to[i] += d * y[i];
      }
    } else {
      for (size_t i = 0; i < inputs; ++i) {
        to[i] = d * y[i];
      }
    }
  }
}

/* Row o of the columns that belong to layer k; an owner comes before those who share with it. */
static void write_layer(const RsNetWork *work, size_t k, size_t o, rs_scalar *row) {
  const RsLayer *layer = layer_of(work, k);
  const rs_scalar *delta = work->c[k] + o * layer->outputs, *y = work->y[k - 1];
  rs_scalar *to = row + layer->gradient_at;
  if (layer->learned && layer->transposed) {
    outer_product(layer->inputs, layer->outputs, y, delta, layer->ld, true, to);
  } else if (layer->learned) {
    outer_product(layer->outputs, layer->inputs, delta, y, layer->ld, !layer->owner, to);
  } else if (layer->owner) {
    memset(to, 0, layer->outputs * layer->inputs * sizeof *to);
  }
  if (layer->bias == RS_BIAS_OWN) {
    memcpy(row + layer->bias_gradient_at, delta, layer->outputs * sizeof *row);
  } else if (layer->bias == RS_BIAS_FROZEN) {
    memset(row + layer->bias_at, 0, layer->outputs * sizeof *row);
  }
}

RsStatus rs_net_jacobian(const RsNet *net, const rs_scalar *w, const rs_scalar *x, RsNetWork *work,
                         rs_scalar *jw, rs_scalar *jx, RsError *error) {
  const size_t outputs = rs_net_outputs(net), parameters = net->parameters;
  if (work->net == net && work->rows < outputs) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "the workspace is for %zu rows, the Jacobian of %zu outputs needs %zu",
                    work->rows, outputs, outputs);
  }
  const RsStatus status = rs_net_forward(net, w, 1, x, work, error);
  if (status) {
    return status;
  }
  pull_identity(work, w, jx != NULL);
  for (size_t o = 0; jw && o < outputs; ++o) {
    for (size_t k = 1; k <= net->layers; ++k) {
      write_layer(work, k, o, jw + o * parameters);
    }
  }
  if (jx) {
    memcpy(jx, work->c[0], outputs * net->inputs * sizeof *jx);
  }
  if ((jw && !rs_all_finite(outputs * parameters, jw)) ||
      (jx && !rs_all_finite(outputs * net->inputs, jx))) {
    return rs_error(error, RS_ERR_NONFINITE, "the Jacobian overflows");
  }
  return RS_OK;
}

/* Tangent of v(k): W(k) t(k-1) + dW(k) y(k-1) + db(k) + or - t(j), doc/math.md, equation J9. */
static void push_layer(RsNetWork *work, const rs_scalar *w, const rs_scalar *dw, size_t k) {
  const RsLayer *layer = layer_of(work, k);
  const size_t rows = work->batch, n = layer->outputs;
  rs_scalar *t = work->c[k];
  rs_layer_field(layer, w, rows, work->c[k - 1], layer->inputs, 0, t);
  if (dw && !layer->fixed) {
    rs_layer_field(layer, dw, rows, work->y[k - 1], layer->inputs, 1, t);
  }
  for (size_t r = 0;
       dw && r < rows && (layer->bias == RS_BIAS_OWN || layer->bias == RS_BIAS_FROZEN); ++r) {
    rs_axpy(n, 1, dw + layer->bias_at, t + r * n);
  }
  if (layer->skip) {
    rs_add_signed(layer->skip, rows * n, work->c[layer->skip_from], t);
  }
  rs_push_activation(layer->activation, layer->parameter, rows, n, work->v[k], work->y[k], t);
}

RsStatus rs_net_tangent(const RsNet *net, const rs_scalar *w, RsNetWork *work, const rs_scalar *dw,
                        const rs_scalar *dx, rs_scalar *dy, RsError *error) {
  const RsStatus status = rs_check_work(net, work, error);
  if (status) {
    return status;
  }
  work->pulled = false;
  const size_t inputs = work->batch * net->inputs, outputs = work->batch * rs_net_outputs(net);
  if (dx) {
    memcpy(work->c[0], dx, inputs * sizeof *dx);
  } else {
    memset(work->c[0], 0, inputs * sizeof *dy);
  }
  for (size_t k = 1; k <= net->layers; ++k) {
    push_layer(work, w, dw, k);
  }
  memcpy(dy, work->c[net->layers], outputs * sizeof *dy);
  return rs_all_finite(outputs, dy)
             ? RS_OK
             : rs_error(error, RS_ERR_NONFINITE,
                        "a direction is not finite, or the tangent overflows");
}
