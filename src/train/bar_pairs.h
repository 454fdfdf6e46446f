/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_BAR_PAIRS_H
#define RS_TRAIN_BAR_PAIRS_H

/**
   @file bar_pairs.h Features of bars and of the bars before them, of songs and of free runs: what a
   discriminator is fitted to.
*/

#include "base/thread_pool.h"
#include "model/discriminator.h"

/** Songs that are generated at most, and bars of each. */
enum { RS_BAR_PAIRS_SONGS = 800, RS_BAR_PAIRS_BARS = 32 };

/** Pairs of bars. All zero: none. */
typedef struct {
  float *rows;     /**< `count` rows of RS_DISCRIMINATOR_INPUTS: the bar before, then the bar */
  size_t count;    /**< How many */
  size_t capacity; /**< For how many there is room */
} RsBarPairs;

/** Asked now and then whether to stop. */
typedef struct {
  bool (*asked)(void *context); /**< Called from any thread; NULL: never */
  void *context;                /**< For it */
} RsStop;

/** Free them. */
void rs_bar_pairs_clear(RsBarPairs *pairs);

/**
   Add the whole bars of a song that follow another one.

   @param roll   Song, with a meter map; one without has no bars.
   @param shift  Semitones from where it stands to its own key.
   @param key    Semitones of that key above C major or A minor.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_bar_pairs_add(const RsRoll *roll, int shift, int key, RsBarPairs *pairs);

/**
   Add the bars of songs that the model generates, in the meters and keys of the training songs.

   @param count  How many songs; RS_BAR_PAIRS_SONGS where it is more.
   @param pool   Threads, or NULL.
   @param stop   Asked before each song.
   @return RS_OK, RS_ERR_STOPPED, RS_ERR_NONFINITE, RS_ERR_MEMORY.
*/
RsStatus rs_bar_pairs_generate(const RsModel *model, size_t count, RsThreadPool *pool,
                               const RsStop *stop, RsBarPairs *pairs);

#endif /* RS_TRAIN_BAR_PAIRS_H */
