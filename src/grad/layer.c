/* SPDX-License-Identifier: ISC */

/* One layer: its local field (doc/math.md, equation N1), cotangents (N4) and gradient (N5, N7). */

#include "grad/layer.h"
#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/gemm_exact.h"
#include "base/packed.h"
#include "base/sparse.h"

#include <stdlib.h>
#include <string.h>

/* The matrix starts `elements` further on. */
static void move_matrix(RsLayer *layer, size_t elements) {
  if (layer->fixed) {
    layer->fixed += elements;
  } else {
    layer->weights_at += elements;
    layer->gradient_at += elements;
  }
}

RsLayer rs_layer_outputs(const RsLayer *layer, size_t from, size_t count) {
  RsLayer window = *layer;
  window.outputs = count;
  move_matrix(&window, layer->transposed ? from : from * layer->ld);
  window.fixed_bias = layer->fixed_bias ? layer->fixed_bias + from : NULL;
  window.bias_at += from;
  window.bias_gradient_at += from;
  return window;
}

RsLayer rs_layer_inputs(const RsLayer *layer, size_t from, size_t count) {
  RsLayer window = *layer;
  window.inputs = count;
  move_matrix(&window, layer->transposed ? from * layer->ld : from);
  return window;
}

static const rs_scalar *matrix(const RsLayer *layer, const rs_scalar *w) {
  return layer->fixed ? layer->fixed : w + layer->weights_at;
}

const rs_scalar *rs_layer_bias_of(const RsLayer *layer, const rs_scalar *w) {
  if (layer->bias == RS_BIAS_NONE) {
    return NULL;
  }
  return layer->bias == RS_BIAS_GIVEN ? layer->fixed_bias : w + layer->bias_at;
}

void rs_layer_bias(const RsLayer *layer, const rs_scalar *w, size_t rows, rs_scalar *field) {
  const size_t n = layer->outputs;
  const rs_scalar *bias = rs_layer_bias_of(layer, w);
  if (!bias) {
    memset(field, 0, rows * n * sizeof *field);
    return;
  }
  for (size_t r = 0; r < rows; ++r) {
    memcpy(field + r * n, bias, n * sizeof *field);
  }
}

void rs_layer_field(const RsLayer *layer, const rs_scalar *w, size_t rows, const rs_scalar *in,
                    size_t ld, rs_real beta, rs_scalar *field) {
  rs_gemm(RS_PLAIN, layer->transposed ? RS_PLAIN : RS_TRANSPOSED, rows, layer->outputs,
          layer->inputs, in, ld, matrix(layer, w), layer->ld, beta, field, layer->outputs);
}

void rs_layer_pull(const RsLayer *layer, const rs_scalar *w, size_t rows, const rs_scalar *delta,
                   rs_real beta, rs_scalar *c, size_t ld) {
  rs_gemm(RS_PLAIN, layer->transposed ? RS_TRANSPOSED : RS_PLAIN, rows, layer->inputs,
          layer->outputs, delta, layer->outputs, matrix(layer, w), layer->ld, beta, c, ld);
}

static void bias_gradient(const RsLayer *layer, size_t rows, const rs_scalar *delta, size_t ldd,
                          rs_scalar *g) {
  if (layer->bias == RS_BIAS_OWN) {
    rs_sum_rows(rows, layer->outputs, delta, ldd, g + layer->bias_gradient_at);
  }
}

void rs_layer_gradient(const RsLayer *layer, size_t rows, const rs_scalar *delta,
                       const rs_scalar *in, size_t ld, rs_scalar *g) {
  const size_t outputs = layer->outputs, inputs = layer->inputs;
  if (layer->learned && layer->transposed) {
    rs_gemm(RS_TRANSPOSED, RS_PLAIN, inputs, outputs, rows, in, ld, delta, outputs, 1,
            g + layer->gradient_at, layer->ld);
  } else if (layer->learned) {
    rs_gemm(RS_TRANSPOSED, RS_PLAIN, outputs, inputs, rows, delta, outputs, in, ld, 1,
            g + layer->gradient_at, layer->ld);
  }
  bias_gradient(layer, rows, delta, outputs, g);
}

