/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_ACCIDENTALS_H
#define RS_MUSIC_ACCIDENTALS_H

/**
   @file accidentals.h Which notes of a staff have an accidental.
*/

#include "music/note_values.h"

#include <rollsmith/midi_write.h>

/** Voices of a staff in one measure. */
typedef struct {
  const RsChords *voices; ///< `count` of them
  unsigned count;
} RsStaffMeasure;

/**
   The notes of a chord that need an accidental: those that differ from the note of the same line or
   space before them in the measure, in any voice, or else from the key signature, and those that
   share their line or space with another note of the chord. A note that is tied to the one before
   needs none.

   @param staff  Borrowed.
   @param voice  Voice of the chord.
   @param index  Its index.
*/
RsFrame rs_accidentals(const RsStaffMeasure *staff, RsKeySignature key, unsigned voice,
                       size_t index);

#endif /* RS_MUSIC_ACCIDENTALS_H */
