/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_COUNTS_H
#define RS_RBM_KERNEL_COUNTS_H

/**
   @file kernel_counts.h Draws of visible units with potentials on counts: doc/math.md, section H.

   With odds r_i = e^{field of unit i}, row m of a plane's table holds the elementary symmetric
   polynomials e_0 ... e_6 of its first m odds, and in the last column the sum of all higher ones:
   equation H5. Columns 0 to 6 grow from row to row, so the last unit that is on is found by a
   binary search (H6). Everything is done in double, one operation at a time, so that all kernels
   draw the same.
*/

#include "rbm/kernel_sums.h"

#include <stdbool.h>

/* Fields beyond this are as good as infinite. */
#define FIELD_MAX 30.0f

/* Above this a row is scaled down, to look at every so many units: one multiplies the last column
 * by 1 + e^FIELD_MAX at most. */
#define ROW_MAX 1e150
enum { ROW_CHECK = 8 };

/* A row that has grown too large, scaled down. */
ALWAYS_INLINE Row scaled_down(Row row) {
  if (row.x[ROW_VECTORS - 1][DOUBLES - 1] > ROW_MAX) {
    for (int k = 0; k < ROW_VECTORS; ++k) {
      row.x[k] *= 1 / ROW_MAX;
    }
  }
  return row;
}

/* Rows from `begin` to `end` of the tables of `planes` planes, a constant at each call: one does
 * not wait for the other. */
ALWAYS_INLINE void add_units(int planes, size_t units, size_t begin, size_t end, const double *odds,
                             size_t stride, double *table, Row *row) {
  for (size_t i = begin; i < end; ++i) {
    for (int p = 0; p < planes; ++p) {
      row[p] = add_unit(row[p], odds[(size_t)p * units + i]);
      memcpy(table + (size_t)p * stride + (i + 1) * CLASSES, row + p, sizeof *row);
    }
  }
}

ALWAYS_INLINE void fill_rows(int planes, size_t units, const double *odds, size_t stride,
                             double *table) {
  Row row[2];
  for (int p = 0; p < planes; ++p) {
    row[p] = (Row){{{1}}};
    memcpy(table + (size_t)p * stride, row + p, sizeof *row);
  }
  for (size_t i = 0; i < units; i += ROW_CHECK) {
    if (i + ROW_CHECK <= units) {
      add_units(planes, units, i, i + ROW_CHECK, odds, stride, table, row);
    } else {
      add_units(planes, units, i, units, odds, stride, table, row);
    }
    for (int p = 0; p < planes; ++p) {
      row[p] = scaled_down(row[p]);
    }
  }
}

/* A number between 0 and 1 from a logistic one. */
ALWAYS_INLINE double uniform_of(float logistic) {
  return (double)(1 / (1 + exp_minus(logistic)));
}

/* e^field, the field held within bounds. */
ALWAYS_INLINE double odds_of(float field) {
  const float above = field > -FIELD_MAX ? field : -FIELD_MAX;
  return (double)exp_minus(-(above < FIELD_MAX ? above : FIELD_MAX));
}

ALWAYS_INLINE float visible_field(const RsGibbsChain *chain, float coupling, size_t unit) {
  return chain->visible_bias[unit] + coupling * chain->visible_sum[unit];
}

/* Odds of the visible units alone. */
ALWAYS_INLINE void fill_odds(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                             float coupling) {
  double *odds = chain->counts->odds;
  for (size_t i = 0; i < weights->visible_pad; ++i) {
    odds[i] = odds_of(visible_field(chain, coupling, i));
  }
}

/* A class with probability proportional to its factor times its number of the last row. */
ALWAYS_INLINE size_t draw_class(const double *factor, const double *row, double uniform) {
  double below[CLASSES];
  double sum = 0;
  size_t class = 0;
  for (int c = 0; c < CLASSES; ++c) {
    sum += factor[c] * row[c];
    below[c] = sum;
  }
  for (int c = 0; c < LAST_CLASS; ++c) {
    class += below[c] <= uniform * sum;
  }
  return class;
}

