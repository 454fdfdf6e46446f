#include "grad/history.h"
#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/packed.h"
#include "base/sparse.h"

#include <stdlib.h>
#include <string.h>

struct RsRnnLearner {
  RsRnn *rnn;
  RsRnnEngine engine;
  size_t max_frames, streams;
  size_t frames;              /* of the last forward that no backward has followed, else 0 */
  unsigned char *starts;      /* of its frames x streams, with the starts of fresh streams */
  RsNetWork *work;            /* row n streams + s is frame n of stream s */
  RsLayer from_x, from_r;     /* the two windows of layer 1 */
  RsSparseWork x_work;        /* of from_x */
  bool sparse;                /* whether x of this block is mostly zeros */
  RsSensitivity *sensitivity; /* NULL for BPTT */
  RsHistory *history;         /* of block RTRL, else NULL */
  rs_scalar *carry;           /* fresh and r of every stream, history, M of every stream */
  size_t carry_size;          /* now */
  size_t bare_size;           /* without M */
  RsError error;
};

/* Scalars of one stream's fresh and r. */
static size_t head_size(const RsRnnLearner *l) {
  return 1 + l->rnn->state_size;
}

static rs_scalar *carried(const RsRnnLearner *l, size_t stream) {
  return l->carry + stream * head_size(l);
}

static rs_scalar *carried_state(const RsRnnLearner *l, size_t stream) {
  return carried(l, stream) + 1;
}

/* M of all streams, NULL where there is none. */
static rs_scalar *carried_sensitivities(const RsRnnLearner *l) {
  return l->carry_size > l->bare_size ? l->carry + l->bare_size : NULL;
}

static RsBlock present(const RsRnnLearner *l, const rs_scalar *w) {
  return (RsBlock){l->rnn, l->work, w, l->frames, l->streams, l->starts};
}

/* Scalars of the carry with an M for every stream; 0 where they cannot be counted. */
static size_t full_size(const RsRnnLearner *l) {
  size_t size = 0;
  if (l->sensitivity &&
      !rs_multiply_sizes(l->streams, rs_sensitivity_size(l->sensitivity), &size)) {
    return 0;
  }
  return size <= SIZE_MAX - l->bare_size ? size + l->bare_size : 0;
}

/* Where the carry lies and how large it is; what it held before is kept. */
static bool place_carry(RsRnnLearner *l, size_t size) {
  rs_scalar *carry = rs_alloc(size, sizeof *carry);
  if (!carry) {
    return false;
  }
  const size_t kept = l->carry_size < size ? l->carry_size : size;
  if (kept) {
    memcpy(carry, l->carry, kept * sizeof *carry);
  }
  free(l->carry);
  l->carry = carry;
  l->carry_size = size;
  if (l->history) {
    rs_history_place(l->history, carry + l->streams * head_size(l));
  }
  return true;
}

static RsStatus allocate(RsRnnLearner *l, RsError *error) {
  l->bare_size = l->streams * head_size(l) + (l->history ? rs_history_size(l->history) : 0);
  const size_t size = l->engine == RS_ENGINE_RTRL ? full_size(l) : l->bare_size;
  l->starts = rs_alloc(l->max_frames * l->streams, 1);
  return size && l->starts && place_carry(l, size)
             ? RS_OK
             : rs_error(error, RS_ERR_MEMORY, "no memory for a learner of %zu streams", l->streams);
}

