/* SPDX-License-Identifier: ISC */

/* M = dr/dw and its recursion, doc/math.md, equations R5, B2 to B4 and B13. */

#include "grad/rnn_internal.h"
#include "grad/activation.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 256 }; /* columns of M that are multiplied by J at a time */

/* A tensor that reaches the state: `size` parameters from `parameter` on are block `column` of M.
 */
typedef struct {
  size_t parameter, column, size;
} Tensor;

struct RsSensitivity {
  RsRnn *rnn;
  size_t depth;      /* layers up to the state's */
  RsLayer *layer;    /* those; of the last one only the outputs that make the state */
  size_t *tensor_of; /* of depth: which tensor its weights' gradient belongs to */
  size_t *bias_of;   /* of depth: which tensor its bias is */
  size_t tensors;
  Tensor *tensor;
  size_t columns; /* of M, learned start included */
  size_t max_frames;
  rs_scalar *
      *delta; /* of depth + 1: frames x (state_size x outputs); delta[0] is of one frame alone */
  rs_scalar *slope;
  rs_scalar *piece;
  rs_scalar *memory;
};

static size_t state_size(const RsSensitivity *s) {
  return s->rnn->state_size;
}

/* Rows of all frames' cotangents have this many scalars. */
static size_t row_size(const RsSensitivity *s, size_t k) {
  return state_size(s) * (k ? s->layer[k - 1].outputs : s->rnn->net->inputs);
}

static rs_scalar *delta_of(const RsSensitivity *s, size_t k, size_t frame) {
  return s->delta[k] + (k ? frame * row_size(s, k) : 0);
}

static size_t add_tensor(RsSensitivity *s, size_t parameter, size_t size) {
  s->tensor[s->tensors] = (Tensor){parameter, s->columns, size};
  s->columns += size;
  return s->tensors++;
}

/* The tensor that holds a parameter; it has been added before. */
static size_t find_tensor(const RsSensitivity *s, size_t parameter) {
  size_t i = 0;
  while (parameter - s->tensor[i].parameter >= s->tensor[i].size) {
    ++i;
  }
  return i;
}

/* The last layer's own weights enter M with the state's rows alone: no other row reaches the state.
 */
static void map_layer(RsSensitivity *s, size_t k) {
  const RsNet *net = s->rnn->net;
  RsLayer *layer = &s->layer[k - 1];
  *layer = net->layer[k - 1];
  if (k == s->depth) {
    *layer = rs_layer_outputs(layer, s->rnn->state_first, state_size(s));
  }
  if (layer->owner && layer->learned) {
    s->tensor_of[k - 1] = add_tensor(s, layer->weights_at, layer->outputs * layer->inputs);
  } else if (layer->learned) {
    s->tensor_of[k - 1] = find_tensor(s, layer->weights_at);
  }
  if (layer->bias == RS_BIAS_OWN) {
    s->bias_of[k - 1] = add_tensor(s, layer->bias_at, layer->outputs);
  }
}

static RsStatus allocate_maps(RsSensitivity *s, RsError *error) {
  s->layer = rs_alloc(s->depth, sizeof *s->layer);
  s->tensor_of = rs_alloc(s->depth, sizeof *s->tensor_of);
  s->bias_of = rs_alloc(s->depth, sizeof *s->bias_of);
  s->tensor = rs_alloc(2 * s->depth + 1, sizeof *s->tensor);
  s->delta = rs_alloc(s->depth + 1, sizeof *s->delta);
  return s->layer && s->tensor_of && s->bias_of && s->tensor && s->delta
             ? RS_OK
             : rs_error(error, RS_ERR_MEMORY, "no memory for dr/dw");
}

/* Whether the linear algebra can count all rows and leading dimensions. */
static bool countable(const RsSensitivity *s, size_t streams) {
  size_t size = 0, all = 0;
  for (size_t k = 0; k <= s->depth; ++k) {
    const size_t n = k ? s->layer[k - 1].outputs : s->rnn->net->inputs;
    if (!rs_multiply_sizes(n, state_size(s), &size) || size > RS_MOST ||
        !rs_multiply_sizes(size, s->max_frames, &size) ||
        !rs_multiply_sizes(rs_net_layer_size(s->rnn->net, k), streams, &all) || all > RS_MOST) {
      return false;
    }
  }
  return rs_multiply_sizes(s->columns, state_size(s), &size) && s->columns <= RS_MOST;
}

