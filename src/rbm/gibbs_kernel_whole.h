#ifndef RS_RBM_GIBBS_KERNEL_WHOLE_H
#define RS_RBM_GIBBS_KERNEL_WHOLE_H

/**
   @file gibbs_kernel_whole.h A run in whole numbers of 16 bits, 32 units at a time: gibbs_whole.h.

   For processors with AVX-512BW.
*/

#include "rbm/gibbs_sums.h"
#include "rbm/gibbs_whole.h"

enum { TAKES_WHOLE = 1, LANES = 2 * RS_GIBBS_PAD };

/* What all draws of a run have in common. */
typedef struct {
  const RsGibbsWeights *weights;
  const RsGibbsWhole *whole;
  RsGibbsChain *chain;
  int doublings; /* whole->doublings, as a constant */
} WholeRun;

/* Units of LANES that are on, and those that are doubtful. */
typedef struct {
  uint32_t on, doubtful;
} DrawnLanes;

/* Those whose field x is above its logistic number; `margin` is how far off the two can be. Units
 * of padding are so far below that they are neither. */
ALWAYS_INLINE DrawnLanes compare_lanes(__m512i x, __m512i noise, __m512i margin) {
  const __m512i gap = _mm512_subs_epi16(noise, x);
  return (DrawnLanes){_mm512_movepi16_mask(gap),
                      _mm512_cmple_epu16_mask(_mm512_abs_epi16(gap), margin)};
}

/* What visible units are drawn from. */
typedef struct {
  const WholeRun *run;
  const int16_t *noise;
} VisibleDraw;

ALWAYS_INLINE DrawnLanes draw_visible_lanes(const void *context, size_t base) {
  const VisibleDraw *d = context;
  const RsGibbsWhole *whole = d->run->whole;
  const RsGibbsChain *chain = d->run->chain;
  const __m512i sum = _mm512_mulhrs_epi16(_mm512_load_si512(chain->coarse_sum + base),
                                          _mm512_load_si512(whole->ratio + base));
  const __m512i x = _mm512_adds_epi16(sum, _mm512_load_si512(chain->whole_visible_bias + base));
  /* To RS_GIBBS_VISIBLE_UNIT a unit */
  const __m512i noise = _mm512_srai_epi16(_mm512_loadu_si512(d->noise + base),
                                          (unsigned)(RS_GIBBS_DOUBLINGS - d->run->doublings));
  return compare_lanes(x, noise, _mm512_load_si512(whole->visible_margin + base));
}

/* What hidden units are drawn from. */
typedef struct {
  const WholeRun *run;
  const int16_t *noise;
  __m512i margin;
  const int16_t *one, *two; /* rows that the sum lacks */
} HiddenDraw;

/* Brings the sum up to date as well. */
ALWAYS_INLINE DrawnLanes draw_hidden_lanes(const void *context, size_t base) {
  const HiddenDraw *d = context;
  const RsGibbsChain *chain = d->run->chain;
  __m512i sum = _mm512_load_si512(chain->whole_sum + base);
  sum = _mm512_add_epi16(sum, _mm512_load_si512(d->one + base));
  sum = _mm512_add_epi16(sum, _mm512_load_si512(d->two + base));
  _mm512_store_si512(chain->whole_sum + base, sum);
  const __m512i x = _mm512_adds_epi16(sum, _mm512_load_si512(chain->whole_hidden_bias + base));
  return compare_lanes(x, _mm512_loadu_si512(d->noise + base), d->margin);
}

typedef DrawnLanes DrawLanes(const void *context, size_t base);

/* Draw all units of a layer. Gives back whether some of them are doubtful, which are then in
 * `doubtful`. */
ALWAYS_INLINE bool sample_lanes(DrawLanes *draw_lanes, const void *context, size_t units,
                                RsGibbsBits *on, RsGibbsBits *doubtful) {
  RsGibbsBits any = 0;
  for (size_t word = 0; word < units; word += RS_GIBBS_WORD) {
    const DrawnLanes low = draw_lanes(context, word);
    RsGibbsBits bits = low.on;
    RsGibbsBits doubts = low.doubtful;
    if (word + LANES < units) {
      const DrawnLanes high = draw_lanes(context, word + LANES);
      bits |= (RsGibbsBits)high.on << LANES;
      doubts |= (RsGibbsBits)high.doubtful << LANES;
    }
    on[word / RS_GIBBS_WORD] = bits;
    doubtful[word / RS_GIBBS_WORD] = doubts;
    any |= doubts;
  }
  return any;
}

