/* Compiled once an instruction set, with RS_KERNEL_NAME as the name of the table of its functions.
 */

#include "rbm/gibbs_kernel.h"

#include <math.h>
#include <stdbool.h>
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

/* Numbers of 16 bits of a vector. */
#define COARSE (2 * VECTOR)

typedef float Vector __attribute__((vector_size(4 * VECTOR)));
typedef int16_t Coarse __attribute__((vector_size(4 * VECTOR)));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Keeps a pointer in a register of its own, where compilers would rather keep one for each of the
 * vectors that it leads to. */
#define KEEP(pointer) __asm__("" : "+r"(pointer))

/* RS_GIBBS_PAD numbers, whatever vectors there are. */
typedef uint32_t Words __attribute__((vector_size(4 * RS_GIBBS_PAD)));

/* The random state of a chain, in registers as far as they reach. */
typedef struct {
  Words s[4];
} Rng;

ALWAYS_INLINE Words rotate(Words x, int by) {
  return x << by | x >> (32 - by);
}

/* One step of xoshiro128++ (Blackman and Vigna, 2019) in every lane. */
ALWAYS_INLINE Words next_words(Rng *rng) {
  const Words s0 = rng->s[0];
  const Words s1 = rng->s[1];
  const Words s2 = rng->s[2] ^ s0;
  const Words s3 = rng->s[3] ^ s1;
  const Words words = rotate(s0 + rng->s[3], 7) + s0;
  rng->s[1] = s1 ^ s2;
  rng->s[0] = s0 ^ s3;
  rng->s[2] = s2 ^ s1 << 9;
  rng->s[3] = rotate(s3, 11);
  return words;
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

/* Numbers of RS_GIBBS_PAD units. */
#if defined __AVX512F__
typedef __m512 Units;

ALWAYS_INLINE __m512 set(float x) {
  return _mm512_set1_ps(x);
}

#else
typedef struct {
  float x[RS_GIBBS_PAD];
} Units;
#endif

/* bias + coupling sum. */
ALWAYS_INLINE Units fields(const float *bias, float coupling, const float *sum) {
#if defined __AVX512F__
  return _mm512_fmadd_ps(set(coupling), _mm512_load_ps(sum), _mm512_load_ps(bias));
#else
  Units field;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    field.x[i] = bias[i] + coupling * sum[i];
  }
  return field;
#endif
}

/* The same with the sum in whole numbers. */
ALWAYS_INLINE Units coarse_fields(const float *bias, float coupling, const float *scale,
                                  const int16_t *sum) {
#if defined __AVX512F__
  const __m512i whole = _mm512_cvtepi16_epi32(_mm256_load_si256((const __m256i *)sum));
  const __m512 factor = _mm512_mul_ps(set(coupling), _mm512_load_ps(scale));
  return _mm512_fmadd_ps(factor, _mm512_cvtepi32_ps(whole), _mm512_load_ps(bias));
#else
  Units field;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    field.x[i] = bias[i] + coupling * scale[i] * (float)sum[i];
  }
  return field;
#endif
}

/*
  u (1 + e^-x), which is below 1 with probability sigmoid(x) within 2^-17: u < 1 / (1 + e^-x)
  without the division. u has 16 bits, so one random word serves two units.
*/
ALWAYS_INLINE Units throw_dice(Units x, Words words, int half) {
#if defined __AVX512F__
  /* 2^t = 2^(t - floor t) 2^floor t; the second factor goes to 0 or infinity as t leaves the range
   */
  const __m512i bits = (__m512i)(half ? words >> 16 : words & 0xFFFF);
  const __m512 u = _mm512_fmadd_ps(_mm512_cvtepi32_ps(bits), set(0x1p-16f), set(0x1p-17f));
  const __m512 t = _mm512_mul_ps(x, set(-1.44269504f));
  const __m512 f = _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF);
  __m512 p = _mm512_fmadd_ps(set(0.0134266848f), f, set(0.0522424728f)); /* 2^f to 3e-6 */
  p = _mm512_fmadd_ps(p, f, set(0.241280198f));
  p = _mm512_fmadd_ps(p, f, set(0.693044841f));
  p = _mm512_fmadd_ps(p, f, set(1));
  return _mm512_fmadd_ps(u, _mm512_scalef_ps(p, t), u);
#else
  Units thrown;
  uint32_t bits[RS_GIBBS_PAD];
  words = half ? words >> 16 : words & 0xFFFF;
  memcpy(bits, &words, sizeof bits);
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    const float u = (float)(int32_t)bits[i] * 0x1p-16f + 0x1p-17f;
    thrown.x[i] = u * (1.0f + exp_minus(x.x[i]));
  }
  return thrown;
#endif
}

