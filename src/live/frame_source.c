/* SPDX-License-Identifier: ISC */

#include <rollsmith/frame_source.h>

#include <stdlib.h>
#include <string.h>

void rs_frame_source_free(RsFrameSource *source) {
  if (source) {
    source->free(source);
  }
}

typedef struct {
  RsFrameSource source;
  const RsRoll *roll;
  bool loop;
  bool restarted; /* the next frame is the first one again */
  size_t frame;
} RollSource;

static void roll_rewind(RsFrameSource *source) {
  RollSource *self = (RollSource *)source;
  self->frame = 0;
  self->restarted = true;
}

static bool has_frame(RollSource *self) {
  if (self->frame == self->roll->frames && self->loop) {
    roll_rewind(&self->source);
  }
  return self->frame < self->roll->frames;
}

static RsStatus roll_next(RsFrameSource *source, RsSourceFrame *frame) {
  RollSource *self = (RollSource *)source;
  const RsRoll *roll = self->roll;
  if (!has_frame(self)) {
    return RS_ERR_EMPTY;
  }
  const size_t f = self->frame++;
  RsNoteFrame *notes = &frame->notes;
  *frame = (RsSourceFrame){.notes = {.on = roll->on[f],
                                     .has_onset = roll->onset != NULL,
                                     .has_velocity = roll->velocity != NULL}};
  if (roll->onset) {
    notes->onset = roll->onset[f];
  }
  if (roll->velocity) {
    memcpy(notes->velocity, roll->velocity + f * RS_NOTES, RS_NOTES);
  }
  if (!f && self->restarted) {
    notes->onset = notes->on;
    notes->has_onset = true;
  }
  return RS_OK;
}

static void roll_free(RsFrameSource *source) {
  free(source);
}

RsStatus rs_frame_source_roll(const RsRoll *roll, bool loop, RsFrameSource **out) {
  *out = NULL;
  if (!roll->frames) {
    return RS_ERR_EMPTY;
  }
  RollSource *self = calloc(1, sizeof(*self));
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self = (RollSource){.source = {.next = roll_next, .rewind = roll_rewind, .free = roll_free},
                       .roll = roll,
                       .loop = loop};
  *out = &self->source;
  return RS_OK;
}
