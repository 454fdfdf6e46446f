#include "model/trainer_internal.h"

#include "base/memory.h"

#include <rollsmith/rng.h>

#include <stdlib.h>
#include <string.h>

/* ---- What is known of the songs ---- */

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

RsStatus rs_trainer_describe_songs(RsTrainer *trainer) {
  const RsSongs *songs = trainer->train;
  RsTrainingSummary *now = &trainer->now;
  double *bpm = rs_alloc(songs->count, sizeof *bpm);
  if (!bpm) {
    return RS_ERR_MEMORY;
  }
  size_t most = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    const RsRoll *roll = songs->rolls + i;
    size_t alike = 0;
    for (size_t j = 0; j < songs->count; ++j) {
      alike += songs->rolls[j].meter_beats == roll->meter_beats &&
               songs->rolls[j].meter_unit == roll->meter_unit;
    }
    if (alike > most) {
      most = alike;
      now->meter_beats = roll->meter_beats;
      now->meter_unit = roll->meter_unit;
    }
    bpm[i] = roll->bpm;
    now->songs += roll->frames > 0;
    now->song_frames += roll->frames;
  }
  qsort(bpm, songs->count, sizeof *bpm, by_value);
  now->bpm = songs->count ? bpm[songs->count / 2] : 120;
  free(bpm);
  return RS_OK;
}

/* Add up one roll, transposed. */
static void add_roll(const RsEncoding *encoding, const RsRoll *roll, int transpose, float *v,
                     RsUnitSums *sums) {
  const size_t visible = rs_encoding_size(encoding);
  for (size_t n = 0; n < roll->frames; ++n) {
    rs_encode_frame(encoding, roll, n, transpose, v);
    for (size_t k = 0; k < visible; ++k) {
      sums[k].frames += 1;
      sums[k].on += v[k] > 0;
      sums[k].sum += (double)v[k];
      sums[k].square += (double)v[k] * (double)v[k];
    }
  }
}

RsStatus rs_trainer_unit_sums(const RsTrainer *trainer, int low, int high, RsUnitSums *sums) {
  const RsEncoding *encoding = &trainer->model->encoding;
  float *v = rs_alloc(rs_encoding_size(encoding), sizeof *v);
  if (!v) {
    return RS_ERR_MEMORY;
  }
  memset(sums, 0, rs_encoding_size(encoding) * sizeof *sums);
  for (size_t i = 0; i < trainer->train->count; ++i) {
    for (int transpose = low; transpose <= high; ++transpose) {
      add_roll(encoding, trainer->train->rolls + i, transpose, v, sums);
    }
  }
  free(v);
  return RS_OK;
}

/* ---- Splitting songs ---- */

RsStatus rs_songs_split(RsSongs *songs, double share, uint64_t seed, RsSongs *train,
                        RsSongs *valid) {
  const size_t count = songs->count;
  size_t held = (size_t)(share * (double)count + 0.5);
  held = share > 0 && count > 1 ? held < 1 ? 1 : held >= count ? count - 1 : held : 0;
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < count; ++i) {
    /* Each song is held out with the chance that the rest must have: exactly `held` in the end. */
    const uint32_t left = (uint32_t)(count - i);
    const bool hold = rs_rng_below((RsRng){seed, RS_STREAM_SPLIT}, i, left) < held;
    held -= hold;
    status = rs_songs_add(hold ? valid : train, songs->rolls + i);
  }
  rs_songs_clear(songs);
  return status;
}
