#ifndef RS_RBM_GIBBS_VECTOR_H
#define RS_RBM_GIBBS_VECTOR_H

/**
   @file gibbs_vector.h Vectors, random numbers and comparisons, as the instruction set has them
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

/* a b + c, rounded twice as everywhere else. */
ALWAYS_INLINE __m512 product_and_sum(__m512 a, __m512 b, __m512 c) {
  return _mm512_add_ps(_mm512_mul_ps(a, b), c);
}

#else
typedef struct {
  float x[RS_GIBBS_PAD];
} Units;
#endif

/* bias + coupling sum. */
ALWAYS_INLINE Units fields(const float *bias, float coupling, const float *sum) {
#if defined __AVX512F__
  return product_and_sum(set(coupling), _mm512_load_ps(sum), _mm512_load_ps(bias));
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
  return product_and_sum(factor, _mm512_cvtepi32_ps(whole), _mm512_load_ps(bias));
#else
  Units field;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    field.x[i] = bias[i] + coupling * scale[i] * (float)sum[i];
  }
  return field;
#endif
}

/* x + factor by. */
ALWAYS_INLINE Units moved(Units x, float factor, const float *by) {
#if defined __AVX512F__
  return product_and_sum(set(factor), _mm512_load_ps(by), x);
#else
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    x.x[i] += factor * by[i];
  }
  return x;
#endif
}

/* A bit for each field that is above its logistic number. */
ALWAYS_INLINE unsigned above(Units x, const float *noise) {
#if defined __AVX512F__
  return _mm512_cmp_ps_mask(x, _mm512_loadu_ps(noise), _CMP_GT_OQ);
#elif defined __AVX2__
  unsigned bits = 0;
  for (int i = 0; i < RS_GIBBS_PAD; i += VECTOR) {
    const __m256 more =
        _mm256_cmp_ps(_mm256_loadu_ps(x.x + i), _mm256_loadu_ps(noise + i), _CMP_GT_OQ);
    bits |= (unsigned)_mm256_movemask_ps(more) << i;
  }
  return bits;
#else
  unsigned bits = 0;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    bits |= (unsigned)(x.x[i] > noise[i]) << i;
  }
  return bits;
#endif
}

#endif /* RS_RBM_GIBBS_VECTOR_H */
