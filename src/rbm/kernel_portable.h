/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_PORTABLE_H
#define RS_RBM_KERNEL_PORTABLE_H

/**
   @file kernel_portable.h Loops over RS_GIBBS_PAD units and classes of counts, of which the
   compiler makes what vectors there are. MOVED_UP: numbers of the last lane of a vector of doubles
   and of all but the last of the next one.
*/

#include "rbm/kernel_vector.h"

/* Numbers of RS_GIBBS_PAD units. */
typedef struct {
  float x[RS_GIBBS_PAD];
} Units;

/* bias + coupling sum. */
ALWAYS_INLINE Units fields(const float *bias, float coupling, const float *sum) {
  Units field;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    field.x[i] = bias[i] + coupling * sum[i];
  }
  return field;
}

/* The same with the sum in fixed point. */
ALWAYS_INLINE Units coarse_fields(const float *bias, float coupling, const float *scale,
                                  const int16_t *sum) {
  Units field;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    field.x[i] = bias[i] + coupling * scale[i] * (float)sum[i];
  }
  return field;
}

/* x + factor by. */
ALWAYS_INLINE Units moved(Units x, float factor, const float *by) {
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    x.x[i] += factor * by[i];
  }
  return x;
}

/* The frame of a chain as bits. */
ALWAYS_INLINE void read_frame(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  memset(chain->visible.on, 0, rs_gibbs_words(weights->visible) * sizeof *chain->visible.on);
  for (size_t i = 0; i < weights->visible; ++i) {
    const RsGibbsBits on = chain->v[i] > 0 || chain->v[i] < 0;
    chain->visible.on[i / RS_GIBBS_WORD] |= on << i % RS_GIBBS_WORD;
  }
}

/* And back. */
ALWAYS_INLINE void write_frame(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  for (size_t i = 0; i < weights->visible; ++i) {
    const RsGibbsBits word = chain->visible.on[i / RS_GIBBS_WORD];
    chain->v[i] = (float)(int)(word >> i % RS_GIBBS_WORD & 1);
  }
}

/* W'h of one visible unit, without the table. */
ALWAYS_INLINE float exact_sum(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                              size_t unit) {
  const float *column = weights->columns + unit * weights->hidden_pad;
  float sums[RS_GIBBS_PAD] = {0};
  for (size_t base = 0; base < weights->hidden_pad; base += RS_GIBBS_PAD) {
    const uint32_t on = (uint32_t)(chain->hidden.on[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD);
    for (uint32_t i = 0; i < RS_GIBBS_PAD; ++i) {
      sums[i] += (float)(int32_t)(on >> i & 1) * column[base + i];
    }
  }
  float sum = 0;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    sum += sums[i];
  }
  return sum;
}

ALWAYS_INLINE float log_of_mantissa(uint32_t bits) {
  const union {
    uint32_t bits;
    float real;
  } mantissa = {.bits = (bits & 0x7FFFFF) | 0x3F800000};
  const float m = mantissa.real;
  return m * (LOG_1 + m * (LOG_2 + m * (LOG_3 + m * (LOG_4 + m * (LOG_5 + m * LOG_6)))));
}

/* log p / (1 - p) with p = (u + 1/2) / 2^16. */
ALWAYS_INLINE float logit(uint16_t u) {
  const union {
    float real;
    uint32_t bits;
  } p = {.real = (float)u + 0.5f}, q = {.real = 65535.5f - (float)u};
  const float octaves = (float)((int32_t)(p.bits >> 23) - (int32_t)(q.bits >> 23));
  return octaves * LOG_OF_2 + (log_of_mantissa(p.bits) - log_of_mantissa(q.bits));
}

ALWAYS_INLINE void fill_noise(Words words, float *noise) {
  uint16_t u[2 * RS_GIBBS_PAD];
  float out[2 * RS_GIBBS_PAD];
  memcpy(u, &words, sizeof u);
  for (int i = 0; i < 2 * RS_GIBBS_PAD; ++i) {
    out[i] = logit(u[i]);
  }
  memcpy(noise, out, sizeof out);
}

/* A vector moved up by one number; the last of `below` moves in. */
ALWAYS_INLINE Doubles move_up(Doubles below, Doubles x) {
#if defined __clang__ /* which has no __builtin_shuffle */
  Doubles both[2] = {below, x}, moved;
  memcpy(&moved, (const double *)both + DOUBLES - 1, sizeof moved);
  return moved;
#else
  const DoubleOrder order = MOVED_UP;
  return __builtin_shuffle(below, x, order);
#endif
}

/* The row with one unit more: equation H5. */
ALWAYS_INLINE Row add_unit(Row row, double odds) {
  Doubles factor = (Doubles){0} + 1;
  factor[DOUBLES - 1] = 1 + odds;
  Row next;
  for (int k = 0; k < ROW_VECTORS; ++k) {
    const Doubles lower = move_up(k ? row.x[k - 1] : (Doubles){0}, row.x[k]) * odds;
    next.x[k] = (k == ROW_VECTORS - 1 ? row.x[k] * factor : row.x[k]) + lower;
  }
  return next;
}

/* Vectors do not hold enough numbers of 16 bits for it to pay: fixed16.h. */
enum { HAS_FIXED16 = 0 };

ALWAYS_INLINE bool run_fixed16(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling,
                               size_t steps) {
  (void)weights, (void)chain, (void)coupling, (void)steps;
  return false;
}

#endif /* RS_RBM_KERNEL_PORTABLE_H */
