/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_EXACT_SUMS_H
#define RS_RBM_EXACT_SUMS_H

/**
   @file exact_sums.h Weights of which any kernel makes the same sums.

   Sums of floats depend on their order, which each kernel chooses for its vectors. Where all
   weights are multiples of a power of 2, and no sum of them reaches 2^24 of it, nothing is rounded:
   the sums are the same in any order.
*/

#include "rbm/kernel.h"

#include <stdbool.h>

/** The largest sums that rows of a matrix can have: of what is above 0, and of what is below. */
void rs_find_bounds(size_t rows, size_t columns, const float *a, float *above, float *below);

/**
   Round weights->rows and weights->columns to such multiples, 2^-13 at most.

   @param scratch  2 x the larger of visible_pad and hidden_pad.
   @return false, with nothing done, where sums are too large for it.
*/
bool rs_round_to_exact_sums(const RsGibbsWeights *weights, float *scratch);

#endif /* RS_RBM_EXACT_SUMS_H */
