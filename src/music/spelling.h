/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_SPELLING_H
#define RS_MUSIC_SPELLING_H

/**
   @file spelling.h The names of notes by the key signature: which of C sharp and D flat it is.
*/

#include <rollsmith/midi_write.h>

/** The spelling of a note. */
typedef struct {
  int letter;     ///< 0..6: C, D, E, F, G, A, B
  int alteration; ///< Semitones above the natural note, -2..2
  int octave;     ///< Of the letter; that of middle C is 4
} RsSpelling;

/**
   Spell a MIDI note.

   The twelve pitch classes are neighbours on the line of fifths: in a major key from the third flat
   to the fifth sharp beyond the natural notes of the key's C (in C major E flat to G sharp), in a
   minor key one further (in A minor B flat to D sharp).

   @param key   Key; where it is unknown, C major.
   @param note  MIDI note, 0..127.
*/
RsSpelling rs_spell(RsKeySignature key, int note);

/** Alteration of a letter (0..6) by a key signature: -1, 0 or 1. */
int rs_key_alteration(RsKeySignature key, int letter);

/** Whether two notes are on the same line or space. */
bool rs_same_place(RsSpelling a, RsSpelling b);

#endif /* RS_MUSIC_SPELLING_H */
