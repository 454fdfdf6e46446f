/* SPDX-License-Identifier: ISC */

#include "train/songs.h"

#include "base/memory.h"

#include <rollsmith/rng.h>
#include <rollsmith/trainer.h>

#include <stdlib.h>
#include <string.h>

/* ---- Statistics of the songs ---- */

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

RsStatus rs_songs_describe(const RsSongs *songs, RsTrainingSummary *now) {
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

/* ---- The meters of the model ---- */

/* Bars and share of the songs' frames that a meter must have, to be learned. */
#define LEAST_BARS 8
#define LEAST_SHARE 0.005

typedef struct {
  unsigned beats, unit;
  double frames, bars;
} MeterSum;

/* Meters that are counted, which bounds the time that songs of ever new meters take. */
enum { COUNTED = 64 };

typedef struct {
  MeterSum meters[COUNTED];
  size_t count;
} MeterSums;

static MeterSum *sum_of(MeterSums *sums, unsigned beats, unsigned unit) {
  for (size_t i = 0; i < sums->count; ++i) {
    if (sums->meters[i].beats == beats && sums->meters[i].unit == unit) {
      return sums->meters + i;
    }
  }
  if (sums->count == COUNTED) {
    return NULL;
  }
  sums->meters[sums->count] = (MeterSum){beats, unit, 0, 0};
  return sums->meters + sums->count++;
}

static void count_meters(const RsRoll *roll, MeterSums *sums) {
  for (size_t i = 0; i < roll->meter_count; ++i) {
    const RsMeterChange *change = roll->meters + i;
    const size_t next = i + 1 < roll->meter_count ? change[1].frame : roll->frames;
    const size_t end = next < roll->frames ? next : roll->frames;
    MeterSum *sum = sum_of(sums, change->beats, change->unit);
    if (sum && end > change->frame) {
      sum->frames += (double)(end - change->frame);
      sum->bars += (double)(end - change->frame) /
                   rs_meter_bar_frames(change->beats, change->unit, roll->frames_per_beat);
    }
  }
}

/* The most frequent first; of two as frequent the one that came first. */
static int by_frames(const void *a, const void *b) {
  const MeterSum *x = a, *y = b;
  if (x->frames != y->frames) {
    return x->frames > y->frames ? -1 : 1;
  }
  return x->beats != y->beats ? x->beats < y->beats ? -1 : 1
                              : (x->unit > y->unit) - (x->unit < y->unit);
}

size_t rs_songs_meters(const RsSongs *songs, RsKnownMeter meters[RS_METERS_MAX]) {
  MeterSums sums = {.count = 0};
  double all = 0, kept = 0;
  size_t count = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    count_meters(songs->rolls + i, &sums);
  }
  qsort(sums.meters, sums.count, sizeof *sums.meters, by_frames);
  for (size_t i = 0; i < sums.count; ++i) {
    all += sums.meters[i].frames;
  }
  for (size_t i = 0; i < sums.count && count < RS_METERS_MAX; ++i) {
    const MeterSum *sum = sums.meters + i;
    if (sum->bars >= LEAST_BARS && sum->frames >= LEAST_SHARE * all) {
      meters[count++] = (RsKnownMeter){sum->beats, sum->unit, sum->frames};
      kept += sum->frames;
    }
  }
  for (size_t i = 0; i < count; ++i) {
    meters[i].share /= kept;
  }
  return count;
}

/* ---- Units ---- */

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

RsStatus rs_songs_unit_sums(const RsSongs *songs, const RsEncoding *encoding, int low, int high,
                            RsUnitSums *sums) {
  float *v = rs_alloc(rs_encoding_size(encoding), sizeof *v);
  if (!v) {
    return RS_ERR_MEMORY;
  }
  memset(sums, 0, rs_encoding_size(encoding) * sizeof *sums);
  for (size_t i = 0; i < songs->count; ++i) {
    for (int transpose = low; transpose <= high; ++transpose) {
      add_roll(encoding, songs->rolls + i, transpose, v, sums);
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
