#include "model/trainer_internal.h"

#include <rollsmith/generator.h>

#include <math.h>

/* Several short runs see more beginnings than a long one. */
enum { RUNS = 4 };

RsStatus rs_trainer_measure_songs(RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const bool wanted = settings->free_run_frames || settings->own_past > 0;
  return wanted ? rs_band(trainer->train, &trainer->band) : RS_OK;
}

/* Nothing may damp a free run: it shows the model as it is. */
static RsGenerateSettings undamped(const RsTrainer *trainer) {
  RsGenerateSettings settings = trainer->settings.generate;
  settings.temperature = 1;
  settings.max_polyphony = 0;
  settings.burn_in = 0;
  return settings;
}

size_t rs_trainer_meter(const RsTrainer *trainer, double place) {
  const RsInputs *inputs = &trainer->model->inputs;
  double sum = 0;
  for (size_t i = 0; i < inputs->meter_count; ++i) {
    sum += inputs->meters[i].share;
    if (place < sum || i + 1 == inputs->meter_count) {
      return i;
    }
  }
  return RS_METERS_MAX;
}

RsStatus rs_trainer_play_alone(const RsTrainer *trainer, const float *w, uint64_t seed,
                               size_t meter, const RsRoll *prime, size_t frames, RsRoll *roll) {
  RsGenerateSettings settings = undamped(trainer);
  const RsInputs *inputs = &trainer->model->inputs;
  settings.meter_beats = meter < inputs->meter_count ? (int)inputs->meters[meter].beats : 0;
  settings.meter_unit = meter < inputs->meter_count ? (int)inputs->meters[meter].unit : 0;
  RsModel model = *trainer->model; /* borrows all but the parameters */
  RsGenerator *generator = NULL;
  model.w = (float *)w; /* a generator only reads them */
  RsStatus status = rs_generator_new(&model, &settings, seed, &generator, NULL);
  if (!status && prime) {
    status = rs_generator_prime(generator, prime);
  }
  status = status ? status : rs_generator_song(generator, NULL, frames, roll);
  rs_generator_free(generator);
  return status;
}

/* One run's shares of windows inside the band, added to `sum`. */
static RsStatus add_run(const RsTrainer *trainer, const float *w, uint64_t run,
                        RsStatistics *sum) {
  RsRoll roll;
  const size_t meter = rs_trainer_meter(trainer, ((double)run + 0.5) / RUNS);
  const RsStatus status =
      rs_trainer_play_alone(trainer, w, trainer->settings.train.seed + run, meter, NULL,
                            (size_t)trainer->settings.train.free_run_frames, &roll);
  if (!status) {
    const RsJudgement judgement = rs_judge(&roll, &trainer->band);
    for (int i = 0; i < RS_STATISTICS; ++i) {
      sum->value[i] += judgement.inside.value[i];
    }
    rs_roll_clear(&roll);
  }
  return status;
}

RsStatus rs_trainer_free_run(const RsTrainer *trainer, const float *w, double *inside) {
  RsStatistics sum = {{0}};
  RsStatus status = RS_OK;
  *inside = NAN;
  if (!trainer->settings.train.free_run_frames) {
    return RS_OK;
  }
  for (uint64_t i = 0; !status && i < RUNS; ++i) {
    status = add_run(trainer, w, i, &sum);
  }
  double least = RUNS;
  for (int i = 0; i < RS_STATISTICS; ++i) {
    least = fmin(least, sum.value[i]);
  }
  *inside = least / RUNS;
  return status;
}
