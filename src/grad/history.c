/* SPDX-License-Identifier: ISC */

/* Block RTRL by way of past blocks, doc/math.md, equations B9, B10 and B13. */

#include "grad/history_internal.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <rollsmith/rng.h>

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Random cotangents that estimate the length of the memory of a stream. */
enum { PROBES = 4 };

/* A probe may hide a product 2^10 times as large: that all four do has a chance of 4e-13. */
#define PROBE_MARGIN 1024

/* What is below rounding beside a number of size 1: a quarter of its rounding. */
#define INVISIBLE (RS_ROUNDING / 8)

/* What is below rounding beside a sum of many terms, of which the largest has the size 1. */
#define INVISIBLE_IN_SUM (2 * RS_ROUNDING)

/* ---- Making ---- */

static bool allocate(RsHistory *h) {
  const size_t S = h->streams, states = S * h->rnn->state_size;
  h->memory = rs_alloc(S, sizeof *h->memory);
  h->tangents = rs_alloc(states, sizeof *h->tangents);
  h->walk.lambda = rs_alloc(states, sizeof *h->walk.lambda);
  h->walk.floor = rs_alloc(S, sizeof *h->walk.floor);
  h->walk.depth = rs_alloc(S, sizeof *h->walk.depth);
  h->walk.walking = rs_alloc(S, sizeof *h->walk.walking);
  h->reach = rs_alloc(S, sizeof *h->reach);
  h->normal = rs_alloc(states, sizeof *h->normal);
  h->tangent = rs_tangent_new(h->rnn);
  return h->memory && h->tangents && h->walk.lambda && h->walk.floor && h->walk.depth &&
         h->walk.walking && h->reach && h->normal && h->tangent;
}

RsStatus rs_history_new(const RsRnn *rnn, size_t max_frames, size_t streams, RsHistory **out,
                        RsError *error) {
  RsHistory *h = rs_alloc(1, sizeof *h);
  if (!h) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for past blocks");
  }
  h->rnn = rs_rnn_share(rnn);
  h->streams = streams;
  RsStatus status = rs_past_blocks_init(h->rnn, max_frames, streams, &h->past, error);
  if (!status && !allocate(h)) {
    status = rs_error(error, RS_ERR_MEMORY, "no memory for past blocks");
  }
  if (status) {
    rs_history_free(h);
    return status;
  }
  *out = h;
  return RS_OK;
}

void rs_history_free(RsHistory *h) {
  if (h) {
    rs_past_blocks_clear(&h->past);
    rs_rnn_free(h->rnn);
    rs_tangent_free(h->tangent);
    free(h->memory);
    free(h->tangents);
    free(h->walk.lambda);
    free(h->walk.floor);
    free(h->walk.depth);
    free(h->walk.walking);
    free(h->reach);
    free(h->normal);
    free(h);
  }
}

void rs_history_reset(RsHistory *h) {
  rs_past_blocks_reset(&h->past);
  h->pushed = 0;
  memset(h->memory, 0, h->streams * sizeof *h->memory);
  memset(h->tangents, 0, h->streams * h->rnn->state_size * sizeof *h->tangents);
}

/* ---- The walk back ---- */

static rs_scalar *lambda_of(const RsHistory *h, size_t stream) {
  return h->walk.lambda + stream * h->rnn->state_size;
}

static void end_walk(RsHistory *h, size_t stream) {
  h->walk.walking[stream] = false;
  --h->walk.left;
  memset(lambda_of(h, stream), 0, h->rnn->state_size * sizeof *h->walk.lambda);
}

/* The tangent's norm where a stream of a past block was before frame n; no bound where nothing
 * is kept. */
static rs_real size_before(const RsHistory *h, size_t back, size_t n, size_t stream) {
  if (!n && back + 1 >= h->past.count) {
    return INFINITY;
  }
  const RsPastBlock *block = rs_past_block(&h->past, n ? back : back + 1);
  const size_t frame = (n ? n : block->frames) - 1;
  return (rs_real)creal(block->sizes[frame * h->streams + stream]);
}

/* Equation B13: a stream ends where all that is further back is below rounding. A NaN goes on, to
 * be seen in the gradient, and so does what has no bound. @param size  Of dr/dw there. */
static void end_if_faded(RsHistory *h, size_t stream, rs_real size) {
  const rs_real norm = rs_norm(h->rnn->state_size, lambda_of(h, stream));
  const rs_real bound = norm * (size > 1 ? size : 1);
  if (norm == 0 || (bound <= h->walk.floor[stream] && !isnan(size))) {
    end_walk(h, stream);
  }
}