static RsStatus allocate_buffers(RsSensitivity *s, size_t streams, RsError *error) {
  if (!countable(s, streams)) {
    return rs_error(error, RS_ERR_OVERFLOW,
                    "a state of %zu units with %zu parameters before it is too large",
                    state_size(s), s->columns);
  }
  size_t total = row_size(s, 0), widest = 0;
  for (size_t k = 1; k <= s->depth; ++k) {
    total += row_size(s, k) * s->max_frames;
    widest = s->layer[k - 1].outputs > widest ? s->layer[k - 1].outputs : widest;
  }
  s->memory = rs_alloc(total + PIECE * state_size(s), sizeof *s->memory);
  s->slope = rs_alloc(widest, sizeof *s->slope);
  if (!s->memory || !s->slope) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for dr/dw");
  }
  s->delta[0] = s->memory;
  for (size_t k = 1; k <= s->depth; ++k) {
    s->delta[k] = s->delta[k - 1] + row_size(s, k - 1) * (k > 1 ? s->max_frames : 1);
  }
  s->piece = s->memory + total;
  return RS_OK;
}

RsStatus rs_sensitivity_new(const RsRnn *rnn, size_t max_frames, size_t streams,
                            RsSensitivity **out, RsError *error) {
  RsSensitivity *s = rs_alloc(1, sizeof *s);
  if (!s) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for dr/dw");
  }
  s->rnn = rs_rnn_share(rnn);
  s->depth = rnn->state_layer;
  s->max_frames = max_frames;
  RsStatus status = allocate_maps(s, error);
  for (size_t k = 1; !status && k <= s->depth; ++k) {
    map_layer(s, k);
  }
  if (!status && rnn->learned_start) {
    add_tensor(s, rs_net_parameters(rnn->net), state_size(s));
  }
  status = status ? status : allocate_buffers(s, streams, error);
  if (status) {
    rs_sensitivity_free(s);
    return status;
  }
  *out = s;
  return RS_OK;
}

void rs_sensitivity_free(RsSensitivity *s) {
  if (s) {
    rs_rnn_free(s->rnn);
    free(s->layer);
    free(s->tensor_of);
    free(s->bias_of);
    free(s->tensor);
    free(s->delta);
    free(s->memory);
    free(s->slope);
    free(s);
  }
}

size_t rs_sensitivity_size(const RsSensitivity *s) {
  return s->columns * state_size(s);
}

static rs_scalar *block(const RsSensitivity *s, size_t tensor, rs_scalar *m) {
  return m + s->tensor[tensor].column * state_size(s);
}

void rs_sensitivity_gradient(const RsSensitivity *s, const rs_scalar *lambda, const rs_scalar *m,
                             rs_scalar *g) {
  for (size_t i = 0; i < s->tensors; ++i) {
    const Tensor *t = &s->tensor[i];
    rs_gemv(RS_TRANSPOSED, state_size(s), t->size, m + t->column * state_size(s), t->size, lambda,
            1, g + t->parameter);
  }
}

/* The frame whose forward a pass goes back through. */
typedef struct {
  RsStreamView view;
  size_t frame; /* in the workspace */
  size_t place; /* among the cotangents that are kept */
} Frame;

/* Values of layer k in that frame; of the last layer, those of the state. */
static const rs_scalar *units(const RsSensitivity *s, rs_scalar *const *buffer, const Frame *at,
                              size_t k) {
  const size_t row = at->frame * at->view.streams + at->view.stream;
  return buffer[k] + row * rs_net_layer_size(s->rnn->net, k) +
         (k == s->depth ? s->rnn->state_first : 0);
}

