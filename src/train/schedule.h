/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_SCHEDULE_H
#define RS_TRAIN_SCHEDULE_H

/**
   @file schedule.h What the settings of a training come to in one update: some of them change from
   epoch to epoch.
*/

#include "train/counters.h"

#include <rollsmith/rbm.h>
#include <rollsmith/settings.h>

/** Which parameters an update changes; parameters that may not change are restored after the step.
 */
typedef enum { RS_MOVING_ALL, RS_MOVING_VARIANCES, RS_MOVING_ALL_BUT_VARIANCES } RsMoving;

/** Settings of one update. */
typedef struct {
  double step_size;       /**< train.learning_rate, as it was lowered on the way, annealed */
  double negative_weight; /**< Weight of the negative gradient (equation X7) */
  size_t gibbs_steps;     /**< Gibbs steps of a chain */
  RsMoving moving;        /**< Separate variances of Gaussian units (see equation G12) */
  bool pretraining;       /**< Whether the RBM is trained alone */
  bool cost;              /**< Whether the cost is computed, which is only reported */
} RsSchedule;

/**
   Settings of the next update.

   @param epochs  Epochs of the whole training.
   @param kind    Of the RBM.
*/
RsSchedule rs_schedule(const RsTrainSettings *settings, const RsTrainCounters *counters,
                       uint64_t epochs, RsRbmKind kind);

#endif /* RS_TRAIN_SCHEDULE_H */