/* The same by what is packed; delta has a leading dimension here. */
static void gradient_of_packed(const RsLayer *layer, RsPackedLayer *packed, size_t rows,
                               const rs_scalar *delta, size_t ldd, const rs_scalar *in, size_t ld,
                               rs_scalar *g) {
  rs_scalar *to = g + layer->gradient_at;
  for (size_t from = 0; layer->learned && from < rows; from += RS_NEAR_ROWS) {
    const size_t near = rows - from < RS_NEAR_ROWS ? rows - from : RS_NEAR_ROWS;
    rs_pack(RS_PLAIN, near, layer->inputs, in + from * ld, ld, packed->rows);
    rs_gemm_packed(RS_TRANSPOSED, layer->outputs, layer->inputs, near, delta + from * ldd, ldd,
                   packed->rows, near, to, layer->ld, to, layer->ld);
  }
  bias_gradient(layer, rows, delta, ldd, g);
}

/* Whether gradients are taken from what is packed. */
static bool packs_gradient(const RsLayer *layer, const RsPackedLayer *packed) {
  return packed && packed->pulls && !layer->transposed;
}

void rs_layer_gradient_of_packed(const RsLayer *layer, RsPackedLayer *packed, size_t rows,
                                 const rs_scalar *delta, const rs_scalar *in, size_t ld,
                                 rs_scalar *g) {
  if (packs_gradient(layer, packed)) {
    gradient_of_packed(layer, packed, rows, delta, layer->outputs, in, ld, g);
  } else {
    rs_layer_gradient(layer, rows, delta, in, ld, g);
  }
}

RsStatus rs_packed_layer_new(const RsLayer *layer, bool pulls, RsPackedLayer *packed) {
  size_t field = 0, pull = 0, rows = 0;
  if (!rs_packed_size(layer->inputs, layer->outputs, &field) ||
      !rs_packed_size(layer->outputs, layer->inputs, &pull) ||
      !rs_packed_size(RS_NEAR_ROWS, layer->inputs, &rows)) {
    return RS_ERR_MEMORY;
  }
  packed->field = rs_alloc(field, sizeof *packed->field);
  packed->pull = pulls ? rs_alloc(pull, sizeof *packed->pull) : NULL;
  packed->rows = pulls ? rs_alloc(rows, sizeof *packed->rows) : NULL;
  packed->on = rs_alloc(pulls ? layer->outputs : layer->inputs, sizeof *packed->on);
  const bool both = packed->pull && packed->rows;
  return packed->field && packed->on && (both || !pulls) ? RS_OK : RS_ERR_MEMORY;
}

void rs_packed_layer_free(RsPackedLayer *packed) {
  free(packed->field);
  free(packed->pull);
  free(packed->rows);
  free(packed->on);
}

/* W', inputs x outputs, for rs_gemm_exact(). */
static void place_in_order(const RsLayer *layer, const rs_scalar *w, rs_scalar *to) {
  if (!layer->transposed) {
    rs_transpose(layer->outputs, layer->inputs, matrix(layer, w), layer->ld, 0, to, layer->outputs);
    return;
  }
  for (size_t i = 0; i < layer->inputs; ++i) {
    memcpy(to + i * layer->outputs, matrix(layer, w) + i * layer->ld, layer->outputs * sizeof *to);
  }
}