static void begin_walk(RsHistory *h, size_t stream, rs_real floor) {
  h->walk.floor[stream] = floor;
  h->walk.depth[stream] = 0;
  h->walk.walking[stream] = true;
  ++h->walk.left;
}

/* Where the streams that have ended pass zeros. */
static void put_lambda(const RsHistory *h, const RsBlock *b, size_t n) {
  const size_t row = n * h->streams, k = h->rnn->state_layer;
  const size_t units = rs_net_layer_size(h->rnn->net, k);
  rs_backward_clear(b->work, k, row, h->streams);
  memset(b->work->c[k] + row * units, 0, h->streams * units * sizeof **b->work->c);
  for (size_t s = 0; s < h->streams; ++s) {
    memcpy(rs_block_state_units(b, b->work->c, row + s), lambda_of(h, s),
           h->rnn->state_size * sizeof *h->walk.lambda);
  }
}

static void take_lambda(RsHistory *h, const RsBlock *b, size_t back, size_t n) {
  for (size_t s = 0; s < h->streams; ++s) {
    const size_t row = n * h->streams + s;
    if (!h->walk.walking[s]) {
      continue;
    }
    ++h->walk.depth[s];
    memcpy(lambda_of(h, s), rs_block_state_inputs(b, b->work->c, row),
           h->rnn->state_size * sizeof *h->walk.lambda);
    if (b->starts[row]) {
      end_walk(h, s);
    } else {
      end_if_faded(h, s, size_before(h, back, n, s));
    }
  }
}

/* Through one past block, and what its frames give to the gradient, in one product a layer. */
static void walk_block(RsHistory *h, size_t back, rs_scalar *g) {
  const RsBlock b = rs_past_block_open(&h->past, back);
  size_t n = b.frames;
  while (n && h->walk.left) {
    --n;
    put_lambda(h, &b, n);
    rs_block_backward_frame(&b, n);
    take_lambda(h, &b, back, n);
  }
  if (g) {
    rs_gradient_layers(b.work, 1, h->rnn->state_layer, n * h->streams, (b.frames - n) * h->streams,
                       g);
    rs_block_start_gradient(&b, n, g);
  }
}

static void walk(RsHistory *h, size_t blocks, rs_scalar *g) {
  for (size_t i = 0; i < blocks && h->walk.left; ++i) {
    walk_block(h, i, g);
  }
}

/* Bound below which a term is lost in rounding, from the gradient of a block in some frames. */
static rs_real invisible(const RsBlock *present, size_t stream) {
  enum { LOOKS = 8 };
  rs_real most = 0;
  for (size_t i = 0; i < LOOKS; ++i) {
    const size_t n = i * present->frames / LOOKS;
    const rs_real term = rs_largest_term(present, n * present->streams + stream);
    most = term > most ? term : most;
  }
  return INVISIBLE_IN_SUM * most;
}

/* The tangent's norm after the newest block. */
static rs_real newest_size(const RsHistory *h, size_t stream) {
  const size_t frames = h->past.count ? rs_past_block(&h->past, 0)->frames : 0;
  return frames ? size_before(h, 0, frames, stream) : INFINITY;
}

/* What arrives at the states before the block; nothing where a series starts there. */
static void begin_gradient(RsHistory *h, const RsBlock *present) {
  h->walk.left = 0;
  for (size_t s = 0; s < h->streams; ++s) {
    memcpy(lambda_of(h, s), rs_block_state_inputs(present, present->work->c, s),
           h->rnn->state_size * sizeof *h->walk.lambda);
    begin_walk(h, s, invisible(present, s));
    if (present->starts[s]) {
      end_walk(h, s);
    } else {
      end_if_faded(h, s, newest_size(h, s));
    }
  }
}

void rs_history_gradient(RsHistory *h, const RsBlock *present, const RsSensitivity *s,
                         const rs_scalar *m, rs_scalar *g) {
  begin_gradient(h, present);
  walk(h, h->past.count, g);
  for (size_t i = 0; m && i < h->streams; ++i) {
    if (h->walk.walking[i] && h->memory[i].folded) {
      rs_sensitivity_gradient(s, lambda_of(h, i), m + i * rs_sensitivity_size(s), g);
    }
  }
}

/* ---- What leaves the ring ---- */

static size_t at_most_oldest(size_t frames) {
  return frames < RS_OLDEST_AGE ? frames : RS_OLDEST_AGE;
}

