/* SPDX-License-Identifier: ISC */

#include "music/key.h"

#include <math.h>
#include <string.h>

/* How likely each degree, from the tonic, is in a passage of a key: Temperley's count in the
   Kostka-Payne corpus. */
static const double major[12] = {0.748, 0.060, 0.488, 0.082, 0.670, 0.460,
                                 0.096, 0.715, 0.104, 0.366, 0.057, 0.400};
static const double minor[12] = {0.712, 0.084, 0.474, 0.618, 0.049, 0.460,
                                 0.105, 0.747, 0.404, 0.067, 0.133, 0.330};

static double mean_of(const double x[12]) {
  double sum = 0;
  for (int i = 0; i < 12; ++i) {
    sum += x[i];
  }
  return sum / 12;
}

/* Correlation of the durations with the profile of the key on `tonic`, up to a factor that is the
   same for all tonics; dividing by the profile's own spread makes major and minor comparable. */
static double fit(const double durations[12], const double profile[12], int tonic) {
  const double mean = mean_of(profile);
  double product = 0, spread = 0;
  for (int i = 0; i < 12; ++i) {
    const double p = profile[(i - tonic + 24) % 12] - mean;
    product += p * durations[i];
    spread += p * p;
  }
  return product / sqrt(spread);
}

/* Into -5..6. */
static int nearest_shift(int semitones) {
  const int up = ((semitones % 12) + 12) % 12;
  return up > 6 ? up - 12 : up;
}

/* A key: its tonic, from C, and whether it is a minor one. */
typedef struct {
  int tonic;
  bool minor;
} Key;

/* C major where nothing sounds. */
static Key best_key(const double durations[12]) {
  double best = 0;
  Key key = {0, false};
  for (int tonic = 0; tonic < 12; ++tonic) {
    const double as_major = fit(durations, major, tonic), as_minor = fit(durations, minor, tonic);
    if (as_major > best) {
      best = as_major;
      key = (Key){tonic, false};
    }
    if (as_minor > best) {
      best = as_minor;
      key = (Key){tonic, true};
    }
  }
  return key;
}

/* Semitones from a key to the common one, not yet the nearest way. */
static int down_from(Key key) {
  return (key.minor ? 9 : 0) - key.tonic;
}

int rs_key_to_common(const double durations[12]) {
  return nearest_shift(down_from(best_key(durations)));
}

static void measure(const RsRoll *roll, double durations[12]) {
  memset(durations, 0, 12 * sizeof *durations);
  for (size_t t = 0; t < roll->frames; ++t) {
    const RsFrame *frame = &roll->on[t];
    for (int n = rs_frame_next(frame, 0); n < RS_NOTES; n = rs_frame_next(frame, n + 1)) {
      ++durations[n % 12];
    }
  }
}

int rs_roll_to_common(const RsRoll *roll) {
  double durations[12];
  measure(roll, durations);
  return rs_key_to_common(durations);
}

/* A fifth up is a sharp more. */
static RsKeySignature signature(int above, bool is_minor) {
  return (RsKeySignature){true, nearest_shift(7 * above), is_minor};
}

RsKeySignature rs_roll_key(const RsRoll *roll) {
  double durations[12];
  measure(roll, durations);
  const Key key = best_key(durations);
  return signature(-down_from(key), key.minor);
}

RsKeySignature rs_roll_mode(const RsRoll *roll, int above) {
  double durations[12];
  const int tonic = nearest_shift(above);
  measure(roll, durations);
  const double as_major = fit(durations, major, tonic), as_minor = fit(durations, minor, tonic + 9);
  return signature(tonic, as_minor > as_major);
}
