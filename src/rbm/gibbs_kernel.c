/* Compiled once an instruction set, with RS_KERNEL_NAME as the name of the table of its functions.
 */

#include "rbm/gibbs_kernel.h"

#include <math.h>
#include <string.h>

#if defined __AVX512F__ || defined __AVX2__
#include <immintrin.h>
#endif

/* Floats of a vector, and vectors that are added at a time, which stay in registers. */
#if defined __AVX512F__
#define VECTOR 16
#define TILE 12
#elif defined __AVX2__
#define VECTOR 8
#define TILE 6
#else
#define VECTOR 4
#define TILE 6
#endif

/* Groups of a word of units. */
#define IN_WORD (RS_GIBBS_PAD / RS_GIBBS_GROUP)

/* Rows of units that a list costs as much as, beside those that it names. */
#define GROUP_GAIN 10

typedef float Vector __attribute__((vector_size(4 * VECTOR)));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The random state of a chain, in registers as far as they reach. */
typedef struct {
  uint32_t s[4][RS_GIBBS_PAD];
} Rng;

ALWAYS_INLINE uint32_t rotate(uint32_t x, int by) {
  return x << by | x >> (32 - by);
}

/* One step of xoshiro128++ (Blackman and Vigna, 2019) in every lane. */
ALWAYS_INLINE void next_words(Rng *rng, uint32_t *words) {
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    const uint32_t s0 = rng->s[0][i];
    const uint32_t s1 = rng->s[1][i];
    const uint32_t s2 = rng->s[2][i] ^ s0;
    const uint32_t s3 = rng->s[3][i] ^ s1;
    words[i] = rotate(s0 + rng->s[3][i], 7) + s0;
    rng->s[1][i] = s1 ^ s2;
    rng->s[0][i] = s0 ^ s3;
    rng->s[2][i] = s2 ^ s1 << 9;
    rng->s[3][i] = rotate(s3, 11);
  }
}

/* e^-x to 2e-7 relative; where x is beyond +-87, e^-+87. A polynomial of 2^f, f in [-1/2, 1/2]. */
ALWAYS_INLINE float exp_minus(float x) {
  const float magic = 12582912.0f; /* 1.5 x 2^23: adding it rounds to a whole number */
  float t = -1.44269504f * x;
  t = t < 126.0f ? t : 126.0f;
  t = t > -126.0f ? t : -126.0f;
  const float shifted = t + magic;
  const float f = t - (shifted - magic);
  float p = 1.5403530e-4f * f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  union {
    float real;
    uint32_t bits;
  } whole = {.real = shifted}, power = {.real = p};
  power.bits += whole.bits << 23;
  return power.real;
}

#if defined __AVX512F__
ALWAYS_INLINE __m512 set(float x) {
  return _mm512_set1_ps(x);
}

ALWAYS_INLINE __m512i set_bits(int x) {
  return _mm512_set1_epi32(x);
}

#else
/* The lowest bits of RS_GIBBS_PAD numbers that are 0 or -1. */
ALWAYS_INLINE RsGibbsBits pack(const int32_t *on) {
#if defined __AVX2__
  const __m256 low = _mm256_castsi256_ps(_mm256_loadu_si256((const __m256i *)on));
  const __m256 high = _mm256_castsi256_ps(_mm256_loadu_si256((const __m256i *)(on + 8)));
  return (RsGibbsBits)(_mm256_movemask_ps(low) | _mm256_movemask_ps(high) << 8);
#else
  unsigned mask = 0;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    mask |= (unsigned)(on[i] & 1) << i;
  }
  return (RsGibbsBits)mask;
#endif
}
#endif

