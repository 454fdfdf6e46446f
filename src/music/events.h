/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_EVENTS_H
#define RS_MUSIC_EVENTS_H

/**
   @file events.h Second layer of the MIDI reader: an iterator over the events of a track.

   Running status lasts across meta and system-exclusive events, as most readers have it. System
   common and real-time messages, which have no place in a file, are stepped over; so are data
   without a status, up to where an event makes sense again. A track ends at its end-of-track event,
   or where its bytes end between two events; it is damaged where an event makes no sense, and all
   before that is sound.
*/

#include "music/chunks.h"
#include "music/midi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Iterator, initialised by rs_walk_begin(). */
typedef struct {
  const uint8_t *at, *end; ///< Rest of the track
  uint32_t tick;           ///< Time of the last event
  uint8_t status;          ///< Running status; 0: none yet
  size_t messages;         ///< Number of system messages skipped
  size_t lost;             ///< Number of bytes without a status skipped
} RsWalk;

/** One event. */
typedef struct {
  uint32_t tick;        ///< Since the start of the song, at most INT32_MAX
  uint16_t track;       ///< Of the file, from 0
  uint8_t status;       ///< 0x80..0xEF of a channel, RS_MIDI_SYSEX, RS_MIDI_SYSEX_END, RS_MIDI_META
  uint8_t type;         ///< Of a meta event
  uint8_t data[2];      ///< Of an event of a channel: its data, each 0..127; else 0
  uint32_t size;        ///< Number of its data bytes in the file
  const uint8_t *bytes; ///< Its data as in the file, also above 127; borrowed
} RsMidiEvent;

/** Result of a step. */
typedef enum {
  RS_WALK_EVENT,   ///< An event
  RS_WALK_END,     ///< The end of the track
  RS_WALK_DAMAGED, ///< Invalid data
} RsStep;

/** Most bytes without a status that are skipped at a time. */
#define RS_RESUME_MAX 65536

/** Iterate over a track from its start. */
RsWalk rs_walk_begin(const RsTrackBytes *track);

/**
   Get the next event.

   @param walk    Walk; stays where it was where the track is damaged, but for what it stepped over.
   @param event   Output, in track 0; its bytes are borrowed from the track.
   @param damage  Output where damaged: what is wrong, a string that is never freed.
*/
RsStep rs_walk_next(RsWalk *walk, RsMidiEvent *event, const char **damage);

/** Whether an event begins a note. */
bool rs_midi_begins_note(const RsMidiEvent *event);

/** Controller that an event changes; -1 where it changes none, or one above 127, as in a damaged
 * file. */
int rs_midi_controller(const RsMidiEvent *event);

/** Whether an event is a meta event of a type. */
bool rs_midi_is_meta(const RsMidiEvent *event, uint8_t type);

/** Whether a time signature is of one unit or more, of 64ths or longer ones. */
bool rs_midi_is_possible_meter(const RsMidiEvent *event);

/** Whether a key signature is one of 7 flats to 7 sharps, major or minor. */
bool rs_midi_is_possible_key(const RsMidiEvent *event);

/** Microseconds a quarter note of a tempo event. */
uint32_t rs_midi_tempo(const RsMidiEvent *event);

#endif /* RS_MUSIC_EVENTS_H */
