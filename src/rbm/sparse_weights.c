/* SPDX-License-Identifier: ISC */

#include "rbm/sparse_weights.h"

#include "base/multiversion.h"
#include "base/memory.h"
#include "rbm/exact_sums.h"
#include "rbm/fixed16.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The largest table of sums of rows, in numbers: beyond, it does not stay near the processor. */
enum { LARGEST_TABLE = 262144 };

/* The largest error of a sum of rows of the table: beyond, too many units would have to be summed
 * exactly. */
#define LARGEST_ERROR 0.1f

static size_t padded(size_t units, size_t to) {
  return (units + to - 1) / to * to;
}

static size_t groups_of(size_t hidden) {
  return (hidden + RS_GIBBS_GROUP - 1) / RS_GIBBS_GROUP;
}

/* The memory of the sums of rows of groups of hidden units, where they are few enough. */
static bool new_table(const RsGibbsKernel *kernel, RsGibbsWeights *weights) {
  const size_t groups = groups_of(weights->hidden);
  const size_t tiles = weights->coarse_pad / RS_GIBBS_COARSE_TILE * RS_GIBBS_COARSE_TILE;
  const size_t columns = tiles + rs_gibbs_table_stride(weights->coarse_pad - tiles);
  const size_t row = RS_GIBBS_SUBSETS * columns;
  if (row > LARGEST_TABLE || groups > LARGEST_TABLE / row) {
    return true;
  }
  weights->scale = rs_alloc(weights->coarse_pad, sizeof *weights->scale);
  weights->error = rs_alloc(weights->coarse_pad, sizeof *weights->error);
  weights->table = rs_alloc(groups * row, sizeof *weights->table);
  return weights->table && weights->scale && weights->error &&
         (!kernel->has_fixed16 || rs_fixed16_new(weights));
}

/* The memory of exact sums of rows, where they are few enough. */
static bool new_sums(RsGibbsWeights *weights) {
  const size_t groups = groups_of(weights->hidden);
  const size_t group = RS_GIBBS_SUBSETS * weights->visible_pad;
  if (group > LARGEST_TABLE || groups > LARGEST_TABLE / group) {
    return true;
  }
  weights->sums = rs_alloc(groups * group, sizeof *weights->sums);
  return weights->sums;
}

/* A bit for each unit that is not padding. */
static void mark_units(RsGibbsWeights *weights) {
  for (size_t i = 0; i < weights->visible; ++i) {
    weights->visible_units[i / RS_GIBBS_WORD] |= (RsGibbsBits)1 << i % RS_GIBBS_WORD;
  }
  for (size_t j = 0; j < weights->hidden; ++j) {
    const size_t place = rs_gibbs_place(j);
    weights->hidden_units[place / RS_GIBBS_WORD] |= (RsGibbsBits)1 << place % RS_GIBBS_WORD;
  }
}

/* What the kernel samples from. */
static bool new_arrays(const RsGibbsKernel *kernel, RsGibbsWeights *weights) {
  const size_t visible = weights->visible_pad;
  const size_t hidden = weights->hidden_pad;
  weights->rows = rs_alloc(hidden * visible, sizeof *weights->rows);
  weights->columns = rs_alloc(weights->visible * hidden, sizeof *weights->columns);
  weights->visible_units = rs_alloc(rs_gibbs_words(visible), sizeof *weights->visible_units);
  weights->hidden_units = rs_alloc(rs_gibbs_words(hidden), sizeof *weights->hidden_units);
  weights->bounds = rs_alloc(visible > hidden ? visible : hidden, 2 * sizeof *weights->bounds);
  if (!weights->bounds || !weights->rows || !weights->columns || !weights->visible_units ||
      !weights->hidden_units) {
    return false;
  }
  mark_units(weights);
  return weights->planes ? new_sums(weights) : new_table(kernel, weights);
}

RsGibbsWeights *rs_sparse_weights_new(const RsGibbsKernel *kernel, const RsRbm *rbm) {
  RsGibbsWeights *weights = rs_alloc(1, sizeof *weights);
  if (!weights) {
    return NULL;
  }
  weights->visible = rbm->visible;
  weights->hidden = rbm->hidden;
  weights->planes = rbm->planes;
  weights->count_units = rbm->planes ? rbm->visible / rbm->planes : 0;
  weights->coarse_pad = padded(rbm->visible + rbm->planes, RS_GIBBS_COARSE_PAD);
  weights->visible_pad = padded(rbm->visible, RS_GIBBS_PAD);
  weights->hidden_pad =
      padded(rs_gibbs_place(groups_of(rbm->hidden) * RS_GIBBS_GROUP - 1) + 1, 2 * RS_GIBBS_PAD);
  if (!new_arrays(kernel, weights)) {
    rs_sparse_weights_free(weights);
    return NULL;
  }
  return weights;
}

void rs_sparse_weights_free(RsGibbsWeights *weights) {
  if (weights) {
    free(weights->rows);
    free(weights->columns);
    free(weights->table);
    free(weights->sums);
    free(weights->scale);
    free(weights->error);
    free(weights->visible_units);
    free(weights->hidden_units);
    rs_fixed16_free(weights->fixed16);
    free(weights->bounds);
    free(weights);
  }
}

/* The sums of the rows of a group's units, over RS_GIBBS_PAD columns: of a subset, those of it
 * without its lowest unit, and this unit's. */
