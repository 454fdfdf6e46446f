#ifndef RS_MUSIC_NOTES_H
#define RS_MUSIC_NOTES_H

/**
   @file notes.h Events paired to notes with a beginning and an end.
*/

#include "music/midi_file.h"

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdint.h>

/** The channel of drums, counted from 0. */
#define RS_DRUM_CHANNEL 9

/** A note. */
typedef struct {
  uint32_t on, off; ///< In ticks, on <= off
  uint8_t channel;  ///< 0..15
  uint8_t pitch;    ///< 0..127
  uint8_t velocity; ///< 1..127
} RsNote;

/** The notes of a song, in the order in which their tracks begin them. */
typedef struct {
  RsNote *notes; ///< Owned, to be given to free()
  size_t count;  ///< How many
} RsNotes;

/**
   Pair the events of a song.

   A note-off ends the oldest sounding note of its track, channel and pitch, so that notes may
   overlap; one without a note is passed over. The controllers "all sound off" and "all notes off"
   and the mode messages end all notes of their track and channel; the end of a track ends those
   left.

   @param song  Song, borrowed.
   @param out   Output.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_notes_pair(const RsMidiSong *song, RsNotes *out);

/**
   Let the sustain pedal hold notes: one that ends while the pedal of its channel is down lasts
   until it is up, or until the song ends.

   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_notes_hold(const RsMidiSong *song, RsNotes *notes);

#endif /* RS_MUSIC_NOTES_H */
