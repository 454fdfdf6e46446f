#ifndef RS_RBM_GIBBS_NOISE_H
#define RS_RBM_GIBBS_NOISE_H

/**
   @file gibbs_noise.h Numbers of the logistic distribution: doc/math.md, equation E14.
*/

#include "rbm/gibbs_vector.h"

/* log m for m in [1, 2) to 2e-6, but for a constant: in differences it is gone. */
#define LOG_1 4.205235f
#define LOG_2 -3.64712048f
#define LOG_3 2.22694349f
#define LOG_4 -0.85207957f
#define LOG_5 0.183700845f
#define LOG_6 -0.0170296114f

#define LOG_OF_2 0.693147181f

#if defined __AVX512F__

ALWAYS_INLINE __m512 log_of_mantissa(__m512 x) {
  const __m512 m = _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
  __m512 y = product_and_sum(set(LOG_6), m, set(LOG_5));
  y = product_and_sum(y, m, set(LOG_4));
  y = product_and_sum(y, m, set(LOG_3));
  y = product_and_sum(y, m, set(LOG_2));
  y = product_and_sum(y, m, set(LOG_1));
  return _mm512_mul_ps(y, m);
}

/* log p / (1 - p) with p = (u + 1/2) / 2^16. */
ALWAYS_INLINE __m512 logit(__m256i u) {
  const __m512 whole = _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(u));
  const __m512 p = _mm512_add_ps(whole, set(0.5f));
  const __m512 q = _mm512_sub_ps(set(65535.5f), whole);
  const __m512 octaves = _mm512_sub_ps(_mm512_getexp_ps(p), _mm512_getexp_ps(q));
  const __m512 rest = _mm512_sub_ps(log_of_mantissa(p), log_of_mantissa(q));
  return product_and_sum(octaves, set(LOG_OF_2), rest);
}

ALWAYS_INLINE void fill_noise(Words words, float *noise) {
  const __m512i u = (__m512i)words;
  _mm512_storeu_ps(noise, logit(_mm512_castsi512_si256(u)));
  _mm512_storeu_ps(noise + RS_GIBBS_PAD, logit(_mm512_extracti64x4_epi64(u, 1)));
}

#else

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

#endif

/* RsGibbsKernel.draw_noise */
static void draw_noise(uint32_t *state, size_t count, float unit, float *noise, int16_t *whole) {
  Rng rng;
  memcpy(&rng, state, sizeof rng);
  for (size_t base = 0; base < count; base += 2 * RS_GIBBS_PAD) {
    fill_noise(next_words(&rng), noise + base);
  }
  memcpy(state, &rng, sizeof rng);
  for (size_t i = 0; unit > 0 && i < count; ++i) {
    whole[i] = rs_gibbs_rounded(noise[i] * unit);
  }
}

#endif /* RS_RBM_GIBBS_NOISE_H */
