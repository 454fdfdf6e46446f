/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_STAGE_H
#define RS_TESTS_STAGE_H

/**
   @file stage.h What tests of the player have in common: a source of chords, and a listener that
   counts the notes that a recording leaves open.
*/

#include "kit.h"
#include "player_command.h"

#include <rollsmith/player.h>

#include <string.h>

/* A source that goes on for ever: three notes in each frame, one of them always moving. */
typedef struct {
  RsFrameSource source;
  size_t frame;
  size_t end;     // Frames until its end; 0: none
  size_t fail;    // Frame at which it fails; 0: none
  int transposed; // Set by RS_SOURCE_SEED
  size_t heard;   // Frames of the phrase that it heard last
} Chords;

static inline RsStatus chords_next(RsFrameSource *source, RsSourceFrame *frame) {
  Chords *chords = (Chords *)source;
  const size_t f = chords->frame;
  if (chords->end && f == chords->end) {
    return RS_ERR_EMPTY;
  }
  if (chords->fail && f == chords->fail) {
    return RS_ERR_NONFINITE;
  }
  RsFrame *on = &frame->notes.on;
  *frame = (RsSourceFrame){.type = RS_FRAME_NOTES};
  rs_frame_set(on, 48 + chords->transposed + (int)(f / 8 % 5));
  rs_frame_set(on, 60 + chords->transposed + (int)(f / 4 % 7));
  rs_frame_set(on, 72 + chords->transposed + (int)(f % 12));
  ++chords->frame;
  return RS_OK;
}

static inline void chords_set(RsFrameSource *source, const RsSourceChange *change) {
  if (change->control == RS_SOURCE_SEED) {
    ((Chords *)source)->transposed = (int)change->seed;
  }
}

static inline RsStatus chords_hear(RsFrameSource *source, const RsRoll *phrase) {
  ((Chords *)source)->heard = phrase->frames;
  return RS_OK;
}

static inline void chords_place(RsFrameSource *source, uint64_t frame) {
  ((Chords *)source)->frame = frame;
}

static inline Chords chords(void) {
  return (Chords){.source = {.next = chords_next, .set = chords_set, .prime = chords_hear}};
}

static inline RsPlayerSettings stage_settings(double bpm) {
  return (RsPlayerSettings){
      .frames_per_beat = 4, .bpm = bpm, .channel = 1, .program = -1, .seed = 1, .patience = 10};
}

/* Notes that sound after `count` messages. */
static inline int open_notes(const RsRecorded *recorded, size_t count) {
  bool sounds[16][128] = {{false}};
  int open = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *bytes = recorded[i].message.bytes;
    const int kind = bytes[0] & 0xf0;
    if (kind == 0x90 || kind == 0x80) {
      bool *note = &sounds[bytes[0] & 15][bytes[1]];
      const bool on = kind == 0x90 && bytes[2];
      open += (int)on - (int)*note;
      *note = on;
    }
  }
  return open;
}

/* Number of messages whose status byte is this one. */
static inline size_t count_status(const RsRecorded *recorded, size_t count, int status) {
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    found += recorded[i].message.bytes[0] == status;
  }
  return found;
}

/* Whether messages are due in the order in which they were sent. */
static inline bool in_order(const RsRecorded *recorded, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    if (recorded[i].due < recorded[i - 1].due) {
      return false;
    }
  }
  return true;
}

#endif /* RS_TESTS_STAGE_H */
