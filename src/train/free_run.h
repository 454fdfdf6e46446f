/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_FREE_RUN_H
#define RS_TRAIN_FREE_RUN_H

/**
   @file free_run.h Free runs: music that a model in training generates from its own frames alone,
   as learned, with nothing that shapes it for listeners.
*/

#include "base/thread_pool.h"
#include "cluster/transport.h"

#include <rollsmith/model.h>
#include <rollsmith/style.h>

/** A model that borrows everything from another but the parameters. Not to be freed. */
static inline RsModel rs_model_with(const RsModel *model, float *w) {
  RsModel with = *model;
  with.w = w;
  return with;
}

/** How a free run compares with the training songs; NaN where it is not known. */
typedef struct {
  double of_ceiling; /**< RsStyleComparison.of_ceiling */
  double copies; /**< Share of windows with a copied run of 16 frames, above that of the songs */
} RsFreeRun;

/**
   Generate some songs, and compare them with the training songs.

   @param style      Of the training songs; NULL where free runs are off.
   @param transport  To other processes: each generates a share of the songs.
   @param out        Output; NaN where free runs are off, or where the songs are too short.
   @return RS_OK, RS_ERR_NONFINITE, RS_ERR_MEMORY; as rs_rolls_gather().
*/
RsStatus rs_free_run(const RsModel *model, const RsStyle *style, RsThreadPool *pool,
                     const RsTransport *transport, RsFreeRun *out);

/** Settings of generation as learned, without what shapes songs for listeners, in the key of the
 * training. @param meter  As that of rs_free_run_song(). */
RsGenerateSettings rs_free_run_settings(const RsModel *model, size_t meter);

/**
   Generate one song.

   @param seed    Of its random numbers.
   @param meter   Number in RsInputs.meters of the meter of the song; RS_METERS_MAX for the usual
                  one.
   @param prime   Frames that the song follows; NULL to begin as songs begin.
   @param frames  How many.
   @param roll    Output, to be given to rs_roll_clear().
   @return RS_OK, RS_ERR_NONFINITE, RS_ERR_MEMORY.
*/
RsStatus rs_free_run_song(const RsModel *model, uint64_t seed, size_t meter, const RsRoll *prime,
                          size_t frames, RsRoll *roll);

/** A meter for a song, each as often as the training songs have it. @param place  A number, 0 .. 1.
 * @return Its number in RsInputs.meters; RS_METERS_MAX where none is known. */
size_t rs_free_run_meter(const RsInputs *inputs, double place);

#endif /* RS_TRAIN_FREE_RUN_H */
