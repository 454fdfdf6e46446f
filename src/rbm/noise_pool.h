/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_NOISE_POOL_H
#define RS_RBM_NOISE_POOL_H

/**
   @file noise_pool.h Source of the logistic random numbers of the chains of a kernel.

   A chain has numbers of its own, or shares a pool with the chains that are numbered near it: then
   it reads them one after the other from a place that is drawn for it. Either way they depend on
   (rng, the chain's number) and on how many sweeps it has made.
*/

#include "rbm/kernel.h"

#include <rollsmith/rng.h>

#include <stdbool.h>

/** The numbers of some chains. */
typedef struct RsNoisePool RsNoisePool;

/**
   Numbers for up to `count` chains.

   @return NULL without memory.
*/
RsNoisePool *rs_noise_pool_new(const RsGibbsKernel *kernel, const RsGibbsWeights *weights,
                               size_t count);

/** NULL is allowed. */
void rs_noise_pool_free(RsNoisePool *numbers);

/** Whether chains share pools from the next seeding on; at first they do not. */
void rs_noise_pool_share(RsNoisePool *numbers, bool share);

/** As rs_gibbs_seed(). */
void rs_noise_pool_seed(RsNoisePool *numbers, size_t count, RsRng rng, uint64_t first);

/**
   Give chain n its numbers for some more sweeps, after `sweeps` since the seeding.

   @param wanted  Sweeps to come.
   @param chain   The chain, whose `noise` and `fixed_noise` are set.
   @return For how many sweeps they are, at most `wanted`, at least 1.
*/
size_t rs_noise_pool_next(RsNoisePool *numbers, const RsGibbsWeights *weights, size_t n,
                          uint64_t sweeps, size_t wanted, RsGibbsChain *chain);

#endif /* RS_RBM_NOISE_POOL_H */