RsStatus rs_rnn_learner_new(const RsRnn *rnn, RsRnnEngine engine, size_t max_frames, size_t streams,
                            RsRnnLearner **out, RsError *error) {
  size_t rows = 0;
  if ((unsigned)engine > RS_ENGINE_RTRL || !max_frames || !streams) {
    return rs_error(error, RS_ERR_ARGUMENT, "a learner of engine %u, %zu frames, %zu streams: %s",
                    (unsigned)engine, max_frames, streams,
                    "expected a known engine and at least 1 of each");
  }
  if (!rs_multiply_sizes(max_frames, streams, &rows) || rows > RS_MOST) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu frames of %zu streams are too many to count",
                    max_frames, streams);
  }
  RsRnnLearner *l = rs_alloc(1, sizeof *l);
  if (!l) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a learner");
  }
  l->rnn = rs_rnn_share(rnn);
  l->engine = engine;
  l->max_frames = max_frames;
  l->streams = streams;
  l->from_x = rs_layer_inputs(&rnn->net->layer[0], 0, rnn->inputs);
  l->from_r = rs_layer_inputs(&rnn->net->layer[0], rnn->inputs, rnn->state_size);
  RsStatus status = rs_net_work_new(rnn->net, rows, &l->work, error);
  if (!status && (rs_sparse_work_new(&l->from_x, &l->x_work) ||
                  rs_net_work_add_packed(l->work, &l->from_r, true))) {
    status = rs_error(error, RS_ERR_MEMORY, "no memory for a learner");
  }
  if (!status && engine != RS_ENGINE_BPTT) {
    const size_t frames = engine == RS_ENGINE_RTRL ? 1 : max_frames;
    status = rs_sensitivity_new(rnn, frames, streams, &l->sensitivity, error);
  }
  if (!status && engine == RS_ENGINE_BLOCK) {
    status = rs_history_new(rnn, max_frames, streams, &l->history, error);
  }
  status = status ? status : allocate(l, error);
  if (status) {
    rs_rnn_learner_free(l);
    return status;
  }
  rs_rnn_learner_reset(l);
  *out = l;
  return RS_OK;
}

void rs_rnn_learner_free(RsRnnLearner *l) {
  if (l) {
    rs_net_work_free(l->work);
    rs_sensitivity_free(l->sensitivity);
    rs_history_free(l->history);
    rs_sparse_work_free(&l->x_work);
    rs_rnn_free(l->rnn);
    free(l->starts);
    free(l->carry);
    free(l);
  }
}

void rs_rnn_learner_reset(RsRnnLearner *l) {
  memset(l->carry, 0, l->carry_size * sizeof *l->carry);
  for (size_t s = 0; s < l->streams; ++s) {
    *carried(l, s) = 1;
  }
  l->frames = 0;
}

size_t rs_rnn_learner_carry_size(const RsRnnLearner *l) {
  return l->carry_size;
}

RsStatus rs_rnn_learner_carry_resize(RsRnnLearner *l, size_t size) {
  if (size == l->carry_size) {
    return RS_OK;
  }
  if (!l->history || (size != l->bare_size && size != full_size(l))) {
    return rs_error(&l->error, RS_ERR_ARGUMENT, "a carry of %zu values, the learner's has %zu",
                    size, l->carry_size);
  }
  return place_carry(l, size) ? RS_OK : rs_error(&l->error, RS_ERR_MEMORY, "no memory for dr/dw");
}

rs_scalar *rs_rnn_learner_carry(RsRnnLearner *l) {
  return l->carry;
}

const rs_scalar *rs_rnn_learner_outputs(const RsRnnLearner *l) {
  return rs_net_output(l->work);
}

rs_scalar *rs_rnn_learner_cotangents(RsRnnLearner *l) {
  return l->work->c[l->rnn->net->layers];
}

const RsError *rs_rnn_learner_error(const RsRnnLearner *l) {
  return &l->error;
}

/* The first row that is not finite, told as frame and stream. */
static RsStatus bad_frame(RsRnnLearner *l, size_t rows, size_t n, const rs_scalar *x,
                          const char *what) {
  size_t row = 0;
  while (row < rows && rs_all_finite(n, x + row * n)) {
    ++row;
  }
  return rs_error(&l->error, RS_ERR_NONFINITE,
                  "%s of frame %zu, stream %zu, holds a NaN or an infinity", what, row / l->streams,
                  row % l->streams);
}

