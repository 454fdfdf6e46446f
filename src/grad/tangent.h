/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_TANGENT_H
#define RS_GRAD_TANGENT_H

/**
   @file tangent.h How large dr/dw is, without having it: a random tangent of the parameters goes
   forward with the states (doc/math.md, equation B12). And how large the terms of a gradient are,
   which is what older ones are compared with.
*/

#include "grad/rnn_internal.h"

#define rs_tangent_new RS_FLAVOURED(rs_tangent_new)
#define rs_tangent_free RS_FLAVOURED(rs_tangent_free)
#define rs_tangent_advance RS_FLAVOURED(rs_tangent_advance)
#define rs_largest_term RS_FLAVOURED(rs_largest_term)

/** Random numbers for tangents of a net. */
typedef struct RsTangent RsTangent;

/** @return NULL where there is no memory. */
RsTangent *rs_tangent_new(const RsRnn *rnn);
void rs_tangent_free(RsTangent *t);

/**
   Move the tangents of all streams over a block, whose cotangents are used up.

   @param with    Another workspace of the net, whose packed layers are those of b->w.
   @param number  Of the block, from which its random numbers follow.
   @param r       streams x state_size: the tangents of the states, in and out.
   @param size    frames x streams, output: the norm of each, after each frame.
*/
void rs_tangent_advance(const RsTangent *t, const RsBlock *b, const RsNetWork *with,
                        uint64_t number, rs_scalar *r, rs_scalar *size);

/** The largest norm of what a row adds to the gradient of a layer up to the state's, whose
 * cotangents hold those of the local fields. */
rs_real rs_largest_term(const RsBlock *b, size_t row);

#endif /* RS_GRAD_TANGENT_H */
