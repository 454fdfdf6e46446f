/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_RNN_INTERNAL_H
#define RS_GRAD_RNN_INTERNAL_H

/**
   @file rnn_internal.h What recurrent nets and learners are made of.
*/

#include "grad/net_internal.h"

#include <rollsmith/rnn.h>

#include <float.h>

#define rs_rnn_share RS_FLAVOURED(rs_rnn_share)
#define rs_block_state_units RS_FLAVOURED(rs_block_state_units)
#define rs_block_state_inputs RS_FLAVOURED(rs_block_state_inputs)
#define rs_block_backward_frame RS_FLAVOURED(rs_block_backward_frame)
#define rs_block_start_gradient RS_FLAVOURED(rs_block_start_gradient)
#define rs_block_advance RS_FLAVOURED(rs_block_advance)
#define rs_sensitivity_new RS_FLAVOURED(rs_sensitivity_new)
#define rs_sensitivity_free RS_FLAVOURED(rs_sensitivity_free)
#define rs_sensitivity_size RS_FLAVOURED(rs_sensitivity_size)
#define rs_sensitivity_advance RS_FLAVOURED(rs_sensitivity_advance)
#define rs_sensitivity_gradient RS_FLAVOURED(rs_sensitivity_gradient)

/** Spacing of the numbers just above 1. */
#define RS_ROUNDING (sizeof(rs_real) == sizeof(float) ? (rs_real)FLT_EPSILON : (rs_real)DBL_EPSILON)

struct RsRnn {
  size_t references;
  RsNet *net;
  size_t state_layer, state_first, state_size;
  bool learned_start;
  size_t inputs; /* of x alone */
};

/** Another owner of a recurrent net, to be given up by rs_rnn_free(). */
RsRnn *rs_rnn_share(const RsRnn *rnn);

/** Frames of one stream in a workspace that holds several. */
typedef struct {
  const RsNetWork *work;
  const rs_scalar *w;
  size_t stream, streams;
} RsStreamView;

/**
   dr/dw of one stream, "M", and what it takes to move it on: M is (doc/math.md, section B) blocks,
   one a tensor that reaches the state, each state_size x (its size). The struct holds the map and
   the buffers; the values of M lie with the learner, one a stream.
*/
typedef struct RsSensitivity RsSensitivity;

RsStatus rs_sensitivity_new(const RsRnn *rnn, size_t max_frames, size_t streams,
                            RsSensitivity **out, RsError *error);
void rs_sensitivity_free(RsSensitivity *s);

/** Scalars of M. */
size_t rs_sensitivity_size(const RsSensitivity *s);

/**
   Move M over the frames begin .. end - 1.

   @param starts  Whether a series starts before frame `begin`: what M was before is dropped.
   @param sizes   Frames x streams: the norm of dr/dw after each frame, as far as it is known; the
                  pass stops where all that lies further back is below rounding (equation B13).
                  NULL to go through all frames.
   @param m       M, in and out.
*/
void rs_sensitivity_advance(RsSensitivity *s, RsStreamView view, size_t begin, size_t end,
                            bool starts, const rs_scalar *sizes, rs_scalar *m);

/** g += lambda M; lambda is the cotangent of the state that M belongs to. */
void rs_sensitivity_gradient(const RsSensitivity *s, const rs_scalar *lambda, const rs_scalar *m,
                             rs_scalar *g);

/** Frames with their activations, the present ones or past ones, with the weights of their time.
 */
typedef struct {
  const RsRnn *rnn;
  RsNetWork *work;    /* row n streams + s is frame n of stream s */
  const rs_scalar *w; /* at least the parameters of the layers up to the state's */
  size_t frames, streams;
  const unsigned char *starts; /* frames x streams: whether a series starts before that frame */
} RsBlock;

/** The state's units of a row, in a buffer of the workspace. */
rs_scalar *rs_block_state_units(const RsBlock *b, rs_scalar *const *buffer, size_t row);

/** The inputs of a row that take the state, in a buffer of the workspace. */
rs_scalar *rs_block_state_inputs(const RsBlock *b, rs_scalar *const *buffer, size_t row);

/** The recurrent layers of frame n, from the cotangents of the state layer to those of r(n-1). */
void rs_block_backward_frame(const RsBlock *b, size_t n);

/** g += what arrives at the learned states that series start with, from frame `from` on. */
void rs_block_start_gradient(const RsBlock *b, size_t from, rs_scalar *g);

/** Move M of a stream over the block, or over what follows the last start in it. @param sizes  As
 * rs_sensitivity_advance() takes them. */
void rs_block_advance(const RsBlock *b, size_t stream, const rs_scalar *sizes, RsSensitivity *s,
                      rs_scalar *m);

#endif /* RS_GRAD_RNN_INTERNAL_H */