static RsStatus check_forward(RsRnnLearner *l, const rs_scalar *w, size_t frames,
                              const rs_scalar *x) {
  const size_t rows = frames * l->streams, net = rs_net_parameters(l->rnn->net);
  if (!frames || frames > l->max_frames) {
    return rs_error(&l->error, RS_ERR_ARGUMENT, "a block of %zu frames, the learner takes 1 to %zu",
                    frames, l->max_frames);
  }
  if (!rs_all_finite(rows * l->rnn->inputs, x)) {
    return bad_frame(l, rows, l->rnn->inputs, x, "the input");
  }
  if (!rs_all_finite(rs_rnn_parameters(l->rnn) - net, w + net)) {
    return rs_error(&l->error, RS_ERR_NONFINITE, "the learned start holds a NaN or an infinity");
  }
  for (size_t s = 0; s < l->streams; ++s) {
    if (!rs_all_finite(1 + l->rnn->state_size, carried(l, s))) {
      return rs_error(&l->error, RS_ERR_NONFINITE,
                      "what stream %zu carries holds a NaN or an infinity", s);
    }
  }
  if (l->history && !rs_history_valid(l->history)) {
    return rs_error(&l->error, RS_ERR_ARGUMENT, "what is carried was never this learner's");
  }
  return rs_check_parameters(l->rnn->net, w, &l->error);
}

static void take_starts(RsRnnLearner *l, const unsigned char *starts) {
  memset(l->starts, 0, l->frames * l->streams);
  if (starts) {
    memcpy(l->starts, starts, l->frames * l->streams);
  }
  for (size_t s = 0; s < l->streams; ++s) {
    l->starts[s] |= *carried(l, s) != 0;
    *carried(l, s) = 0;
  }
}

/* x into the workspace, and what layer 1 makes of it in one product for the whole block. */
static void take_inputs(RsRnnLearner *l, const rs_scalar *w, const rs_scalar *x) {
  const size_t rows = l->frames * l->streams, inputs = l->rnn->inputs, all = l->rnn->net->inputs;
  for (size_t row = 0; row < rows; ++row) {
    memcpy(l->work->y[0] + row * all, x + row * inputs, inputs * sizeof *x);
  }
  l->sparse = rs_is_sparse(rows * inputs, x);
  if (l->sparse) {
    rs_layer_field_of_sparse(&l->from_x, w, rows, x, inputs, &l->x_work, l->work->v[1]);
    return;
  }
  rs_layer_bias(&l->from_x, w, rows, l->work->v[1]);
  rs_layer_field(&l->from_x, w, rows, l->work->y[0], all, 1, l->work->v[1]);
}

/*
  Layers that meet few rows frame after frame, and narrow ones that meet many. How the state moves
  does not depend on the length of a block: a net that is sensitive would make much of the rounding.
*/
static void pack(RsRnnLearner *l, const rs_scalar *w) {
  enum { MANY = 64 }; /* rows that a library is quick with, and that make up for packing */
  const RsNet *net = l->rnn->net;
  const bool each = l->streams < MANY, all = l->frames * l->streams >= MANY;
  for (size_t k = 1; k <= net->layers; ++k) {
    const RsLayer *layer = &net->layer[k - 1];
    if (k <= l->rnn->state_layer) {
      rs_net_work_pack(l->work, w, k, each, each);
    } else {
      rs_net_work_pack(l->work, w, k, all && layer->inputs <= RS_PACKED_DEPTH,
                       all && layer->outputs <= RS_PACKED_DEPTH);
    }
  }
}

/* r(n-1) of every stream becomes an input of frame n. */
static void feed_states(RsRnnLearner *l, const rs_scalar *w, size_t n) {
  const RsBlock b = present(l, w);
  for (size_t s = 0; s < l->streams; ++s) {
    const size_t row = n * l->streams + s;
    rs_scalar *to = rs_block_state_inputs(&b, l->work->y, row);
    if (l->starts[row]) {
      rs_rnn_start(l->rnn, w, to);
    } else {
      const rs_scalar *r =
          n ? rs_block_state_units(&b, l->work->y, row - l->streams) : carried_state(l, s);
      memcpy(to, r, l->rnn->state_size * sizeof *to);
    }
  }
}

