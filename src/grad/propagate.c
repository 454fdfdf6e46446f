/* SPDX-License-Identifier: ISC */

/* Forward and backward passes of nets, doc/math.md, equations N1 and N4 to N7. */

#include "grad/net_internal.h"
#include "grad/activation.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const RsNetWork *work, size_t k) {
  return rs_net_layer_size(work->net, k);
}

/* Whether v(k) has memory of its own: slopes or the last layer's cost may use it. */
static bool keeps_field(const RsNet *net, size_t k) {
  return k && (rs_activation_keeps_field(net->layer[k - 1].activation) ||
               (k == net->layers && net->layer[k - 1].activation != RS_IDENTITY));
}

/* Scalars that the workspace needs, a row. */
static size_t scalars_per_row(const RsNet *net) {
  size_t count = 2 * net->inputs;
  for (size_t k = 1; k <= net->layers; ++k) {
    count += (keeps_field(net, k) ? 3 : 2) * net->layer[k - 1].outputs;
  }
  return count;
}

/* Hand out the memory. */
static void lay_out(RsNetWork *work) {
  rs_scalar *next = work->memory;
  for (size_t k = 0; k <= work->net->layers; ++k) {
    const size_t size = work->rows * size_of(work, k);
    const bool field = keeps_field(work->net, k);
    work->y[k] = next;
    work->c[k] = next + size;
    work->v[k] = field ? next + 2 * size : next;
    next += (field ? 3 : 2) * size;
  }
}

RsStatus rs_net_work_new(const RsNet *net, size_t max_batch, RsNetWork **out, RsError *error) {
  size_t size = 0;
  if (!max_batch) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "a workspace for batches of 0 rows, expected at least 1");
  }
  if (max_batch > RS_MOST || !rs_multiply_sizes(scalars_per_row(net), max_batch, &size)) {
    return rs_error(error, RS_ERR_OVERFLOW, "a workspace for batches of %zu rows is too large",
                    max_batch);
  }
  RsNetWork *work = rs_alloc(1, sizeof *work);
  if (!work) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a workspace");
  }
  work->net = rs_net_share(net);
  work->rows = max_batch;
  work->y = rs_alloc(3 * (net->layers + 1), sizeof *work->y);
  work->memory = rs_alloc(size, sizeof *work->memory);
  if (!work->y || !work->memory) {
    rs_net_work_free(work);
    return rs_error(error, RS_ERR_MEMORY, "no memory for a workspace of %zu rows", max_batch);
  }
  work->v = work->y + net->layers + 1;
  work->c = work->v + net->layers + 1;
  lay_out(work);
  *out = work;
  return RS_OK;
}

void rs_net_work_free(RsNetWork *work) {
  if (work) {
    rs_net_work_free_packed(work);
    rs_net_free(work->net);
    free(work->y);
    free(work->memory);
    free(work);
  }
}

void rs_add_signed(RsSkip skip, size_t n, const rs_scalar *from, rs_scalar *to) {
  if (skip != RS_SKIP_NONE) {
    rs_axpy(n, skip == RS_SKIP_ADD ? 1 : -1, from, to);
  }
}

void rs_forward_skip_and_activate(RsNetWork *work, size_t k, size_t from, size_t rows) {
  const RsLayer *layer = &work->net->layer[k - 1];
  const size_t n = layer->outputs, at = from * n;
  if (layer->skip) {
    rs_add_signed(layer->skip, rows * n, work->y[layer->skip_from] + at, work->v[k] + at);
  }
  rs_activate(layer->activation, layer->parameter, rows, n, work->v[k] + at, work->y[k] + at);
}

void rs_forward_layer(RsNetWork *work, const rs_scalar *w, size_t k, size_t from, size_t rows) {
  const RsLayer *layer = &work->net->layer[k - 1];
  const RsPackedLayer *packed = rs_net_work_packed(work, k);
  const rs_scalar *in = work->y[k - 1] + from * layer->inputs;
  rs_scalar *field = work->v[k] + from * layer->outputs;
  if (packed && packed->fields) {
    rs_layer_field_of_packed(layer, packed, rows, in, layer->inputs, rs_layer_bias_of(layer, w), 0,
                             field);
  } else {
    rs_layer_bias(layer, w, rows, field);
    rs_layer_field(layer, w, rows, in, layer->inputs, 1, field);
  }
  rs_forward_skip_and_activate(work, k, from, rows);
}

void rs_backward_clear(RsNetWork *work, size_t last, size_t from, size_t rows) {
  for (size_t j = 0; j <= last; ++j) {
    if (work->net->skip_source[j]) {
      const size_t n = size_of(work, j);
      memset(work->c[j] + from * n, 0, rows * n * sizeof **work->c);
    }
  }
}

