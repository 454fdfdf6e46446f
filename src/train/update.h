/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_UPDATE_H
#define RS_TRAIN_UPDATE_H

/**
   @file update.h What a group of streams adds to the gradient of an update.
*/

#include "train/group.h"
#include "train/replay.h"
#include "train/schedule.h"

/** What all groups of an update read; each works on its own streams of the series. */
typedef struct {
  const RsModel *model;     /**< Its settings, inputs and topology */
  const float *w;           /**< Current parameters */
  const RsGibbs *gibbs;     /**< With these parameters */
  const RsReplay *replay;   /**< Passages of free runs */
  RsSeries *series;         /**< Its next frames are chosen */
  RsTrainGroup *groups;     /**< All of them */
  size_t first;             /**< Number of the first group of this process */
  RsTrainCounters counters; /**< Before the update */
  RsSchedule now;           /**< Settings of the update */
} RsUpdate;

/** Frames of an update, of all streams. */
static inline size_t rs_update_rows(const RsTrainSettings *settings) {
  return (size_t)settings->block * (size_t)settings->streams;
}

/** Read the batch of group number RsUpdate.first + `turn` and add its gradient to the group's own.
 * @param context An RsUpdate. */
void rs_update_group(void *context, size_t turn);

#endif /* RS_TRAIN_UPDATE_H */
