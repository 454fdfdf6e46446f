/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_MIDI_MAKER_H
#define RS_TESTS_MIDI_MAKER_H

/**
   @file midi_maker.h Small MIDI files for tests, byte by byte.
*/

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** A file that is being made; all zeroes to begin with. */
typedef struct {
  uint8_t data[1 << 16];
  size_t size;
} Midi;

/** Bytes as arguments: BYTES(1, 2, 3) are an array and its length. */
#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static inline void midi_put(Midi *midi, const uint8_t *bytes, size_t size) {
  if (size <= sizeof midi->data - midi->size) {
    memcpy(midi->data + midi->size, bytes, size);
    midi->size += size;
  }
}

static inline void midi_header(Midi *midi, unsigned format, unsigned tracks, unsigned division) {
  midi_put(midi, BYTES('M', 'T', 'h', 'd', 0, 0, 0, 6, 0, (uint8_t)format, 0, (uint8_t)tracks,
                       (uint8_t)(division >> 8), (uint8_t)division));
}

/** A track of these events, which have to end in an end of track. */
static inline void midi_track(Midi *midi, const uint8_t *events, size_t size) {
  midi_put(midi, BYTES('M', 'T', 'r', 'k', 0, 0, (uint8_t)(size >> 8), (uint8_t)size));
  midi_put(midi, events, size);
}

#endif /* RS_TESTS_MIDI_MAKER_H */
