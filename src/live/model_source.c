#include <rollsmith/model_source.h>

#include <stdlib.h>

typedef struct {
  RsFrameSource source;
  const RsModel *model;
  RsGenerateSettings settings;
  const RsRoll *prime; /* Borrowed; or NULL */
  RsGenerator *generator;
} ModelSource;

static RsStatus model_next(RsFrameSource *source, RsSourceFrame *frame) {
  ModelSource *self = (ModelSource *)source;
  RsNoteFrame *notes = &frame->notes;
  *frame = (RsSourceFrame){.notes = {.has_onset = self->model->inputs.encoding.onsets,
                                     .has_velocity = self->model->inputs.encoding.velocities}};
  return rs_generator_next(self->generator, &notes->on, &notes->onset, notes->velocity);
}

static void restart(ModelSource *self, uint64_t seed) {
  RsGenerator *fresh = NULL;
  if (rs_generator_new(self->model, &self->settings, seed, &fresh, NULL) ||
      (self->prime && rs_generator_prime(fresh, self->prime))) {
    rs_generator_free(fresh);
    return;
  }
  rs_generator_free(self->generator);
  self->generator = fresh;
}

static void model_set(RsFrameSource *source, const RsSourceChange *change) {
  ModelSource *self = (ModelSource *)source;
  switch (change->control) {
  case RS_SOURCE_TEMPERATURE:
    self->settings.temperature = change->temperature;
    break;
  case RS_SOURCE_DENSITY:
    self->settings.max_polyphony = change->density;
    break;
  case RS_SOURCE_SEED:
    restart(self, change->seed);
    break;
  }
  rs_generator_set(self->generator, self->settings.temperature, self->settings.max_polyphony);
}

static RsStatus model_prime(RsFrameSource *source, const RsRoll *phrase) {
  return rs_generator_prime(((ModelSource *)source)->generator, phrase);
}

static void model_locate(RsFrameSource *source, uint64_t frame) {
  rs_generator_go_to(((ModelSource *)source)->generator,
                     (size_t)frame); /* an error leaves its position unchanged */
}

static void model_free(RsFrameSource *source) {
  rs_generator_free(((ModelSource *)source)->generator);
  free(source);
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
                        .generator = generator};
  *out = &self->source;
  return RS_OK;
}
