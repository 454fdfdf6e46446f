#include "grad/rnn_internal.h"
#include "grad/activation.h"
#include "base/kernels.h"
#include "base/memory.h"

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
  RsSensitivity *sensitivity; /* NULL for BPTT */
  rs_scalar *carry;           /* a stream after the other: fresh, r, M */
  size_t carry_stride;        /* from one stream to the next */
  RsError error;
};

static rs_scalar *carried(const RsRnnLearner *l, size_t stream) {
  return l->carry + stream * l->carry_stride;
}

static rs_scalar *carried_state(const RsRnnLearner *l, size_t stream) {
  return carried(l, stream) + 1;
}

static rs_scalar *carried_sensitivity(const RsRnnLearner *l, size_t stream) {
  return carried(l, stream) + 1 + l->rnn->state_size;
}

/* The state's units in a buffer of the state layer. */
static rs_scalar *state_units(const RsRnnLearner *l, rs_scalar *const *buffer, size_t row) {
  const size_t k = l->rnn->state_layer;
  return buffer[k] + row * l->rnn->net->layer[k - 1].outputs + l->rnn->state_first;
}

/* The inputs that take the state, in a buffer of the net's input. */
static rs_scalar *state_inputs(const RsRnnLearner *l, rs_scalar *const *buffer, size_t row) {
  return buffer[0] + row * l->rnn->net->inputs + l->rnn->inputs;
}

static bool allocate(RsRnnLearner *l) {
  l->carry_stride =
      1 + l->rnn->state_size + (l->sensitivity ? rs_sensitivity_size(l->sensitivity) : 0);
  size_t carry = 0;
  if (!rs_multiply(l->streams, l->carry_stride, &carry)) {
    return false;
  }
  l->starts = rs_alloc(l->max_frames * l->streams, 1);
  l->carry = rs_alloc(carry, sizeof *l->carry);
  return l->starts && l->carry;
}

RsStatus rs_rnn_learner_new(const RsRnn *rnn, RsRnnEngine engine, size_t max_frames, size_t streams,
                            RsRnnLearner **out, RsError *error) {
  size_t rows = 0;
  if ((unsigned)engine > RS_ENGINE_RTRL || !max_frames || !streams) {
    return rs_error(error, RS_ERR_ARGUMENT, "a learner of engine %u, %zu frames, %zu streams: %s",
                    (unsigned)engine, max_frames, streams,
                    "expected a known engine and at least 1 of each");
  }
  if (!rs_multiply(max_frames, streams, &rows) || rows > RS_MOST) {
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
  if (!status && engine != RS_ENGINE_BPTT) {
    const size_t frames = engine == RS_ENGINE_RTRL ? 1 : max_frames;
    status = rs_sensitivity_new(rnn, frames, streams, &l->sensitivity, error);
  }
  if (!status && !allocate(l)) {
    status = rs_error(error, RS_ERR_MEMORY, "no memory for a learner of %zu streams", streams);
  }
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
    rs_rnn_free(l->rnn);
    free(l->starts);
    free(l->carry);
    free(l);
  }
}

void rs_rnn_learner_reset(RsRnnLearner *l) {
  memset(l->carry, 0, l->streams * l->carry_stride * sizeof *l->carry);
  for (size_t s = 0; s < l->streams; ++s) {
    *carried(l, s) = 1;
  }
  l->frames = 0;
}

size_t rs_rnn_learner_carry_size(const RsRnnLearner *l) {
  return l->streams * l->carry_stride;
}

rs_scalar *rs_rnn_learner_carry(RsRnnLearner *l) {
  return l->carry;
}

const rs_scalar *rs_rnn_learner_outputs(const RsRnnLearner *l) {
  return rs_net_output(l->work);
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
  rs_layer_bias(&l->from_x, w, rows, l->work->v[1]);
  rs_layer_field(&l->from_x, w, rows, l->work->y[0], all, 1, l->work->v[1]);
}

