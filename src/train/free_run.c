/* SPDX-License-Identifier: ISC */

#include "train/free_run.h"

#include "train/rolls_gather.h"

#include <rollsmith/generator.h>

#include <math.h>

/* Songs of a free run: enough to estimate the densities of twelve statistics. */
enum { SONGS = 24 };

/* The songs of a free run, generated side by side. */
typedef struct {
  const RsModel *model;
  size_t first; /* of this process */
  RsRoll roll[SONGS];
  RsStatus status[SONGS];
} Songs;

RsGenerateSettings rs_free_run_settings(const RsModel *model, size_t meter) {
  const RsInputs *inputs = &model->inputs;
  RsGenerateSettings settings = model->settings.generate;
  settings.temperature = 1;
  settings.max_polyphony = 0;
  settings.burn_in = 0;
  settings.no_copy = 0;
  settings.candidates = 1;
  settings.song_keys = false;
  settings.meter_beats = meter < inputs->meter_count ? (int)inputs->meters[meter].beats : 0;
  settings.meter_unit = meter < inputs->meter_count ? (int)inputs->meters[meter].unit : 0;
  return settings;
}

size_t rs_free_run_meter(const RsInputs *inputs, double place) {
  double sum = 0;
  for (size_t i = 0; i < inputs->meter_count; ++i) {
    sum += inputs->meters[i].share;
    if (place < sum || i + 1 == inputs->meter_count) {
      return i;
    }
  }
  return RS_METERS_MAX;
}

RsStatus rs_free_run_song(const RsModel *model, uint64_t seed, size_t meter, const RsRoll *prime,
                          size_t frames, RsRoll *roll) {
  const RsGenerateSettings settings = rs_free_run_settings(model, meter);
  RsGenerator *generator = NULL;
  RsStatus status = rs_generator_new(model, &settings, seed, &generator, NULL);
  if (!status && prime) {
    status = rs_generator_prime(generator, prime);
  }
  status = status ? status : rs_generator_song(generator, NULL, frames, roll);
  rs_generator_free(generator);
  return status;
}

static void generate(void *context, size_t turn) {
  Songs *songs = context;
  const size_t i = songs->first + turn;
  const RsModel *model = songs->model;
  const RsTrainSettings *settings = &model->settings.train;
  const size_t meter = rs_free_run_meter(&model->inputs, ((double)i + 0.5) / SONGS);
  songs->status[i] = rs_free_run_song(model, settings->seed + i, meter, NULL,
                                      (size_t)settings->free_run_frames, &songs->roll[i]);
}

/* How like the songs a free run is, and how much it copies more than they do from each other. */
static RsStatus compare(const RsStyle *style, Songs *run, RsFreeRun *out) {
  const RsSongs songs = {.rolls = run->roll, .count = SONGS};
  RsStyleComparison comparison;
  const RsStatus status = rs_style_compare(style, &songs, &comparison);
  if (!status) {
    const double copies = comparison.copies.run16 - comparison.copies_songs.run16;
    out->of_ceiling = comparison.of_ceiling;
    out->copies = copies > 0 ? copies : 0;
  }
  return status;
}

RsStatus rs_free_run(const RsModel *model, const RsStyle *style, RsThreadPool *pool,
                     const RsTransport *transport, RsFreeRun *out) {
  const RsPiece own = rs_share_of(transport, transport->rank, SONGS);
  Songs songs = {.model = model, .first = own.offset};
  RsStatus status = RS_OK;
  *out = (RsFreeRun){NAN, NAN};
  if (!style) {
    return RS_OK;
  }
  rs_thread_pool_run(pool, own.size, generate, &songs);
  status = rs_rolls_gather(transport, songs.roll, songs.status, SONGS);
  for (size_t i = 0; i < SONGS; ++i) {
    status = status ? status : songs.status[i];
  }
  status = status ? status : compare(style, &songs, out);
  for (size_t i = 0; i < SONGS; ++i) {
    rs_roll_clear(&songs.roll[i]);
  }
  return status;
}
