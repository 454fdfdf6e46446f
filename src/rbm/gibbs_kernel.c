/* Compiled once an instruction set, with RS_KERNEL_NAME as the name of the table of its functions.
 */

#include "rbm/gibbs_kernel.h"

#include <math.h>
#include <string.h>

#if defined __AVX512F__
#include <immintrin.h>
#define VECTOR 16
#elif defined __AVX2__
#define VECTOR 8
#else
#define VECTOR 4
#endif

/* Rows are added in this many vectors at a time, which stay in registers. */
#define TILE 6

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

/*
  Draw RS_GIBBS_PAD units: on[i] becomes -1 with probability sigmoid(x[i]) within 2^-17, else 0.
  u < 1 / (1 + e^-x) without the division; u has 16 bits, so one random word serves two units.
*/
ALWAYS_INLINE void draw(const float *x, const uint32_t *words, int half, int32_t *on) {
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    const uint32_t bits = half ? words[i] >> 16 : words[i] & 0xFFFF;
    const float u = (float)(int32_t)bits * 0x1p-16f + 0x1p-17f;
    on[i] = u * (1.0f + exp_minus(x[i])) < 1.0f ? -1 : 0;
  }
}

/* Append the numbers base + i of the lanes that are on; up to RS_GIBBS_PAD entries past the end are
 * lost. */
ALWAYS_INLINE size_t append(uint32_t *list, size_t count, size_t base, const int32_t *on) {
#if defined __AVX512F__
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)base));
  const __m512i lane_on = _mm512_loadu_si512(on);
  const __mmask16 mask = _mm512_test_epi32_mask(lane_on, lane_on);
  _mm512_mask_compressstoreu_epi32(list + count, mask, numbers);
  return count + (size_t)__builtin_popcount(mask);
#else
  for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
    list[count] = (uint32_t)(base + i);
    count += (size_t)-on[i];
  }
  return count;
#endif
}

ALWAYS_INLINE size_t sample(size_t units, const float *field, Rng *rng, uint32_t *list) {
  uint32_t words[RS_GIBBS_PAD];
  int32_t on[RS_GIBBS_PAD];
  size_t count = 0;
  int half = 0;
  for (size_t base = 0; base < units; base += RS_GIBBS_PAD, half = !half) {
    if (!half) {
      next_words(rng, words);
    }
    draw(field + base, words, half, on);
    count = append(list, count, base, on);
  }
  return count;
}

/* field = bias + coupling x the sum of the listed rows, over `tile` vectors: a constant at each
 * call. */
ALWAYS_INLINE void add_tile(int tile, const float *rows, size_t stride, const uint32_t *list,
                            size_t count, float coupling, const float *bias, float *field) {
  Vector sum[TILE] = {{0}};
  size_t n = 0;
  for (; n + 2 <= count; n += 2) {
    const Vector *one = (const Vector *)(rows + list[n] * stride);
    const Vector *two = (const Vector *)(rows + list[n + 1] * stride);
    for (int c = 0; c < tile; ++c) {
      sum[c] += one[c] + two[c];
    }
  }
  if (n < count) {
    const Vector *one = (const Vector *)(rows + list[n] * stride);
    for (int c = 0; c < tile; ++c) {
      sum[c] += one[c];
    }
  }
  for (int c = 0; c < tile; ++c) {
    ((Vector *)field)[c] = ((const Vector *)bias)[c] + coupling * sum[c];
  }
}

ALWAYS_INLINE void add_rows(const float *rows, size_t units, const uint32_t *list, size_t count,
                            float coupling, const float *bias, float *field) {
  const size_t vectors = units / VECTOR;
  size_t c = 0;
  for (; c + TILE <= vectors; c += TILE) {
    add_tile(TILE, rows + c * VECTOR, units, list, count, coupling, bias + c * VECTOR,
             field + c * VECTOR);
  }
  rows += c * VECTOR;
  bias += c * VECTOR;
  field += c * VECTOR;
  switch (vectors - c) {
  case 5:
    add_tile(5, rows, units, list, count, coupling, bias, field);
    break;
  case 4:
    add_tile(4, rows, units, list, count, coupling, bias, field);
    break;
  case 3:
    add_tile(3, rows, units, list, count, coupling, bias, field);
    break;
  case 2:
    add_tile(2, rows, units, list, count, coupling, bias, field);
    break;
  case 1:
    add_tile(1, rows, units, list, count, coupling, bias, field);
    break;
  default:
    break;
  }
}

/* Visible units given the hidden ones that are on, with their random numbers. */
ALWAYS_INLINE void sample_visible(RsGibbsChain *chain, Rng *rng, float coupling, size_t hidden_on) {
  const RsGibbsWeights *weights = chain->weights;
  RsGibbsScratch *scratch = chain->scratch;
  add_rows(weights->rows, weights->visible_pad, scratch->hidden, hidden_on, coupling,
           scratch->visible_bias, scratch->field);
  chain->on = sample(weights->visible_pad, scratch->field, rng, scratch->visible);
}

static void run(RsGibbsChain *chain, float coupling, size_t steps) {
  const RsGibbsWeights *weights = chain->weights;
  RsGibbsScratch *scratch = chain->scratch;
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  for (size_t step = 0; step < steps; ++step) {
    add_rows(weights->columns, weights->hidden_pad, scratch->visible, chain->on, coupling,
             scratch->hidden_bias, scratch->field);
    const size_t on = sample(weights->hidden_pad, scratch->field, &rng, scratch->hidden);
    sample_visible(chain, &rng, coupling, on);
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

static double anneal(RsGibbsChain *chain, size_t betas, int reverse) {
  const RsGibbsWeights *weights = chain->weights;
  RsGibbsScratch *scratch = chain->scratch;
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  double log_w = 0;
  for (size_t step = 0; step < betas; ++step) {
    /* The step of the path between couplings low and high, from either side. */
    const size_t k = reverse ? betas - step : step + 1;
    const float high = (float)((double)k / (double)betas);
    const float low = (float)((double)(k - 1) / (double)betas);
    const float coupling = reverse ? low : high;
    add_rows(weights->columns, weights->hidden_pad, scratch->visible, chain->on, 1, scratch->zero,
             scratch->sum);
    log_w += softplus_gap(weights->hidden_pad, scratch->hidden_bias, scratch->sum, low, high);
    for (size_t j = 0; j < weights->hidden_pad; ++j) {
      scratch->field[j] = scratch->hidden_bias[j] + coupling * scratch->sum[j];
    }
    const size_t on = sample(weights->hidden_pad, scratch->field, &rng, scratch->hidden);
    sample_visible(chain, &rng, coupling, on);
  }
  memcpy(chain->rng, &rng, sizeof rng);
  return log_w;
}

extern const RsGibbsKernel RS_KERNEL_NAME;
const RsGibbsKernel RS_KERNEL_NAME = {run, anneal};
