/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_NOTES_H
#define RS_MUSIC_NOTES_H

/**
   @file notes.h Pairing of note-ons and note-offs to notes.
*/

#include "music/midi_read.h"

#include <rollsmith/ingest.h>
#include <rollsmith/status.h>

#include <stddef.h>
#include <stdint.h>

/** A note. */
typedef struct {
  uint32_t on, off; ///< In ticks, on <= off
  uint8_t channel;  ///< 0..15
  uint8_t pitch;    ///< 0..127
  uint8_t velocity; ///< 1..127
  uint32_t end;     ///< Index of the event that ended it; UINT32_MAX: none
} RsNote;

/** The notes of a song, in order of time. */
typedef struct {
  RsNote *notes;   ///< Owned, to be given to free()
  size_t count;    ///< Number of notes
  size_t unended;  ///< Number of notes without a note-off, whose ends were guessed
  size_t replaced; ///< Number of notes dropped by RS_PAIRING_TRACK
} RsNotes;

/** Quarter notes after which a note without a note-off ends. */
#define RS_UNENDED_QUARTERS 8

/**
   Pair the events of a song.

   With RS_PAIRING_CHANNEL, tracks share channels, and the events of all are taken in order of time.
   A note-off ends the note of its channel and pitch, and so does another note-on, as in a
   synthesizer; a note-off without a note is passed over. There is one exception: a note goes on
   where another track has a note-off at the time at which it begins, which is that of a note
   before. (Here it is not as in FluidSynth, which gets the events in the order of the tracks and
   plays such a note for no time: 464 notes of 15 of the 139 files of MuseData, 412 of 58 of the 99
   of Piano-midi.de, none of the Nottingham songs and the chorales. Of these notes, this rule, as
   pairing within tracks, loses the two whose own track ends them at once.) The controllers "all
   sound off" and "all notes off" and the mode messages end all notes of their channel. A note that
   nothing of that ends lasts up to the end of its track, but not longer than RS_UNENDED_QUARTERS;
   so does one that is only ended by a later note-on.

   With RS_PAIRING_TRACK, all of this holds within each track, but a note-on in the place of one
   that has not ended replaces that, which is dropped.

   @param song  Song, borrowed.
   @param how   Which note a note-off ends.
   @param out   Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_notes_pair(const RsMidiSong *song, RsPairing how, RsNotes *out);

/**
   Let the sustain pedal hold notes: one that ends while the pedal of its channel is down lasts
   until it is up, until "all sound off", or until the song ends. "Reset all controllers" lets the
   pedal up.

   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_notes_hold(const RsMidiSong *song, RsNotes *notes);

#endif /* RS_MUSIC_NOTES_H */
