#include "music/key.h"

#include <math.h>

/* Krumhansl and Kessler's ratings of how well each degree fits a key, from the tonic. */
static const double major[12] = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09,
                                 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
static const double minor[12] = {6.33, 2.68, 3.52, 5.38, 2.60, 3.53,
                                 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

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
