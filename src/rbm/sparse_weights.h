/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_SPARSE_WEIGHTS_H
#define RS_RBM_SPARSE_WEIGHTS_H

/**
   @file sparse_weights.h Weights in the layout of the kernels: kernel.h.
*/

#include "rbm/kernel.h"

#include <rollsmith/rbm.h>

#include <stdbool.h>

/** Weights of zero of a Bernoulli machine. @return NULL without memory. */
RsGibbsWeights *rs_sparse_weights_new(const RsGibbsKernel *kernel, const RsRbm *rbm);

/** NULL is allowed. */
void rs_sparse_weights_free(RsGibbsWeights *weights);

/**
   Take over weights, hidden x visible.

   @return Whether sums of them are exact: if not, only the plain kernel gives the samples that it
   gives on every processor.
*/
bool rs_sparse_weights_set(RsGibbsWeights *weights, const float *w);

#endif /* RS_RBM_SPARSE_WEIGHTS_H */
