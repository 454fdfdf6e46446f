/* SPDX-License-Identifier: ISC */

#include "live/concat_source.h"

#include <stdlib.h>

typedef struct {
  RsFrameSource source;
  RsSourceFactory make;
  void *context;
  RsFrameSource *current;
  size_t index; /* of the current source */
  size_t count;
  size_t frame;  /* next frame of the current source */
  size_t frames; /* of each source */
} ConcatSource;

static RsStatus next_source(ConcatSource *self) {
  rs_frame_source_free(self->current);
  self->current = NULL;
  self->frame = 0;
  ++self->index;
  return self->index < self->count ? self->make(self->context, self->index, &self->current)
                                   : RS_ERR_EMPTY;
}

static RsStatus concat_next(RsFrameSource *source, RsSourceFrame *frame) {
  ConcatSource *self = (ConcatSource *)source;
  RsStatus status = self->frame < self->frames ? RS_OK : next_source(self);
  if (!status) {
    status = self->current ? self->current->next(self->current, frame) : RS_ERR_EMPTY;
  }
  if (!status && !self->frame++ && self->index) {
    frame->notes.onset = frame->notes.on;
    frame->notes.has_onset = true;
  }
  return status;
}

static void concat_set(RsFrameSource *source, const RsSourceChange *change) {
  ConcatSource *self = (ConcatSource *)source;
  if (self->current && self->current->set) {
    self->current->set(self->current, change);
  }
}

static RsStatus concat_prime(RsFrameSource *source, const RsRoll *phrase) {
  RsFrameSource *current = ((ConcatSource *)source)->current;
  return current && current->prime ? current->prime(current, phrase) : RS_OK;
}

static void concat_locate(RsFrameSource *source, uint64_t frame) {
  RsFrameSource *current = ((ConcatSource *)source)->current;
  if (current && current->locate) {
    current->locate(current, frame);
  }
}

static void concat_set_held(RsFrameSource *source, const RsFrame *held, const RsFrame *pressed) {
  RsFrameSource *current = ((ConcatSource *)source)->current;
  if (current && current->set_held) {
    current->set_held(current, held, pressed);
  }
}

/* Of the sources, only the first one can go back. */
static bool concat_back(RsFrameSource *source, uint64_t frame) {
  ConcatSource *self = (ConcatSource *)source;
  if (self->index || !self->current || !self->current->back ||
      !self->current->back(self->current, frame)) {
    return false;
  }
  self->frame = (size_t)frame;
  return true;
}

static void concat_free(RsFrameSource *source) {
  rs_frame_source_free(((ConcatSource *)source)->current);
  free(source);
}

RsStatus rs_frame_source_concat(size_t count, size_t frames, RsSourceFactory make, void *context,
                                RsFrameSource **out) {
  ConcatSource *self = calloc(1, sizeof(*self));
  *out = NULL;
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self = (ConcatSource){.source = {.next = concat_next,
                                    .set = concat_set,
                                    .prime = concat_prime,
                                    .free = concat_free},
                         .make = make,
                         .context = context,
                         .count = count,
                         .frames = frames};
  const RsStatus status = make(context, 0, &self->current);
  if (status) {
    free(self);
    return status;
  }
  self->source.locate = self->current->locate ? concat_locate : NULL;
  self->source.set_held = self->current->set_held ? concat_set_held : NULL;
  self->source.back = self->current->back ? concat_back : NULL;
  *out = &self->source;
  return RS_OK;
}
