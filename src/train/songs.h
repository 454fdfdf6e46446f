/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_SONGS_H
#define RS_TRAIN_SONGS_H

/**
   @file songs.h Statistics of the training songs that a model is set up with before training.
*/

#include <rollsmith/model.h>

/**
   Tempo, time signature, number and length of the songs, into a summary: the median tempo, and the
   time signature that most songs have.

   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_describe(const RsSongs *songs, RsTrainingSummary *now);

/** The meters that the songs have, for a model. @return How many. */
size_t rs_songs_meters(const RsSongs *songs, RsKnownMeter meters[RS_METERS_MAX]);

/** Sums over the frames of the songs, of one visible unit. */
typedef struct {
  double frames; /**< How many there are */
  double on;     /**< In how many the unit is not 0 */
  double sum;    /**< Of its values */
  double square; /**< Of its squared values */
} RsUnitSums;

/**
   Sums of every visible unit over the songs in all transpositions from low to high.

   @param sums  Output, one a unit.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_songs_unit_sums(const RsSongs *songs, const RsEncoding *encoding, int low, int high,
                            RsUnitSums *sums);

#endif /* RS_TRAIN_SONGS_H */
