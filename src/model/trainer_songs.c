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

/* A song's time signature, and the place of the song, which decides where two are as common. */
typedef struct {
  unsigned beats, unit;
  size_t song;
} Meter;

static bool same_meter(const Meter *a, const Meter *b) {
  return a->beats == b->beats && a->unit == b->unit;
}

static int by_meter(const void *a, const void *b) {
  const Meter *x = a;
  const Meter *y = b;
  if (same_meter(x, y)) {
    return (x->song > y->song) - (x->song < y->song);
  }
  return x->beats < y->beats || (x->beats == y->beats && x->unit < y->unit) ? -1 : 1;
}

/* Sort the time signatures and take the most common one: the first song's of it. */
static Meter most_common(Meter *meters, size_t count) {
  size_t most = 0, alike = 0;
  Meter best = {0, 0, 0};
  qsort(meters, count, sizeof *meters, by_meter);
  for (size_t i = 0; i < count; i += alike) {
    const Meter *first = meters + i;
    alike = 1;
    while (i + alike < count && same_meter(first, first + alike)) {
      ++alike;
    }
    if (alike > most || (alike == most && first->song < best.song)) {
      most = alike;
      best = *first;
    }
  }
  return best;
}

/* The median tempo and the most common time signature; sorts both. */
static void take_time(RsTrainingSummary *now, double *bpm, Meter *meters, size_t count) {
  qsort(bpm, count, sizeof *bpm, by_value);
  now->bpm = count ? bpm[count / 2] : 120;
  if (count) {
    const Meter meter = most_common(meters, count);
    now->meter_beats = meter.beats;
    now->meter_unit = meter.unit;
  }
}

RsStatus rs_trainer_describe_songs(RsTrainer *trainer) {
  const RsSongs *songs = trainer->train;
  RsTrainingSummary *now = &trainer->now;
  double *bpm = rs_alloc(songs->count, sizeof *bpm);
  Meter *meters = rs_alloc(songs->count, sizeof *meters);
  for (size_t i = 0; bpm && meters && i < songs->count; ++i) {
    const RsRoll *roll = songs->rolls + i;
    bpm[i] = roll->bpm;
    meters[i] = (Meter){roll->meter_beats, roll->meter_unit, i};
    now->songs += roll->frames > 0;
    now->song_frames += roll->frames;
  }
  const RsStatus status = bpm && meters ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    take_time(now, bpm, meters, songs->count);
  }
  free(bpm);
  free(meters);
  return status;
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