void rs_backward_below(RsNetWork *work, const rs_scalar *w, size_t k, size_t from, size_t rows,
                       bool below, rs_scalar *g) {
  const RsLayer *layer = &work->net->layer[k - 1];
  const rs_scalar *delta = work->c[k] + from * layer->outputs;
  RsPackedLayer *packed = rs_net_work_packed(work, k);
  const rs_real beta = work->net->skip_source[k - 1];
  rs_scalar *c = work->c[k - 1] + from * layer->inputs;
  if (below && g) {
    const rs_scalar *in = work->y[k - 1] + from * layer->inputs;
    rs_layer_backward(layer, packed, w, rows, delta, in, beta, c, g);
  } else if (below) {
    rs_layer_pull_of_packed(layer, packed, w, rows, delta, beta, c, layer->inputs);
  }
  if (layer->skip) {
    rs_add_signed(layer->skip, rows * layer->outputs, delta,
                  work->c[layer->skip_from] + from * layer->outputs);
  }
}

void rs_backward_layers(RsNetWork *work, const rs_scalar *w, size_t last, size_t first, size_t from,
                        size_t rows, bool below, rs_scalar *g) {
  for (size_t k = last; k >= first && k; --k) {
    const RsLayer *layer = &work->net->layer[k - 1];
    const size_t n = layer->outputs, at = from * n;
    rs_pull_activation(layer->activation, layer->parameter, rows, n, work->v[k] + at,
                       work->y[k] + at, work->c[k] + at);
    rs_backward_below(work, w, k, from, rows, below || k > first, g);
  }
}

void rs_gradient_layers(const RsNetWork *work, size_t first, size_t last, size_t from, size_t rows,
                        rs_scalar *g) {
  for (size_t k = first; k <= last; ++k) {
    const RsLayer *layer = &work->net->layer[k - 1];
    RsPackedLayer *packed = rs_net_work_packed(work, k);
    const rs_scalar *delta = work->c[k] + from * layer->outputs;
    const rs_scalar *in = work->y[k - 1] + from * layer->inputs;
    rs_layer_gradient_of_packed(layer, packed, rows, delta, in, layer->inputs, g);
  }
}

void rs_conjugate(size_t n, rs_scalar *x) {
#if defined RS_SCALAR_COMPLEX
  for (size_t i = 0; i < n; ++i) {
    x[i] = conj(x[i]);
  }
#else
  (void)n;
  (void)x;
#endif
}

RsStatus rs_check_parameters(const RsNet *net, const rs_scalar *w, RsError *error) {
  if (rs_all_finite(net->parameters, w)) {
    return RS_OK;
  }
  size_t i = 0;
  while (rs_all_finite(net->tensor[i].rows * net->tensor[i].columns, w + net->tensor[i].offset)) {
    ++i;
  }
  return rs_error(error, RS_ERR_NONFINITE,
                  "the parameters %s of layer %zu hold a NaN or an infinity", net->tensor[i].name,
                  net->tensor[i].layer);
}

RsStatus rs_check_work(const RsNet *net, const RsNetWork *work, RsError *error) {
  if (work->net != net) {
    return rs_error(error, RS_ERR_ARGUMENT, "the workspace belongs to another net");
  }
  return work->batch
             ? RS_OK
             : rs_error(error, RS_ERR_ARGUMENT, "no forward came before: nothing to go back");
}

/* The first row of a matrix that is not finite; `rows` where there is none. */
static size_t bad_row(size_t rows, size_t n, const rs_scalar *x) {
  size_t r = 0;
  while (r < rows && rs_all_finite(n, x + r * n)) {
    ++r;
  }
  return r;
}

static RsStatus check_forward(const RsNet *net, size_t batch, const rs_scalar *x,
                              const RsNetWork *work, RsError *error) {
  if (work->net != net) {
    return rs_error(error, RS_ERR_ARGUMENT, "the workspace belongs to another net");
  }
  if (!batch || batch > work->rows) {
    return rs_error(error, RS_ERR_ARGUMENT, "a batch of %zu rows, the workspace is for 1 to %zu",
                    batch, work->rows);
  }
  if (!rs_all_finite(batch * net->inputs, x)) {
    return rs_error(error, RS_ERR_NONFINITE, "row %zu of the input holds a NaN or an infinity",
                    bad_row(batch, net->inputs, x));
  }
  return RS_OK;
}

/* Finite parameters and inputs can still overflow on the way. */
static RsStatus check_outputs(const RsNetWork *work, RsError *error) {
  const size_t last = work->net->layers;
  if (rs_all_finite(work->batch * size_of(work, last), work->y[last])) {
    return RS_OK;
  }
  size_t k = 1;
  while (rs_all_finite(work->batch * size_of(work, k), work->y[k])) {
    ++k;
  }
  return rs_error(error, RS_ERR_NONFINITE, "the output of layer %zu, row %zu, is not finite: %s", k,
                  bad_row(work->batch, size_of(work, k), work->y[k]), "its field is out of range");
}

