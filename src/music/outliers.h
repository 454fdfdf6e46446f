/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_OUTLIERS_H
#define RS_MUSIC_OUTLIERS_H

/**
   @file outliers.h Songs of a folder that are unusual: too short or too long to be songs like
   the others, or with a note that no music holds so long.
*/

#include <rollsmith/roll.h>

/** Quarter notes that no music holds a note: 32 bars of 4/4. */
#define RS_HELD_QUARTERS 128

/** Fewest songs of which some can be far from the others. */
#define RS_OUTLIER_SONGS 8

/** What is usual in a folder. */
typedef struct {
  size_t low, high;       ///< A quarter of the songs have fewer frames than `low`, one more than
                          ///< `high`
  size_t lowest, highest; ///< Songs of less or more frames are far from the others
} RsUsualLengths;

/**
   What lengths are usual.

   Far from the others is what is more than three times the distance of the quartiles outside of
   them (Tukey's far outside values), in logarithms, and a quarter or four times of one at least.

   @param songs  Borrowed. With fewer than RS_OUTLIER_SONGS none is far from the others.
   @param out    Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_usual_lengths(const RsSongs *songs, RsUsualLengths *out);

/** Whether a song is shorter than a bar: of its first meter that is not an upbeat, or of 4/4. */
bool rs_is_shorter_than_a_bar(const RsRoll *roll);

/** A note that sounds for long. */
typedef struct {
  int note;      ///< MIDI number
  size_t first;  ///< The frame in which it begins
  size_t frames; ///< How long it is held; 0 where nothing sounds
} RsHeldNote;

/** The note that is held longest, without beginning anew; of equal ones the first to end. */
RsHeldNote rs_held_note(const RsRoll *roll);

#endif /* RS_MUSIC_OUTLIERS_H */
