/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_FIXED16_H
#define RS_RBM_FIXED16_H

/**
   @file fixed16.h What a kernel draws units from in fixed point with 16 bits, 32 at a time.

   A unit's field is a sum of fixed-point numbers, and so is the logistic number that it is compared
   with. Each of these is off by half of one at most, so how far off the comparison can be is known.
   Units where that could decide are ambiguous, and drawn again from the exact field with the exact
   number.
*/

#include "rbm/kernel.h"

#include <stdbool.h>

/** The most visible units. */
#define RS_FIXED16_VISIBLE 128

/** Steps of a unit in fixed-point fields of visible units. */
#define RS_GIBBS_VISIBLE_UNIT 256

/** Sums of hidden units are finer by so many bits at most. */
#define RS_GIBBS_FINEST 3

/** No logistic number is larger in the finest steps: they end at 11.8. */
#define RS_GIBBS_LARGEST_NOISE (12 * (RS_GIBBS_VISIBLE_UNIT << RS_GIBBS_FINEST))

struct RsFixed16 {
  int finer;                ///< Bits by which sums of hidden units are finer than those of visible
                            ///< ones; 0 where weights are too large for all of this
  uint16_t *visible_margin; ///< coarse_pad: where a visible unit's field is off by less than this
  int16_t *rows;            ///< Two for each visible unit, to take off and to add, hidden_pad long;
                            ///< two of zeros behind RS_FIXED16_VISIBLE units
  int32_t *reach;           ///< What these add to the largest sum that there can be
  int16_t *ratio;           ///< coarse_pad: scale RS_GIBBS_VISIBLE_UNIT 2^15
};

/** Whole numbers a unit in fields of hidden units; 0 where there are none. */
static inline float rs_fixed16_unit(const RsFixed16 *fixed) {
  return fixed && fixed->finer ? (float)(RS_GIBBS_VISIBLE_UNIT << fixed->finer) : 0;
}

/** The memory of it in weights->fixed16, which stays NULL if units are too many.

    @return false without memory. */
bool rs_fixed16_new(RsGibbsWeights *weights);

/** NULL is allowed. */
void rs_fixed16_free(RsFixed16 *fixed);

/** Fill weights->fixed16 once the rest of the weights is there. */
void rs_fixed16_set(const RsGibbsWeights *weights);

#endif /* RS_RBM_FIXED16_H */
