/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_SCORE_NOTES_H
#define RS_MUSIC_SCORE_NOTES_H

/**
   @file score_notes.h The notes of a performance, divided between staves and voices.
*/

#include "music/notation.h"

/** A note. */
typedef struct {
  size_t start;  ///< First frame
  size_t end;    ///< Frame after the last one
  uint8_t note;  ///< MIDI note
  uint8_t voice; ///< Voice of the song
} RsScoreNote;

/** Notes; all zeroes are none. */
typedef struct {
  RsScoreNote *list; ///< `count` of them, owned: to be given to free()
  size_t count;
  size_t room;
} RsScoreNotes;

/** Order of two numbers, for qsort(): -1, 0 or 1. */
static inline int rs_compare_sizes(size_t a, size_t b) {
  return (a > b) - (a < b);
}

/**
   The notes that rs_performer_frame() makes of a roll.

   @param notes  Output, to be given to free(), also after an error; in voice 0.
   @return As rs_performer_new(), and RS_ERR_MEMORY.
*/
RsStatus rs_score_notes(const RsRoll *roll, RsScoreNotes *notes);

/**
   Divide notes between staves and voices.

   @param frames    Length of the song.
   @param notes     Their voices are set, and their order is changed.
   @param notation  Output: staves, clefs and voices in use.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_score_voices(size_t frames, RsScoreNotes *notes, RsNotation *notation);

#endif /* RS_MUSIC_SCORE_NOTES_H */
