/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_SCORES_H
#define RS_TESTS_SCORES_H

/**
   @file scores.h Small songs, note by note, and their notation.
*/

#include "kit.h"

#include "music/notation.h"

#include <rollsmith/roll.h>

/** Voices of a song, whether they are in use or not. */
#define VOICES (RS_STAVES_MAX * RS_STAFF_VOICES)

/** A silent song with onsets, without a meter map. */
static inline void make(RsRoll *roll, size_t frames, unsigned frames_per_beat, unsigned beats,
                        unsigned unit) {
  assert_ok(rs_roll_init(roll, "song", frames, RS_PLANE_ONSET));
  roll->frames_per_beat = frames_per_beat;
  roll->meter_beats = beats;
  roll->meter_unit = unit;
}

/** Add a note. */
static inline void put(RsRoll *roll, int note, size_t start, size_t length) {
  rs_frame_set(&roll->onset[start], note);
  for (size_t f = start; f < start + length; ++f) {
    rs_frame_set(&roll->on[f], note);
  }
}

/** Its notation at 120 quarter notes a minute, in no key. */
static inline void notation_of(const RsRoll *roll, RsNotation *notation) {
  assert_ok(rs_notation_init(roll, 120, (RsKeySignature){false, 0, false}, notation));
}

#endif /* RS_TESTS_SCORES_H */
