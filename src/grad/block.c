/* SPDX-License-Identifier: ISC */

/* Backward passes through the frames of a block, doc/math.md, equations N4, R5 and B4. */

#include "grad/rnn_internal.h"
#include "grad/activation.h"
#include "base/linear_algebra.h"

rs_scalar *rs_block_state_units(const RsBlock *b, rs_scalar *const *buffer, size_t row) {
  const size_t k = b->rnn->state_layer;
  return buffer[k] + row * b->rnn->net->layer[k - 1].outputs + b->rnn->state_first;
}

rs_scalar *rs_block_state_inputs(const RsBlock *b, rs_scalar *const *buffer, size_t row) {
  return buffer[0] + row * b->rnn->net->inputs + b->rnn->inputs;
}

/* Layer 1 of the frame that begins at row `from`, down to the state before it; x needs no
 * cotangent. */
static void backward_first_layer(const RsBlock *b, size_t from) {
  const RsRnn *rnn = b->rnn;
  const RsNetWork *work = b->work;
  const RsLayer layer = rs_layer_inputs(&rnn->net->layer[0], rnn->inputs, rnn->state_size);
  const size_t n = layer.outputs, at = from * n;
  rs_pull_activation(layer.activation, layer.parameter, b->streams, n, work->v[1] + at,
                     work->y[1] + at, work->c[1] + at);
  const rs_real beta = rnn->net->skip_source[0];
  rs_scalar *c = rs_block_state_inputs(b, work->c, from);
  rs_layer_pull_of_packed(&layer, work->packed, b->w, b->streams, work->c[1] + at, beta, c,
                          rnn->net->inputs);
  rs_add_signed(layer.skip, b->streams * n, work->c[1] + at, work->c[0] + at);
}

void rs_block_backward_frame(const RsBlock *b, size_t n) {
  rs_backward_layers(b->work, b->w, b->rnn->state_layer, 2, n * b->streams, b->streams, true, NULL);
  backward_first_layer(b, n * b->streams);
}

void rs_block_start_gradient(const RsBlock *b, size_t from, rs_scalar *g) {
  if (b->rnn->learned_start) {
    for (size_t row = from * b->streams; row < b->frames * b->streams; ++row) {
      if (b->starts[row]) {
        rs_axpy(b->rnn->state_size, 1, rs_block_state_inputs(b, b->work->c, row),
                g + rs_net_parameters(b->rnn->net));
      }
    }
  }
}

void rs_block_advance(const RsBlock *b, size_t stream, const rs_scalar *sizes, RsSensitivity *s,
                      rs_scalar *m) {
  size_t begin = b->frames - 1;
  while (begin && !b->starts[begin * b->streams + stream]) {
    --begin;
  }
  rs_sensitivity_advance(s, (RsStreamView){b->work, b->w, stream, b->streams}, begin, b->frames,
                         b->starts[begin * b->streams + stream], sizes, m);
}