/* What the states before frame n add to the field of layer 1. */
static void field_of_states(RsRnnLearner *l, const rs_scalar *w, size_t n) {
  const RsBlock b = present(l, w);
  const size_t ld = l->rnn->net->inputs, outputs = l->from_r.outputs;
  const rs_scalar *r = rs_block_state_inputs(&b, l->work->y, n * l->streams);
  rs_scalar *field = l->work->v[1] + n * l->streams * outputs;
  if (l->work->packed->fields) {
    rs_layer_field_of_packed(&l->from_r, l->work->packed, l->streams, r, ld, field, outputs, field);
  } else {
    rs_layer_field(&l->from_r, w, l->streams, r, ld, 1, field);
  }
}

/* The layers up to the state's, frame after frame. */
static void run_recurrence(RsRnnLearner *l, const rs_scalar *w) {
  const size_t S = l->streams;
  const RsBlock b = present(l, w);
  for (size_t n = 0; n < l->frames; ++n) {
    feed_states(l, w, n);
    field_of_states(l, w, n);
    rs_forward_skip_and_activate(l->work, 1, n * S, S);
    for (size_t k = 2; k <= l->rnn->state_layer; ++k) {
      rs_forward_layer(l->work, w, k, n * S, S);
    }
  }
  for (size_t s = 0; s < S; ++s) {
    memcpy(carried_state(l, s), rs_block_state_units(&b, l->work->y, (l->frames - 1) * S + s),
           l->rnn->state_size * sizeof *l->carry);
  }
}

RsStatus rs_rnn_learner_forward(RsRnnLearner *l, const rs_scalar *w, size_t frames,
                                const rs_scalar *x, const unsigned char *starts) {
  const RsStatus status = check_forward(l, w, frames, x);
  if (status) {
    return status;
  }
  const size_t rows = frames * l->streams, last = l->rnn->net->layers, state = l->rnn->state_layer;
  l->frames = frames;
  l->work->batch = rows;
  take_starts(l, starts);
  take_inputs(l, w, x);
  pack(l, w);
  run_recurrence(l, w);
  for (size_t k = state + 1; k <= last; ++k) {
    rs_forward_layer(l->work, w, k, 0, rows);
  }
  const size_t units = rs_net_layer_size(l->rnn->net, state), outputs = rs_rnn_outputs(l->rnn);
  if (!rs_all_finite(rows * units, l->work->y[state])) {
    return bad_frame(l, rows, units, l->work->y[state], "the state");
  }
  return rs_all_finite(rows * outputs, l->work->y[last])
             ? RS_OK
             : bad_frame(l, rows, outputs, l->work->y[last], "the output");
}

/* Cotangents of r(n) that come from frame n + 1, where no series starts there. */
static void pass_back(const RsBlock *b, size_t n) {
  for (size_t s = 0; s < b->streams; ++s) {
    const size_t next = (n + 1) * b->streams + s;
    if (!b->starts[next]) {
      rs_axpy(b->rnn->state_size, 1, rs_block_state_inputs(b, b->work->c, next),
              rs_block_state_units(b, b->work->c, next - b->streams));
    }
  }
}

/* The readout, from the outputs' cotangents to those of the state layer, and its gradient: some
 * rows after the other, as long as they are near. */
static void backward_readout(RsRnnLearner *l, const rs_scalar *w, const rs_scalar *dy,
                             rs_scalar *g) {
  const size_t rows = l->frames * l->streams, last = l->rnn->net->layers;
  rs_scalar *c = l->work->c[last];
  rs_backward_clear(l->work, last - 1, 0, rows);
  if (dy) {
    if (dy != c) {
      memcpy(c, dy, rows * rs_rnn_outputs(l->rnn) * sizeof *c);
    }
    rs_conjugate(rows * rs_rnn_outputs(l->rnn), c);
  } else {
    memset(c, 0, rows * rs_rnn_outputs(l->rnn) * sizeof *c);
  }
  const size_t first = l->rnn->state_layer + 1;
  for (size_t from = 0; first <= last && from < rows; from += RS_NEAR_ROWS) {
    const size_t near = rows - from < RS_NEAR_ROWS ? rows - from : RS_NEAR_ROWS;
    rs_backward_layers(l->work, w, last, first, from, near, true, g);
  }
}

