/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_HISTORY_H
#define RS_GRAD_HISTORY_H

/**
   @file history.h The blocks before the present one, and the propagation of lambda back through
   them.

   dr/dw enters a gradient only as lambda M, and that can be had from what M is made of: the frames
   of the past, with their activations and the weights of their time (doc/math.md, equation B9). A
   ring of past blocks is kept; M is needed only where the ring is shorter than the memory of the
   net.

   It is saved as one vector of scalars (history_carry.c).
*/

#include "grad/rnn_internal.h"

#define rs_history_new RS_FLAVOURED(rs_history_new)
#define rs_history_free RS_FLAVOURED(rs_history_free)
#define rs_history_size RS_FLAVOURED(rs_history_size)
#define rs_history_reset RS_FLAVOURED(rs_history_reset)
#define rs_history_save RS_FLAVOURED(rs_history_save)
#define rs_history_valid RS_FLAVOURED(rs_history_valid)
#define rs_history_restore RS_FLAVOURED(rs_history_restore)
#define rs_history_gradient RS_FLAVOURED(rs_history_gradient)
#define rs_history_must_fold RS_FLAVOURED(rs_history_must_fold)
#define rs_history_push RS_FLAVOURED(rs_history_push)

typedef struct RsHistory RsHistory;

/** @return RS_OK, RS_ERR_OVERFLOW, RS_ERR_MEMORY. */
RsStatus rs_history_new(const RsRnn *rnn, size_t max_frames, size_t streams, RsHistory **out,
                        RsError *error);
void rs_history_free(RsHistory *h);

/** Remove all blocks. */
void rs_history_reset(RsHistory *h);

/** Scalars of a saved history. */
size_t rs_history_size(const RsHistory *h);

/** Save the history. @param to  Output, rs_history_size() scalars. */
void rs_history_save(const RsHistory *h, rs_scalar *to);

/** Whether scalars, which may come from a file, can be those of a history like this one. */
bool rs_history_valid(const RsHistory *h, const rs_scalar *saved);

/** Go back to a saved history, which must be valid. */
void rs_history_restore(RsHistory *h, const rs_scalar *saved);

/**
   g += lambda M, by way of the past blocks, and where one ends before lambda does, of M itself.

   @param present  The block after the history, its backward pass done; c[0] holds lambda.
   @param s        For M; m may be NULL, then it is nowhere in use.
   @param m        M of the history's beginning, a stream after the other.
*/
void rs_history_gradient(RsHistory *h, const RsBlock *present, const RsSensitivity *s,
                         const rs_scalar *m, rs_scalar *g);

/** Whether the next push drops a block within the memory of a stream, which takes an M. */
bool rs_history_must_fold(RsHistory *h);

/** The present block becomes the newest of the past. Where the ring is full the oldest goes, into M
 * of the streams that need it. @param m  As above, not NULL after rs_history_must_fold(). */
void rs_history_push(RsHistory *h, const RsBlock *present, RsSensitivity *s, rs_scalar *m);

#endif /* RS_GRAD_HISTORY_H */
