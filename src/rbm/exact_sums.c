/* SPDX-License-Identifier: ISC */

#include "rbm/exact_sums.h"

#include "base/multiversion.h"

#include <math.h>
#include <string.h>

/* Sums have to stay below 2^LARGEST. */
enum { LARGEST = 11 };

/* What rounding and the sums of the bounds themselves can add. */
#define SLACK 1.001f

RS_MULTIVERSION void rs_find_bounds(size_t rows, size_t columns, const float *a, float *above,
                                    float *below) {
  memset(above, 0, columns * sizeof *above);
  memset(below, 0, columns * sizeof *below);
  for (size_t r = 0; r < rows; ++r) {
    const float *row = a + r * columns;
    for (size_t i = 0; i < columns; ++i) {
      above[i] += row[i] > 0 ? row[i] : 0;
      below[i] -= row[i] > 0 ? 0 : row[i];
    }
  }
}

static float largest_bound(size_t rows, size_t columns, const float *a, float *scratch) {
  float largest = 0;
  rs_find_bounds(rows, columns, a, scratch, scratch + columns);
  for (size_t i = 0; i < 2 * columns; ++i) {
    largest = scratch[i] > largest ? scratch[i] : largest;
  }
  return largest;
}

/* Sizes are rounded to multiples of 2^-23 of a power of 2, by adding it and taking it off again. */
RS_MULTIVERSION static void round_all(size_t n, float power, float *x) {
  for (size_t i = 0; i < n; ++i) {
    x[i] = copysignf((fabsf(x[i]) + power) - power, x[i]);
  }
}

bool rs_round_to_exact_sums(const RsGibbsWeights *weights, float *scratch) {
  const size_t visible = weights->visible_pad, hidden = weights->hidden_pad;
  const float down = largest_bound(hidden, visible, weights->rows, scratch);
  const float up = largest_bound(weights->visible, hidden, weights->columns, scratch);
  int power = 0;
  frexpf(SLACK * (up > down ? up : down), &power);
  if (power > LARGEST) {
    return false;
  }
  const float half = ldexpf(0.5f, power);
  round_all(hidden * visible, half, weights->rows);
  round_all(weights->visible * hidden, half, weights->columns);
  return true;
}
