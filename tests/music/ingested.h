/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_INGESTED_H
#define RS_TESTS_INGESTED_H

/**
   @file ingested.h MIDI files of a few bytes, and what they become.
*/

#include "kit.h"
#include "midi_maker.h"

#include <rollsmith/ingest.h>

#include <string.h>

#define END 0, 0xFF, 0x2F, 0

/* What a file of these bytes becomes. */
typedef struct {
  RsSongs songs;
  RsIngestReport report;
  RsStatus status;
} Result;

/* Read from memory that ends with the file, so that a sanitizer sees what reads on. */
static inline Result ingest(const Midi *midi, const RsIngest *settings) {
  Result result = {{0}, {0}, RS_OK};
  uint8_t *file = malloc(midi->size);
  if (!file) {
    result.status = RS_ERR_MEMORY;
    return result;
  }
  memcpy(file, midi->data, midi->size);
  result.status =
      rs_ingest_memory(file, midi->size, "x/song.mid", settings, &result.songs, &result.report);
  free(file);
  return result;
}

static inline void clear(Result *result) {
  rs_songs_clear(&result->songs);
  rs_ingest_report_clear(&result->report);
}

/* A song of one track at 4 ticks a quarter note, so that a tick is a frame. */
static inline Result ingest_track(const uint8_t *events, size_t size, const RsIngest *settings) {
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 1, 4);
  midi_track(&midi, events, size);
  return ingest(&midi, settings);
}

/* The frames of a note, as a text: '#' where it sounds, '.' where not. */
static inline const char *row(const Result *result, int note) {
  static char text[65];
  const RsRoll *roll = &result->songs.rolls[0];
  size_t t = 0;
  for (; t < roll->frames && t < 64; ++t) {
    text[t] = rs_frame_has(&roll->on[t], note) ? '#' : '.';
  }
  text[t] = 0;
  return text;
}

#endif /* RS_TESTS_INGESTED_H */
