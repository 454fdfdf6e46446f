/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_SCALED_H
#define RS_RBM_SCALED_H

/**
   @file scaled.h Input of the hidden units of a Gaussian machine.
*/

#include <rollsmith/rbm.h>

#include <math.h>

#define rs_rbm_scaled RS_FLAVOURED(rs_rbm_scaled)

/** e^{-z/2}: one over the standard deviation of a Gaussian unit with log-variance z. */
static inline double rs_inverse_deviation(rs_scalar z) {
  return exp(-0.5 * (double)z);
}

/**
   factor v o e^{-z/2} for each frame, or factor v where the machine is Bernoulli: equation G2.

   @param biases    count rows of biases, `stride` apart.
   @param v         count rows of `visible` values, `v_stride` apart.
   @param out       Output, count x visible.
*/
void rs_rbm_scaled(const RsRbm *rbm, size_t count, const rs_scalar *biases, size_t stride,
                   const rs_scalar *v, size_t v_stride, rs_scalar factor, rs_scalar *out);

#endif /* RS_RBM_SCALED_H */
