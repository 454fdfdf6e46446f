/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_NOTE_VALUES_H
#define RS_MUSIC_NOTE_VALUES_H

/**
   @file note_values.h Lengths in frames as note values, dots, tuplets and ties.

   Where the number of frames of a quarter note has an odd part m above 1, such as 3 of 12, lengths
   that are not a multiple of m frames are in tuplets: m notes in the time of the next lower power
   of two.
*/

#include <rollsmith/roll.h>
#include <rollsmith/status.h>

/** Longest note value: a breve, 2^3 quarter notes. */
#define RS_LONGEST_VALUE 3

/** A chord, a note or a rest with a single note value. */
typedef struct {
  size_t start;    ///< First frame, from the beginning of the bar, also where a pickup begins later
  size_t frames;   ///< Length
  int power;       ///< Note value: 2^power quarter notes
  bool dotted;     ///< Whether it has a dot
  unsigned actual; ///< In a tuplet: so many notes ...
  unsigned normal; ///< ... in the time of so many; else both are 1
  size_t group;    ///< Where a tuplet begins, its number of chords; else 0
  bool group_end;  ///< Whether a tuplet ends here
  RsFrame notes;   ///< Its notes; a rest where there is none
  RsFrame from;    ///< Those tied to the chord before
  RsFrame to;      ///< Those tied to the chord after
} RsChord;

/** Chords of a voice. All zeroes are none. */
typedef struct {
  RsChord *list; ///< `count` of them, owned: to be given to free()
  size_t count;
  size_t room;
} RsChords;

/** Where note values change in a measure. */
typedef struct {
  size_t frames;    ///< Where the measure ends, from the beginning of the bar
  unsigned odd;     ///< Odd part of the frames of a quarter note
  int halvings;     ///< So often can a quarter note be halved: it has odd x 2^halvings frames
  size_t beat;      ///< Length of a beat; 0 where it is not a whole number of note values
  bool compound;    ///< Whether a beat is three units
  size_t container; ///< Longest tuplet, a multiple of `odd`
} RsGrid;

/** The grid of a measure of a meter that ends `frames` after the beginning of the bar. */
RsGrid rs_grid(unsigned frames_per_quarter, unsigned beats, unsigned unit, size_t frames);

/**
   Cut a row of chords into chords of a single note value each.

   @param grid   Of the measure.
   @param chords `count` chords that fill the measure, each with start, frames, notes and ties.
   @param out    The chords are added to these.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_note_values(const RsGrid *grid, const RsChord *chords, size_t count, RsChords *out);

/** Add a chord. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_chords_add(RsChords *chords, RsChord chord);

#endif /* RS_MUSIC_NOTE_VALUES_H */
