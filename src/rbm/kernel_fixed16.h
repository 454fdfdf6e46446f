/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_FIXED16_H
#define RS_RBM_KERNEL_FIXED16_H

/**
   @file kernel_fixed16.h A run in fixed point with 16 bits, 32 units at a time: fixed16.h.

   For processors with AVX-512BW.
*/

#include "rbm/kernel_sums.h"
#include "rbm/fixed16.h"

#include <math.h>

enum { HAS_FIXED16 = 1, LANES = 2 * RS_GIBBS_PAD };

/* A run, and its progress. */
typedef struct {
  const RsGibbsWeights *weights;
  RsGibbsChain *chain;
  float coupling;        /* at most 1 */
  __m512i factor;        /* the same in 2^-15, if it is less */
  const int16_t *ratio;  /* that brings sums of visible units to RS_GIBBS_VISIBLE_UNIT */
  __m128i cut;           /* brings numbers to that */
  int32_t limit;         /* beyond which `reach` is too large: all hidden units are ambiguous */
  int32_t reach;         /* the largest sum of rows that there can be */
  RsGibbsBits on[2];     /* visible units */
  RsGibbsBits before[2]; /* those whose rows stand in the sum */
} FixedRun;

/* By how much numbers of LANES units are above their fields: the units are on where it is negative,
 * and ambiguous where it is small. Padding is so far below that it is neither, unless all are taken
 * for ambiguous. */
ALWAYS_INLINE __m512i gap_of(__m512i field, __m512i number) {
  return _mm512_subs_epi16(number, field);
}

/* `scaled`, a constant at each call: whether the coupling is less than 1. */
ALWAYS_INLINE __m512i hidden_gap(bool scaled, const FixedRun *run, __m512i sum,
                                 const int16_t *noise, size_t base) {
  const __m512i sent = scaled ? _mm512_mulhrs_epi16(sum, run->factor) : sum;
  const __m512i bias = _mm512_load_si512(run->chain->fixed_hidden_bias + base);
  return gap_of(_mm512_adds_epi16(sent, bias), _mm512_loadu_si512(noise + base));
}

ALWAYS_INLINE __m512i visible_gap(const FixedRun *run, __m512i sum, const int16_t *noise,
                                  size_t base) {
  const __m512i sent = _mm512_mulhrs_epi16(sum, _mm512_load_si512(run->ratio + base));
  const __m512i bias = _mm512_load_si512(run->chain->fixed_visible_bias + base);
  return gap_of(_mm512_adds_epi16(sent, bias),
                _mm512_sra_epi16(_mm512_loadu_si512(noise + base), run->cut));
}

/* Where a visible unit's gap is ambiguous. A ratio that has been scaled is off by one more. */
ALWAYS_INLINE __m512i visible_margin(bool scaled, const FixedRun *run, size_t base) {
  const __m512i margin = _mm512_load_si512(run->weights->fixed16->visible_margin + base);
  return scaled ? _mm512_add_epi16(margin, _mm512_set1_epi16(1)) : margin;
}

/* What is more than 0 for ambiguous units; `margin` is above what is ambiguous, as a number without
 * a sign. */
ALWAYS_INLINE __m512i ambiguity_of(__m512i gap, __m512i margin) {
  return _mm512_subs_epu16(margin, _mm512_abs_epi16(gap));
}

ALWAYS_INLINE bool any(__m512i ambiguous) {
  return _mm512_test_epi16_mask(ambiguous, ambiguous);
}

/* The field of one unit. */
typedef float ExactField(const FixedRun *run, size_t unit);

ALWAYS_INLINE float exact_hidden(const FixedRun *run, size_t unit) {
  const RsGibbsWeights *weights = run->weights;
  float sum = 0;
  for (size_t i = 0; i < rs_gibbs_words(weights->visible); ++i) {
    for (RsGibbsBits left = run->on[i]; left; left &= left - 1) {
      const size_t row = i * RS_GIBBS_WORD + (size_t)__builtin_ctzll(left);
      sum += weights->columns[row * weights->hidden_pad + unit];
    }
  }
  return run->chain->biases[hidden_bias_at(weights, unit)] + run->coupling * sum;
}

ALWAYS_INLINE float exact_visible(const FixedRun *run, size_t unit) {
  return run->chain->biases[unit] + run->coupling * exact_sum(run->weights, run->chain, unit);
}

/* Draw those of LANES `units` that are ambiguous from exact fields. Returns which have changed.
 */