/* The order of numbers that are not negative is that of their bits. */
ALWAYS_INLINE int64_t bits_of(double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* The last unit that is on, given that of the first `units` so many are as `column` stands for;
 * `step` is a power of 2, and rows behind the last one are huge. */
ALWAYS_INLINE size_t find_unit(const double *column, size_t step, double most) {
  const int64_t limit = bits_of(most);
  const double *row = column;
  for (step *= CLASSES; step >= CLASSES; step /= 2) {
    row += bits_of(row[step]) <= limit ? step : 0;
  }
  return (size_t)(row - column) / CLASSES;
}

ALWAYS_INLINE void set_unit(const RsGibbsChain *chain, size_t unit, bool on) {
  chain->visible.on[unit / RS_GIBBS_WORD] |= (RsGibbsBits)on << unit % RS_GIBBS_WORD;
}

/* The units of a plane of which LAST_CLASS or more are on, from the last one down: equation H4.
 * Rows may have been scaled down, so they are not compared with each other. */
__attribute__((noinline, cold)) static void draw_many(const RsGibbsWeights *weights,
                                                      const RsGibbsChain *chain, size_t first,
                                                      const double *table, const float *noise) {
  size_t class = LAST_CLASS;
  for (size_t i = weights->count_units; i-- && class;) {
    const double *row = table + i * CLASSES;
    const double odds = chain->counts->odds[first + i];
    const double stay = class == LAST_CLASS ? odds * row[LAST_CLASS] : 0;
    const double on = stay + odds * row[class - 1];
    const double left = uniform_of(noise[first + i]) * (row[class] + on);
    set_unit(chain, first + i, left < on);
    class -= left < on && !(left < stay);
  }
}

/* A plane that is being drawn: of its units before `end`, `class` are on. */
typedef struct {
  size_t first, end, class;
  const double *table;
  double uniform[CLASSES];
} Plane;

/* Plane k, none of whose units has been drawn. */
ALWAYS_INLINE Plane plane_of(const RsGibbsWeights *weights, const RsGibbsChain *chain, size_t k,
                             const float *noise) {
  const RsGibbsCounts *counts = chain->counts;
  const size_t units = weights->count_units;
  Plane plane = {k * units, units, 0, counts->table + k * counts->stride, {0}};
  for (size_t i = 0; i < CLASSES; ++i) {
    plane.uniform[i] = uniform_of(noise[plane.first + (i < units ? i : 0)]);
  }
  return plane;
}

/* Where LAST_CLASS or more units of a plane are on, these units. */
ALWAYS_INLINE void draw_last_class(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                                   Plane *plane, const float *noise) {
  if (plane->class == LAST_CLASS) {
    draw_many(weights, chain, plane->first, plane->table, noise);
    plane->class = 0;
  }
}

/* How many units of plane k are on. */
ALWAYS_INLINE Plane open_plane(const RsGibbsWeights *weights, const RsGibbsChain *chain, size_t k,
                               const float *noise) {
  Plane plane = plane_of(weights, chain, k, noise);
  plane.class = draw_class(chain->counts->factors + k * 2 * CLASSES,
                           plane.table + weights->count_units * CLASSES,
                           uniform_of(noise[weights->visible + k]));
  draw_last_class(weights, chain, &plane, noise);
  return plane;
}

/* The last of its units that are on, if any are. */
ALWAYS_INLINE void draw_unit(const RsGibbsChain *chain, Plane *plane) {
  const bool any = plane->class;
  const double last = plane->table[plane->end * CLASSES + plane->class];
  const double uniform = plane->uniform[any ? plane->class - 1 : 0];
  const size_t unit = find_unit(plane->table + plane->class, chain->counts->step, uniform * last);
  set_unit(chain, plane->first + unit, any);
  plane->end = any ? unit : plane->end;
  plane->class -= any;
}

/* The units of planes from `k` on, a pair or one: equations H4 and H6. */
ALWAYS_INLINE void draw_planes(int planes, const RsGibbsWeights *weights, const RsGibbsChain *chain,
                               size_t k, const float *noise) {
  const RsGibbsCounts *counts = chain->counts;
  const size_t units = weights->count_units;
  Plane plane[2] = {{0}};
  fill_rows(planes, units, counts->odds + k * units, counts->stride,
            counts->table + k * counts->stride);
  for (int p = 0; p < planes; ++p) {
    plane[p] = open_plane(weights, chain, k + (size_t)p, noise);
  }
  while (plane[0].class || (planes > 1 && plane[1].class)) {
    for (int p = 0; p < planes; ++p) {
      draw_unit(chain, plane + p);
    }
  }
}

/* Visible units given what the hidden ones sent. */
ALWAYS_INLINE void draw_counts(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                               float coupling, const float *noise) {
  fill_odds(weights, chain, coupling);
  memset(chain->visible.on, 0, rs_gibbs_words(weights->visible) * sizeof *chain->visible.on);
  size_t k = 0;
  for (; k + 1 < weights->planes; k += 2) {
    draw_planes(2, weights, chain, k, noise);
  }
  if (k < weights->planes) {
    draw_planes(1, weights, chain, k, noise);
  }
}

/* e^potential of each class, the highest of a plane taken as 0. */
ALWAYS_INLINE void open_counts(const RsGibbsWeights *weights, const RsGibbsChain *chain) {
  const float *potentials = chain->biases + weights->visible + weights->hidden;
  for (size_t k = 0; k < weights->planes; ++k, potentials += CLASSES) {
    float highest = potentials[0];
    for (int c = 1; c < CLASSES; ++c) {
      highest = potentials[c] > highest ? potentials[c] : highest;
    }
    double *factors = chain->counts->factors + k * 2 * CLASSES;
    for (size_t c = 0; c < 2 * CLASSES; ++c) {
      factors[c] = c < CLASSES ? (double)exp_minus(highest - potentials[c]) : factors[c - 1];
    }
  }
}

#endif /* RS_RBM_KERNEL_COUNTS_H */
