#ifndef RS_RBM_GIBBS_WHOLE_H
#define RS_RBM_GIBBS_WHOLE_H

/**
   @file gibbs_whole.h What a kernel draws units from in whole numbers of 16 bits, 32 at a time.

   A unit's field is a sum of whole numbers, and so is the logistic number that it is compared with.
   Each of these is off by half of one at most, so how far off the comparison can be is known. Units
   where that could decide are doubtful, and drawn again from the exact field with the exact number.
*/

#include "rbm/gibbs_kernel.h"

#include <stdbool.h>

/** The most visible units. */
#define RS_GIBBS_WHOLE_VISIBLE 128

/** Sums of visible units are brought to so many whole numbers a unit. */
#define RS_GIBBS_VISIBLE_UNIT 256

/** Sums of hidden units are finer by so many bits at most. */
#define RS_GIBBS_FINEST 3

/** No logistic number is larger in the finest whole numbers: they end at 11.8. */
#define RS_GIBBS_LARGEST_NOISE (12 * (RS_GIBBS_VISIBLE_UNIT << RS_GIBBS_FINEST))

struct RsGibbsWhole {
  int finer;                ///< Bits by which sums of hidden units are finer than those of visible
                            ///< ones; 0 where weights are too large for all of this
  uint16_t *visible_margin; ///< coarse_pad: where a visible unit's field is off by less than this
  int16_t *rows;            ///< Two for each visible unit, to take off and to add, hidden_pad long;
                            ///< two of zeros behind RS_GIBBS_WHOLE_VISIBLE units
  int32_t *reach;           ///< What these add to the largest sum that there can be
  int16_t *ratio;           ///< coarse_pad: scale RS_GIBBS_VISIBLE_UNIT 2^15
};

/** Whole numbers a unit in fields of hidden units; 0 where there are none. */
static inline float rs_gibbs_whole_unit(const RsGibbsWhole *whole) {
  return whole && whole->finer ? (float)(RS_GIBBS_VISIBLE_UNIT << whole->finer) : 0;
}

/** The memory of it in weights->whole, which stays NULL if units are too many.

    @return false without memory. */
bool rs_gibbs_whole_new(RsGibbsWeights *weights);

/** NULL is taken. */
void rs_gibbs_whole_free(RsGibbsWhole *whole);

/** Fill weights->whole once the rest of the weights is there. */
void rs_gibbs_whole_set(const RsGibbsWeights *weights);

#endif /* RS_RBM_GIBBS_WHOLE_H */
