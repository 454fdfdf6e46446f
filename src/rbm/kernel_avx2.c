/* SPDX-License-Identifier: ISC */

/* For processors with AVX2. */

#include <immintrin.h>

#define VECTOR 8
#define TILE 6
#define MOVED_UP                                                                                   \
  { 3, 4, 5, 6 }

#include "rbm/kernel_portable.h"

/* A bit for each field that is above its logistic number. */
ALWAYS_INLINE unsigned above(Units x, const float *noise) {
  unsigned bits = 0;
  for (int i = 0; i < RS_GIBBS_PAD; i += VECTOR) {
    const __m256 more =
        _mm256_cmp_ps(_mm256_loadu_ps(x.x + i), _mm256_loadu_ps(noise + i), _CMP_GT_OQ);
    bits |= (unsigned)_mm256_movemask_ps(more) << i;
  }
  return bits;
}

#include "rbm/kernel_body.h"

const RsGibbsKernel rs_gibbs_kernel_avx2 = {"avx2", run, anneal, draw_noise, HAS_FIXED16};
