/* SPDX-License-Identifier: ISC */

/* A block of frames of a recurrent net, doc/math.md, equation R1. */

#include "grad/learner_internal.h"
#include "base/linear_algebra.h"
#include "base/packed.h"
#include "base/sparse.h"

#include <string.h>

static RsStatus check_forward(RsRnnLearner *l, const rs_scalar *w, size_t frames,
                              const rs_scalar *x) {
  const size_t rows = frames * l->streams, net = rs_net_parameters(l->rnn->net);
  if (!frames || frames > l->max_frames) {
    return rs_error(&l->error, RS_ERR_ARGUMENT, "a block of %zu frames, the learner takes 1 to %zu",
                    frames, l->max_frames);
  }
  if (!rs_all_finite(rows * l->rnn->inputs, x)) {
    return rs_learner_bad_row(l, rows, l->rnn->inputs, x, "the input");
  }
  if (!rs_all_finite(rs_rnn_parameters(l->rnn) - net, w + net)) {
    return rs_error(&l->error, RS_ERR_NONFINITE, "the learned start holds a NaN or an infinity");
  }
  for (size_t s = 0; s < l->streams; ++s) {
    if (!rs_all_finite(l->rnn->state_size, rs_learner_state(l, s))) {
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
    l->starts[s] |= l->fresh[s];
    l->fresh[s] = false;
  }
}

/* x into the workspace, and what layer 1 makes of it in one product for the whole block. */
static void take_inputs(RsRnnLearner *l, const rs_scalar *w, const rs_scalar *x) {
  const size_t rows = l->frames * l->streams, inputs = l->rnn->inputs, all = l->rnn->net->inputs;
  for (size_t row = 0; row < rows; ++row) {
    memcpy(l->work->y[0] + row * all, x + row * inputs, inputs * sizeof *x);
  }
  rs_find_nonzeros(rows, inputs, x, &l->nonzeros);
  l->sparse = rs_few_nonzeros(l->nonzeros.first[rows], rows * inputs);
  if (l->sparse) {
    rs_layer_field_of_sparse(&l->from_x, w, rows, x, inputs, &l->nonzeros, &l->x_work,
                             l->work->v[1]);
    return;
  }
  rs_layer_bias(&l->from_x, w, rows, l->work->v[1]);
  rs_layer_field(&l->from_x, w, rows, l->work->y[0], all, 1, l->work->v[1]);
}

/*
  Layers that meet few rows frame after frame, and narrow ones that meet many. How the state moves
  does not depend on the length of a block: a net that is sensitive would amplify the rounding.
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
  const RsBlock b = rs_learner_block(l, w);
  for (size_t s = 0; s < l->streams; ++s) {
    const size_t row = n * l->streams + s;
    rs_scalar *to = rs_block_state_inputs(&b, l->work->y, row);
    if (l->starts[row]) {
      rs_rnn_start(l->rnn, w, to);
    } else {
      const rs_scalar *r =
          n ? rs_block_state_units(&b, l->work->y, row - l->streams) : rs_learner_state(l, s);
      memcpy(to, r, l->rnn->state_size * sizeof *to);
    }
  }
}

/* What the states before frame n add to the field of layer 1. */
static void field_of_states(RsRnnLearner *l, const rs_scalar *w, size_t n) {
  const RsBlock b = rs_learner_block(l, w);
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
  const RsBlock b = rs_learner_block(l, w);
  for (size_t n = 0; n < l->frames; ++n) {
    feed_states(l, w, n);
    field_of_states(l, w, n);
    rs_forward_skip_and_activate(l->work, 1, n * S, S);
    for (size_t k = 2; k <= l->rnn->state_layer; ++k) {
      rs_forward_layer(l->work, w, k, n * S, S);
    }
  }
  for (size_t s = 0; s < S; ++s) {
    memcpy(rs_learner_state(l, s), rs_block_state_units(&b, l->work->y, (l->frames - 1) * S + s),
           l->rnn->state_size * sizeof *l->states);
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
    return rs_learner_bad_row(l, rows, units, l->work->y[state], "the state");
  }
  return rs_all_finite(rows * outputs, l->work->y[last])
             ? RS_OK
             : rs_learner_bad_row(l, rows, outputs, l->work->y[last], "the output");
}
