/* SPDX-License-Identifier: ISC */

#include <rollsmith/model_source.h>

#include "live/follow.h"

#include <stdlib.h>

typedef struct {
  RsFrameSource source;
  const RsModel *model;
  RsGenerateSettings settings;
  const RsRoll *prime; /* Borrowed; or NULL */
  RsGenerator *generator;
  RsSteering steering; /* what the generator steers to from now on */
  RsFollow *follow;    /* NULL without --follow */
} ModelSource;

static RsStatus model_next(RsFrameSource *source, RsSourceFrame *frame) {
  ModelSource *self = (ModelSource *)source;
  RsNoteFrame *notes = &frame->notes;
  *frame = (RsSourceFrame){.notes = {.has_onset = self->model->inputs.encoding.onsets,
                                     .has_velocity = self->model->inputs.encoding.velocities}};
  RsStatus status = self->follow ? rs_follow_begin(self->follow, self->generator) : RS_OK;
  if (!status) {
    status = rs_generator_next(self->generator, &notes->on, &notes->onset, notes->velocity);
  }
  if (self->follow) {
    rs_follow_end(self->follow, notes);
  }
  return status;
}

static void model_set_held(RsFrameSource *source, const RsFrame *held, const RsFrame *pressed) {
  rs_follow_set_held(((ModelSource *)source)->follow, held, pressed);
}

/* The temperature and polyphony cap that are chosen now. */
static void apply_settings(ModelSource *self) {
  rs_generator_set(self->generator, self->settings.temperature, self->settings.max_polyphony);
}

static bool model_back(RsFrameSource *source, uint64_t frame) {
  ModelSource *self = (ModelSource *)source;
  const bool back = rs_follow_back(self->follow, self->generator, frame);
  if (back) { /* to a state that may have had other targets and settings */
    rs_generator_steer(self->generator, &self->steering);
    apply_settings(self);
  }
  return back;
}

/* Discard the states by which earlier frames are made again. */
static void discard_states(ModelSource *self) {
  if (self->follow) {
    rs_follow_restart(self->follow);
  }
}

static void restart(ModelSource *self, uint64_t seed) {
  RsGenerator *fresh = NULL;
  if (rs_generator_new(self->model, &self->settings, seed, &fresh, NULL) ||
      (self->prime && rs_generator_prime(fresh, self->prime))) {
    rs_generator_free(fresh);
    return;
  }
  rs_generator_steer(fresh, &self->steering);
  rs_generator_free(self->generator);
  self->generator = fresh;
  discard_states(self);
}

static void model_set(RsFrameSource *source, const RsSourceChange *change) {
  ModelSource *self = (ModelSource *)source;
  switch (change->control) {
  case RS_SOURCE_TEMPERATURE:
    self->settings.temperature = change->temperature;
    break;
  case RS_SOURCE_MAX_POLYPHONY:
    self->settings.max_polyphony = change->max_polyphony;
    break;
  case RS_SOURCE_STEERING:
    self->steering = change->steering;
    rs_generator_steer(self->generator, &self->steering);
    return;
  case RS_SOURCE_SEED:
    restart(self, change->seed);
    break;
  }
  apply_settings(self);
}

static RsStatus model_prime(RsFrameSource *source, const RsRoll *phrase) {
  ModelSource *self = (ModelSource *)source;
  discard_states(self);
  return rs_generator_prime(self->generator, phrase);
}

static void model_locate(RsFrameSource *source, uint64_t frame) {
  ModelSource *self = (ModelSource *)source;
  discard_states(self);
  rs_generator_go_to(self->generator, (size_t)frame); /* an error leaves its position unchanged */
}

static void model_free(RsFrameSource *source) {
  ModelSource *self = (ModelSource *)source;
  rs_follow_free(self->follow);
  rs_generator_free(self->generator);
  free(self);
}

RsStatus rs_frame_source_model(const RsModel *model, const RsGenerateSettings *settings,
                               const RsRoll *prime, RsGenerator *generator, RsFrameSource **out) {
  ModelSource *self = calloc(1, sizeof(*self));
  *out = NULL;
  if (!self) {
    return RS_ERR_MEMORY;
  }
  *self = (ModelSource){.source = {.next = model_next,
                                   .set = model_set,
                                   .prime = model_prime,
                                   .locate = model->inputs.meter_count ? model_locate : NULL,
                                   .free = model_free},
                        .model = model,
                        .settings = *settings,
                        .prime = prime,
                        .generator = generator,
                        .steering = *rs_generator_steering(generator)};
  *out = &self->source;
  return RS_OK;
}

RsStatus rs_frame_source_accompany(RsFrameSource *source, RsWhenSilent when_silent,
                                   size_t patience) {
  ModelSource *self = (ModelSource *)source;
  const RsStatus status =
      rs_follow_new(self->model, &self->settings, when_silent, patience, &self->follow);
  if (!status) {
    source->set_held = model_set_held;
    source->back = model_back;
  }
  return status;
}
