/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_COUNTERS_H
#define RS_TRAIN_COUNTERS_H

/**
   @file counters.h How far a training is.
*/

#include <stdint.h>

/** Numbers that are saved with a training, apart from arrays. */
typedef struct {
  uint64_t epoch;            /**< Epochs that are done */
  uint64_t updates;          /**< Updates done */
  uint64_t frames;           /**< Frames seen */
  uint64_t since_best;       /**< Validations since the best one */
  uint64_t since_decay;      /**< Validations since the best one or the last decay */
  uint64_t recoveries;       /**< How often numbers ran out of range */
  uint64_t costs;            /**< Updates of this epoch whose cost was taken */
  uint64_t epoch_updates;    /**< Updates of this epoch */
  uint64_t epoch_recoveries; /**< How often numbers ran out of range in this epoch */
  double seconds;            /**< Time in training alone */
  double wall;               /**< Time in training and validation */
  double learning_rate;      /**< Step size, before it is annealed */
  double best;               /**< Score of the best validation; meaningful where have_best */
  uint64_t have_best;        /**< Whether there has been a validation */
  double norm_sum;           /**< Sum of gradient norms of this epoch */
  double cost_sum;           /**< Sum of costs of this epoch, nats a frame */
  double epoch_seconds;      /**< seconds when this epoch began */
  uint64_t passages;         /**< Passages of free runs that were found so far (replay.h) */
} RsTrainCounters;

#endif /* RS_TRAIN_COUNTERS_H */
