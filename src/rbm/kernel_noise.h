/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_NOISE_H
#define RS_RBM_KERNEL_NOISE_H

/**
   @file kernel_noise.h Numbers of the logistic distribution: doc/math.md, equation E14.
*/

#include "rbm/kernel_vector.h"

/* RsGibbsKernel.draw_noise */
static void draw_noise(uint32_t *state, size_t count, float unit, float *noise, int16_t *fixed) {
  Rng rng;
  memcpy(&rng, state, sizeof rng);
  for (size_t base = 0; base < count; base += 2 * RS_GIBBS_PAD) {
    fill_noise(next_words(&rng), noise + base);
  }
  memcpy(state, &rng, sizeof rng);
  for (size_t i = 0; unit > 0 && i < count; ++i) {
    fixed[i] = rs_gibbs_rounded(noise[i] * unit);
  }
}

#endif /* RS_RBM_KERNEL_NOISE_H */
