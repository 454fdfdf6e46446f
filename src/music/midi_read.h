/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_MIDI_READ_H
#define RS_MUSIC_MIDI_READ_H

/**
   @file midi_read.h The reader of Standard MIDI Files, for rolls and for playing.

   Any bytes are read without harm: every whole event before a damage is kept, see chunks.h and
   events.h. Time and memory are linear in the size of the file, but for sorting the events.
*/

#include "music/events.h"
#include "music/repairs.h"

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Largest MIDI file that is read, in bytes. */
#define RS_MIDI_SIZE_MAX ((size_t)16 << 20)

/** Largest number of events of a song that begin or end notes, or change tempo or meter: some 20
 * hours of a piano being played. */
#define RS_EVENTS_MAX ((size_t)1000000)

/** From a time on: a tempo and a time signature. */
typedef struct {
  uint32_t tick;        ///< Time from which they apply
  double seconds;       ///< The same in seconds
  double tick_seconds;  ///< Length of a tick, in seconds
  unsigned meter_beats; ///< Time signature, upper number
  unsigned meter_unit;  ///< Time signature, lower number
  bool meter_begins;    ///< Whether the song states it here, so that a bar begins
} RsTempo;

/** A song as events. */
typedef struct {
  unsigned division;     ///< Ticks a quarter note; of a file that counts in time: ticks a second
  double ticks_per_beat; ///< Ticks a quarter note; half a second where the file counts in time
  uint32_t usec_per_quarter; ///< Its only tempo, of a file that counts in time; else 0
  RsMidiEvent *events;       ///< In order of time, those of one time in the order of the file:
                             ///< events of channels, tempos, time signatures, and the end of each
                             ///< track; owned, but for their bytes
  size_t event_count;        ///< Number of events
  size_t event_room;         ///< Capacity of `events`
  size_t exclusives;         ///< System-exclusive messages, which are not among the events
  RsTempo *tempos;           ///< In order of time, the first at tick 0; owned
  size_t tempo_count;        ///< Number of tempos, at least 1
} RsMidiSong;

/** The songs of a file. */
typedef struct {
  RsMidiSong *songs; ///< Owned; a file of format 2 has one song a track, others have one
  size_t count;      ///< Number of songs, 0 where there is no track
} RsMidiFile;

/**
   Read a file.

   @param data, size  The file, borrowed until `out` is freed.
   @param out         Output, to be given to rs_midi_clear().
   @param repairs     What was out of order is added to it.
   @param error       Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_FORMAT where it is not a MIDI file or too large.
*/
RsStatus rs_midi_read(const uint8_t *data, size_t size, RsMidiFile *out, RsRepairs *repairs,
                      RsError *error);

/** Free what a file owns. */
void rs_midi_clear(RsMidiFile *file);

#endif /* RS_MUSIC_MIDI_READ_H */
