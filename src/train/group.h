/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_GROUP_H
#define RS_TRAIN_GROUP_H

/**
   @file group.h A group of streams: one thread works on it at a time. How many groups there are
   follows from the streams and never from the threads, so that results do not depend on these.
*/

#include <rollsmith/model.h>
#include <rollsmith/series.h>

/** A group of streams. */
typedef struct {
  size_t first;                   /**< Number of its first stream */
  RsBatch batch;                  /**< Frames of this update */
  RsRnnRbmLearner *learner;       /**< On the songs */
  RsRnnRbmLearner *noise_learner; /**< On songs of noise, where there is a negative gradient */
  RsGibbsChains *chains;          /**< For the songs and for songs of noise in turn */
  RsRbmWork *work;                /**< For free energies */
  RsInputHistory *replay; /**< Of a passage that is replayed, where there are any; or NULL */
  float *sample;          /**< rows x visible: chains of the songs */
  float *other; /**< rows x visible: noise or its chains, where there is a negative gradient */
  unsigned char *states; /**< rows x notes: of the chains, where frames are restricted; or NULL */
  float *energy;         /**< 2 x rows: free energies at v and at the samples */
  float *g;              /**< Gradient of this group; zero between updates */
  double cost;           /**< Sum over rows of the gap of free energy; only where requested */
  RsStatus status;       /**< Of this update */
} RsTrainGroup;

/** How many groups the streams of a training have. */
size_t rs_group_count(const RsTrainSettings *settings);

/**
   Group number `i` of the streams of a training.

   @param model  Its settings, inputs and topology; borrowed for the group's life.
   @param gibbs  Borrowed likewise.
   @param group  Output, to be given to rs_group_clear(), also after a failure.
   @return RS_OK, RS_ERR_ARGUMENT, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_group_init(const RsModel *model, const RsGibbs *gibbs, size_t i, RsTrainGroup *group,
                       RsError *error);

/** Free what a group owns. */
void rs_group_clear(RsTrainGroup *group);

#endif /* RS_TRAIN_GROUP_H */
