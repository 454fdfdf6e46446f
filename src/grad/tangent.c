/* SPDX-License-Identifier: ISC */

/* Random tangents that bound dr/dw, doc/math.md, equations J9, B12 and B13. */

#include "grad/tangent.h"
#include "grad/activation.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <rollsmith/rng.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 4096 }; /* where a row of random numbers may begin */

struct RsTangent {
  size_t widest;     /* layer */
  rs_scalar *normal; /* of NUMBERS + widest */
};

RsTangent *rs_tangent_new(const RsRnn *rnn) {
  RsTangent *t = rs_alloc(1, sizeof *t);
  if (!t) {
    return NULL;
  }
  for (size_t k = 0; k <= rnn->state_layer; ++k) {
    const size_t size = rs_net_layer_size(rnn->net, k);
    t->widest = size > t->widest ? size : t->widest;
  }
  t->normal = rs_alloc(NUMBERS + t->widest, sizeof *t->normal);
  if (!t->normal) {
    rs_tangent_free(t);
    return NULL;
  }
  for (size_t i = 0; i < NUMBERS + t->widest; ++i) {
    double normal = 0;
    rs_rng_normal((RsRng){0, RS_STREAM_TANGENT}, i, 1, &normal);
    t->normal[i] = (rs_scalar)normal;
  }
  return t;
}

void rs_tangent_free(RsTangent *t) {
  if (t) {
    free(t->normal);
    free(t);
  }
}

/* Norm of the derivative of a local field of layer k by the layer's own parameters, which is
 * (y(k-1), 1). */
static rs_real input_norm(const RsBlock *b, size_t k, size_t row) {
  const RsLayer *layer = &b->rnn->net->layer[k - 1];
  const rs_real y =
      layer->learned ? rs_norm(layer->inputs, b->work->y[k - 1] + row * layer->inputs) : 0;
  return (rs_real)sqrt((double)y * (double)y + (layer->bias == RS_BIAS_OWN));
}

rs_real rs_largest_term(const RsBlock *b, size_t row) {
  rs_real most = 0;
  for (size_t k = 1; k <= b->rnn->state_layer; ++k) {
    const size_t n = rs_net_layer_size(b->rnn->net, k);
    const rs_real term = rs_norm(n, b->work->c[k] + row * n) * input_norm(b, k, row);
    most = term > most ? term : most;
  }
  return most;
}

/* As many normal numbers as a layer has units, from a place that follows from the number. */
static const rs_scalar *normal_numbers(const RsTangent *t, uint64_t number) {
  uint32_t word = 0;
  rs_rng_words((RsRng){1, RS_STREAM_TANGENT}, number, 1, &word);
  return t->normal + word % NUMBERS;
}

/* The tangents of the states before frame n become inputs of it; x has none. */
static void feed(const RsTangent *t, const RsBlock *b, size_t n, uint64_t number,
                 const rs_scalar *r) {
  const size_t size = b->rnn->state_size, x = b->rnn->inputs;
  for (size_t s = 0; s < b->streams; ++s) {
    const size_t row = n * b->streams + s;
    rs_scalar *to = rs_block_state_inputs(b, b->work->c, row);
    memset(to - x, 0, b->rnn->net->skip_source[0] ? x * sizeof *to : 0);
    if (!b->starts[row]) {
      memcpy(to, r + s * size, size * sizeof *to);
    } else {
      rs_scaled_copy(size, b->rnn->learned_start, normal_numbers(t, number + s), to);
    }
  }
}

/* What the layer's own parameters make of its field, as a tangent. */
static void inject(const RsTangent *t, const RsBlock *b, size_t k, size_t n, uint64_t number) {
  const size_t outputs = rs_net_layer_size(b->rnn->net, k);
  for (size_t s = 0; s < b->streams; ++s) {
    const size_t row = n * b->streams + s;
    rs_scaled_copy(outputs, input_norm(b, k, row), normal_numbers(t, number + s),
                   b->work->c[k] + row * outputs);
  }
}

/* The tangent of y(k), in c[k], from that of y(k-1): equation J9. */
static void push_layer(const RsBlock *b, const RsNetWork *with, size_t k, size_t n) {
  const RsNet *net = b->rnn->net;
  const RsLayer whole = net->layer[k - 1];
  const size_t x = k == 1 ? b->rnn->inputs : 0, from = n * b->streams;
  const RsLayer layer = k == 1 ? rs_layer_inputs(&whole, x, b->rnn->state_size) : whole;
  const RsPackedLayer *packed = k == 1 ? with->packed : rs_net_work_packed(with, k);
  const rs_scalar *in = b->work->c[k - 1] + from * whole.inputs + x;
  rs_scalar *t = b->work->c[k] + from * whole.outputs;
  if (packed && packed->fields) {
    rs_layer_field_of_packed(&layer, packed, b->streams, in, whole.inputs, t, whole.outputs, t);
  } else {
    rs_layer_field(&layer, b->w, b->streams, in, whole.inputs, 1, t);
  }
  if (whole.skip) {
    rs_add_signed(whole.skip, b->streams * whole.outputs,
                  b->work->c[whole.skip_from] + from * whole.outputs, t);
  }
  rs_push_activation(whole.activation, whole.parameter, b->streams, whole.outputs,
                     b->work->v[k] + from * whole.outputs, b->work->y[k] + from * whole.outputs, t);
}

void rs_tangent_advance(const RsTangent *t, const RsBlock *b, const RsNetWork *with,
                        uint64_t number, rs_scalar *r, rs_scalar *size) {
  const size_t R = b->rnn->state_size, last = b->rnn->state_layer;
  number *= b->work->rows * (last + 1);
  for (size_t n = 0; n < b->frames; ++n) {
    feed(t, b, n, number, r);
    number += b->streams;
    for (size_t k = 1; k <= last; ++k, number += b->streams) {
      inject(t, b, k, n, number);
      push_layer(b, with, k, n);
    }
    for (size_t s = 0; s < b->streams; ++s) {
      memcpy(r + s * R, rs_block_state_units(b, b->work->c, n * b->streams + s), R * sizeof *r);
      size[n * b->streams + s] = rs_norm(R, r + s * R);
    }
  }
}
