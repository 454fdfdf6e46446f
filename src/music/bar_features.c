/* SPDX-License-Identifier: ISC */

/* Features of bars, doc/math.md, equation T38. */

#include "music/bar_features.h"

#include "music/pitch_classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OCTAVE 12.0

/* Interval classes of the melody, by their largest interval. */
static const int STEPS[] = {0, 2, 4, 7, 12};

/* Number of the class of a value, of classes that end with these values and one for the rest. */
static size_t class_of(int value, const int *ends, size_t count) {
  size_t i = 0;
  while (i < count && value > ends[i]) {
    ++i;
  }
  return i;
}

static void count(RsBarFeatures *features, size_t first, size_t place) {
  features->sum[first + place] += 1;
}

/* Notes that were held until the frame before. */
static void add_lengths(RsBarFeatures *features, const RsFrame *on, const RsFrame *begins) {
  static const int ENDS[] = {1, 2, 3, 4, 8};
  for (int n = rs_frame_next(&features->on, 0); n < RS_NOTES;
       n = rs_frame_next(&features->on, n + 1)) {
    if (!rs_frame_has(on, n) || rs_frame_has(begins, n)) {
      count(features, RS_FEATURE_LENGTHS, class_of(features->age[n], ENDS, 5));
    }
  }
  for (int n = rs_frame_next(on, 0); n < RS_NOTES; n = rs_frame_next(on, n + 1)) {
    const bool held = rs_frame_has(&features->on, n) && !rs_frame_has(begins, n);
    features->age[n] = held ? (uint8_t)(features->age[n] + (features->age[n] < UINT8_MAX)) : 1;
  }
}

/* The melody goes on to a note. */
static void add_step(RsBarFeatures *features, int note) {
  enum { WIDE = 4, LEAP = 7 };
  if (features->top) {
    const int step = note - (features->top - 1), size = abs(step),
              size_before = abs(features->step);
    count(features, RS_FEATURE_STEPS, class_of(size, STEPS, 5));
    features->sum[RS_FEATURE_LEAPS] += size > WIDE && size_before > WIDE;
    features->sum[RS_FEATURE_LEAPS + 1] += size > LEAP && size_before > LEAP;
    features->sum[RS_FEATURE_CONTOUR] += step > 0;
    features->sum[RS_FEATURE_CONTOUR + 1] += step * features->step > 0;
    features->sum[RS_FEATURE_CONTOUR + 2] += step * features->step < 0;
    features->step = step;
  }
  features->top = note + 1;
}

static void add_begins(RsBarFeatures *features, const RsFrame *on, const RsFrame *begins,
                       bool on_beat, int key) {
  enum { MOST = 4, GAPS = 5 };
  const int notes = rs_frame_count(begins);
  ++features->since;
  if (!notes) {
    return;
  }
  const int top = rs_frame_highest(begins);
  const size_t many = (size_t)(notes < MOST ? notes : MOST) - 1;
  count(features, RS_FEATURE_BEGINS, many + (on_beat ? 0 : MOST));
  features->sum[RS_FEATURE_HELD_TOP] += rs_frame_highest(on) != top;
  if (features->top) {
    count(features, RS_FEATURE_GAPS, (features->since < GAPS ? features->since : GAPS) - 1);
  }
  add_step(features, top);
  features->since = 0;
  for (int n = rs_frame_next(begins, 0); n < RS_NOTES; n = rs_frame_next(begins, n + 1)) {
    count(features, RS_FEATURE_CLASSES,
          (size_t)(n - key + 2 * RS_PITCH_CLASSES) % RS_PITCH_CLASSES);
  }
}

static void add_harmony(RsBarFeatures *features, const RsFrame *on) {
  enum { MOST = 5 };
  const int notes = rs_frame_count(on);
  count(features, RS_FEATURE_VOICES, (size_t)(notes < MOST ? notes : MOST));
  features->sum[RS_FEATURE_POLYPHONY] += notes;
  features->squares[0] += notes * notes;
  for (int a = rs_frame_next(on, 0); a < RS_NOTES; a = rs_frame_next(on, a + 1)) {
    for (int b = rs_frame_next(on, a + 1); b < RS_NOTES; b = rs_frame_next(on, b + 1)) {
      count(features, RS_FEATURE_PAIRS, (size_t)(b - a) % RS_PITCH_CLASSES);
    }
  }
  if (notes) {
    const double high = rs_frame_highest(on) / OCTAVE;
    const double low = rs_frame_next(on, 0) / OCTAVE;
    ++features->sounding;
    features->sum[RS_FEATURE_REGISTER] += high;
    features->sum[RS_FEATURE_REGISTER + 1] += low;
    features->squares[1] += high * high;
    features->squares[2] += low * low;
    features->sum[RS_FEATURE_BASS] +=
        rs_frame_next(on, 0) != rs_frame_next(&features->on, 0) && rs_frame_count(&features->on);
  }
}

bool rs_begins_beat(const RsBarPlace *bar, size_t frame_in_bar, double frames_per_beat) {
  return fmod((double)frame_in_bar, rs_meter_beat_frames(bar->beats, bar->unit, frames_per_beat)) <
         1;
}

void rs_bar_features_add(RsBarFeatures *features, const RsFrame *on, const RsFrame *begins,
                         bool on_beat, int key) {
  add_lengths(features, on, begins);
  add_begins(features, on, begins, on_beat, key);
  add_harmony(features, on);
  features->sum[RS_FEATURE_CHANGES] += !rs_frame_equal(on, &features->on);
  features->on = *on;
  ++features->frames;
}

static float deviation(double mean, double square) {
  const double variance = square - mean * mean;
  return variance > 0 ? (float)sqrt(variance) : 0;
}

void rs_bar_features_end(RsBarFeatures *features, float *out) {
  const double frames = features->frames ? features->frames : 1;
  const double sounding = features->sounding ? features->sounding : 1;
  const double *sum = features->sum;
  const double high = sum[RS_FEATURE_REGISTER] / sounding;
  const double low = sum[RS_FEATURE_REGISTER + 1] / sounding;
  float *place = out + RS_FEATURE_REGISTER;
  for (size_t i = 0; i < RS_BAR_FEATURES; ++i) {
    out[i] = (float)(sum[i] / frames);
  }
  out[RS_FEATURE_POLYPHONY + 1] =
      deviation(sum[RS_FEATURE_POLYPHONY] / frames, features->squares[0] / frames);
  place[0] = (float)high;
  place[1] = (float)low;
  place[2] = (float)(high - low);
  place[3] = deviation(high, features->squares[1] / sounding);
  out[RS_FEATURE_BASS + 1] = deviation(low, features->squares[2] / sounding);
  out[RS_FEATURE_LENGTH] = (float)features->frames / 16;
  features->frames = features->sounding = 0;
  memset(features->squares, 0, sizeof features->squares);
  memset(features->sum, 0, sizeof features->sum);
}