/* One random cotangent a stream, back through the newest blocks. */
static void walk_probe(RsHistory *h, size_t probe, size_t blocks) {
  const size_t R = h->rnn->state_size, all = h->streams * R;
  const RsRng rng = {probe, RS_STREAM_PROBE};
  rs_rng_normal(rng, 0, all, h->normal);
  h->walk.left = 0;
  for (size_t i = 0; i < all; ++i) {
    h->walk.lambda[i] = (rs_scalar)h->normal[i];
  }
  for (size_t s = 0; s < h->streams; ++s) {
    begin_walk(h, s, INVISIBLE / PROBE_MARGIN);
  }
  walk(h, blocks, NULL);
  for (size_t s = 0; s < h->streams; ++s) {
    const size_t depth = h->walk.walking[s] ? RS_OLDEST_AGE : h->walk.depth[s];
    h->reach[s] = depth > h->reach[s] ? depth : h->reach[s];
  }
}

/* Length of the memory of the streams (equation B10), as far as the newest blocks show it. */
static void probe(RsHistory *h, size_t blocks) {
  const size_t frames = rs_past_blocks_frames(&h->past, blocks);
  memset(h->reach, 0, h->streams * sizeof *h->reach);
  for (size_t i = 0; i < PROBES; ++i) {
    walk_probe(h, i, blocks);
  }
  for (size_t s = 0; s < h->streams; ++s) {
    RsStreamMemory *memory = h->memory + s;
    memory->age = h->reach[s] < memory->age ? h->reach[s] : memory->age;
    memory->rest = h->reach[s] > frames ? at_most_oldest(frames) : 0;
  }
}

bool rs_history_must_fold(RsHistory *h) {
  if (!rs_past_blocks_full(&h->past)) {
    return false;
  }
  const size_t blocks = h->past.capacity - 1;
  const size_t frames = rs_past_blocks_frames(&h->past, blocks);
  bool ask = false, must = false;
  for (size_t s = 0; s < h->streams; ++s) {
    ask |= h->memory[s].age > frames && !h->memory[s].rest;
  }
  if (ask) {
    probe(h, blocks);
  }
  for (size_t s = 0; s < h->streams; ++s) {
    must |= h->memory[s].age > frames;
  }
  return must;
}

/* M of one stream moves over the oldest block. Where it was not in use, nothing older is seen. */
static void fold(const RsHistory *h, const RsBlock *oldest, size_t stream, RsSensitivity *s,
                 rs_scalar *m) {
  if (!h->memory[stream].folded) {
    memset(m, 0, rs_sensitivity_size(s) * sizeof *m);
  }
  rs_block_advance(oldest, stream, rs_past_block(&h->past, h->past.capacity - 1)->sizes, s, m);
}

static void drop_oldest(RsHistory *h, RsSensitivity *s, rs_scalar *m) {
  const size_t last = h->past.capacity - 1, frames = rs_past_blocks_frames(&h->past, last);
  const RsBlock oldest = rs_past_block_open(&h->past, last);
  for (size_t i = 0; i < h->streams; ++i) {
    const bool use = m && h->memory[i].age > frames;
    if (use) {
      fold(h, &oldest, i, s, m + i * rs_sensitivity_size(s));
    }
    h->memory[i].folded = use;
  }
  --h->past.count;
}

/* ---- What enters it ---- */

static void grow_older(RsStreamMemory *memory, const RsBlock *b, size_t stream) {
  size_t n = b->frames;
  while (n && !b->starts[(n - 1) * b->streams + stream]) {
    --n;
  }
  memory->age = at_most_oldest(n ? b->frames - n + 1 : memory->age + b->frames);
  memory->rest = memory->rest > b->frames ? memory->rest - b->frames : 0;
}

void rs_history_push(RsHistory *h, const RsBlock *present, RsSensitivity *s, rs_scalar *m) {
  if (rs_past_blocks_full(&h->past)) {
    drop_oldest(h, s, m);
  }
  rs_past_blocks_push(&h->past, present);
  for (size_t i = 0; i < h->streams; ++i) {
    grow_older(h->memory + i, present, i);
  }
  const RsBlock newest = rs_past_block_open(&h->past, 0);
  rs_tangent_advance(h->tangent, &newest, present->work, h->pushed, h->tangents,
                     rs_past_block(&h->past, 0)->sizes);
  h->pushed = (h->pushed + 1) % RS_OLDEST_AGE;
}
