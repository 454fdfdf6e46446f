/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_TRAINER_INTERNAL_H
#define RS_TRAIN_TRAINER_INTERNAL_H

/**
   @file trainer_internal.h The trainer: what it is made of. trainer_build.c makes it, trainer.c
   runs epochs, update.c one update, trainer_save.c and trainer_resume.c save it and take it up.
   What an update consists of takes the parts that it needs, and not the trainer.
*/

#include "base/thread_pool.h"
#include "train/free_run.h"
#include "train/group.h"
#include "train/parameters.h"
#include "train/processes.h"
#include "train/replay.h"
#include "train/schedule.h"

#include <rollsmith/trainer.h>

struct RsTrainer {
  const RsSongs *train;    /**< Songs to learn */
  const RsSongs *valid;    /**< Songs to validate with; NULL where there are none */
  RsModel *model;          /**< What is saved: w is the best or the last mean of weights */
  RsTrainingSummary now;   /**< What model->training would be of the current state */
  RsParameters parameters; /**< What is learned */
  RsSeries *series;        /**< The songs, end to end */
  RsReplay replay;         /**< Passages of free runs */
  RsStyle *style;          /**< Of the training songs; NULL where free runs are off */
  RsThreadPool *pool;
  RsGibbs *gibbs;
  size_t group_count;
  RsTrainGroup *groups;  /**< Of streams */
  RsProcesses processes; /**< Those that train together */
  uint64_t epochs; /**< Epochs of the whole training, where neither time nor a signal ends it */
  RsTrainCounters counters;
};

/** Settings of the training. */
static inline const RsTrainSettings *rs_trainer_settings(const RsTrainer *trainer) {
  return &trainer->model->settings.train;
}

/** Settings of the next update. */
RsSchedule rs_trainer_schedule(const RsTrainer *trainer);

/** Compare what the model with these parameters generates with the songs: rs_free_run(). */
RsStatus rs_trainer_free_run(const RsTrainer *trainer, float *w, RsFreeRun *out);

/** Keep passages of free runs of the current parameters: rs_replay_find(). */
RsStatus rs_trainer_find_passages(RsTrainer *trainer);

/** One update of the parameters; moves the series on. @return RS_OK, RS_ERR_NONFINITE,
 * RS_ERR_MEMORY. */
RsStatus rs_trainer_update(RsTrainer *trainer);

/**
   Numbers ran out of range: go back to the last good state, with half the learning rate.

   @return RS_OK, RS_ERR_NONFINITE where this has happened too often.
*/
RsStatus rs_trainer_recover(RsTrainer *trainer, RsError *error);

#endif /* RS_TRAIN_TRAINER_INTERNAL_H */
