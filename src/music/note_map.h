/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_NOTE_MAP_H
#define RS_MUSIC_NOTE_MAP_H

/**
   @file note_map.h Where each note goes when music is transposed and brought into a range.
*/

#include <rollsmith/roll.h>

/** Place of each note, -1 where it is dropped. */
typedef struct {
  int place[RS_NOTES];
} RsNoteMap;

/** The map of a transposition (semitones) into the range `low` to `high`, as rs_note_fit() does. */
RsNoteMap rs_note_map(int low, int high, RsOutside outside, int transpose);

/** The notes of a frame at their places. */
RsFrame rs_note_map_frame(const RsNoteMap *map, const RsFrame *frame);

/**
   Velocities at their places; of several notes that fall on one, the loudest stays.

   @param in   RS_NOTES velocities.
   @param out  RS_NOTES velocities, zeroes before; not `in`.
*/
void rs_note_map_velocities(const RsNoteMap *map, const uint8_t *in, uint8_t *out);

#endif /* RS_MUSIC_NOTE_MAP_H */
