/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_SUMS_H
#define RS_RBM_KERNEL_SUMS_H

/**
   @file kernel_sums.h What the units of a layer send to the other one, as sums of rows.
*/

#include "rbm/kernel_frames.h"

/* Which rows a sum lacks, and whether it is made anew from them. */
typedef struct {
  const RsGibbsLayer *layer;
  size_t words;
  int anew;
} Change;

/*
  From one sweep to the next few units change, and only their rows are added and taken off. Where
  more have changed than are on, the sum is made anew.
*/
ALWAYS_INLINE Change find_change(const RsGibbsLayer *layer, size_t units) {
  int on = 0;
  int changed = 0;
  for (size_t i = 0; i < rs_gibbs_words(units); ++i) {
    on += __builtin_popcountll(layer->on[i]);
    changed += __builtin_popcountll(layer->on[i] ^ layer->summed[i]);
  }
  return (Change){layer, rs_gibbs_words(units), on <= changed};
}

/* sum += the rows that it lacks, over `tile` vectors: a constant at each call. */
ALWAYS_INLINE void add_tile(int tile, const float *rows, size_t stride, Change change, float *to) {
  const Vector none = {0};
  Vector sum[TILE];
  for (int c = 0; c < tile; ++c) {
    sum[c] = change.anew ? none : ((const Vector *)to)[c];
  }
  for (size_t i = 0; i < change.words; ++i) {
    const RsGibbsBits now = change.layer->on[i];
    for (RsGibbsBits left = change.anew ? now : now ^ change.layer->summed[i]; left;
         left &= left - 1) {
      const unsigned bit = (unsigned)__builtin_ctzll(left);
      const float sign = now >> bit & 1 ? 1 : -1;
      const Vector *row = (const Vector *)(rows + (i * RS_GIBBS_WORD + bit) * stride);
      KEEP(row);
      for (int c = 0; c < tile; ++c) {
        sum[c] += sign * row[c];
      }
    }
  }
  for (int c = 0; c < tile; ++c) {
    ((Vector *)to)[c] = sum[c];
  }
}

/* FUNCTION(n, ...) for n = `count`, at most TILE, as a constant. */
#define CASE(n, function, ...)                                                                     \
  case n:                                                                                          \
    function(n, __VA_ARGS__);                                                                      \
    break;
#if TILE > 6
#define CASES_ABOVE_6(...)                                                                         \
  CASE(7, __VA_ARGS__)                                                                             \
  CASE(8, __VA_ARGS__)                                                                             \
  CASE(9, __VA_ARGS__)                                                                             \
  CASE(10, __VA_ARGS__)                                                                            \
  CASE(11, __VA_ARGS__)                                                                            \
  CASE(12, __VA_ARGS__)
#else
#define CASES_ABOVE_6(...)
#endif
#define WITH_CONSTANT(count, ...)                                                                  \
  switch (count) {                                                                                 \
    CASE(1, __VA_ARGS__)                                                                           \
    CASE(2, __VA_ARGS__)                                                                           \
    CASE(3, __VA_ARGS__)                                                                           \
    CASE(4, __VA_ARGS__)                                                                           \
    CASE(5, __VA_ARGS__)                                                                           \
    CASE(6, __VA_ARGS__)                                                                           \
    CASES_ABOVE_6(__VA_ARGS__)                                                                     \
  default:                                                                                         \
    break;                                                                                         \
  }

/* Bring a sum up to date: its rows are of the units of `layer`. */
ALWAYS_INLINE void add_rows(const float *rows, size_t stride, RsGibbsLayer *layer, size_t units,
                            float *sum) {
  const Change change = find_change(layer, units);
  const size_t vectors = stride / VECTOR;
  for (size_t c = 0; c < vectors; c += TILE) {
    const size_t width = vectors - c < TILE ? vectors - c : TILE;
    WITH_CONSTANT(width, add_tile, rows + c * VECTOR, stride, change, sum + c * VECTOR)
  }
  for (size_t i = 0; i < change.words; ++i) {
    layer->summed[i] = layer->on[i];
  }
}

/* Bytes from a group's rows to the next one's, over `vectors` vectors. */
ALWAYS_INLINE int group_bytes(int vectors) {
  return RS_GIBBS_SUBSETS * (int)(2 * rs_gibbs_table_stride((size_t)vectors * COARSE));
}