/*
  Draw RS_GIBBS_PAD units with the fields bias + coupling sum: a bit is set with probability
  sigmoid(field) within 2^-17. u < 1 / (1 + e^-x) without the division; u has 16 bits, so one random
  word serves two units.
*/
ALWAYS_INLINE RsGibbsBits draw(const float *bias, float coupling, const float *sum,
                               const uint32_t *words, int half) {
#if defined __AVX512F__
  /* 2^t = 2^(t - floor t) 2^floor t; the second factor goes to 0 or infinity as t leaves the range
   */
  const __m512i all = _mm512_loadu_si512(words);
  const __m512i bits = half ? _mm512_srli_epi32(all, 16) : _mm512_and_si512(all, set_bits(0xFFFF));
  const __m512 u = _mm512_fmadd_ps(_mm512_cvtepi32_ps(bits), set(0x1p-16f), set(0x1p-17f));
  const __m512 x = _mm512_fmadd_ps(set(coupling), _mm512_load_ps(sum), _mm512_load_ps(bias));
  const __m512 t = _mm512_mul_ps(x, set(-1.44269504f));
  const __m512 f = _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF);
  __m512 p = _mm512_fmadd_ps(set(0.0134266848f), f, set(0.0522424728f)); /* 2^f to 3e-6 */
  p = _mm512_fmadd_ps(p, f, set(0.241280198f));
  p = _mm512_fmadd_ps(p, f, set(0.693044841f));
  p = _mm512_fmadd_ps(p, f, set(1));
  const __m512 product = _mm512_fmadd_ps(u, _mm512_scalef_ps(p, t), u);
  return (RsGibbsBits)_mm512_cmp_ps_mask(product, set(1), _CMP_LT_OQ);
#else
  int32_t on[RS_GIBBS_PAD];
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    const uint32_t bits = half ? words[i] >> 16 : words[i] & 0xFFFF;
    const float u = (float)(int32_t)bits * 0x1p-16f + 0x1p-17f;
    on[i] = u * (1.0f + exp_minus(bias[i] + coupling * sum[i])) < 1.0f ? -1 : 0;
  }
  return pack(on);
#endif
}

/* Draw all units of a layer. */
ALWAYS_INLINE void sample(size_t units, const float *bias, float coupling, const float *sum,
                          Rng *rng, RsGibbsBits *on) {
  uint32_t words[RS_GIBBS_PAD];
  int half = 0;
  for (size_t base = 0; base < units; base += RS_GIBBS_PAD, half = !half) {
    if (!half) {
      next_words(rng, words);
    }
    on[base / RS_GIBBS_PAD] = draw(bias + base, coupling, sum + base, words, half);
  }
}

/* Append base + i for each bit i; up to RS_GIBBS_PAD entries past the end are lost. */
ALWAYS_INLINE size_t append(uint32_t *list, size_t count, size_t base, unsigned bits) {
#if defined __AVX512F__
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)base));
  _mm512_storeu_si512(list + count, _mm512_maskz_compress_epi32((__mmask16)bits, numbers));
  return count + (size_t)__builtin_popcount(bits);
#else
  for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
    list[count] = (uint32_t)(base + i);
    count += bits >> i & 1;
  }
  return count;
#endif
}

/* sum += a row of the table for each group, over `tile` vectors: a constant at each call. */
ALWAYS_INLINE void add_groups(int tile, const float *table, size_t stride, size_t groups,
                              const RsGibbsBits *on, Vector *sum) {
  for (size_t g = 0; g < groups; g += 2) {
    const unsigned bits = (unsigned)on[g / IN_WORD] >> g % IN_WORD * RS_GIBBS_GROUP;
    const unsigned low = bits % RS_GIBBS_SUBSETS;
    const unsigned high = bits / RS_GIBBS_SUBSETS % RS_GIBBS_SUBSETS;
    const Vector *one = (const Vector *)(table + low * stride);
    const Vector *two = (const Vector *)(table + (RS_GIBBS_SUBSETS + high) * stride);
    for (int c = 0; c < tile; ++c) {
      sum[c] += one[c];
      sum[c] += two[c];
    }
    table += 2 * RS_GIBBS_SUBSETS * stride;
  }
}

/* sum += the rows of `one` and sign x those of `two`, or of the groups, over `tile` vectors. */
ALWAYS_INLINE void add_tile(int tile, const float *rows, size_t stride, const RsGibbsBits *on,
                            const RsGibbsChange *change, float *to) {
  Vector sum[TILE];
  for (int c = 0; c < tile; ++c) {
    sum[c] = change->anew ? (Vector){0} : ((const Vector *)to)[c];
  }
  add_groups(tile, rows, stride, change->groups, on, sum);
  /* In pairs: a sum waits for the one before it, a pair waits for nothing. */
  for (size_t n = 0; n < change->count; ++n) {
    const Vector *one = (const Vector *)(rows + change->one[n] * stride);
    const Vector *two = (const Vector *)(rows + change->two[n] * stride);
    for (int c = 0; c < tile; ++c) {
      sum[c] += one[c] + change->sign * two[c];
    }
  }
  for (int c = 0; c < tile; ++c) {
    ((Vector *)to)[c] = sum[c];
  }
}