RsStatus rs_net_forward(const RsNet *net, const rs_scalar *w, size_t batch, const rs_scalar *x,
                        RsNetWork *work, RsError *error) {
  const RsStatus status = rs_check_parameters(net, w, error);
  return status ? status : rs_net_forward_checked(net, w, batch, x, work, error);
}

RsStatus rs_net_forward_checked(const RsNet *net, const rs_scalar *w, size_t batch,
                                const rs_scalar *x, RsNetWork *work, RsError *error) {
  const RsStatus status = check_forward(net, batch, x, work, error);
  if (status) {
    return status;
  }
  work->batch = batch;
  work->pulled = false;
  memcpy(work->y[0], x, batch * net->inputs * sizeof *x);
  for (size_t k = 1; k <= net->layers; ++k) {
    rs_forward_layer(work, w, k, 0, batch);
  }
  return check_outputs(work, error);
}

const rs_scalar *rs_net_output(const RsNetWork *work) {
  return work->y[work->net->layers];
}

const rs_scalar *rs_net_layer_output(const RsNetWork *work, size_t k) {
  return k <= work->net->layers ? work->y[k] : NULL;
}

const rs_scalar *rs_net_field(const RsNetWork *work) {
  return work->v[work->net->layers];
}

const rs_scalar *rs_net_layer_delta(const RsNetWork *work, size_t k) {
  return k && k <= work->net->layers ? work->c[k] : NULL;
}

/* Sensitivities are kept although no gradient was asked for: a descent may follow. */
static RsStatus check_sensitivities(const RsNetWork *work, RsError *error) {
  for (size_t k = 1; k <= work->net->layers; ++k) {
    if (!rs_all_finite(work->batch * size_of(work, k), work->c[k])) {
      return rs_error(error, RS_ERR_NONFINITE, "the sensitivities of layer %zu overflow", k);
    }
  }
  return RS_OK;
}

/* What backward leaves, in the convention of the complex flavour. */
static RsStatus deliver(RsNetWork *work, rs_scalar *g, rs_scalar *dx, RsError *error) {
  const RsNet *net = work->net;
  if (g) {
    rs_conjugate(net->parameters, g);
    rs_gradient_layers(work, 1, net->layers, 0, work->batch, g);
    rs_conjugate(net->parameters, g);
  }
  if (dx) {
    memcpy(dx, work->c[0], work->batch * net->inputs * sizeof *dx);
    rs_conjugate(work->batch * net->inputs, dx);
  }
  if ((g && !rs_all_finite(net->parameters, g)) ||
      (dx && !rs_all_finite(work->batch * net->inputs, dx))) {
    return rs_error(error, RS_ERR_NONFINITE, "the gradient overflows, or was not finite before");
  }
  return g || dx ? RS_OK : check_sensitivities(work, error);
}

static RsStatus backward(const RsNet *net, const rs_scalar *w, RsNetWork *work, const rs_scalar *dy,
                         bool is_delta, rs_scalar *g, rs_scalar *dx, RsError *error) {
  RsStatus status = rs_check_work(net, work, error);
  if (status) {
    return status;
  }
  work->pulled = false;
  const size_t last = net->layers, n = size_of(work, last), batch = work->batch;
  if (!rs_all_finite(batch * n, dy)) {
    return rs_error(error, RS_ERR_NONFINITE, "row %zu of the cotangents holds a NaN or an infinity",
                    bad_row(batch, n, dy));
  }
  rs_backward_clear(work, last - 1, 0, batch);
  memcpy(work->c[last], dy, batch * n * sizeof *dy);
  rs_conjugate(batch * n, work->c[last]);
  if (is_delta) {
    rs_backward_below(work, w, last, 0, batch, dx || last > 1, NULL);
    rs_backward_layers(work, w, last - 1, 1, 0, batch, dx, NULL);
  } else {
    rs_backward_layers(work, w, last, 1, 0, batch, dx, NULL);
  }
  status = deliver(work, g, dx, error);
  work->pulled = !status;
  return status;
}

RsStatus rs_net_backward(const RsNet *net, const rs_scalar *w, RsNetWork *work, const rs_scalar *dy,
                         rs_scalar *g, rs_scalar *dx, RsError *error) {
  return backward(net, w, work, dy, false, g, dx, error);
}

RsStatus rs_net_backward_delta(const RsNet *net, const rs_scalar *w, RsNetWork *work,
                               const rs_scalar *dv, rs_scalar *g, rs_scalar *dx, RsError *error) {
  return backward(net, w, work, dv, true, g, dx, error);
}