typedef __m512 ExactFields(const RsGibbsWeights *weights, const RsGibbsChain *chain, size_t base,
                           unsigned which);

ALWAYS_INLINE __m512 exact_hidden(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                                  size_t base, unsigned which) {
  (void)which;
  __m512 x = _mm512_load_ps(chain->hidden_bias + base);
  for (size_t i = 0; i < words_of(weights->visible); ++i) {
    for (RsGibbsBits left = chain->visible.on[i]; left; left &= left - 1) {
      const size_t unit = i * RS_GIBBS_WORD + (size_t)__builtin_ctzll(left);
      x = _mm512_add_ps(x, _mm512_load_ps(weights->columns + unit * weights->hidden_pad + base));
    }
  }
  return x;
}

ALWAYS_INLINE __m512 exact_visible(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                                   size_t base, unsigned which) {
  __m512 x = _mm512_load_ps(chain->visible_bias + base);
  for (unsigned left = which; left; left &= left - 1) {
    const __m512 sum = set(exact_sum(weights, chain, base + (size_t)__builtin_ctz(left)));
    x = _mm512_mask_add_ps(x, (__mmask16)(left & -left), x, sum);
  }
  return x;
}

/* Draw the doubtful units from exact fields, with the same numbers. */
ALWAYS_INLINE void settle_lanes(ExactFields *exact, const RsGibbsWeights *weights,
                                RsGibbsChain *chain, size_t units, const float *noise,
                                RsGibbsBits *layer) {
  for (size_t base = 0; base < units; base += RS_GIBBS_PAD) {
    const size_t shift = base % RS_GIBBS_WORD;
    const unsigned doubts = (unsigned)(chain->doubtful[base / RS_GIBBS_WORD] >> shift) & 0xFFFF;
    if (doubts) {
      const unsigned on = above(exact(weights, chain, base, doubts), noise + base) & doubts;
      RsGibbsBits *bits = layer + base / RS_GIBBS_WORD;
      *bits = (*bits & ~((RsGibbsBits)doubts << shift)) | (RsGibbsBits)on << shift;
    }
  }
}

/* `numbers`: those that the sweeps before have taken. */
__attribute__((noinline, cold)) static void settle_hidden(const RsGibbsWeights *weights,
                                                          RsGibbsChain *chain, size_t numbers) {
  settle_lanes(exact_hidden, weights, chain, weights->hidden_pad, chain->noise + numbers,
               chain->hidden.on);
}

__attribute__((noinline, cold)) static void settle_visible(const RsGibbsWeights *weights,
                                                           RsGibbsChain *chain, size_t numbers) {
  settle_lanes(exact_visible, weights, chain, weights->visible_pad,
               chain->noise + numbers + weights->hidden_pad, chain->visible.on);
}

/* Visible units that differ from those in the sum. */
typedef struct {
  RsGibbsBits low, high;
} Changed;

/* Which of whole->rows brings in the first of them, which is taken from those that are left; where
 * none is, one of zeros. Without a branch, for nobody can tell how many there are. */
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
                                                    RsGibbsChain *chain, Changed left) {
  const RsGibbsWhole *whole = weights->whole;
  int32_t reach = 0;
  while (left.low | left.high) {
    const size_t row = take_row(&left, chain->visible.on);
    const int16_t *from = whole->rows + row * weights->hidden_pad;
    reach += whole->reach[row];
    for (size_t j = 0; j < weights->hidden_pad; j += LANES) {
      const __m512i sum = _mm512_load_si512(chain->whole_sum + j);
      _mm512_store_si512(chain->whole_sum + j, _mm512_add_epi16(sum, _mm512_load_si512(from + j)));
    }
  }
  return reach;
}

/* Hidden units given the visible ones, of whose rows `reach` is the largest sum that there can be:
 * beyond `limit` it may have left 16 bits, and all units are doubtful. */
