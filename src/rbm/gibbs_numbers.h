#ifndef RS_RBM_GIBBS_NUMBERS_H
#define RS_RBM_GIBBS_NUMBERS_H

/**
   @file gibbs_numbers.h Where the chains of a kernel have their logistic numbers from.

   A chain has numbers of its own, or shares a pool with the chains that are numbered near it: then
   it reads them one after the other from a place that is drawn for it. Either way they depend on
   (rng, the chain's number) and on how many sweeps it has made.
*/

#include "rbm/gibbs_kernel.h"

#include <rollsmith/rng.h>

#include <stdbool.h>

/** The numbers of some chains. */
typedef struct RsGibbsNumbers RsGibbsNumbers;

/**
   Numbers for up to `count` chains.

   @return NULL without memory.
*/
RsGibbsNumbers *rs_gibbs_numbers_new(const RsGibbsKernel *kernel, const RsGibbsWeights *weights,
                                     size_t count);

/** NULL is taken. */
void rs_gibbs_numbers_free(RsGibbsNumbers *numbers);

/** Whether chains share pools from the next seeding on; at first they do not. */
void rs_gibbs_numbers_share(RsGibbsNumbers *numbers, bool share);

/** As rs_gibbs_seed(). */
void rs_gibbs_numbers_seed(RsGibbsNumbers *numbers, size_t count, RsRng rng, uint64_t first);

/**
   Give chain n its numbers for some more sweeps, after `sweeps` since the seeding.

   @param wanted  Sweeps to come.
   @param chain   The chain, whose `noise` and `whole_noise` are set.
   @return For how many sweeps they are, at most `wanted`, at least 1.
*/
size_t rs_gibbs_numbers_next(RsGibbsNumbers *numbers, const RsGibbsWeights *weights, size_t n,
                             uint64_t sweeps, size_t wanted, RsGibbsChain *chain);

#endif /* RS_RBM_GIBBS_NUMBERS_H */