/* All state_size rows of cotangents times the one row of slopes. */
static void pull_slopes(RsSensitivity *s, const Frame *at, size_t k) {
  const RsLayer *layer = &s->layer[k - 1];
  const size_t n = layer->outputs;
  rs_slope(layer->activation, layer->parameter, n, units(s, at->view.work->v, at, k),
           units(s, at->view.work->y, at, k), s->slope);
  rs_scale_columns(state_size(s), n, s->slope, delta_of(s, k, at->place));
}

/* The skip of layer k; of the last layer, only the state's units go back. */
static void pull_skip(RsSensitivity *s, const Frame *at, size_t k) {
  const RsLayer *layer = &s->layer[k - 1];
  const size_t n = layer->outputs, wide = rs_net_layer_size(s->rnn->net, layer->skip_from);
  const size_t first = k == s->depth ? s->rnn->state_first : 0;
  for (size_t o = 0; layer->skip && o < state_size(s); ++o) {
    rs_add_signed(layer->skip, n, delta_of(s, k, at->place) + o * n,
                  delta_of(s, layer->skip_from, at->place) + o * wide + first);
  }
}

/* From the cotangents of the units of layer k to those below it; of x none are wanted. */
static void pull_layer(RsSensitivity *s, const Frame *at, size_t k) {
  const size_t x = k == 1 ? s->rnn->inputs : 0, below = rs_net_layer_size(s->rnn->net, k - 1);
  const RsLayer layer = rs_layer_inputs(&s->layer[k - 1], x, below - x);
  pull_slopes(s, at, k);
  rs_layer_pull(&layer, at->view.w, state_size(s), delta_of(s, k, at->place),
                s->rnn->net->skip_source[k - 1], delta_of(s, k - 1, at->place) + x, below);
  pull_skip(s, at, k);
}

static void clear_skip_sources(RsSensitivity *s, const Frame *at) {
  for (size_t j = 0; j < s->depth; ++j) {
    if (s->rnn->net->skip_source[j]) {
      memset(delta_of(s, j, at->place), 0, row_size(s, j) * sizeof **s->delta);
    }
  }
}

/* The product so far: what has arrived at r(n-1), state_size x state_size in the columns of r. */
static const rs_scalar *product(const RsSensitivity *s) {
  return s->delta[0] + s->rnn->inputs;
}

/* What goes back from the last frame is the identity, and from any other what came to it. */
static void seed(RsSensitivity *s, size_t place, bool identity) {
  const size_t n = state_size(s);
  rs_scalar *to = delta_of(s, s->depth, place);
  memset(to, 0, identity ? n * n * sizeof *to : 0);
  for (size_t o = 0; o < n; ++o) {
    if (identity) {
      to[o * n + o] = 1;
    } else {
      memcpy(to + o * n, product(s) + o * s->rnn->net->inputs, n * sizeof *to);
    }
  }
}

/* Equation B13: whether the product times dr/dw where it begins is below rounding, by the norms. */
static bool vanishes(const RsSensitivity *s, rs_real size) {
  const size_t n = state_size(s);
  rs_real square = 0;
  for (size_t o = 0; o < n; ++o) {
    const rs_real norm = rs_norm(n, product(s) + o * s->rnn->net->inputs);
    square += norm * norm;
  }
  return (rs_real)sqrt(square) * (size > 1 ? size : 1) <= RS_ROUNDING / 8 && !isnan(size);
}

/* M = J M (equation B2), a piece of the columns after the other. */
static void carry_on(RsSensitivity *s, rs_scalar *m) {
  const size_t n = state_size(s);
  for (size_t i = 0; i < s->tensors; ++i) {
    const size_t size = s->tensor[i].size;
    rs_scalar *columns = block(s, i, m);
    for (size_t from = 0; from < size; from += PIECE) {
      const size_t count = size - from < PIECE ? size - from : PIECE;
      for (size_t o = 0; o < n; ++o) {
        memcpy(s->piece + o * count, columns + o * size + from, count * sizeof *m);
      }
      rs_gemm(RS_PLAIN, RS_PLAIN, n, count, n, product(s), s->rnn->net->inputs, s->piece, count, 0,
              columns + from, size);
    }
  }
}