ALWAYS_INLINE RsGibbsBits resolve_lanes(ExactField *exact, const FixedRun *run,
                                        const RsGibbsBits *units, size_t base, __m512i ambiguous,
                                        const float *noise, RsGibbsBits *layer) {
  RsGibbsBits *word = layer + base / RS_GIBBS_WORD;
  const RsGibbsBits before = *word;
  const uint32_t real = (uint32_t)(units[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD);
  for (uint32_t left = _mm512_mask_test_epi16_mask(real, ambiguous, ambiguous); left;
       left &= left - 1) {
    const size_t unit = base + (size_t)__builtin_ctz(left);
    const RsGibbsBits bit = (RsGibbsBits)1 << unit % RS_GIBBS_WORD;
    *word = exact(run, unit) > noise[unit] ? *word | bit : *word & ~bit;
  }
  return before ^ *word;
}

/*
  Draw ambiguous hidden units again, and bring what all of them send down up to date, over `vectors`
  vectors. `numbers`: those that the sweeps before have taken. Gets a copy of the run, which else
  would have to stay in memory.
*/
__attribute__((noinline, cold)) static void resolve_hidden(bool scaled, const FixedRun *run,
                                                           size_t numbers, __m512i margin,
                                                           size_t vectors, Coarse *sum) {
  RsGibbsChain *chain = run->chain;
  RsGibbsBits changed = 0;
  for (size_t base = 0; base < run->weights->hidden_pad; base += LANES) {
    const __m512i gap = hidden_gap(scaled, run, _mm512_load_si512(chain->fixed_sum + base),
                                   chain->fixed_noise + numbers, base);
    changed |= resolve_lanes(exact_hidden, run, run->weights->hidden_units, base,
                             ambiguity_of(gap, margin), chain->noise + numbers, chain->hidden.on);
  }
  if (changed) {
    add_coarsely(run->weights, chain);
    memcpy(sum, chain->coarse_sum, vectors * sizeof *sum);
  }
}

/* The same of visible units, which are left in chain->visible.on. */
__attribute__((noinline, cold)) static void resolve_visible(bool scaled, const FixedRun *run,
                                                            size_t numbers, const Coarse *sum) {
  RsGibbsChain *chain = run->chain;
  const size_t at = numbers + run->weights->hidden_pad;
  memcpy(chain->visible.on, run->on, sizeof run->on);
  for (size_t base = 0; base < run->weights->visible_pad; base += LANES) {
    const __m512i gap = visible_gap(run, (__m512i)*sum++, chain->fixed_noise + at, base);
    const __m512i ambiguous = ambiguity_of(gap, visible_margin(scaled, run, base));
    resolve_lanes(exact_visible, run, run->weights->visible_units, base, ambiguous,
                  chain->noise + at, chain->visible.on);
  }
}

/* Visible units that differ from those in the sum. */
typedef struct {
  RsGibbsBits low, high;
} Changed;

/* Which of fixed->rows brings in the first of them, which is taken from those that are left; where
 * none is, one of zeros. Without a branch, since it cannot be predicted how many there are. */
ALWAYS_INLINE size_t take_row(Changed *left, const RsGibbsBits *on) {
  const bool low = left->low;
  const RsGibbsBits word = low ? left->low : left->high;
  const RsGibbsBits now = low ? on[0] : on[1];
  const size_t bit = (size_t)_tzcnt_u64(word); /* RS_GIBBS_WORD where it is 0 */
  left->high = low ? left->high : left->high & (left->high - 1);
  left->low &= left->low - 1;
  return 2 * (low ? bit : RS_GIBBS_WORD + bit) + (now >> bit % RS_GIBBS_WORD & 1);
}

/* From sweep to sweep one or two visible units change: their rows are added while hidden units are
 * drawn. Here are those of all others. */
__attribute__((noinline)) static int32_t add_others(const RsGibbsWeights *weights,
                                                    RsGibbsChain *chain, Changed left,
                                                    const RsGibbsBits *on) {
  const RsFixed16 *fixed = weights->fixed16;
  int32_t reach = 0;
  while (left.low | left.high) {
    const size_t row = take_row(&left, on);
    const int16_t *from = fixed->rows + row * weights->hidden_pad;
    reach += fixed->reach[row];
    for (size_t j = 0; j < weights->hidden_pad; j += LANES) {
      const __m512i sum = _mm512_load_si512(chain->fixed_sum + j);
      _mm512_store_si512(chain->fixed_sum + j, _mm512_add_epi16(sum, _mm512_load_si512(from + j)));
    }
  }
  return reach;
}

/* The rows that the sum of hidden units lacks, but for those that add_others() has seen to, and how
 * far off a comparison can be: each row by half a step, and so are bias and logistic
 * number; a coupling and its product too. */
typedef struct {
  const int16_t *one, *two;
  __m512i margin;
} Lacking;

ALWAYS_INLINE Lacking find_rows(bool scaled, FixedRun *run) {
  const RsFixed16 *fixed = run->weights->fixed16;
  const size_t stride = run->weights->hidden_pad;
  Changed left = {run->on[0] ^ run->before[0], run->on[1] ^ run->before[1]};
  run->before[0] = run->on[0];
  run->before[1] = run->on[1];
  const size_t one = take_row(&left, run->on);
  const size_t two = take_row(&left, run->on);
  run->reach += fixed->reach[one] + fixed->reach[two];
  if (left.low | left.high) {
    run->reach += add_others(run->weights, run->chain, left, run->on);
  }
  const int count = __builtin_popcountll(run->on[0]) + __builtin_popcountll(run->on[1]);
  const int margin = (count + (scaled ? 4 : 2)) / 2 + 1;
  return (Lacking){fixed->rows + one * stride, fixed->rows + two * stride,
                   _mm512_set1_epi16((int16_t)(run->reach > run->limit ? -1 : margin))};
}

/* Units of LANES that are on. Brings the sum up to date, and adds to the ambiguous. */
ALWAYS_INLINE uint32_t draw_hidden_lanes(bool scaled, const FixedRun *run, const Lacking *rows,
                                         const int16_t *noise, size_t base, __m512i *ambiguous) {
  int16_t *sums = run->chain->fixed_sum + base;
  __m512i sum = _mm512_load_si512(sums);
  sum = _mm512_add_epi16(sum, _mm512_load_si512(rows->one + base));
  sum = _mm512_add_epi16(sum, _mm512_load_si512(rows->two + base));
  _mm512_store_si512(sums, sum);
  const __m512i gap = hidden_gap(scaled, run, sum, noise, base);
  *ambiguous = _mm512_or_si512(*ambiguous, ambiguity_of(gap, rows->margin));
  return _mm512_movepi16_mask(gap);
}

/* Draw the hidden units, and sum up what they send down over `vectors` vectors. */
ALWAYS_INLINE void draw_hidden_fixed16(int vectors, bool scaled, FixedRun *run, size_t numbers,
                                       Coarse *sum) {
  const RsGibbsWeights *weights = run->weights;
  const Lacking rows = find_rows(scaled, run);
  const int16_t *noise = run->chain->fixed_noise + numbers;
  const char *table = (const char *)weights->table;
  __m512i ambiguous = _mm512_setzero_si512();
  for (size_t base = 0; base < weights->hidden_pad; base += RS_GIBBS_WORD) {
    RsGibbsBits bits = draw_hidden_lanes(scaled, run, &rows, noise, base, &ambiguous);
    if (base + LANES < weights->hidden_pad) {
      const RsGibbsBits high =
          draw_hidden_lanes(scaled, run, &rows, noise, base + LANES, &ambiguous);
      bits |= high << LANES;
    }
    run->chain->hidden.on[base / RS_GIBBS_WORD] = bits;
    table = add_word(vectors, table, weights->groups - base / RS_GIBBS_WORD * RS_GIBBS_WORD_GROUPS,
                     bits, sum);
  }
  if (any(ambiguous)) {
    const FixedRun copy = *run;
    resolve_hidden(scaled, &copy, numbers, rows.margin, (size_t)vectors, sum);
  }
}

/* Visible units given what the hidden ones sent. */
ALWAYS_INLINE void draw_visible_fixed16(int vectors, bool scaled, FixedRun *run, size_t numbers,
                                        const Coarse *sum) {
  const int16_t *noise = run->chain->fixed_noise + numbers + run->weights->hidden_pad;
  __m512i ambiguous = _mm512_setzero_si512();
  run->on[0] = run->on[1] = 0;
  for (int c = 0; c < vectors; ++c) {
    const size_t base = (size_t)c * LANES;
    const __m512i gap = visible_gap(run, (__m512i)sum[c], noise, base);
    ambiguous = _mm512_or_si512(ambiguous, ambiguity_of(gap, visible_margin(scaled, run, base)));
    run->on[c / 2] |= (RsGibbsBits)_mm512_movepi16_mask(gap) << c % 2 * LANES;
  }
  if (any(ambiguous)) {
    const FixedRun copy = *run;
    resolve_visible(scaled, &copy, numbers, sum);
    memcpy(run->on, run->chain->visible.on, sizeof run->on);
  }
}

/*
  Biases in steps of 1 / unit, those of RS_GIBBS_PAD places from `place` on; `real` says
  which are not padding; padding is off. Returns whether one of them does not fit.
*/
ALWAYS_INLINE bool round_biases(const float *bias, unsigned real, float unit, int16_t *out) {
  const __m512 x = _mm512_mul_ps(_mm512_maskz_loadu_ps((__mmask16)real, bias), set(unit));
  const __m512i fixed = _mm512_cvtps_epi32(_mm512_min_ps(x, set(INT16_MAX)));
  const __m512i placed =
      _mm512_mask_mov_epi32(_mm512_set1_epi32(INT16_MIN), (__mmask16)real, fixed);
  _mm256_store_si256((__m256i *)out, _mm512_cvtsepi32_epi16(placed));
  return _mm512_cmp_ps_mask(_mm512_abs_ps(x), set(INT16_MAX), _CMP_GT_OQ);
}

ALWAYS_INLINE bool round_hidden(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  const float unit = rs_fixed16_unit(weights->fixed16);
  bool cut = false;
  for (size_t place = 0; place < weights->hidden_pad; place += RS_GIBBS_PAD) {
    cut |= round_biases(chain->biases + hidden_bias_at(weights, place),
                        real_units(weights->hidden_units, place), unit,
                        chain->fixed_hidden_bias + place);
  }
  return cut;
}

ALWAYS_INLINE bool round_visible(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  bool cut = false;
  for (size_t base = 0; base < weights->visible_pad; base += RS_GIBBS_PAD) {
    cut |= round_biases(chain->biases + base, real_units(weights->visible_units, base),
                        RS_GIBBS_VISIBLE_UNIT, chain->fixed_visible_bias + base);
  }
  return cut;
}

/* Returns false, with nothing done, where biases are too large. */
ALWAYS_INLINE bool open_fixed16(FixedRun *run) {
  const RsGibbsWeights *weights = run->weights;
  RsGibbsChain *chain = run->chain;
  if (round_visible(weights, chain)) {
    return false;
  }
  /* A bias that was cut is further out than it seems, and must not be brought back to where
   * logistic numbers are. */
  const bool cut = round_hidden(weights, chain);
  run->limit = cut ? INT16_MAX - RS_GIBBS_LARGEST_NOISE : INT16_MAX;
  read_frame(weights, chain);
  memcpy(run->on, chain->visible.on, sizeof run->on);
  memset(chain->fixed_sum, 0, weights->hidden_pad * sizeof *chain->fixed_sum);
  return true;
}

/* What a coupling below 1 makes of the ratio of visible units. */
ALWAYS_INLINE void scale_ratio(FixedRun *run) {
  const int16_t *ratio = run->weights->fixed16->ratio;
  run->factor = _mm512_set1_epi16((int16_t)lrintf(run->coupling * 32768));
  for (size_t base = 0; base < run->weights->coarse_pad; base += LANES) {
    const __m512i scaled = _mm512_mulhrs_epi16(_mm512_load_si512(ratio + base), run->factor);
    _mm512_store_si512(run->chain->fixed_ratio + base, scaled);
  }
  run->ratio = run->chain->fixed_ratio;
}

/* Over `vectors` vectors of visible units: a constant at each call, and so is `scaled`. */
ALWAYS_INLINE bool run_vectors(int vectors, bool scaled, const RsGibbsWeights *weights,
                               RsGibbsChain *chain, float coupling, size_t steps) {
  const RsFixed16 *fixed = weights->fixed16;
  FixedRun run = {.weights = weights,
                  .chain = chain,
                  .coupling = coupling,
                  .ratio = fixed->ratio,
                  .cut = _mm_cvtsi32_si128(fixed->finer)};
  if (!open_fixed16(&run)) {
    return false;
  }
  if (scaled) {
    scale_ratio(&run);
  }
  for (size_t step = 0; step < steps; ++step) {
    const size_t numbers = step * rs_gibbs_noise_size(weights);
    Coarse sum[RS_GIBBS_COARSE_TILE / COARSE] = {{0}};
    draw_hidden_fixed16(vectors, scaled, &run, numbers, sum);
    draw_visible_fixed16(vectors, scaled, &run, numbers, sum);
  }
  memcpy(chain->visible.on, run.on, sizeof run.on);
  write_frame(weights, chain);
  return true;
}

#define RUN_VECTORS(vectors)                                                                       \
  (coupling < 1 ? run_vectors(vectors, true, weights, chain, coupling, steps)                      \
                : run_vectors(vectors, false, weights, chain, coupling, steps))

/* Returns false, with nothing done, where weights, sums or the coupling are too large. */
static bool run_fixed16(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling,
                        size_t steps) {
  const size_t vectors =
      weights->fixed16 && weights->fixed16->finer ? weights->coarse_pad / LANES : 0;
  if (coupling < 0 || coupling > 1 || (coupling < 1 && coupling * 32768 > INT16_MAX)) {
    return false;
  }
  switch (vectors) {
  case 1:
    return RUN_VECTORS(1);
  case 2:
    return RUN_VECTORS(2);
  case 3:
    return RUN_VECTORS(3);
  case 4:
    return RUN_VECTORS(4);
  default:
    return false;
  }
}

#endif /* RS_RBM_KERNEL_FIXED16_H */
