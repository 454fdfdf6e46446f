#include "rbm/gibbs_whole.h"

#include "base/clones.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* So many visible units with the largest weights must fit into 16 bits. */
enum { CHORD = 10 };

/* With more, too many hidden units would be doubtful. */
enum { MOST_DOUBLINGS = 3 };

/* Beyond the ends of the curve of hidden units a limit may be as low, or high, as 0 or 2^16. */
#define BEYOND_ENDS (65536 * exp(-RS_GIBBS_HIDDEN_RANGE) + 1)

/* Pieces that rise less are flat, at most a slope of 12 a unit. */
#define FLAT 4

/* The largest error of a visible unit's field, with which flat pieces are off by less than 1. */
#define LARGEST_ERROR 0.05f

/* What an exact draw in float may lose. */
#define FLOAT_LOSS 1.0f

static double limit_at(double x) {
  return 65536 / (1 + exp(-x)) - 0.5;
}

/* Where in a piece the curve is as steep as its line, and furthest from it: there p (1 - p) is the
 * line's slope. */
static double furthest_at(double x, double width, double rise) {
  const double p = 0.5 + sqrt(fmax(0.25 - rise / (65536 * width), 0));
  const double at = copysign(log(p / (1 - p)), x + width / 2);
  return fmin(fmax(at, x), x + width);
}

/* A piece from x on, `width` wide. */
static void fill_piece(double x, double width, size_t at, RsGibbsCurve *curve) {
  const double begin = limit_at(x);
  const double rise = rint(limit_at(x + width) - begin);
  const double furthest = furthest_at(x, width, rise);
  const double bend = limit_at(furthest) - begin - rise * (furthest - x) / width;
  const double end = limit_at(x + width) - begin - rise;
  const double low = fmin(fmin(bend, end), 0);
  const double high = fmax(fmax(bend, end), 0);
  const double start = rint(begin + (low + high + 1) / 2); /* half a number is cut off on average */
  curve->rise[at] = (uint16_t)rise;
  curve->start[at] = (uint16_t)fmin(fmax(start, 0), 65535 - rise);
  /* The line lies above by some of this, and up to 1 of it is cut off. */
  const double above = curve->start[at] - begin;
  curve->error[at] = (float)fmax(above - low, 1 - (above - high)) + 0.001f; /* for rounding */
  const double odds = exp(fmin(fabs(x), fabs(x + width)));
  curve->steep[at] = (float)(65536 * odds / ((1 + odds) * (1 + odds)));
}

void rs_gibbs_curve(double range, RsGibbsCurve *curve) {
  const double width = 2 * range / RS_GIBBS_PIECES;
  for (int piece = -RS_GIBBS_PIECES / 2; piece < RS_GIBBS_PIECES / 2; ++piece) {
    fill_piece(piece * width, width, (size_t)piece % RS_GIBBS_PIECES, curve);
  }
}

static void mark_units(RsGibbsWhole *whole, const RsGibbsWeights *weights) {
  for (size_t i = 0; i < weights->visible; ++i) {
    whole->visible_units[i / 32] |= 1u << i % 32;
  }
  for (size_t j = 0; j < weights->hidden; ++j) {
    const size_t place = rs_gibbs_place(j);
    whole->hidden_units[place / 32] |= 1u << place % 32;
  }
}

bool rs_gibbs_whole_new(RsGibbsWeights *weights) {
  const size_t rows = 2 * (RS_GIBBS_WHOLE_VISIBLE + 1);
  if (weights->visible > RS_GIBBS_WHOLE_VISIBLE) {
    return true;
  }
  RsGibbsWhole *whole = rs_alloc(1, sizeof *whole);
  if (!whole) {
    return false;
  }
  weights->whole = whole;
  whole->hidden_margin =
      rs_alloc(weights->visible + 1, RS_GIBBS_PIECES * sizeof *whole->hidden_margin);
  whole->visible_margin = rs_alloc(weights->coarse_pad, sizeof *whole->visible_margin);
  whole->rows = rs_alloc(rows, weights->hidden_pad * sizeof *whole->rows);
  whole->reach = rs_alloc(rows, sizeof *whole->reach);
  whole->ratio = rs_alloc(weights->coarse_pad, sizeof *whole->ratio);
  whole->hidden_units = rs_alloc(weights->hidden_pad / 32, sizeof *whole->hidden_units);
  whole->visible_units = rs_alloc(weights->coarse_pad / 32, sizeof *whole->visible_units);
  if (!whole->hidden_margin || !whole->visible_margin || !whole->rows || !whole->reach ||
      !whole->ratio || !whole->hidden_units || !whole->visible_units) {
    return false;
  }
  rs_gibbs_curve(RS_GIBBS_HIDDEN_RANGE, &whole->hidden_curve);
  rs_gibbs_curve(RS_GIBBS_VISIBLE_RANGE, &whole->visible_curve);
  mark_units(whole, weights);
  return true;
}

void rs_gibbs_whole_free(RsGibbsWhole *whole) {
  if (whole) {
    free(whole->hidden_margin);
    free(whole->visible_margin);
    free(whole->rows);
    free(whole->reach);
    free(whole->ratio);
    free(whole->hidden_units);
    free(whole->visible_units);
    free(whole);
  }
}

RS_CLONED static float largest_of(const float *x, size_t n) {
  float largest = 0;
  for (size_t i = 0; i < n; ++i) {
    const float size = fabsf(x[i]);
    largest = size > largest ? size : largest;
  }
  return largest;
}

