/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_MIDI_H
#define RS_MUSIC_MIDI_H

/**
   @file midi.h Numbers of the MIDI 1.0 and Standard MIDI File specifications.
*/

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Channels, counted from 0, and that of drums, whose notes have no pitch. */
enum { RS_CHANNELS = 16, RS_DRUM_CHANNEL = 9 };

/** Status bytes; those below RS_MIDI_SYSEX have the channel in their lower half. */
enum {
  RS_MIDI_NOTE_OFF = 0x80,
  RS_MIDI_NOTE_ON = 0x90,
  RS_MIDI_CONTROL = 0xb0,
  RS_MIDI_PROGRAM = 0xc0,
  RS_MIDI_CHANNEL_PRESSURE = 0xd0,
  RS_MIDI_PITCH_BEND = 0xe0,
  RS_MIDI_SYSEX = 0xf0,
  RS_MIDI_TIME_CODE = 0xf1,
  RS_MIDI_SONG_POSITION = 0xf2,
  RS_MIDI_SONG_SELECT = 0xf3,
  RS_MIDI_SYSEX_END = 0xf7, ///< In a file also the escape before other bytes
  RS_MIDI_CLOCK = 0xf8,
  RS_MIDI_START = 0xfa,
  RS_MIDI_CONTINUE = 0xfb,
  RS_MIDI_STOP = 0xfc,
  RS_MIDI_META = 0xff, ///< In a file
};

/** Types of meta events. */
enum {
  RS_META_TRACK_NAME = 0x03,
  RS_META_MARKER = 0x06,
  RS_META_END_OF_TRACK = 0x2f,
  RS_META_TEMPO = 0x51,
  RS_META_TIME_SIGNATURE = 0x58,
  RS_META_KEY_SIGNATURE = 0x59,
};

/** Controllers; those from RS_CONTROL_ALL_SOUND_OFF on are channel mode messages. */
enum {
  RS_CONTROL_BANK = 0,
  RS_CONTROL_DATA = 6,
  RS_CONTROL_BANK_LOW = 32,
  RS_CONTROL_DATA_LOW = 38,
  RS_CONTROL_SUSTAIN = 64,
  RS_CONTROL_NRPN_LOW = 98,
  RS_CONTROL_RPN_HIGH = 101,
  RS_CONTROL_ALL_SOUND_OFF = 120,
  RS_CONTROL_RESET = 121,
  RS_CONTROL_LOCAL = 122,
  RS_CONTROL_ALL_NOTES_OFF = 123,
};

/** Data bytes, controllers, programs and velocities end there. */
enum { RS_MIDI_DATA_MAX = 127 };

/** Values of a controller from here on switch on, as of the sustain pedal. */
enum { RS_MIDI_SWITCH_ON = 64 };

/** MIDI clocks in a quarter note, and in a unit of the song position. */
enum { RS_CLOCKS_A_QUARTER = 24, RS_CLOCKS_A_POSITION = 6 };

/** What a message of a channel is: its status without the channel. */
static inline uint8_t rs_midi_kind(uint8_t status) {
  return status & 0xf0;
}

/** The channel of a status, 0..15. */
static inline uint8_t rs_midi_channel(uint8_t status) {
  return status & 0x0f;
}

/** Data bytes of a message of a channel: 1 or 2. */
static inline size_t rs_midi_data_size(uint8_t status) {
  const uint8_t kind = rs_midi_kind(status);
  return kind == RS_MIDI_PROGRAM || kind == RS_MIDI_CHANNEL_PRESSURE ? 1 : 2;
}

#endif /* RS_MUSIC_MIDI_H */