ALWAYS_INLINE void draw_hidden_whole(const WholeRun *run, int32_t *reach, int32_t limit,
                                     size_t numbers) {
  const RsGibbsWhole *whole = run->whole;
  RsGibbsChain *chain = run->chain;
  const RsGibbsBits *on = chain->visible.on;
  const size_t units = run->weights->hidden_pad;
  Changed left = {on[0] ^ chain->visible.summed[0], on[1] ^ chain->visible.summed[1]};
  chain->visible.summed[0] = on[0];
  chain->visible.summed[1] = on[1];
  const size_t one = take_row(&left, on);
  const size_t two = take_row(&left, on);
  *reach += whole->reach[one] + whole->reach[two];
  if (left.low | left.high) {
    *reach += add_others(run->weights, chain, left);
  }
  /* Each row is off by half a whole number, and so are the bias and the logistic number. */
  const int count = __builtin_popcountll(on[0]) + __builtin_popcountll(on[1]);
  const HiddenDraw draw = {.run = run,
                           .noise = chain->whole_noise + numbers,
                           .margin = _mm512_set1_epi16((int16_t)((count + 2) / 2)),
                           .one = whole->rows + one * units,
                           .two = whole->rows + two * units};
  bool doubtful = sample_lanes(draw_hidden_lanes, &draw, units, chain->hidden.on, chain->doubtful);
  if (*reach > limit) {
    memcpy(chain->doubtful, whole->hidden_units, words_of(units) * sizeof *chain->doubtful);
    doubtful = true;
  }
  if (doubtful) {
    settle_hidden(run->weights, chain, numbers);
  }
}

/* Visible units given what the hidden ones sent. */
ALWAYS_INLINE void draw_visible_whole(const WholeRun *run, size_t numbers) {
  RsGibbsChain *chain = run->chain;
  const VisibleDraw draw = {run, chain->whole_noise + numbers + run->weights->hidden_pad};
  if (sample_lanes(draw_visible_lanes, &draw, run->weights->coarse_pad, chain->visible.on,
                   chain->doubtful)) {
    settle_visible(run->weights, chain, numbers);
  }
}

/* Biases in so many whole numbers a unit. Gives back whether one of the `units` does not fit. */
ALWAYS_INLINE bool round_biases(const float *bias, size_t count, float unit, const uint32_t *units,
                                int16_t *out) {
  __mmask16 cut = 0;
  for (size_t i = 0; i < count; i += RS_GIBBS_PAD) {
    const __mmask16 real = (__mmask16)(units[i / LANES] >> i % LANES);
    const __m512 x = _mm512_mul_ps(_mm512_load_ps(bias + i), set(unit));
    cut |= _mm512_mask_cmp_ps_mask(real, _mm512_abs_ps(x), set(INT16_MAX), _CMP_GT_OQ);
    const __m512i whole = _mm512_cvtps_epi32(_mm512_min_ps(x, set(INT16_MAX)));
    _mm256_store_si256((__m256i *)(out + i), _mm512_cvtsepi32_epi16(whole));
  }
  return cut;
}

/* The largest sum of rows that there can be now. */
ALWAYS_INLINE int32_t reach_of(const RsGibbsWhole *whole, const RsGibbsBits *on) {
  int32_t reach = 0;
  for (Changed left = {on[0], on[1]}; left.low | left.high;) {
    reach += whole->reach[take_row(&left, on)];
  }
  return reach;
}

ALWAYS_INLINE bool run_doubled(int doublings, const RsGibbsWeights *weights, RsGibbsChain *chain,
                               size_t steps) {
  const WholeRun run = {weights, weights->whole, chain, doublings};
  const bool cut = round_biases(chain->hidden_bias, weights->hidden_pad,
                                rs_gibbs_whole_unit(run.whole), run.whole->hidden_units,
                                chain->whole_hidden_bias);
  /* A bias that was cut is further out than it seems, and must not be brought back to where
   * logistic numbers are. */
  const int32_t limit = cut ? INT16_MAX - RS_GIBBS_LARGEST_NOISE : INT16_MAX;
  if (reach_of(run.whole, chain->visible.on) > limit) {
    return false;
  }
  round_biases(chain->visible_bias, weights->visible_pad, RS_GIBBS_VISIBLE_UNIT,
               run.whole->visible_units, chain->whole_visible_bias);
  memset(chain->visible.summed, 0, 2 * sizeof *chain->visible.summed);
  memset(chain->whole_sum, 0, weights->hidden_pad * sizeof *chain->whole_sum);
  int32_t reach = 0;
  for (size_t step = 0; step < steps; ++step) {
    const size_t numbers = step * rs_gibbs_numbers(weights);
    draw_hidden_whole(&run, &reach, limit, numbers);
    add_coarsely(weights, chain);
    draw_visible_whole(&run, numbers);
  }
  return true;
}

/* Gives back false, with nothing done, where weights or sums are too large. */
static bool run_whole(const RsGibbsWeights *weights, RsGibbsChain *chain, size_t steps) {
  switch (weights->whole ? weights->whole->doublings : 0) {
  case 1:
    return run_doubled(1, weights, chain, steps);
  case 2:
    return run_doubled(2, weights, chain, steps);
  case 3:
    return run_doubled(3, weights, chain, steps);
  default:
    return false;
  }
}

#endif /* RS_RBM_GIBBS_KERNEL_WHOLE_H */
