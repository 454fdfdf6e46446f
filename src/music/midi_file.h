#ifndef RS_MUSIC_MIDI_FILE_H
#define RS_MUSIC_MIDI_FILE_H

/**
   @file midi_file.h What libsmf reads in a canonical song.
*/

#include "music/scan.h"

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Status of the event that ends a track. */
#define RS_END_OF_TRACK 0xFF

/** An event of a channel, or the end of a track. */
typedef struct {
  uint32_t tick;   ///< Since the start of the song
  uint16_t track;  ///< Of the song, from 0
  uint8_t status;  ///< With the channel in its low 4 bits; or RS_END_OF_TRACK
  uint8_t data[2]; ///< Each 0..127
} RsMidiEvent;

/** From a time on: a tempo and a time signature. */
typedef struct {
  uint32_t tick;        ///< From when on
  double seconds;       ///< The same in seconds
  double tick_seconds;  ///< Length of a tick, in seconds
  unsigned meter_beats; ///< Time signature, upper number
  unsigned meter_unit;  ///< Time signature, lower number
  bool meter_begins;    ///< Whether the song states it here, so that a bar begins
} RsTempo;

/** A song as events. */
typedef struct {
  double ticks_per_beat; ///< Ticks a quarter note; half a second where the file counts in time
  RsMidiEvent *events;   ///< Track after track, each in order of time and with its end; owned
  size_t event_count;    ///< Number of events
  size_t event_room;     ///< For how many there is room
  RsTempo *tempos;       ///< In order of time, the first at tick 0; owned
  size_t tempo_count;    ///< Number of tempos, at least 1
  size_t tempo_room;     ///< For how many there is room
} RsMidiSong;

/**
   Read a canonical song by libsmf.

   @param scanned  What the scanner made; it alone can be trusted.
   @param out      Output, to be given to rs_midi_song_clear().
   @param error    Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_FORMAT where libsmf refuses the song.
*/
RsStatus rs_midi_song_read(const RsScanSong *scanned, RsMidiSong *out, RsError *error);

/** Free what a song owns. */
void rs_midi_song_clear(RsMidiSong *song);

#endif /* RS_MUSIC_MIDI_FILE_H */