/* The same over at most TILE vectors. */
ALWAYS_INLINE void add_vectors(size_t vectors, const float *rows, size_t stride,
                               const RsGibbsBits *on, const RsGibbsChange *change, float *sum) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    add_tile(n, rows, stride, on, change, sum);                                                    \
    break
  switch (vectors) {
    CASE(1);
    CASE(2);
    CASE(3);
    CASE(4);
    CASE(5);
    CASE(6);
#if TILE > 6
    CASE(7);
    CASE(8);
    CASE(9);
    CASE(10);
    CASE(11);
    CASE(12);
#endif
  default:
    break;
  }
#undef CASE
}

/* Units of a layer that are on, and those that changed since its sum was made. */
ALWAYS_INLINE void count_bits(size_t words, const RsGibbsLayer *layer, int *on, int *changed) {
  *on = *changed = 0;
  for (size_t i = 0; i < words; i += RS_GIBBS_WORDS) {
    uint64_t now;
    uint64_t before;
    memcpy(&now, layer->on + i, sizeof now);
    memcpy(&before, layer->summed + i, sizeof before);
    *on += __builtin_popcountll(now);
    *changed += __builtin_popcountll(now ^ before);
  }
}

/* Lengthen a list by the row of zeros; up to RS_GIBBS_PAD entries past the end are lost. */
ALWAYS_INLINE void fill_up(uint32_t *list, size_t from, size_t to, size_t zero_row) {
  size_t n = from;
  do { /* once, but for lists of very unequal lengths: a branch that is foreseen */
    for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
      list[n + i] = (uint32_t)zero_row;
    }
    n += RS_GIBBS_PAD;
  } while (n < to);
}

/* The rows of all units that are on, in two halves. */
ALWAYS_INLINE void list_all(size_t words, RsGibbsLayer *layer, size_t zero_row,
                            RsGibbsChange *change) {
  size_t on = 0;
  for (size_t i = 0; i < words; ++i) {
    on = append(change->one, on, i * RS_GIBBS_PAD, layer->on[i]);
  }
  fill_up(change->one, on, on + 1, zero_row);
  change->count = (on + 1) / 2;
  change->sign = 1;
  memcpy(change->two, change->one + change->count, change->count * sizeof *change->two);
}

/* The rows of the units that came on, and of those that went off. */
ALWAYS_INLINE void list_changes(size_t words, RsGibbsLayer *layer, size_t zero_row,
                                RsGibbsChange *change) {
  size_t in = 0;
  size_t out = 0;
  for (size_t i = 0; i < words; ++i) {
    const unsigned now = layer->on[i];
    const unsigned before = layer->summed[i];
    in = append(change->one, in, i * RS_GIBBS_PAD, now & ~before);
    out = append(change->two, out, i * RS_GIBBS_PAD, before & ~now);
  }
  change->count = in > out ? in : out;
  change->sign = -1;
  fill_up(change->one, in, change->count, zero_row);
  fill_up(change->two, out, change->count, zero_row);
}

/*
  What a layer's sum of the rows of the other layer's units lacks: from one sweep to the next few
  units change, and only their rows are added and taken off. Where more have changed than are on, or
  than there are groups of units, the sum is made anew.
*/
ALWAYS_INLINE void find_change(size_t from, RsGibbsLayer *layer, size_t zero_row, size_t groups,
                               RsGibbsChange *change) {
  const size_t words = from / RS_GIBBS_PAD;
  int on;
  int changed;
  count_bits(words, layer, &on, &changed);
  const size_t fewest = (size_t)(changed < on ? changed : on);
  change->groups = groups && groups <= fewest + GROUP_GAIN ? groups : 0;
  change->anew = change->groups || on <= changed;
  if (change->groups) {
    change->count = 0;
  } else if (changed < on) {
    list_changes(words, layer, zero_row, change);
  } else {
    list_all(words, layer, zero_row, change);
  }
  for (size_t i = 0; i < words; ++i) {
    layer->summed[i] = layer->on[i];
  }
}