void rs_layer_pack(const RsLayer *layer, const rs_scalar *w, bool fields, bool pulls,
                   RsPackedLayer *packed) {
  const size_t in = layer->inputs, out = layer->outputs;
  packed->fields = fields;
  packed->pulls = pulls;
  if (fields && !packed->pull) {
    place_in_order(layer, w, packed->field);
  } else if (fields) {
    rs_pack(layer->transposed ? RS_PLAIN : RS_TRANSPOSED, in, out, matrix(layer, w), layer->ld,
            packed->field);
  }
  if (pulls) {
    rs_pack(layer->transposed ? RS_TRANSPOSED : RS_PLAIN, out, in, matrix(layer, w), layer->ld,
            packed->pull);
  }
}

/* field += in W', in an order that is the same on every processor. */
static void add_in_order(const RsLayer *layer, const RsPackedLayer *packed, const rs_scalar *in,
                         rs_scalar *field) {
  const size_t n = layer->outputs;
  const size_t on = rs_list_nonzero(layer->inputs, in, packed->on);
  if (on < layer->inputs / 2) { /* otherwise the plain loop is faster */
    rs_gather_exact(on, packed->on, n, in, packed->field, n, field);
  } else {
    rs_gemm_exact(1, n, layer->inputs, in, 0, packed->field, n, field, n);
  }
}

static void field_in_order(const RsLayer *layer, const RsPackedLayer *packed, size_t rows,
                           const rs_scalar *in, size_t ld, const rs_scalar *start, size_t lds,
                           rs_scalar *field) {
  const size_t n = layer->outputs;
  for (size_t r = 0; r < rows; ++r) {
    if (start) {
      memcpy(field + r * n, start + r * lds, n * sizeof *field);
    } else {
      memset(field + r * n, 0, n * sizeof *field);
    }
    add_in_order(layer, packed, in + r * ld, field + r * n);
  }
}

void rs_layer_field_of_packed(const RsLayer *layer, const RsPackedLayer *packed, size_t rows,
                              const rs_scalar *in, size_t ld, const rs_scalar *start, size_t lds,
                              rs_scalar *field) {
  if (!packed->pull) {
    field_in_order(layer, packed, rows, in, ld, start, lds, field);
    return;
  }
  rs_gemm_packed(RS_PLAIN, rows, layer->outputs, layer->inputs, in, ld, packed->field,
                 layer->inputs, start, lds, field, layer->outputs);
}

/* Of the outputs from `first` on. */
static void pull_of_packed(const RsLayer *layer, const RsPackedLayer *packed, size_t first,
                           size_t rows, const rs_scalar *delta, rs_real beta, rs_scalar *c,
                           size_t ld) {
  rs_gemm_packed(RS_PLAIN, rows, layer->inputs, layer->outputs - first, delta + first,
                 layer->outputs, rs_packed_row(packed->pull, first), layer->outputs,
                 beta != 0 ? c : NULL, ld, c, ld);
}

void rs_layer_pull_of_packed(const RsLayer *layer, const RsPackedLayer *packed, const rs_scalar *w,
                             size_t rows, const rs_scalar *delta, rs_real beta, rs_scalar *c,
                             size_t ld) {
  if (packed && packed->pulls) {
    pull_of_packed(layer, packed, 0, rows, delta, beta, c, ld);
  } else {
    rs_layer_pull(layer, w, rows, delta, beta, c, ld);
  }
}

/* What the first `count` outputs, which are mostly zero, add to c and to the gradient. */
static void backward_of_sparse(const RsLayer *layer, size_t count, const rs_scalar *w, size_t rows,
                               const rs_scalar *delta, const rs_scalar *in, uint32_t *list,
                               rs_scalar *c, rs_scalar *g) {
  const size_t n = layer->inputs;
  for (size_t r = 0; r < rows; ++r, delta += layer->outputs, in += n, c += n) {
    const size_t on = rs_list_nonzero(count, delta, list);
    rs_gather_rows(on, list, delta, n, matrix(layer, w), layer->ld, c);
    if (layer->learned) {
      rs_scatter_rows(on, list, delta, 1, n, in, g + layer->gradient_at, layer->ld);
    }
    for (size_t m = 0; layer->bias == RS_BIAS_OWN && m < on; ++m) {
      g[layer->bias_gradient_at + list[m]] += delta[list[m]];
    }
  }
}

