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

#include <rollsmith/encoding.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a series is made of. */
typedef struct {
  const RsSongs *songs; ///< Songs, borrowed for the life of the series; at least one frame in all
  RsEncoding encoding;  ///< How frames become vectors
  size_t streams;       ///< Streams side by side
  uint64_t seed;        ///< Of order and transposition
  int transpose_low;    ///< Lowest transposition, semitones
  int transpose_high;   ///< Highest transposition, semitones
  bool carry;           ///< Whether the past goes on over the borders of songs
  size_t groups;        ///< Streams come in so many groups, each by itself; 0 is one group
} RsSeriesSpec;

typedef struct RsSeries RsSeries;

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
   The next frames of every stream. With one group, row n * streams + s is frame n of stream s; with
   more, the rows of the first group come first, and so on: what is called streams here is then
   streams of a group.

   @param frames  Frames of each stream.
   @param x       Output, (frames * streams) x size: the past's last frame, zero where there is no
   past.
   @param v       Output, (frames * streams) x size: the frame itself.
   @param starts  Output, frames * streams: 1 where the state begins anew before the frame.
*/
void rs_series_next(RsSeries *series, size_t frames, float *x, float *v, unsigned char *starts);

/** Numbers that rs_series_position() gives. */
size_t rs_series_position_size(const RsSeries *series);

/** The position, rs_series_position_size() numbers. */
void rs_series_position(const RsSeries *series, uint64_t *position);

/**
   Go to a position.

   @param position  What rs_series_position() gave, of a series with the same spec.
   @return RS_OK, or RS_ERR_FORMAT where there is no such position; the series then stays where it
   was.
*/
RsStatus rs_series_seek(RsSeries *series, const uint64_t *position);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_SERIES_H */
