/* SPDX-License-Identifier: ISC */

#include "music/pitch_classes.h"

#include <math.h>

/* The scale of C major as a set of pitch classes: 0, 2, 4, 5, 7, 9, 11. */
#define MAJOR 0xab5u

static double sum(const size_t counts[RS_PITCH_CLASSES]) {
  size_t all = 0;
  for (int i = 0; i < RS_PITCH_CLASSES; ++i) {
    all += counts[i];
  }
  return (double)all;
}

double rs_pitch_class_entropy(const size_t counts[RS_PITCH_CLASSES]) {
  const double all = sum(counts);
  double entropy = 0;
  for (int i = 0; i < RS_PITCH_CLASSES; ++i) {
    if (counts[i]) {
      const double share = (double)counts[i] / all;
      entropy -= share * log2(share);
    }
  }
  return fmax(entropy, 0); /* not -0 */
}

double rs_pitch_class_scale(const size_t counts[RS_PITCH_CLASSES]) {
  const double all = sum(counts);
  size_t best = 0;
  for (int tonic = 0; tonic < RS_PITCH_CLASSES; ++tonic) {
    size_t fitting = 0;
    for (int degree = 0; degree < RS_PITCH_CLASSES; ++degree) {
      fitting += MAJOR >> degree & 1 ? counts[(tonic + degree) % RS_PITCH_CLASSES] : 0;
    }
    best = fitting > best ? fitting : best;
  }
  return all > 0 ? (double)best / all : 1.0;
}