/* r(n-1) of every stream becomes an input of frame n. */
static void feed_states(RsRnnLearner *l, const rs_scalar *w, size_t n) {
  for (size_t s = 0; s < l->streams; ++s) {
    const size_t row = n * l->streams + s;
    rs_scalar *to = state_inputs(l, l->work->y, row);
    if (l->starts[row]) {
      rs_rnn_start(l->rnn, w, to);
    } else {
      const rs_scalar *r = n ? state_units(l, l->work->y, row - l->streams) : carried_state(l, s);
      memcpy(to, r, l->rnn->state_size * sizeof *to);
    }
  }
}

/* The layers up to the state's, frame after frame. */
static void run_recurrence(RsRnnLearner *l, const rs_scalar *w) {
  const size_t S = l->streams;
  for (size_t n = 0; n < l->frames; ++n) {
    feed_states(l, w, n);
    rs_layer_field(&l->from_r, w, S, state_inputs(l, l->work->y, n * S), l->rnn->net->inputs, 1,
                   l->work->v[1] + n * S * l->from_r.outputs);
    rs_forward_skip_and_activate(l->work, 1, n * S, S);
    for (size_t k = 2; k <= l->rnn->state_layer; ++k) {
      rs_forward_layer(l->work, w, k, n * S, S);
    }
  }
  for (size_t s = 0; s < S; ++s) {
    memcpy(carried_state(l, s), state_units(l, l->work->y, (l->frames - 1) * S + s),
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

/* Layer 1 of the frame that begins at row `from`, down to the state before it; x needs no
 * cotangent. */
static void backward_first_layer(RsRnnLearner *l, const rs_scalar *w, size_t from) {
  RsNetWork *work = l->work;
  const RsLayer *layer = &l->from_r;
  const size_t n = layer->outputs, at = from * n;
  rs_pull_activation(layer->activation, layer->parameter, l->streams, n, work->v[1] + at,
                     work->y[1] + at, work->c[1] + at);
  rs_layer_pull(layer, w, l->streams, work->c[1] + at, l->rnn->net->skip_source[0],
                state_inputs(l, work->c, from), l->rnn->net->inputs);
  rs_add_signed(layer->skip, l->streams * n, work->c[1] + at, work->c[0] + at);
}

/* The frame's recurrent layers, from the cotangents of the state layer to those of r(n-1). */
static void backward_frame(RsRnnLearner *l, const rs_scalar *w, size_t n) {
  rs_backward_layers(l->work, w, l->rnn->state_layer, 2, n * l->streams, l->streams, true);
  backward_first_layer(l, w, n * l->streams);
}

/* Cotangents of r(n) that come from frame n + 1, where no series starts there. */
static void pass_back(RsRnnLearner *l, size_t n) {
  for (size_t s = 0; s < l->streams; ++s) {
    const size_t next = (n + 1) * l->streams + s;
    if (!l->starts[next]) {
      rs_axpy(l->rnn->state_size, 1, state_inputs(l, l->work->c, next),
              state_units(l, l->work->c, next - l->streams));
    }
  }
}

/* The readout of the whole block, from the outputs' cotangents to those of the state layer. */
static void backward_readout(RsRnnLearner *l, const rs_scalar *w, const rs_scalar *dy) {
  const size_t rows = l->frames * l->streams, last = l->rnn->net->layers;
  rs_scalar *c = l->work->c[last];
  rs_backward_clear(l->work, last - 1, 0, rows);
  if (dy) {
    memcpy(c, dy, rows * rs_rnn_outputs(l->rnn) * sizeof *c);
    rs_conjugate(rows * rs_rnn_outputs(l->rnn), c);
  } else {
    memset(c, 0, rows * rs_rnn_outputs(l->rnn) * sizeof *c);
  }
  if (last > l->rnn->state_layer) {
    rs_backward_layers(l->work, w, last, l->rnn->state_layer + 1, 0, rows, true);
  }
}

/* What arrives at the states that series start with. */
static void start_gradient(const RsRnnLearner *l, rs_scalar *g) {
  if (l->rnn->learned_start) {
    for (size_t row = 0; row < l->frames * l->streams; ++row) {
      if (l->starts[row]) {
        rs_axpy(l->rnn->state_size, 1, state_inputs(l, l->work->c, row),
                g + rs_net_parameters(l->rnn->net));
      }
    }
  }
}

static RsStreamView view_of(const RsRnnLearner *l, const rs_scalar *w, size_t stream) {
  return (RsStreamView){l->work, w, stream, l->streams};
}

/* Whether what arrives before the block is below the rounding of what arrives inside it. */
static bool fades(const RsRnnLearner *l, size_t stream) {
  const size_t size = l->rnn->state_size;
  rs_real most = 0;
  for (size_t n = 0; n < l->frames; ++n) {
    const rs_real norm = rs_norm(size, state_inputs(l, l->work->c, n * l->streams + stream));
    most = norm > most ? norm : most;
  }
  return rs_norm(size, state_inputs(l, l->work->c, stream)) <= RS_ROUNDING / 8 * most;
}

/* Block RTRL, doc/math.md, equations B1 and B2: the past enters through M, and M moves to the
 * block's end. */
static void block_stream(RsRnnLearner *l, const rs_scalar *w, size_t stream, rs_scalar *g) {
  rs_scalar *m = carried_sensitivity(l, stream);
  if (g && !l->starts[stream] && !fades(l, stream)) {
    rs_sensitivity_gradient(l->sensitivity, state_inputs(l, l->work->c, stream), m, g);
  }
  size_t begin = l->frames - 1;
  while (begin && !l->starts[begin * l->streams + stream]) {
    --begin;
  }
  rs_sensitivity_advance(l->sensitivity, view_of(l, w, stream), begin, l->frames,
                         l->starts[begin * l->streams + stream], true, m);
}

/* Back-propagation through the block; c[0] holds what arrives at r(n-1) of every frame. */
static void backward_through_time(RsRnnLearner *l, const rs_scalar *w) {
  for (size_t n = l->frames; n-- > 0;) {
    if (n + 1 < l->frames) {
      pass_back(l, n);
    }
    backward_frame(l, w, n);
  }
}

/* RTRL, doc/math.md, equations R5 and R6: each frame alone, the past through M, which then moves by
 * this frame.
 */
static void real_time(RsRnnLearner *l, const rs_scalar *w, rs_scalar *g) {
  for (size_t n = 0; n < l->frames; ++n) {
    backward_frame(l, w, n);
    for (size_t s = 0; s < l->streams; ++s) {
      const size_t row = n * l->streams + s;
      rs_scalar *m = carried_sensitivity(l, s);
      if (g && !l->starts[row]) {
        rs_sensitivity_gradient(l->sensitivity, state_inputs(l, l->work->c, row), m, g);
      }
      rs_sensitivity_advance(l->sensitivity, view_of(l, w, s), n, n + 1, l->starts[row], false, m);
    }
  }
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
  const RsStatus status = check_backward(l, dy);
  if (status) {
    return status;
  }
  const size_t parameters = rs_rnn_parameters(l->rnn);
  if (g) {
    rs_conjugate(parameters, g);
  }
  backward_readout(l, w, dy);
  if (l->engine == RS_ENGINE_RTRL) {
    real_time(l, w, g);
  } else {
    backward_through_time(l, w);
    for (size_t s = 0; l->engine == RS_ENGINE_BLOCK && s < l->streams; ++s) {
      block_stream(l, w, s, g);
    }
  }
  if (g) {
    rs_gradient_layers(l->work, g);
    start_gradient(l, g);
    rs_conjugate(parameters, g);
  }
  l->frames = 0;
  return !g || rs_all_finite(parameters, g)
             ? RS_OK
             : rs_error(&l->error, RS_ERR_NONFINITE,
                        "the gradient overflows, or was not finite before");
}