/* Numbers of x, times factor, rounded to whole ones; and what takes them off. */
RS_CLONED static void round_row(const float *x, size_t n, float factor, int16_t *off, int16_t *on) {
  for (size_t i = 0; i < n; ++i) {
    const union {
      float real;
      uint32_t bits;
    } shifted = {.real = x[i] * factor + RS_GIBBS_ROUNDER};
    on[i] = (int16_t)(uint16_t)shifted.bits;
    off[i] = (int16_t)(uint16_t)(0 - shifted.bits);
  }
}

/* The sum of the CHORD largest ones. */
static float chord_of(const float *x, size_t n) {
  float largest[CHORD + 1] = {0};
  float sum = 0;
  for (size_t i = 0; i < n; ++i) {
    size_t at = CHORD;
    for (; at && largest[at - 1] < x[i]; --at) {
      largest[at] = largest[at - 1];
    }
    largest[at] = x[i];
  }
  for (size_t i = 0; i < CHORD; ++i) {
    sum += largest[i];
  }
  return sum;
}

/* Whole numbers a unit in sums of hidden units. */
static float hidden_unit(int doublings) {
  return (float)(32768 / RS_GIBBS_HIDDEN_RANGE >> doublings);
}

/* Each visible unit's row is off by half a whole number, and so is the bias. */
RS_CLONED static void fill_hidden_margins(const RsGibbsWeights *weights, RsGibbsWhole *whole) {
  const RsGibbsCurve *curve = &whole->hidden_curve;
  const int first = RS_GIBBS_PIECES / 2; /* the lowest piece; before it, the highest one */
  for (size_t on = 0; on <= weights->visible; ++on) {
    uint16_t *margin = whole->hidden_margin + on * RS_GIBBS_PIECES;
    const float e = 0.5f * (float)(on + 1) / hidden_unit(whole->doublings);
    for (size_t piece = 0; piece < RS_GIBBS_PIECES; ++piece) {
      const float off = curve->error[piece] + curve->steep[piece] * (e + e * e) + FLOAT_LOSS + 1;
      margin[piece] = (uint16_t)(int)(off < 32767 ? off : 32767);
    }
    margin[first] = (uint16_t)(margin[first] + BEYOND_ENDS);
    margin[first - 1] = (uint16_t)(margin[first - 1] + BEYOND_ENDS);
  }
}

/* Rows of visible units in whole numbers, and whether they are small enough. */
static bool set_hidden(const RsGibbsWeights *weights, RsGibbsWhole *whole) {
  const size_t hidden = weights->hidden_pad;
  float largest[RS_GIBBS_WHOLE_VISIBLE] = {0};
  for (size_t i = 0; i < weights->visible; ++i) {
    largest[i] = largest_of(weights->columns + i * hidden, hidden);
  }
  const float chord = chord_of(largest, weights->visible);
  whole->doublings = 1;
  while (whole->doublings <= MOST_DOUBLINGS && chord * hidden_unit(whole->doublings) > 32000) {
    ++whole->doublings;
  }
  if (whole->doublings > MOST_DOUBLINGS) {
    return false;
  }
  const float factor = hidden_unit(whole->doublings);
  for (size_t i = 0; i < weights->visible; ++i) {
    const size_t off = 2 * i;
    round_row(weights->columns + i * hidden, hidden, factor, whole->rows + off * hidden,
              whole->rows + (off + 1) * hidden);
    whole->reach[off + 1] = (int32_t)(largest[i] * factor) + 1;
    whole->reach[off] = -whole->reach[off + 1];
  }
  fill_hidden_margins(weights, whole);
  return true;
}

/* The most by which a limit is off, as a share of its piece's rise: from the curve itself, and from
 * a field that is off by 1. Flat pieces live on RS_GIBBS_VISIBLE_MARGIN. */
static void find_shares(const RsGibbsCurve *curve, float *of_curve, float *of_field) {
  *of_curve = 0;
  *of_field = 0;
  for (size_t piece = 0; piece < RS_GIBBS_PIECES; ++piece) {
    const float rise = curve->rise[piece];
    const float rest = curve->error[piece] + FLOAT_LOSS + 1 - RS_GIBBS_VISIBLE_MARGIN;
    if (rise >= FLAT) {
      *of_curve = fmaxf(*of_curve, rest / rise);
      *of_field = fmaxf(*of_field, curve->steep[piece] / rise);
    }
  }
}

/* What brings sums of the table to fields, and whether they are fine enough. */
static bool set_visible(const RsGibbsWeights *weights, RsGibbsWhole *whole) {
  const float unit = RS_GIBBS_VISIBLE_UNIT;
  float of_curve = 0;
  float of_field = 0;
  find_shares(&whole->visible_curve, &of_curve, &of_field);
  for (size_t i = 0; i < weights->coarse_pad; ++i) {
    const float e = weights->scale[i] * (0.5f * (float)weights->groups + 1) + 1 / unit;
    const float share = 65536 * (of_curve + of_field * (e + e * e)) + 1;
    const float ratio = weights->scale[i] * unit * 32768;
    if (ratio > 32767 || e > LARGEST_ERROR) {
      return false;
    }
    whole->ratio[i] = (int16_t)(ratio + 0.5f);
    whole->visible_margin[i] = (uint16_t)share;
  }
  return true;
}

void rs_gibbs_whole_set(const RsGibbsWeights *weights) {
  RsGibbsWhole *whole = weights->whole;
  if (!weights->groups || !set_visible(weights, whole) || !set_hidden(weights, whole)) {
    whole->doublings = 0;
  }
}