/*
  sum += a row of the table for each of the `groups` groups whose bits these are, as far as there is
  room for them in a word, over `vectors` vectors: a constant at each call. Returns the rows of
  the next group.
*/
ALWAYS_INLINE const char *add_word(int vectors, const char *table, size_t groups, RsGibbsBits bits,
                                   Coarse *sum) {
  const int bytes = group_bytes(vectors);
  const int up = __builtin_ctz((unsigned)bytes) - RS_GIBBS_GROUP; /* of a row */
#pragma GCC unroll 12
  for (int g = 0; g < RS_GIBBS_WORD_GROUPS; ++g) {
    if ((size_t)g == groups) {
      break;
    }
    /* A rotation, which needs no copy of the bits */
    const int down = (RS_GIBBS_WORD + g * RS_GIBBS_GROUP - up) % RS_GIBBS_WORD;
    const RsGibbsBits turned = bits >> down | bits << (RS_GIBBS_WORD - down) % RS_GIBBS_WORD;
    const char *row = table + (turned & (RsGibbsBits)(bytes - (1 << up)));
    KEEP(row);
    for (int c = 0; c < vectors; ++c) {
      sum[c] += *(const Coarse *)(row + g * bytes + c * (int)sizeof(Coarse));
    }
  }
  return table + RS_GIBBS_WORD_GROUPS * bytes;
}

/* sum = a row of the table for each group, over `vectors` vectors: a constant at each call. */
ALWAYS_INLINE void add_groups(int vectors, const int16_t *table, size_t groups,
                              const RsGibbsBits *on, int16_t *to) {
  Coarse sum[RS_GIBBS_COARSE_TILE / COARSE];
  const char *rows = (const char *)table;
  for (int c = 0; c < vectors; ++c) {
    sum[c] = (Coarse){0};
  }
  for (size_t g = 0; g < groups; g += RS_GIBBS_WORD_GROUPS) {
    rows = add_word(vectors, rows, groups - g, *on++, sum);
  }
  for (int c = 0; c < vectors; ++c) {
    ((Coarse *)to)[c] = sum[c];
  }
}

/* What the hidden units send down, from the table. */
ALWAYS_INLINE void add_coarsely(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  enum { PAD = RS_GIBBS_COARSE_PAD / COARSE }; /* vectors */
  const RsGibbsBits *on = chain->hidden.on;
  for (size_t c = 0; c < weights->coarse_pad; c += RS_GIBBS_COARSE_TILE) {
    const int16_t *table = weights->table + c * weights->groups * RS_GIBBS_SUBSETS;
    int16_t *sum = chain->coarse_sum + c;
    switch ((weights->coarse_pad - c) / RS_GIBBS_COARSE_PAD) {
    case 1:
      add_groups(PAD, table, weights->groups, on, sum);
      break;
    case 2:
      add_groups(2 * PAD, table, weights->groups, on, sum);
      break;
    case 3:
      add_groups(3 * PAD, table, weights->groups, on, sum);
      break;
    default:
      add_groups(4 * PAD, table, weights->groups, on, sum);
    }
  }
}

/* sum = a row of weights->sums for each group, over `tile` vectors: a constant at each call. */
ALWAYS_INLINE void add_sums(int tile, const RsGibbsWeights *weights, const RsGibbsBits *on,
                            size_t column, float *to) {
  const size_t stride = weights->visible_pad;
  const float *rows = weights->sums + column;
  Vector sum[TILE];
  for (int c = 0; c < tile; ++c) {
    sum[c] = (Vector){0};
  }
  for (size_t j = 0; j < weights->hidden; j += RS_GIBBS_WORD_GROUPS * RS_GIBBS_GROUP) {
    RsGibbsBits bits = *on++;
    for (size_t g = j; g < weights->hidden && g < j + RS_GIBBS_WORD_GROUPS * RS_GIBBS_GROUP;
         g += RS_GIBBS_GROUP) {
      const Vector *row = (const Vector *)(rows + (bits & (RS_GIBBS_SUBSETS - 1)) * stride);
      KEEP(row);
      for (int c = 0; c < tile; ++c) {
        sum[c] += row[c];
      }
      bits >>= RS_GIBBS_GROUP;
      rows += RS_GIBBS_SUBSETS * stride;
    }
  }
  for (int c = 0; c < tile; ++c) {
    ((Vector *)to)[c] = sum[c];
  }
}

/* What the hidden units send down, from exact sums of groups. */
ALWAYS_INLINE void add_groups_exactly(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  const size_t vectors = weights->visible_pad / VECTOR;
  for (size_t c = 0; c < vectors; c += TILE) {
    const size_t width = vectors - c < TILE ? vectors - c : TILE;
    WITH_CONSTANT(width, add_sums, weights, chain->hidden.on, c * VECTOR,
                  chain->visible_sum + c * VECTOR)
  }
}

/* Bring what the visible units send up to date. */
ALWAYS_INLINE void send_up(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  add_rows(weights->columns, weights->hidden_pad, &chain->visible, weights->visible_pad,
           chain->hidden_sum);
}

/* Bring what the hidden units send up to date. */
ALWAYS_INLINE void send_down(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  if (weights->groups) {
    add_coarsely(weights, chain);
  } else if (weights->sums) {
    add_groups_exactly(weights, chain);
  } else {
    add_rows(weights->rows, weights->visible_pad, &chain->hidden, weights->hidden_pad,
             chain->visible_sum);
  }
}

#endif /* RS_RBM_KERNEL_SUMS_H */
