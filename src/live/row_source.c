#include "live/row_source.h"

#include <stdlib.h>

typedef struct {
  RsFrameSource source;
  RsSourceMaker make;
  void *context;
  RsFrameSource *current;
  size_t index; // Of the current source
  size_t count;
  size_t frame; // Of the current source, the next one
  size_t frames;
} RowSource;

static RsStatus go_on(RowSource *self) {
  rs_frame_source_free(self->current);
  self->current = NULL;
  self->frame = 0;
  ++self->index;
  return self->index < self->count ? self->make(self->context, self->index, &self->current)
                                   : RS_ERR_EMPTY;
}

static RsStatus row_next(RsFrameSource *source, RsSourceFrame *frame) {
  RowSource *self = (RowSource *)source;
  RsStatus status = self->frame < self->frames ? RS_OK : go_on(self);
  if (!status) {
    status = self->current ? self->current->next(self->current, frame) : RS_ERR_EMPTY;
  }
  if (!status && !self->frame++ && self->index) {
    frame->notes.onset = frame->notes.on;
    frame->notes.has_onset = true;
  }
  return status;
}

static void row_set(RsFrameSource *source, const RsSourceChange *change) {
  RowSource *self = (RowSource *)source;
  if (self->current && self->current->set) {
    self->current->set(self->current, change);
  }
}

static RsStatus row_hear(RsFrameSource *source, const RsRoll *phrase) {
  RsFrameSource *current = ((RowSource *)source)->current;
  return current && current->hear ? current->hear(current, phrase) : RS_OK;
}

static void row_place(RsFrameSource *source, uint64_t frame) {
  RsFrameSource *current = ((RowSource *)source)->current;
  if (current && current->place) {
    current->place(current, frame);
  }
}

static void row_free(RsFrameSource *source) {
  rs_frame_source_free(((RowSource *)source)->current);
  free(source);
}

RsStatus rs_frame_source_row(size_t count, size_t frames, RsSourceMaker make, void *context,
                             RsFrameSource **out) {
  RowSource *self = calloc(1, sizeof(*self));
  *out = NULL;
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self =
      (RowSource){.source = {.next = row_next, .set = row_set, .hear = row_hear, .free = row_free},
                  .make = make,
                  .context = context,
                  .count = count,
                  .frames = frames};
  const RsStatus status = make(context, 0, &self->current);
  if (status) {
    free(self);
    return status;
  }
  self->source.place = self->current->place ? row_place : NULL;
  *out = &self->source;
  return RS_OK;
}