RS_ALWAYS_INLINE void sum_subsets(const float *rows, size_t stride, const float *factor,
                                  float *sums) {
  memset(sums, 0, RS_GIBBS_PAD * sizeof *sums);
  for (unsigned subset = 1; subset < RS_GIBBS_SUBSETS; ++subset) {
    const float *row = rows + (size_t)__builtin_ctz(subset) * stride;
    const float *rest = sums + (subset & (subset - 1)) * RS_GIBBS_PAD;
    float sum[RS_GIBBS_PAD]; /* apart from the others, for the sake of vectors */
    for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
      sum[i] = rest[i] + row[i] * factor[i];
    }
    memcpy(sums + subset * RS_GIBBS_PAD, sum, sizeof sum);
  }
}

/* Exact sums of rows for each subset of each group. */
RS_MULTIVERSION static void fill_sums(const RsGibbsWeights *weights) {
  const size_t stride = weights->visible_pad;
  float sums[RS_GIBBS_SUBSETS * RS_GIBBS_PAD], factor[RS_GIBBS_PAD];
  for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
    factor[i] = 1;
  }
  for (size_t g = 0; g < groups_of(weights->hidden); ++g) {
    const float *rows = weights->rows + rs_gibbs_place(g * RS_GIBBS_GROUP) * stride;
    for (size_t base = 0; base < stride; base += RS_GIBBS_PAD) {
      sum_subsets(rows + base, stride, factor, sums);
      for (size_t subset = 0; subset < RS_GIBBS_SUBSETS; ++subset) {
        memcpy(weights->sums + (g * RS_GIBBS_SUBSETS + subset) * stride + base,
               sums + subset * RS_GIBBS_PAD, RS_GIBBS_PAD * sizeof *sums);
      }
    }
  }
}

/* RS_GIBBS_PAD numbers rounded to whole ones. */
RS_ALWAYS_INLINE void round_off(const float *x, int16_t *out) {
  for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
    out[i] = rs_gibbs_rounded(x[i]);
  }
}

/* A row of the table for each subset of each group. */
RS_MULTIVERSION static void fill_table(const RsGibbsWeights *weights) {
  float sums[RS_GIBBS_SUBSETS * RS_GIBBS_PAD];
  for (size_t base = 0; base < weights->visible_pad; base += RS_GIBBS_PAD) {
    const size_t tile = base / RS_GIBBS_COARSE_TILE * RS_GIBBS_COARSE_TILE;
    const size_t left = weights->coarse_pad - tile;
    const size_t stride =
        rs_gibbs_table_stride(left < RS_GIBBS_COARSE_TILE ? left : RS_GIBBS_COARSE_TILE);
    int16_t *table = weights->table + tile * weights->groups * RS_GIBBS_SUBSETS + base - tile;
    float factor[RS_GIBBS_PAD];
    for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
      factor[i] = 1 / weights->scale[base + i];
    }
    for (size_t g = 0; g < weights->groups; ++g) {
      const float *rows = weights->rows + rs_gibbs_place(g * RS_GIBBS_GROUP) * weights->visible_pad;
      int16_t *out = table + g * RS_GIBBS_SUBSETS * stride;
      sum_subsets(rows + base, weights->visible_pad, factor, sums);
      for (size_t subset = 0; subset < RS_GIBBS_SUBSETS; ++subset) {
        round_off(sums + subset * RS_GIBBS_PAD, out + subset * stride);
      }
    }
  }
}

/*
  Scales with which no sum overflows 16 bits, and the bounds of their error: half a unit for each
  group, and the rounding of floats.
*/
static void choose_scales(RsGibbsWeights *weights) {
  const size_t groups = groups_of(weights->hidden);
  const float most = (float)(INT16_MAX - (int)groups);
  weights->groups = groups;
  rs_find_bounds(weights->hidden_pad, weights->visible_pad, weights->rows, weights->scale,
                 weights->error);
  for (size_t i = 0; i < weights->coarse_pad; ++i) {
    const float bound = fmaxf(weights->scale[i], weights->error[i]);
    const float largest = i < weights->visible_pad ? bound : 0;
    weights->scale[i] = largest / most + 1e-30f; /* not to divide by zero */
    weights->error[i] = 1.01f * weights->scale[i] * (0.5f * (float)groups + 1) + 1e-5f;
    weights->groups = weights->error[i] < LARGEST_ERROR ? weights->groups : 0;
  }
}

/* W in both orders, hidden units in their places. */
RS_MULTIVERSION static void place_weights(const RsGibbsWeights *weights, const float *w) {
  for (size_t j = 0; j < weights->hidden; ++j) {
    float *row = weights->rows + rs_gibbs_place(j) * weights->visible_pad;
    for (size_t i = 0; i < weights->visible; ++i) {
      row[i] = w[j * weights->visible + i];
    }
  }
  for (size_t base = 0; base < weights->hidden_pad; base += RS_GIBBS_PAD) {
    for (size_t i = 0; i < weights->visible; ++i) {
      for (size_t j = base; j < base + RS_GIBBS_PAD; ++j) {
        weights->columns[i * weights->hidden_pad + j] = weights->rows[j * weights->visible_pad + i];
      }
    }
  }
}

bool rs_sparse_weights_set(RsGibbsWeights *weights, const float *w) {
  place_weights(weights, w);
  const bool exact = rs_round_to_exact_sums(weights, weights->bounds);
  if (weights->sums) {
    fill_sums(weights);
  }
  if (weights->table) {
    choose_scales(weights);
  }
  if (weights->groups) {
    fill_table(weights);
  }
  if (weights->fixed16) {
    rs_fixed16_set(weights);
  }
  return exact;
}
