#ifndef RS_RBM_GIBBS_GRID_H
#define RS_RBM_GIBBS_GRID_H

/**
   @file gibbs_grid.h Weights of which any kernel makes the same sums.

   Sums of floats depend on their order, which each kernel chooses for its vectors. Where all
   weights are multiples of a power of 2, and no sum of them reaches 2^24 of it, nothing is rounded:
   the sums are the same in any order.
*/

#include "rbm/gibbs_kernel.h"

#include <stdbool.h>

/** The largest sums that rows of a matrix can have: of what is above 0, and of what is below. */
void rs_gibbs_find_bounds(size_t rows, size_t columns, const float *a, float *above, float *below);

/**
   Round weights->rows and weights->columns to such multiples, 2^-13 at most.

   @param scratch  2 x the larger of visible_pad and hidden_pad.
   @return false, with nothing done, where sums are too large for it.
*/
bool rs_gibbs_round_weights(const RsGibbsWeights *weights, float *scratch);

#endif /* RS_RBM_GIBBS_GRID_H */
