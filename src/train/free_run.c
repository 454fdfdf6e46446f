#include "train/trainer_internal.h"

#include <rollsmith/generator.h>

#include <math.h>

/* Songs that a free run consists of: enough for a density of each statistic. */
enum { RUNS = 24 };

/* The songs of a free run, played side by side. */
typedef struct {
  const RsTrainer *trainer;
  const float *w;
  RsRoll roll[RUNS];
  RsStatus status[RUNS];
} FreeRun;

RsStatus rs_trainer_measure_songs(RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  RsStatus status = RS_OK;
  if (settings->own_past > 0) {
    status = rs_band(trainer->train, &trainer->band);
  }
  if (!status && settings->free_run_frames) {
    status = rs_style_new(trainer->train, false, &trainer->style);
  }
  return status;
}

/* Nothing may damp a free run: it shows the model as it is, in the key that songs are learned in.
 */
static RsGenerateSettings undamped(const RsTrainer *trainer) {
  RsGenerateSettings settings = trainer->settings.generate;
  settings.temperature = 1;
  settings.max_polyphony = 0;
  settings.burn_in = 0;
  settings.no_copy = 0;
  settings.song_keys = false;
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

static void play(void *context, size_t run) {
  FreeRun *free_run = context;
  const RsTrainer *trainer = free_run->trainer;
  const RsTrainSettings *settings = &trainer->settings.train;
  const size_t meter = rs_trainer_meter(trainer, ((double)run + 0.5) / RUNS);
  free_run->status[run] =
      rs_trainer_play_alone(trainer, free_run->w, settings->seed + run, meter, NULL,
                            (size_t)settings->free_run_frames, &free_run->roll[run]);
}

/* How like the songs a free run is, and how much it copies more than they do from each other. */
static RsStatus compare(const RsTrainer *trainer, FreeRun *free_run, RsFreeRun *out) {
  const RsSongs songs = {.rolls = free_run->roll, .count = RUNS};
  RsStyleComparison comparison;
  const RsStatus status = rs_style_compare(trainer->style, &songs, &comparison);
  if (!status) {
    const double copies = comparison.copies.run16 - comparison.copies_songs.run16;
    out->of_ceiling = comparison.of_ceiling;
    out->copies = copies > 0 ? copies : 0;
  }
  return status;
}

RsStatus rs_trainer_free_run(const RsTrainer *trainer, const float *w, RsFreeRun *out) {
  FreeRun free_run = {.trainer = trainer, .w = w};
  RsStatus status = RS_OK;
  *out = (RsFreeRun){NAN, NAN};
  if (!trainer->settings.train.free_run_frames) {
    return RS_OK;
  }
  rs_thread_pool_run(trainer->team, RUNS, play, &free_run);
  for (size_t i = 0; i < RUNS; ++i) {
    status = status ? status : free_run.status[i];
  }
  status = status ? status : compare(trainer, &free_run, out);
  for (size_t i = 0; i < RUNS; ++i) {
    rs_roll_clear(&free_run.roll[i]);
  }
  return status;
}
