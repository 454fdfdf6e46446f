/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_LEARNER_INTERNAL_H
#define RS_GRAD_LEARNER_INTERNAL_H

/**
   @file learner_internal.h What a learner consists of, for learner.c, which makes, saves and
   restores it, learner_forward.c and learner_backward.c.
*/

#include "grad/history.h"

#define rs_learner_add_sensitivities RS_FLAVOURED(rs_learner_add_sensitivities)
#define rs_learner_bad_row RS_FLAVOURED(rs_learner_bad_row)
#define rs_learner_nonzeros RS_FLAVOURED(rs_learner_nonzeros)
#define rs_learner_outputs RS_FLAVOURED(rs_learner_outputs)

struct RsRnnLearner {
  RsRnn *rnn;
  RsRnnEngine engine;
  size_t max_frames, streams;
  size_t frames;              /* of the last forward that no backward has followed, else 0 */
  unsigned char *starts;      /* of its frames x streams, with the starts of fresh streams */
  RsNetWork *work;            /* row n streams + s is frame n of stream s */
  RsLayer from_x, from_r;     /* the two windows of layer 1 */
  RsSparseWork x_work;        /* of from_x */
  RsNonzeros nonzeros;        /* of x of this block */
  bool sparse;                /* whether they are few */
  bool *fresh;                /* of every stream: whether a series starts next */
  rs_scalar *states;          /* streams x state_size: r after the last block */
  RsSensitivity *sensitivity; /* NULL for BPTT */
  rs_scalar *m;               /* M of every stream, or NULL where none is carried */
  RsHistory *history;         /* of block RTRL, else NULL */
  RsError error;
};

/** The frames of the last forward. */
static inline RsBlock rs_learner_block(const RsRnnLearner *l, const rs_scalar *w) {
  return (RsBlock){l->rnn, l->work, w, l->frames, l->streams, l->starts};
}

/** The state of a stream after the last block. */
static inline rs_scalar *rs_learner_state(const RsRnnLearner *l, size_t stream) {
  return l->states + stream * l->rnn->state_size;
}

/** Room for M of every stream, all zero. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_learner_add_sensitivities(RsRnnLearner *l);

/** Where x of the last forward is not zero: a row for each frame of each stream. */
const RsNonzeros *rs_learner_nonzeros(const RsRnnLearner *l);

/** rs_rnn_learner_outputs(), to be changed in place: where the last layer is linear, backward does
 * not read them. */
rs_scalar *rs_learner_outputs(RsRnnLearner *l);

/** An error for the first of some rows of n values that is not finite, with its frame and stream.
 */
RsStatus rs_learner_bad_row(RsRnnLearner *l, size_t rows, size_t n, const rs_scalar *x,
                            const char *what);

#endif /* RS_GRAD_LEARNER_INTERNAL_H */
