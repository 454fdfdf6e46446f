#include "live/moved_source.h"

#include "music/note_map.h"

#include <stdlib.h>

typedef struct {
  RsFrameSource source;
  RsFrameSource *inner;
  int semitones;
  RsNoteMap map;
} MovedSource;

static RsStatus moved_next(RsFrameSource *source, RsSourceFrame *frame) {
  MovedSource *self = (MovedSource *)source;
  RsSourceFrame inner = {.kind = RS_FRAME_NOTES};
  const RsStatus status = self->inner->next(self->inner, &inner);
  const RsNoteFrame *notes = &inner.notes;
  *frame = (RsSourceFrame){.notes = {.on = rs_note_map_frame(&self->map, &notes->on),
                                     .onset = rs_note_map_frame(&self->map, &notes->onset),
                                     .has_onset = notes->has_onset,
                                     .has_velocity = notes->has_velocity}};
  rs_note_map_velocities(&self->map, notes->velocity, frame->notes.velocity);
  return status;
}

static void moved_set(RsFrameSource *source, const RsSourceChange *change) {
  RsFrameSource *inner = ((MovedSource *)source)->inner;
  inner->set(inner, change);
}

static RsStatus moved_hear(RsFrameSource *source, const RsRoll *phrase) {
  MovedSource *self = (MovedSource *)source;
  RsRoll back;
  RsStatus status =
      rs_roll_fit(phrase, 0, RS_NOTES - 1, RS_OUTSIDE_FOLD, -self->semitones, &back, NULL);
  if (!status) {
    status = self->inner->hear(self->inner, &back);
    rs_roll_clear(&back);
  }
  return status;
}

static void moved_rewind(RsFrameSource *source) {
  RsFrameSource *inner = ((MovedSource *)source)->inner;
  inner->rewind(inner);
}

static void moved_place(RsFrameSource *source, uint64_t frame) {
  RsFrameSource *inner = ((MovedSource *)source)->inner;
  inner->place(inner, frame);
}

static void moved_free(RsFrameSource *source) {
  rs_frame_source_free(((MovedSource *)source)->inner);
  free(source);
}

RsStatus rs_frame_source_moved(RsFrameSource *source, int semitones, RsFrameSource **out) {
  MovedSource *self = calloc(1, sizeof(*self));
  *out = NULL;
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self = (MovedSource){.source = {.next = moved_next,
                                   .set = source->set ? moved_set : NULL,
                                   .hear = source->hear ? moved_hear : NULL,
                                   .rewind = source->rewind ? moved_rewind : NULL,
                                   .place = source->place ? moved_place : NULL,
                                   .free = moved_free},
                        .inner = source,
                        .semitones = semitones,
                        .map = rs_note_map(0, RS_NOTES - 1, RS_OUTSIDE_FOLD, semitones)};
  *out = &self->source;
  return RS_OK;
}