void rs_layer_backward(const RsLayer *layer, RsPackedLayer *packed, const rs_scalar *w, size_t rows,
                       const rs_scalar *delta, const rs_scalar *in, rs_real beta, rs_scalar *c,
                       rs_scalar *g) {
  enum { GLANCE = 5 }; /* rows per sampled row, which shows the outputs that are mostly zero */
  const size_t n = layer->outputs;
  if (!packs_gradient(layer, packed)) {
    rs_layer_pull_of_packed(layer, packed, w, rows, delta, beta, c, layer->inputs);
    rs_layer_gradient(layer, rows, delta, in, layer->inputs, g);
    return;
  }
  const size_t sparse = rs_sparse_columns(rows / GLANCE, n, delta, GLANCE * n);
  const RsLayer dense = rs_layer_outputs(layer, sparse, n - sparse);
  pull_of_packed(layer, packed, sparse, rows, delta, beta, c, layer->inputs);
  gradient_of_packed(&dense, packed, rows, delta + sparse, n, in, layer->inputs, g);
  backward_of_sparse(layer, sparse, w, rows, delta, in, packed->on, c, g);
}

RsStatus rs_sparse_work_new(const RsLayer *layer, RsSparseWork *work) {
  work->padded = rs_round_to_vectors(layer->outputs);
  size_t size = 0;
  const bool counted = rs_multiply_sizes(layer->inputs, work->padded, &size);
  work->columns = counted ? rs_alloc(size, sizeof *work->columns) : NULL;
  return work->columns ? RS_OK : RS_ERR_MEMORY;
}

void rs_sparse_work_free(RsSparseWork *work) {
  free(work->columns);
}

void rs_layer_field_of_sparse(const RsLayer *layer, const rs_scalar *w, size_t rows,
                              const rs_scalar *in, size_t ld, const RsNonzeros *nonzeros,
                              RsSparseWork *work, rs_scalar *field) {
  const size_t outputs = layer->outputs;
  const rs_scalar *columns = layer->transposed ? matrix(layer, w) : work->columns;
  const size_t stride = layer->transposed ? layer->ld : work->padded;
  if (!layer->transposed) {
    rs_transpose(outputs, layer->inputs, matrix(layer, w), layer->ld, 0, work->columns,
                 work->padded);
  }
  for (size_t r = 0; r < rows; ++r) {
    rs_layer_bias(layer, w, 1, field + r * outputs);
    rs_gather_rows(rs_nonzeros_count(nonzeros, r), rs_nonzeros_list(nonzeros, r), in + r * ld,
                   outputs, columns, stride, field + r * outputs);
  }
}

void rs_layer_gradient_of_sparse(const RsLayer *layer, size_t rows, const rs_scalar *delta,
                                 const rs_scalar *in, size_t ld, const RsNonzeros *nonzeros,
                                 RsSparseWork *work, rs_scalar *g) {
  if (!layer->learned) {
    return;
  }
  const size_t inputs = layer->inputs, outputs = layer->outputs;
  rs_scalar *columns = layer->transposed ? g + layer->gradient_at : work->columns;
  const size_t stride = layer->transposed ? layer->ld : work->padded;
  if (!layer->transposed) {
    memset(work->columns, 0, inputs * work->padded * sizeof *work->columns);
  }
  for (size_t r = 0; r < rows; ++r) {
    rs_scatter_rows(rs_nonzeros_count(nonzeros, r), rs_nonzeros_list(nonzeros, r), in + r * ld, 1,
                    outputs, delta + r * outputs, columns, stride);
  }
  if (!layer->transposed) {
    rs_transpose(inputs, outputs, work->columns, work->padded, 1, g + layer->gradient_at,
                 layer->ld);
  }
}