/* Back-propagation through the block; c[0] holds what arrives at r(n-1) of every frame. */
static void backward_through_time(const RsBlock *b) {
  for (size_t n = b->frames; n-- > 0;) {
    if (n + 1 < b->frames) {
      pass_back(b, n);
    }
    rs_block_backward_frame(b, n);
  }
}

/* Block RTRL, doc/math.md, equations B1 and B9: what the past gives, and the block becomes past. */
static RsStatus block_real_time(RsRnnLearner *l, const RsBlock *b, rs_scalar *g) {
  if (g) {
    rs_history_gradient(l->history, b, l->sensitivity, carried_sensitivities(l), g);
  }
  if (rs_history_must_fold(l->history) && !carried_sensitivities(l)) {
    const RsStatus status = rs_rnn_learner_carry_resize(l, full_size(l));
    if (status) {
      return status;
    }
  }
  rs_history_push(l->history, b, l->sensitivity, carried_sensitivities(l));
  return RS_OK;
}

/* RTRL, doc/math.md, equations R5 and R6: each frame alone, the past through M, which then moves by
 * this frame.
 */
static void real_time(RsRnnLearner *l, const RsBlock *b, rs_scalar *g) {
  for (size_t n = 0; n < b->frames; ++n) {
    rs_block_backward_frame(b, n);
    for (size_t s = 0; s < b->streams; ++s) {
      const size_t row = n * b->streams + s;
      rs_scalar *m = carried_sensitivities(l) + s * rs_sensitivity_size(l->sensitivity);
      if (g && !b->starts[row]) {
        rs_sensitivity_gradient(l->sensitivity, rs_block_state_inputs(b, b->work->c, row), m, g);
      }
      rs_sensitivity_advance(l->sensitivity, (RsStreamView){b->work, b->w, s, b->streams}, n, n + 1,
                             b->starts[row], NULL, m);
    }
  }
}

/* g += the gradient of the layers up to the state's, from what has arrived at them. */
static void gradient_of_block(RsRnnLearner *l, rs_scalar *g) {
  const size_t rows = l->work->batch, last = l->rnn->state_layer;
  if (!l->sparse) {
    rs_gradient_layers(l->work, 1, last, 0, rows, g);
    return;
  }
  const size_t all = l->rnn->net->inputs;
  const rs_scalar *delta = l->work->c[1], *in = l->work->y[0];
  rs_layer_gradient_of_sparse(&l->from_x, rows, delta, in, all, &l->x_work, g);
  rs_layer_gradient_of_packed(&l->from_r, l->work->packed, rows, delta, in + l->rnn->inputs, all,
                              g);
  rs_gradient_layers(l->work, 2, last, 0, rows, g);
}

static RsStatus check_backward(RsRnnLearner *l, const rs_scalar *dy) {
  const size_t rows = l->frames * l->streams, n = rs_rnn_outputs(l->rnn);
  if (!rows) {
    return rs_error(&l->error, RS_ERR_ARGUMENT,
                    "no forward came before: nothing to go back through");
  }
  return !dy || rs_all_finite(rows * n, dy) ? RS_OK : bad_frame(l, rows, n, dy, "the cotangent");
}

RsStatus rs_rnn_learner_backward(RsRnnLearner *l, const rs_scalar *w, const rs_scalar *dy,
                                 rs_scalar *g) {
  RsStatus status = check_backward(l, dy);
  if (status) {
    return status;
  }
  const RsBlock block = present(l, w);
  const size_t parameters = rs_rnn_parameters(l->rnn);
  if (g) {
    rs_conjugate(parameters, g);
  }
  backward_readout(l, w, dy, g);
  if (l->engine == RS_ENGINE_RTRL) {
    real_time(l, &block, g);
  } else {
    backward_through_time(&block);
  }
  if (l->history) {
    status = block_real_time(l, &block, g);
  }
  if (g) {
    gradient_of_block(l, g);
    rs_block_start_gradient(&block, 0, g);
    rs_conjugate(parameters, g);
  }
  l->frames = 0;
  if (!status && g && !rs_all_finite(parameters, g)) {
    status =
        rs_error(&l->error, RS_ERR_NONFINITE, "the gradient overflows, or was not finite before");
  }
  return status;
}
