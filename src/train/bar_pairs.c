/* SPDX-License-Identifier: ISC */

#include "train/bar_pairs.h"

#include "base/memory.h"
#include "train/free_run.h"

#include <rollsmith/generator.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Seed of the first song above that of the training. */
enum { FIRST_SEED = 1000 };

/* Songs that are generated side by side. */
typedef struct {
  const RsModel *model;
  const RsStop *stop;
  size_t count;
  RsRoll roll[RS_BAR_PAIRS_SONGS];
  int key[RS_BAR_PAIRS_SONGS];
  RsStatus status[RS_BAR_PAIRS_SONGS];
} Songs;

void rs_bar_pairs_clear(RsBarPairs *pairs) {
  free(pairs->rows);
  *pairs = (RsBarPairs){.count = 0};
}

static RsStatus add_pair(const float *before, const float *bar, RsBarPairs *pairs) {
  const size_t size = RS_BAR_FEATURES * sizeof(float);
  float *rows = rs_grow(pairs->rows, &pairs->capacity, pairs->count + 1, 2 * size);
  if (!rows) {
    return RS_ERR_MEMORY;
  }
  pairs->rows = rows;
  rows += pairs->count++ * RS_DISCRIMINATOR_INPUTS;
  memcpy(rows, before, size);
  memcpy(rows + RS_BAR_FEATURES, bar, size);
  return RS_OK;
}

/* The features of a bar of a song in its own key. */
static void take_bar(const RsRoll *roll, const RsBarPlace *place, size_t end, int shift, int key,
                     RsBarFeatures *features, float *out) {
  for (size_t n = place->bar_start; n < end; ++n) {
    const RsFrame begins = rs_roll_begins(roll, n);
    const RsFrame own[2] = {rs_frame_shift(&roll->on[n], shift), rs_frame_shift(&begins, shift)};
    const bool on_beat = rs_begins_beat(place, n - place->bar_start, roll->frames_per_beat);
    rs_bar_features_add(features, own, own + 1, on_beat, key);
  }
  rs_bar_features_end(features, out);
}

RsStatus rs_bar_pairs_add(const RsRoll *roll, int shift, int key, RsBarPairs *pairs) {
  RsBarFeatures features = {.top = 0};
  RsBarPlace place;
  float bars[2][RS_BAR_FEATURES];
  RsStatus status = RS_OK;
  bool more = roll->frames && rs_roll_bar(roll, 0, &place);
  for (size_t number = 0; !status && more; ++number) {
    RsBarPlace next = place;
    rs_roll_next_bar(roll, &next);
    more = next.bar_start <= roll->frames;
    if (more) {
      take_bar(roll, &place, next.bar_start, shift, key, &features, bars[number % 2]);
      status = number ? add_pair(bars[(number + 1) % 2], bars[number % 2], pairs) : RS_OK;
    }
    place = next;
  }
  return status;
}

/* Generate song number i. */
static void generate(void *context, size_t i) {
  Songs *songs = context;
  const RsModel *model = songs->model;
  const RsInputs *inputs = &model->inputs;
  const uint64_t seed = model->settings.train.seed + FIRST_SEED + i;
  const size_t meter = rs_free_run_meter(inputs, ((double)i + 0.5) / (double)songs->count);
  RsGenerateSettings settings = rs_free_run_settings(model, meter);
  settings.song_keys = model->settings.generate.song_keys;
  const double bar = rs_meter_bar_frames((unsigned)settings.meter_beats,
                                         (unsigned)settings.meter_unit, inputs->frames_per_beat);
  RsGenerator *generator = NULL;
  if (songs->stop->asked && songs->stop->asked(songs->stop->context)) {
    songs->status[i] = RS_ERR_STOPPED;
    return;
  }
  songs->key[i] = rs_generator_key(model, &settings, seed);
  songs->status[i] = rs_generator_new(model, &settings, seed, &generator, NULL);
  if (!songs->status[i]) {
    songs->status[i] = rs_generator_song(generator, NULL, (size_t)llround(RS_BAR_PAIRS_BARS * bar),
                                         &songs->roll[i]);
  }
  rs_generator_free(generator);
}

RsStatus rs_bar_pairs_generate(const RsModel *model, size_t count, RsThreadPool *pool,
                               const RsStop *stop, RsBarPairs *pairs) {
  count = count < RS_BAR_PAIRS_SONGS ? count : RS_BAR_PAIRS_SONGS;
  Songs *songs = rs_alloc(1, sizeof *songs);
  RsStatus status = songs ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    songs->model = model;
    songs->stop = stop;
    songs->count = count;
    rs_thread_pool_run(pool, count, generate, songs);
  }
  for (size_t i = 0; songs && i < count; ++i) {
    status = status ? status : songs->status[i];
    status = status ? status : rs_bar_pairs_add(&songs->roll[i], 0, songs->key[i], pairs);
    rs_roll_clear(&songs->roll[i]);
  }
  free(songs);
  return status;
}
