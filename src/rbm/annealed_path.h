/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_ANNEALED_PATH_H
#define RS_RBM_ANNEALED_PATH_H

/**
   @file annealed_path.h Couplings along an annealed path: doc/math.md, equations A3 and A4.
*/

#include <stdbool.h>
#include <stddef.h>

/** A step of the path: the log weight is what the energy changes from coupling `low` to `high` at
 * the state before it, and the sweep after that has the coupling `next`. */
typedef struct {
  double low, high, next;
} RsAnnealedStep;

/** Step number `step`, below `betas`, from either side. */
static inline RsAnnealedStep rs_annealed_step(size_t betas, bool reverse, size_t step) {
  const size_t k = reverse ? betas - step : step + 1;
  const double low = (double)(k - 1) / (double)betas;
  const double high = (double)k / (double)betas;
  return (RsAnnealedStep){low, high, reverse ? low : high};
}

#endif /* RS_RBM_ANNEALED_PATH_H */
