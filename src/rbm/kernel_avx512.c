/* SPDX-License-Identifier: ISC */

/* For processors with AVX-512F, DQ and BW. */

#include <immintrin.h>

#define VECTOR 16
#define TILE 12

#include "rbm/kernel_vector.h"

/* Numbers of RS_GIBBS_PAD units. */
typedef __m512 Units;

ALWAYS_INLINE __m512 set(float x) {
  return _mm512_set1_ps(x);
}

/* a b + c, rounded twice as everywhere else. */
ALWAYS_INLINE __m512 product_and_sum(__m512 a, __m512 b, __m512 c) {
  return _mm512_add_ps(_mm512_mul_ps(a, b), c);
}

/* bias + coupling sum. */
ALWAYS_INLINE Units fields(const float *bias, float coupling, const float *sum) {
  return product_and_sum(set(coupling), _mm512_load_ps(sum), _mm512_load_ps(bias));
}

/* The same with the sum in fixed point. */
ALWAYS_INLINE Units coarse_fields(const float *bias, float coupling, const float *scale,
                                  const int16_t *sum) {
  const __m512i whole = _mm512_cvtepi16_epi32(_mm256_load_si256((const __m256i *)sum));
  const __m512 factor = _mm512_mul_ps(set(coupling), _mm512_load_ps(scale));
  return product_and_sum(factor, _mm512_cvtepi32_ps(whole), _mm512_load_ps(bias));
}

/* x + factor by. */
ALWAYS_INLINE Units moved(Units x, float factor, const float *by) {
  return product_and_sum(set(factor), _mm512_load_ps(by), x);
}

/* A bit for each field that is above its logistic number. */
ALWAYS_INLINE unsigned above(Units x, const float *noise) {
  return _mm512_cmp_ps_mask(x, _mm512_loadu_ps(noise), _CMP_GT_OQ);
}

/* The frame of a chain as bits. */
ALWAYS_INLINE void read_frame(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  memset(chain->visible.on, 0, rs_gibbs_words(weights->visible) * sizeof *chain->visible.on);
  for (size_t base = 0; base < weights->visible_pad; base += RS_GIBBS_PAD) {
    const __mmask16 real = (__mmask16)real_units(weights->visible_units, base);
    const __m512 x = _mm512_maskz_loadu_ps(real, chain->v + base);
    const RsGibbsBits bits = _mm512_cmp_ps_mask(x, set(0), _CMP_NEQ_UQ);
    chain->visible.on[base / RS_GIBBS_WORD] |= bits << base % RS_GIBBS_WORD;
  }
}

/* And back. */
ALWAYS_INLINE void write_frame(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  for (size_t base = 0; base < weights->visible_pad; base += RS_GIBBS_PAD) {
    const __mmask16 real = (__mmask16)real_units(weights->visible_units, base);
    const __mmask16 on = (__mmask16)real_units(chain->visible.on, base);
    _mm512_mask_storeu_ps(chain->v + base, real, _mm512_maskz_mov_ps(on, set(1)));
  }
}

/* W'h of one visible unit, without the table. */
ALWAYS_INLINE float exact_sum(const RsGibbsWeights *weights, const RsGibbsChain *chain,
                              size_t unit) {
  const float *column = weights->columns + unit * weights->hidden_pad;
  __m512 sum = set(0);
  for (size_t base = 0; base < weights->hidden_pad; base += RS_GIBBS_PAD) {
    const __mmask16 on =
        (__mmask16)(chain->hidden.on[base / RS_GIBBS_WORD] >> base % RS_GIBBS_WORD);
    sum = _mm512_mask_add_ps(sum, on, sum, _mm512_load_ps(column + base));
  }
  return _mm512_reduce_add_ps(sum);
}

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

/* The row with one unit more: equation H5. */
ALWAYS_INLINE Row add_unit(Row row, double odds) {
  const __m512d x = (__m512d)row.x[0], r = _mm512_set1_pd(odds), one = _mm512_set1_pd(1);
  const __m512i lower = _mm512_alignr_epi64(_mm512_castpd_si512(x), _mm512_setzero_si512(), 7);
  const __m512d factor = _mm512_mask_add_pd(one, 1 << LAST_CLASS, one, r);
  const __m512d more = _mm512_mul_pd(_mm512_castsi512_pd(lower), r);
  return (Row){{(Doubles)_mm512_add_pd(_mm512_mul_pd(x, factor), more)}};
}

#include "rbm/kernel_fixed16.h"
#include "rbm/kernel_body.h"

const RsGibbsKernel rs_gibbs_kernel_avx512 = {"avx512", run, anneal, draw_noise, HAS_FIXED16};
