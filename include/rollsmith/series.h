/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_SERIES_H
#define ROLLSMITH_SERIES_H

/**
   @file series.h Songs laid end to end, in several streams side by side, for training.

   The songs of an epoch come in a random order, each transposed by a random number of semitones.
   Every stream takes the next song of that order when it has come to the end of its own, so that
   whole songs follow each other, no frame is filled in, and the streams run on from epoch to epoch.
   What comes next depends on the seed and on the position alone, and the position is a few numbers
   that can be saved.
*/

#include <rollsmith/inputs.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
   Frames of some streams side by side: row rs_batch_row(batch, n, s) is frame n of stream s. All
   arrays are owned.
*/
typedef struct {
  size_t frames;         ///< Frames of each stream
  size_t streams;        ///< Streams
  float *x;              ///< rows x inputs->size: what is known before each frame
  RsLinks links;         ///< rows: its links
  float *v;              ///< rows x rs_encoding_size(): the frame itself
  unsigned char *starts; ///< rows: 1 where the state begins anew before the frame
  RsInputPlace *places;  ///< rows: its place; where there is none, meter is -1 and all else 0
} RsBatch;

/**
   Room for a batch.

   @param inputs   Layout of the inputs.
   @param frames   Frames of each stream.
   @param streams  Streams.
   @param batch    Output, to be given to rs_batch_clear(), also after a failure.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_batch_init(const RsInputs *inputs, size_t frames, size_t streams, RsBatch *batch);

/** Free what a batch owns. */
void rs_batch_clear(RsBatch *batch);

/** Rows of a batch. */
static inline size_t rs_batch_rows(const RsBatch *batch) {
  return batch->frames * batch->streams;
}

/** The row of a frame of a stream: the streams of a frame follow each other. */
static inline size_t rs_batch_row(const RsBatch *batch, size_t frame, size_t stream) {
  return frame * batch->streams + stream;
}

/** Description of a series. */
typedef struct {
  const RsSongs *songs;   ///< Songs, borrowed for the life of the series; at least one frame in all
  const RsInputs *inputs; ///< Layout of the inputs, borrowed for the life of the series
  size_t streams;         ///< Streams side by side
  uint64_t seed;          ///< Of order and transposition
  int transpose_low;      ///< Lowest transposition, semitones
  int transpose_high;     ///< Highest transposition, semitones
  double noise;           ///< Input noise: share of the notes that are replaced in x (equation X8)
  bool carry;             ///< Whether the past goes on over the borders of songs
  size_t frames;          ///< Maximum number of frames of a stream in a call
  size_t groups;          ///< Streams come in so many groups, each by itself; 0 is one group
} RsSeriesSpec;

typedef struct RsSeries RsSeries; ///< Songs as streams of frames

/**
   A series at its beginning.

   @return RS_OK, RS_ERR_EMPTY where no song has a frame, RS_ERR_ARGUMENT for no streams, for groups
   that they cannot be shared out to evenly, or for a transposition whose low end is above its high
   end, RS_ERR_MEMORY.
*/
RsStatus rs_series_new(const RsSeriesSpec *spec, RsSeries **out);

/** Free a series. NULL is allowed. */
void rs_series_free(RsSeries *series);

/** Frames of one epoch: those of all songs together. */
size_t rs_series_epoch_frames(const RsSeries *series);

/**
   Choose the songs of the next frames of every stream. rs_series_fill() or rs_series_skip() must
   follow, once for each group, in any order and by any threads.

   @param frames  Frames of each stream, at most spec->frames.
*/
void rs_series_choose(RsSeries *series, size_t frames);

/**
   The next frames of the streams of a group.

   @param group  Number of the group, from 0.
   @param batch  As many frames as were chosen, of the streams of a group; its rows are written.
*/
void rs_series_fill(RsSeries *series, size_t group, RsBatch *batch);

/**
   Go past the next frames of the streams of a group, which another process reads. Afterwards the
   position is what it would be after rs_series_fill(); the group can be filled again after
   rs_series_seek().

   @param group   Number of the group, from 0.
   @param frames  As many frames as were chosen.
*/
void rs_series_skip(RsSeries *series, size_t group, size_t frames);

/** Numbers that rs_series_position() gives. */
size_t rs_series_position_size(const RsSeries *series);

/** The position, rs_series_position_size() numbers. */
void rs_series_position(const RsSeries *series, uint64_t *position);

/**
   Go to a position.

   @param position  What rs_series_position() gave, of a series with the same spec.
   @return RS_OK; RS_ERR_FORMAT where there is no such position, RS_ERR_MEMORY: the series then
   stays where it was.
*/
RsStatus rs_series_seek(RsSeries *series, const uint64_t *position);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_SERIES_H */
