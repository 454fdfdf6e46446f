#ifndef RS_RBM_GIBBS_VECTOR_H
#define RS_RBM_GIBBS_VECTOR_H

/**
   @file gibbs_vector.h Vectors, random numbers and throws of dice, as the instruction set has them
   that this is compiled for.
*/

#include "rbm/gibbs_kernel.h"

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
  float t = -1.44269504f * x;
  t = t < 126.0f ? t : 126.0f;
  t = t > -126.0f ? t : -126.0f;
  const float shifted = t + RS_GIBBS_ROUNDER;
  const float f = t - (shifted - RS_GIBBS_ROUNDER);
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
  const __m512i all = (__m512i)words;
  const __m256i bits = half ? _mm512_extracti64x4_epi64(all, 1) : _mm512_castsi512_si256(all);
  const __m512 whole = _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(bits));
  const __m512 u = _mm512_fmadd_ps(whole, set(0x1p-16f), set(0x1p-17f));
  const __m512 t = _mm512_mul_ps(x, set(-1.44269504f));
  const __m512 f = _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF);
  __m512 p = _mm512_fmadd_ps(set(0.0134266848f), f, set(0.0522424728f)); /* 2^f to 3e-6 */
  p = _mm512_fmadd_ps(p, f, set(0.241280198f));
  p = _mm512_fmadd_ps(p, f, set(0.693044841f));
  p = _mm512_fmadd_ps(p, f, set(1));
  return _mm512_fmadd_ps(u, _mm512_scalef_ps(p, t), u);
#else
  Units thrown;
  uint16_t bits[RS_GIBBS_PAD];
  memcpy(bits, (const char *)&words + (half ? sizeof bits : 0), sizeof bits);
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    const float u = (float)bits[i] * 0x1p-16f + 0x1p-17f;
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

#endif /* RS_RBM_GIBBS_VECTOR_H */
