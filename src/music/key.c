#include "music/key.h"

#include <math.h>

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
    const double p = profile[(i - tonic + 12) % 12] - mean;
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

int rs_key_to_common(const double durations[12]) {
  double best = 0;
  int shift = 0;
  for (int tonic = 0; tonic < 12; ++tonic) {
    const double as_major = fit(durations, major, tonic), as_minor = fit(durations, minor, tonic);
    if (as_major > best) {
      best = as_major;
      shift = nearest_shift(-tonic);
    }
    if (as_minor > best) {
      best = as_minor;
      shift = nearest_shift(9 - tonic);
    }
  }
  return shift;
}

int rs_roll_to_common(const RsRoll *roll) {
  double durations[12] = {0};
  for (size_t t = 0; t < roll->frames; ++t) {
    const RsFrame *frame = &roll->on[t];
    for (int n = rs_frame_next(frame, 0); n < RS_NOTES; n = rs_frame_next(frame, n + 1)) {
      ++durations[n % 12];
    }
  }
  return rs_key_to_common(durations);
}
