/* SPDX-License-Identifier: ISC */

/*
  Gradients through time, doc/math.md, equations B1 and B9 (block RTRL), R5 and R6 (RTRL), R8
  (BPTT).
*/

#include "grad/learner_internal.h"
#include "base/linear_algebra.h"

#include <string.h>

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
    rs_history_gradient(l->history, b, l->sensitivity, l->m, g);
  }
  if (rs_history_must_fold(l->history) && !l->m && rs_learner_add_sensitivities(l)) {
    return rs_error(&l->error, RS_ERR_MEMORY, "no memory for dr/dw");
  }
  rs_history_push(l->history, b, l->sensitivity, l->m);
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
      rs_scalar *m = l->m + s * rs_sensitivity_size(l->sensitivity);
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
  rs_layer_gradient_of_sparse(&l->from_x, rows, delta, in, all, &l->nonzeros, &l->x_work, g);
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
  return !dy || rs_all_finite(rows * n, dy) ? RS_OK
                                            : rs_learner_bad_row(l, rows, n, dy, "the cotangent");
}

RsStatus rs_rnn_learner_backward(RsRnnLearner *l, const rs_scalar *w, const rs_scalar *dy,
                                 rs_scalar *g) {
  RsStatus status = check_backward(l, dy);
  if (status) {
    return status;
  }
  const RsBlock block = rs_learner_block(l, w);
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