/* sum += the rows that changed, over all of a row. */
ALWAYS_INLINE void add_rows(const float *rows, size_t units, const RsGibbsBits *on,
                            const RsGibbsChange *change, float *sum) {
  const size_t vectors = units / VECTOR;
  for (size_t c = 0; c < vectors; c += TILE) {
    const size_t width = vectors - c < TILE ? vectors - c : TILE;
    add_vectors(width, rows + c * VECTOR, units, on, change, sum + c * VECTOR);
  }
}

/* Bring what the visible units send up to date. */
ALWAYS_INLINE void send_up(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  find_change(weights->visible_pad, &chain->visible, weights->visible, 0, &chain->change);
  add_rows(weights->columns, weights->hidden_pad, NULL, &chain->change, chain->hidden_sum);
}

/* Bring what the hidden units send up to date. */
ALWAYS_INLINE void send_down(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  find_change(weights->hidden_pad, &chain->hidden, weights->hidden, weights->groups,
              &chain->change);
  add_rows(chain->change.groups ? weights->table : weights->rows, weights->visible_pad,
           chain->hidden.on, &chain->change, chain->visible_sum);
}

/* Hidden units given what the visible ones sent, and visible units given those. */
ALWAYS_INLINE void draw_layers(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling,
                               Rng *rng) {
  sample(weights->hidden_pad, chain->hidden_bias, coupling, chain->hidden_sum, rng,
         chain->hidden.on);
  send_down(weights, chain);
  sample(weights->visible_pad, chain->visible_bias, coupling, chain->visible_sum, rng,
         chain->visible.on);
}

static void run(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling, size_t steps) {
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  for (size_t step = 0; step < steps; ++step) {
    send_up(weights, chain);
    draw_layers(weights, chain, coupling, &rng);
  }
  memcpy(chain->rng, &rng, sizeof rng);
}

/*
  Sum of softplus(b + high s) - softplus(b + low s). With z = e^-|x|, softplus(x) is max(x, 0) +
  log(1 + z); the logarithms are taken of products, whose factors lie between 1/2 and 2.
*/
ALWAYS_INLINE double softplus_gap(size_t units, const float *bias, const float *sum, float low,
                                  float high) {
  double gap = 0;
  double product = 1;
  for (size_t begin = 0; begin < units; begin += 64 * RS_GIBBS_PAD) {
    const size_t end = units < begin + 64 * RS_GIBBS_PAD ? units : begin + 64 * RS_GIBBS_PAD;
    float linear[RS_GIBBS_PAD] = {0};
    float ratio[RS_GIBBS_PAD];
    for (int i = 0; i < RS_GIBBS_PAD; ++i) {
      ratio[i] = 1;
    }
    for (size_t base = begin; base < end; base += RS_GIBBS_PAD) {
      for (int i = 0; i < RS_GIBBS_PAD; ++i) {
        const float x = bias[base + (size_t)i] + low * sum[base + (size_t)i];
        const float y = bias[base + (size_t)i] + high * sum[base + (size_t)i];
        linear[i] += (y > 0 ? y : 0) - (x > 0 ? x : 0);
        ratio[i] *= (1 + exp_minus(y > 0 ? y : -y)) / (1 + exp_minus(x > 0 ? x : -x));
      }
    }
    for (int i = 0; i < RS_GIBBS_PAD; ++i) {
      gap += (double)linear[i];
      product *= (double)ratio[i];
    }
    gap += log(product);
    product = 1;
  }
  return gap;
}

static double anneal(const RsGibbsWeights *weights, RsGibbsChain *chain, size_t betas,
                     int reverse) {
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  double log_w = 0;
  for (size_t step = 0; step < betas; ++step) {
    /* The step of the path between couplings low and high, from either side. */
    const size_t k = reverse ? betas - step : step + 1;
    const float high = (float)((double)k / (double)betas);
    const float low = (float)((double)(k - 1) / (double)betas);
    send_up(weights, chain);
    log_w += softplus_gap(weights->hidden_pad, chain->hidden_bias, chain->hidden_sum, low, high);
    draw_layers(weights, chain, reverse ? low : high, &rng);
  }
  memcpy(chain->rng, &rng, sizeof rng);
  return log_w;
}

extern const RsGibbsKernel RS_KERNEL_NAME;
const RsGibbsKernel RS_KERNEL_NAME = {run, anneal};
