/* SPDX-License-Identifier: ISC */

/* For any processor. */

#define VECTOR 4
#define TILE 6
#define MOVED_UP                                                                                   \
  { 1, 2 }

#include "rbm/kernel_portable.h"

/* A bit for each field that is above its logistic number. */
ALWAYS_INLINE unsigned above(Units x, const float *noise) {
  unsigned bits = 0;
  for (int i = 0; i < RS_GIBBS_PAD; ++i) {
    bits |= (unsigned)(x.x[i] > noise[i]) << i;
  }
  return bits;
}

#include "rbm/kernel_body.h"

const RsGibbsKernel rs_gibbs_kernel_plain = {"plain", run, anneal, draw_noise, HAS_FIXED16};