/* The last tensor is the learned start: dr/dstart is the product itself, where it was not cut off.
 */
static void begin_series(RsSensitivity *s, bool vanished, rs_scalar *m) {
  const size_t n = state_size(s);
  rs_scalar *start = block(s, s->tensors - 1, m);
  if (vanished) {
    memset(start, 0, n * n * sizeof *m);
    return;
  }
  for (size_t o = 0; o < n; ++o) {
    memcpy(start + o * n, product(s) + o * s->rnn->net->inputs, n * sizeof *m);
  }
}

/* Equation B4: M += the weights' terms of the kept frames of layer k: for each state unit, the sum
 * of delta^T y.
 */
static void add_weights(RsSensitivity *s, const Frame *first, size_t frames, size_t k, bool fresh,
                        rs_scalar *m) {
  const RsLayer *layer = &s->layer[k - 1];
  const Tensor *t = &s->tensor[s->tensor_of[k - 1]];
  const size_t n = state_size(s), outputs = layer->outputs, row = row_size(s, k);
  const size_t ld = first->view.streams * layer->inputs, within = layer->gradient_at - t->parameter;
  const rs_scalar *delta = delta_of(s, k, first->place),
                  *y = units(s, first->view.work->y, first, k - 1);
  rs_scalar *to = block(s, s->tensor_of[k - 1], m) + within;
  if (!layer->transposed && t->size == outputs * layer->inputs) {
    rs_gemm(RS_TRANSPOSED, RS_PLAIN, n * outputs, layer->inputs, frames, delta, row, y, ld,
            !(fresh && layer->owner), to, layer->ld);
    return;
  }
  for (size_t o = 0; o < n; ++o) {
    if (layer->transposed) {
      rs_gemm(RS_TRANSPOSED, RS_PLAIN, layer->inputs, outputs, frames, y, ld, delta + o * outputs,
              row, 1, to + o * t->size, layer->ld);
    } else {
      rs_gemm(RS_TRANSPOSED, RS_PLAIN, outputs, layer->inputs, frames, delta + o * outputs, row, y,
              ld, 1, to + o * t->size, layer->ld);
    }
  }
}

/* Where M is fresh it holds nothing to add to: the owner of a tensor, which comes first, overwrites
 * it. */
static void add_terms(RsSensitivity *s, const Frame *first, size_t frames, bool fresh,
                      rs_scalar *m) {
  for (size_t k = 1; k <= s->depth; ++k) {
    if (s->layer[k - 1].learned) {
      add_weights(s, first, frames, k, fresh, m);
    }
    if (s->layer[k - 1].bias == RS_BIAS_OWN) {
      rs_scalar *bias = block(s, s->bias_of[k - 1], m);
      memset(bias, 0, fresh ? row_size(s, k) * sizeof *bias : 0);
      rs_sum_rows(frames, row_size(s, k), delta_of(s, k, first->place), row_size(s, k), bias);
    }
  }
}

void rs_sensitivity_advance(RsSensitivity *s, RsStreamView view, size_t begin, size_t end,
                            bool starts, const rs_scalar *sizes, rs_scalar *m) {
  Frame at = {view, end, end - begin};
  bool vanished = false;
  while (at.frame > begin && !vanished) {
    --at.frame;
    --at.place;
    seed(s, at.place, at.frame + 1 == end);
    clear_skip_sources(s, &at); /* one of them is the product that has just been taken as seed */
    for (size_t k = s->depth; k; --k) {
      pull_layer(s, &at, k);
    }
    if (sizes && at.frame > begin) {
      const size_t before = (at.frame - 1) * view.streams + view.stream;
      vanished = vanishes(s, (rs_real)creal(sizes[before]));
    }
  }
  const bool fresh = starts || vanished;
  if (!fresh) {
    carry_on(s, m);
  } else if (s->rnn->learned_start) {
    begin_series(s, vanished, m);
  }
  add_terms(s, &at, end - at.frame, fresh, m);
}
