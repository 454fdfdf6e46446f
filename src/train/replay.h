/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_REPLAY_H
#define RS_TRAIN_REPLAY_H

/**
   @file replay.h Replay of free-run passages, where train.own_past is above 0.

   A model that only ever follows songs does not learn to come back from what it generates itself
   and no song holds (exposure bias). So it is let generate now and then, passages whose statistics
   are outside those of the songs are kept (equation X9), and in some streams they take the place of
   the song in the inputs, while the frames to be learned stay those of the song (equation X10). It
   is the idea of scheduled sampling (Bengio et al. 2015) and of DAgger (Ross et al. 2011).
*/

#include "base/thread_pool.h"
#include "cluster/transport.h"

#include <rollsmith/model.h>
#include <rollsmith/series.h>
#include <rollsmith/statistics.h>

/** Passages that are kept: the last ones found. */
enum { RS_PASSAGES = 64 };

/** What is known of a passage, of RS_WINDOW frames. It begins with the first frame of a bar. */
typedef struct {
  uint64_t context; /**< Frames before its window that are kept with it */
  uint64_t meter;   /**< Number in RsInputs.meters of its meter; RS_METERS_MAX: none */
} RsPassage;

/** Passages; all zeroes where replay is off. Number n of those found is kept at n % RS_PASSAGES. */
typedef struct {
  const RsInputs *inputs;           /**< Borrowed */
  RsBand band;                      /**< Of the training songs */
  size_t context;                   /**< Frames before a window that are kept with it, at most */
  float *frames;                    /**< RS_PASSAGES x (context + RS_WINDOW) x visible; or NULL */
  RsPassage *passages;              /**< RS_PASSAGES, or NULL */
  RsRoll clocks[RS_METERS_MAX + 1]; /**< Rolls without frames: each meter from frame 0, then none */
} RsReplay;

/**
   No passages yet.

   @param inputs  Borrowed for the life of the passages.
   @param songs   The training songs.
   @param replay  Output, to be given to rs_replay_clear(), also after a failure.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_replay_init(const RsInputs *inputs, const RsSongs *songs, RsReplay *replay);

/** Free what the passages own. */
void rs_replay_clear(RsReplay *replay);

/** Values of the frames of all passages; 0 where replay is off. */
size_t rs_replay_size(const RsReplay *replay);

/**
   Once in 64 updates, let a model generate, and keep passages that are outside the band of the
   songs: equation X9.

   @param model      With the parameters at hand.
   @param transport  To other processes: each generates a share, and all keep the same passages.
   @param updates    Updates done.
   @param found      How many passages were found so far; changed.
   @return RS_OK, RS_ERR_MEMORY; as rs_rolls_gather().
*/
RsStatus rs_replay_find(RsReplay *replay, const RsModel *model, RsThreadPool *pool,
                        const RsTransport *transport, uint64_t updates, uint64_t *found);

/**
   In a share of the streams of a batch, put passages in place of the song before each frame:
   equation X10.

   @param found    How many passages were found so far.
   @param first    Number of the first stream of the batch, among those of all updates.
   @param history  Overwritten.
   @param batch    Its inputs are changed.
*/
void rs_replay_apply(const RsReplay *replay, const RsTrainSettings *settings, uint64_t found,
                     uint64_t first, RsInputHistory *history, RsBatch *batch);

#endif /* RS_TRAIN_REPLAY_H */