/* A bit for each number that is below its limit. */
ALWAYS_INLINE unsigned below(Units x, const float *limit) {
#if defined __AVX512F__
  return _mm512_cmp_ps_mask(x, _mm512_load_ps(limit), _CMP_LT_OQ);
#elif defined __AVX2__
  const __m256 low = _mm256_cmp_ps(_mm256_loadu_ps(x.x), _mm256_load_ps(limit), _CMP_LT_OQ);
  const __m256 high =
      _mm256_cmp_ps(_mm256_loadu_ps(x.x + 8), _mm256_load_ps(limit + 8), _CMP_LT_OQ);
  return (unsigned)_mm256_movemask_ps(low) | (unsigned)_mm256_movemask_ps(high) << 8;
#else
  unsigned bits = 0;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    bits |= (unsigned)(x.x[i] < limit[i]) << i;
  }
  return bits;
#endif
}

/* A bit for each number that is below 1. */
ALWAYS_INLINE unsigned below_one(Units x) {
  static const _Alignas(64) float one[RS_GIBBS_PAD] = {1, 1, 1, 1, 1, 1, 1, 1,
                                                       1, 1, 1, 1, 1, 1, 1, 1};
  return below(x, one);
}

/* Words of bits of so many units. */
ALWAYS_INLINE size_t words_of(size_t units) {
  return (units + RS_GIBBS_WORD - 1) / RS_GIBBS_WORD;
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

/* What units of a layer are drawn from. */
typedef struct {
  const RsGibbsWeights *weights;
  RsGibbsChain *chain;
  float coupling;
} Draw;

/* Units from `base` on that are on, and those of which the sum is too coarse to tell. */
typedef struct {
  unsigned on, doubtful;
} Drawn;

typedef Drawn DrawUnits(const Draw *d, size_t base, Words words, int half);

ALWAYS_INLINE Drawn draw_hidden_units(const Draw *d, size_t base, Words words, int half) {
  const RsGibbsChain *chain = d->chain;
  const Units x = fields(chain->hidden_bias + base, d->coupling, chain->hidden_sum + base);
  return (Drawn){below_one(throw_dice(x, words, half)), 0};
}

ALWAYS_INLINE Drawn draw_visible_units(const Draw *d, size_t base, Words words, int half) {
  const RsGibbsChain *chain = d->chain;
  const Units x = fields(chain->visible_bias + base, d->coupling, chain->visible_sum + base);
  return (Drawn){below_one(throw_dice(x, words, half)), 0};
}

ALWAYS_INLINE Drawn draw_coarsely(const Draw *d, size_t base, Words words, int half) {
  const RsGibbsWeights *weights = d->weights;
  const RsGibbsChain *chain = d->chain;
  const Units x = coarse_fields(chain->visible_bias + base, d->coupling, weights->scale + base,
                                chain->coarse_sum + base);
  const Units thrown = throw_dice(x, words, half);
  const unsigned on = below(thrown, weights->on_below + base);
  return (Drawn){on, below(thrown, weights->off_above + base) & ~on};
}

/* The sums of those visible units of which they are too coarse, taken exactly. */
ALWAYS_INLINE Drawn draw_doubtful(const Draw *d, size_t base, Words words, int half) {
  RsGibbsChain *chain = d->chain;
  const unsigned doubtful =
      (unsigned)(chain->doubtful[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD) & 0xFFFF;
  for (unsigned left = doubtful; left; left &= left - 1) {
    const size_t unit = base + (size_t)__builtin_ctz(left);
    chain->visible_sum[unit] = exact_sum(d->weights, chain, unit);
  }
  const unsigned on = doubtful ? draw_visible_units(d, base, words, half).on & doubtful : 0;
  return (Drawn){on, 0};
}

/* Draw all units of a layer, `state` being that of the generator. Gives back whether some of them
 * are doubtful, which are then in chain->doubtful. */
ALWAYS_INLINE bool sample(DrawUnits *draw_units, const Draw *d, size_t units, Rng *rng,
                          RsGibbsBits *on, RsGibbsBits *doubtful) {
  RsGibbsBits any = 0;
  for (size_t word = 0; word < units; word += RS_GIBBS_WORD) {
    const size_t end = units - word < RS_GIBBS_WORD ? units : word + RS_GIBBS_WORD;
    RsGibbsBits bits = 0;
    RsGibbsBits doubts = 0;
    for (size_t base = word; base < end; base += 2 * RS_GIBBS_PAD) {
      const Words words = next_words(rng);
      const Drawn one = draw_units(d, base, words, 0);
      bits |= (RsGibbsBits)one.on << (base - word);
      doubts |= (RsGibbsBits)one.doubtful << (base - word);
      if (base + RS_GIBBS_PAD < end) {
        const Drawn two = draw_units(d, base + RS_GIBBS_PAD, words, 1);
        bits |= (RsGibbsBits)two.on << (base + RS_GIBBS_PAD - word);
        doubts |= (RsGibbsBits)two.doubtful << (base + RS_GIBBS_PAD - word);
      }
    }
    on[word / RS_GIBBS_WORD] = bits;
    if (doubtful) {
      doubtful[word / RS_GIBBS_WORD] = doubts;
      any |= doubts;
    }
  }
  return any;
}

/* Draw the doubtful ones of the visible units, with the same random numbers. */
__attribute__((noinline, cold)) static void settle(const Draw *d) {
  RsGibbsChain *chain = d->chain;
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  sample(draw_doubtful, d, d->weights->visible_pad, &rng, chain->doubtful, NULL);
  for (size_t i = 0; i < words_of(d->weights->visible); ++i) {
    chain->visible.on[i] |= chain->doubtful[i];
  }
}

/* Hidden units given what the visible ones sent. */
ALWAYS_INLINE void draw_hidden(const Draw *d) {
  Rng rng;
  memcpy(&rng, d->chain->rng, sizeof rng);
  sample(draw_hidden_units, d, d->weights->hidden_pad, &rng, d->chain->hidden.on, NULL);
  memcpy(d->chain->rng, &rng, sizeof rng);
}

/* Visible units given what the hidden ones sent. */
ALWAYS_INLINE void draw_visible(const Draw *d) {
  RsGibbsChain *chain = d->chain;
  const size_t units = d->weights->visible_pad;
  Rng rng;
  memcpy(&rng, chain->rng, sizeof rng);
  if (!d->weights->groups) {
    sample(draw_visible_units, d, units, &rng, chain->visible.on, NULL);
  } else if (sample(draw_coarsely, d, units, &rng, chain->visible.on, chain->doubtful)) {
    const Draw copy = *d;
    settle(&copy);
  }
  memcpy(chain->rng, &rng, sizeof rng);
}

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
  for (size_t i = 0; i < words_of(units); ++i) {
    on += __builtin_popcountll(layer->on[i]);
    changed += __builtin_popcountll(layer->on[i] ^ layer->summed[i]);
  }
  return (Change){layer, words_of(units), on <= changed};
}

/* sum += the rows that it lacks, over `tile` vectors: a constant at each call. */
ALWAYS_INLINE void add_tile(int tile, const float *rows, size_t stride, Change change, float *to) {
  Vector sum[TILE];
  for (int c = 0; c < tile; ++c) {
    sum[c] = change.anew ? (Vector){0} : ((const Vector *)to)[c];
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

/* sum += rows of the table for the next `groups` groups, which are the lowest of these bits. */
ALWAYS_INLINE void add_word(int vectors, const int16_t *table, size_t groups, RsGibbsBits bits,
                            Coarse *sum) {
  const size_t stride = (size_t)vectors * COARSE;
#pragma GCC unroll 12
  for (size_t g = 0; g < groups; ++g) {
    const Coarse *row = (const Coarse *)(table + bits % RS_GIBBS_SUBSETS * stride);
    KEEP(row);
    for (int c = 0; c < vectors; ++c) {
      sum[c] += row[c + (int)g * RS_GIBBS_SUBSETS * vectors];
    }
    bits >>= RS_GIBBS_GROUP;
  }
}

/* sum = a row of the table for each group, over `vectors` vectors: a constant at each call. */
ALWAYS_INLINE void add_groups(int vectors, const int16_t *table, size_t groups,
                              const RsGibbsBits *on, int16_t *to) {
  Coarse sum[RS_GIBBS_COARSE_TILE / COARSE];
  for (int c = 0; c < vectors; ++c) {
    sum[c] = (Coarse){0};
  }
  for (; groups >= RS_GIBBS_WORD_GROUPS; groups -= RS_GIBBS_WORD_GROUPS) {
    add_word(vectors, table, RS_GIBBS_WORD_GROUPS, *on++, sum);
    table += RS_GIBBS_WORD_GROUPS * RS_GIBBS_SUBSETS * (size_t)vectors * COARSE;
  }
  if (groups) {
    add_word(vectors, table, groups, *on, sum);
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
    default:
      add_groups(3 * PAD, table, weights->groups, on, sum);
    }
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
  } else {
    add_rows(weights->rows, weights->visible_pad, &chain->hidden, weights->hidden_pad,
             chain->visible_sum);
  }
}

/* Hidden units given what the visible ones sent, and visible units given those. */
ALWAYS_INLINE void draw_layers(const Draw *d) {
  draw_hidden(d);
  send_down(d->weights, d->chain);
  draw_visible(d);
}

static void run(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling, size_t steps) {
  for (size_t step = 0; step < steps; ++step) {
    send_up(weights, chain);
    draw_layers(&(const Draw){weights, chain, coupling});
  }
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
  double log_w = 0;
  for (size_t step = 0; step < betas; ++step) {
    /* The step of the path between couplings low and high, from either side. */
    const size_t k = reverse ? betas - step : step + 1;
    const float high = (float)((double)k / (double)betas);
    const float low = (float)((double)(k - 1) / (double)betas);
    send_up(weights, chain);
    log_w += softplus_gap(weights->hidden_pad, chain->hidden_bias, chain->hidden_sum, low, high);
    draw_layers(&(const Draw){weights, chain, reverse ? low : high});
  }
  return log_w;
}

extern const RsGibbsKernel RS_KERNEL_NAME;
const RsGibbsKernel RS_KERNEL_NAME = {run, anneal};
