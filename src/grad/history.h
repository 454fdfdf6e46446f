#ifndef RS_GRAD_HISTORY_H
#define RS_GRAD_HISTORY_H

/**
   @file history.h The blocks before the present one, and lambda's way back through them.

   dr/dw enters a gradient only as lambda M, and that can be had from what M is made of: the frames
   of the past, with their activations and the weights of their time (doc/math.md, equation B9). A
   ring of past blocks is kept; M is asked for only where the ring ends before the memory of the net
   does.

   What is kept lies with the learner, as one vector of scalars; the struct knows where in it.
*/

#include "grad/rnn_internal.h"

#define rs_history_new RS_FLAVOURED(rs_history_new)
#define rs_history_free RS_FLAVOURED(rs_history_free)
#define rs_history_size RS_FLAVOURED(rs_history_size)
#define rs_history_place RS_FLAVOURED(rs_history_place)
#define rs_history_valid RS_FLAVOURED(rs_history_valid)
#define rs_history_gradient RS_FLAVOURED(rs_history_gradient)
#define rs_history_must_fold RS_FLAVOURED(rs_history_must_fold)
#define rs_history_push RS_FLAVOURED(rs_history_push)

typedef struct RsHistory RsHistory;

/** @return RS_OK, RS_ERR_OVERFLOW, RS_ERR_MEMORY. */
RsStatus rs_history_new(const RsRnn *rnn, size_t max_frames, size_t streams, RsHistory **out,
                        RsError *error);
void rs_history_free(RsHistory *h);

/** Scalars of what is kept; all zero is an empty history. */
size_t rs_history_size(const RsHistory *h);

/** Where they lie from now on. */
void rs_history_place(RsHistory *h, rs_scalar *memory);

/** Whether the numbers can be a history's; they may come from a file. */
bool rs_history_valid(const RsHistory *h);

/**
   g += lambda M, by way of the past blocks, and where one ends before lambda does, of M itself.

   @param present  The block after the history, its backward pass done; c[0] holds lambda.
   @param s        For M; m may be NULL, then it is nowhere in use.
   @param m        M of the history's beginning, a stream after the other.
*/
void rs_history_gradient(RsHistory *h, const RsBlock *present, const RsSensitivity *s,
                         const rs_scalar *m, rs_scalar *g);

/** Whether the next push drops a block that a stream still remembers, which takes an M. */
bool rs_history_must_fold(RsHistory *h);

/** The present block becomes the newest of the past. Where the ring is full the oldest goes, into M
 * of the streams that need it. @param m  As above, not NULL after rs_history_must_fold(). */
void rs_history_push(RsHistory *h, const RsBlock *present, RsSensitivity *s, rs_scalar *m);

#endif /* RS_GRAD_HISTORY_H */
