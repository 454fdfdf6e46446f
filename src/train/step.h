/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_STEP_H
#define RS_TRAIN_STEP_H

/**
   @file step.h From the gradient of an update to the parameters after it.
*/

#include "train/parameters.h"
#include "train/schedule.h"

/** Parameters that are worked on at a time: the first-level cache holds them a few times. */
enum { RS_NEAR_PARAMETERS = 1024 };

/** How many parameters from `first` on are worked on together. */
static inline size_t rs_near_parameters(const RsParameters *p, size_t first) {
  const size_t left = p->count - first;
  return left < RS_NEAR_PARAMETERS ? left : RS_NEAR_PARAMETERS;
}

/**
   Move the parameters by their gradient, and their running mean after them.

   @param p        Parameters; g is the mean gradient of the update, changed.
   @param model    Its settings and inputs.
   @param now      Settings of this update.
   @param updates  Updates done before.
   @param norm     Output: the norm of the gradient before it was cut.
   @return RS_OK, RS_ERR_NONFINITE.
*/
RsStatus rs_step(RsParameters *p, const RsModel *model, const RsSchedule *now, uint64_t updates,
                 double *norm);

#endif /* RS_TRAIN_STEP_H */
