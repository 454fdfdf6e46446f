/* SPDX-License-Identifier: ISC */

#include "rbm/fixed16.h"

#include "base/multiversion.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* So many visible units with the largest weights must fit into 16 bits. */
enum { CHORD = 10 };

/* The largest error of a visible unit's field, in steps: with more, too many would be
 * ambiguous. */
enum { LARGEST_MARGIN = 24 };

bool rs_fixed16_new(RsGibbsWeights *weights) {
  const size_t rows = 2 * (RS_FIXED16_VISIBLE + 1);
  if (weights->visible > RS_FIXED16_VISIBLE) {
    return true;
  }
  RsFixed16 *fixed = rs_alloc(1, sizeof *fixed);
  if (!fixed) {
    return false;
  }
  weights->fixed16 = fixed;
  fixed->visible_margin = rs_alloc(weights->coarse_pad, sizeof *fixed->visible_margin);
  fixed->rows = rs_alloc(rows, weights->hidden_pad * sizeof *fixed->rows);
  fixed->reach = rs_alloc(rows, sizeof *fixed->reach);
  fixed->ratio = rs_alloc(weights->coarse_pad, sizeof *fixed->ratio);
  if (!fixed->visible_margin || !fixed->rows || !fixed->reach || !fixed->ratio) {
    return false;
  }
  return true;
}

void rs_fixed16_free(RsFixed16 *fixed) {
  if (fixed) {
    free(fixed->visible_margin);
    free(fixed->rows);
    free(fixed->reach);
    free(fixed->ratio);
    free(fixed);
  }
}

RS_MULTIVERSION static float largest_of(const float *x, size_t n) {
  float largest = 0;
  for (size_t i = 0; i < n; ++i) {
    const float size = fabsf(x[i]);
    largest = size > largest ? size : largest;
  }
  return largest;
}

/* Numbers of x, times factor, rounded to whole ones; and what takes them off. */
RS_MULTIVERSION static void round_row(const float *x, size_t n, float factor, int16_t *off,
                                      int16_t *on) {
  for (size_t i = 0; i < n; ++i) {
    on[i] = rs_gibbs_rounded(x[i] * factor);
    off[i] = (int16_t)-on[i];
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

/* Rows of visible units in fixed point, and whether they are small enough. */
static bool set_hidden(const RsGibbsWeights *weights, RsFixed16 *fixed) {
  const size_t hidden = weights->hidden_pad;
  float largest[RS_FIXED16_VISIBLE] = {0};
  for (size_t i = 0; i < weights->visible; ++i) {
    largest[i] = largest_of(weights->columns + i * hidden, hidden);
  }
  const float chord = chord_of(largest, weights->visible);
  fixed->finer = RS_GIBBS_FINEST;
  while (fixed->finer && chord * rs_fixed16_unit(fixed) > 32000) {
    --fixed->finer;
  }
  if (!fixed->finer) {
    return false;
  }
  const float factor = rs_fixed16_unit(fixed);
  for (size_t i = 0; i < weights->visible; ++i) {
    const size_t off = 2 * i;
    round_row(weights->columns + i * hidden, hidden, factor, fixed->rows + off * hidden,
              fixed->rows + (off + 1) * hidden);
    fixed->reach[off + 1] = (int32_t)(largest[i] * factor) + 1;
    fixed->reach[off] = -fixed->reach[off + 1];
  }
  return true;
}

/*
  What brings sums of the table to fields, and whether they are fine enough. Beyond the error of the
  sum itself, half a step each is lost by the ratio, its product and the bias, and one and a
  bit by the logistic number, which has been rounded before it is cut; and 1 is left over.
*/
static bool set_visible(const RsGibbsWeights *weights, RsFixed16 *fixed) {
  const float unit = RS_GIBBS_VISIBLE_UNIT;
  for (size_t i = 0; i < weights->coarse_pad; ++i) {
    const float margin = weights->error[i] * unit + 3.8f;
    const float ratio = weights->scale[i] * unit * 32768;
    if (ratio > 32767 || margin > LARGEST_MARGIN) {
      return false;
    }
    fixed->ratio[i] = (int16_t)(ratio + 0.5f);
    fixed->visible_margin[i] = (uint16_t)margin;
  }
  return true;
}

void rs_fixed16_set(const RsGibbsWeights *weights) {
  RsFixed16 *fixed = weights->fixed16;
  if (!weights->groups || !set_visible(weights, fixed) || !set_hidden(weights, fixed)) {
    fixed->finer = 0;
  }
}
