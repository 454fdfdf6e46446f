/* SPDX-License-Identifier: ISC */

#include "live/transposed_source.h"

#include "music/note_map.h"

#include <stdlib.h>

typedef struct {
  RsFrameSource source;
  RsFrameSource *inner;
  int semitones;
  RsNoteMap map;
} TransposedSource;

static RsStatus transposed_next(RsFrameSource *source, RsSourceFrame *frame) {
  TransposedSource *self = (TransposedSource *)source;
  RsSourceFrame inner = {.type = RS_FRAME_NOTES};
  const RsStatus status = self->inner->next(self->inner, &inner);
  const RsNoteFrame *notes = &inner.notes;
  *frame = (RsSourceFrame){.notes = {.on = rs_note_map_frame(&self->map, &notes->on),
                                     .onset = rs_note_map_frame(&self->map, &notes->onset),
                                     .has_onset = notes->has_onset,
                                     .has_velocity = notes->has_velocity}};
  rs_note_map_velocities(&self->map, notes->velocity, frame->notes.velocity);
  return status;
}

static void transposed_set(RsFrameSource *source, const RsSourceChange *change) {
  TransposedSource *self = (TransposedSource *)source;
  RsSourceChange moved = *change;
  if (change->control == RS_SOURCE_STEERING) {
    moved.steering = rs_steering_before(&change->steering, self->semitones);
  }
  self->inner->set(self->inner, &moved);
}

static RsStatus transposed_prime(RsFrameSource *source, const RsRoll *phrase) {
  TransposedSource *self = (TransposedSource *)source;
  RsRoll back;
  RsStatus status =
      rs_roll_fit(phrase, 0, RS_NOTES - 1, RS_OUTSIDE_FOLD, -self->semitones, &back, NULL);
  if (!status) {
    status = self->inner->prime(self->inner, &back);
    rs_roll_clear(&back);
  }
  return status;
}

static void transposed_rewind(RsFrameSource *source) {
  RsFrameSource *inner = ((TransposedSource *)source)->inner;
  inner->rewind(inner);
}

static void transposed_locate(RsFrameSource *source, uint64_t frame) {
  RsFrameSource *inner = ((TransposedSource *)source)->inner;
  inner->locate(inner, frame);
}

/* Notes of the music as the inner source has them: those that it sounds as one of these. */
static RsFrame back_from(const TransposedSource *self, const RsFrame *notes) {
  RsFrame inner = {{0, 0}};
  for (int note = rs_frame_next(notes, 0); note < RS_NOTES; note = rs_frame_next(notes, note + 1)) {
    const int moved = note - self->semitones;
    if (moved >= 0 && moved < RS_NOTES) {
      rs_frame_set(&inner, moved);
    }
  }
  return inner;
}

static void transposed_set_held(RsFrameSource *source, const RsFrame *held,
                                const RsFrame *pressed) {
  const TransposedSource *self = (TransposedSource *)source;
  const RsFrame on = back_from(self, held), begin = back_from(self, pressed);
  self->inner->set_held(self->inner, &on, &begin);
}

static bool transposed_back(RsFrameSource *source, uint64_t frame) {
  RsFrameSource *inner = ((TransposedSource *)source)->inner;
  return inner->back(inner, frame);
}

static void transposed_free(RsFrameSource *source) {
  rs_frame_source_free(((TransposedSource *)source)->inner);
  free(source);
}

RsStatus rs_frame_source_transposed(RsFrameSource *source, int semitones, RsFrameSource **out) {
  TransposedSource *self = calloc(1, sizeof(*self));
  *out = NULL;
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self = (TransposedSource){.source = {.next = transposed_next,
                                        .set = source->set ? transposed_set : NULL,
                                        .prime = source->prime ? transposed_prime : NULL,
                                        .rewind = source->rewind ? transposed_rewind : NULL,
                                        .locate = source->locate ? transposed_locate : NULL,
                                        .set_held = source->set_held ? transposed_set_held : NULL,
                                        .back = source->back ? transposed_back : NULL,
                                        .free = transposed_free},
                             .inner = source,
                             .semitones = semitones,
                             .map = rs_note_map(0, RS_NOTES - 1, RS_OUTSIDE_FOLD, semitones)};
  *out = &self->source;
  return RS_OK;
}
