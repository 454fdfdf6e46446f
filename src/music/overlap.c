/* SPDX-License-Identifier: ISC */

#include "music/overlap.h"

#include <rollsmith/rng.h>
#include <rollsmith/style.h>

#include <math.h>
#include <string.h>

enum {
  POINTS = 2000, /* of the grid on which densities are computed */
  SPLITS = 6,
};

/* Bandwidths behind which a kernel is left out: there it is below 1e-10 of its peak. */
#define REACH 7.0

/* A sample: its bandwidth before it is narrowed for the number of values, and its ends. */
typedef struct {
  const double *values;
  size_t count;
  double deviation, low, high;
} Sample;

/* The points at which densities are computed. */
typedef struct {
  double first, step;
} Grid;

static Sample sample_of(const double *values, size_t count) {
  Sample s = {values, count, 0, values[0], values[0]};
  double mean = 0, squares = 0;
  for (size_t i = 0; i < count; ++i) {
    mean += values[i] / (double)count;
    s.low = fmin(s.low, values[i]);
    s.high = fmax(s.high, values[i]);
  }
  for (size_t i = 0; i < count; ++i) {
    squares += (values[i] - mean) * (values[i] - mean);
  }
  s.deviation = fmax(sqrt(squares / (double)count), 1e-6);
  return s;
}

static double narrowed(double deviation, size_t count) {
  return deviation * pow((double)count, -0.2);
}

/* Add the half of a kernel that begins `from` behind its peak to every `by`-th point on, up or
   down. Neighbouring values of a Gaussian have quotients that themselves have a constant one, so
   that no value but the first takes an exponential function. */
static void add_half(double from, double step, double width, double peak, double *at, int by,
                     size_t room) {
  const double reach = ceil((REACH * width - from) / step);
  const size_t count = reach <= 0 ? 0 : reach < (double)room ? (size_t)reach : room;
  const double z = from / width, d = step / width, ratio = exp(-d * d);
  double value = peak * exp(-z * z / 2), quotient = exp(-d * (z + d / 2));
  for (size_t i = 0; i < count; ++i, at += by) {
    *at += value;
    value *= quotient;
    quotient *= ratio;
  }
}

/* The kernel density of a sample at all points of a grid. */
static void density(const Sample *s, const Grid *grid, double out[POINTS]) {
  const double width = narrowed(s->deviation, s->count);
  const double peak = 1 / ((double)s->count * width * sqrt(2 * acos(-1)));
  memset(out, 0, POINTS * sizeof *out);
  for (size_t i = 0; i < s->count; ++i) {
    const double place = (s->values[i] - grid->first) / grid->step;
    const size_t above = (size_t)fmin(fmax(ceil(place), 1), POINTS - 1);
    const double to_above = ((double)above - place) * grid->step;
    add_half(to_above, grid->step, width, peak, out + above, 1, POINTS - above);
    add_half(grid->step - to_above, grid->step, width, peak, out + above - 1, -1, above);
  }
}

double rs_overlap(const double *a, size_t a_count, const double *b, size_t b_count) {
  double of_a[POINTS], of_b[POINTS], area = 0;
  if (!a_count || !b_count) {
    return NAN;
  }
  const Sample x = sample_of(a, a_count), y = sample_of(b, b_count);
  const double margin =
      3 * narrowed(fmax(x.deviation, y.deviation), a_count < b_count ? a_count : b_count);
  const double first = fmin(x.low, y.low) - margin, last = fmax(x.high, y.high) + margin;
  const Grid grid = {first, (last - first) / (POINTS - 1)};
  density(&x, &grid, of_a);
  density(&y, &grid, of_b);
  for (int i = 0; i < POINTS; ++i) {
    area += fmin(of_a[i], of_b[i]) * grid.step;
  }
  return area;
}

static void shuffle(double *values, size_t count, RsRng rng, uint64_t split) {
  for (size_t i = count; i > 1; --i) {
    const size_t other = rs_rng_below(rng, split << 32 | i, (uint32_t)i);
    const double value = values[i - 1];
    values[i - 1] = values[other];
    values[other] = value;
  }
}

double rs_overlap_of_halves(double *values, size_t count, uint32_t stream) {
  const RsRng rng = {stream, RS_STREAM_SPLIT_HALF};
  const size_t half = count / 2;
  double sum = 0;
  if (half < 2) {
    return NAN;
  }
  for (uint64_t split = 0; split < SPLITS; ++split) {
    shuffle(values, count, rng, split);
    sum += rs_overlap(values, half, values + half, count - half);
  }
  return sum / SPLITS;
}
