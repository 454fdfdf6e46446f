#ifndef RS_RBM_GIBBS_INTERNAL_H
#define RS_RBM_GIBBS_INTERNAL_H

/**
   @file gibbs_internal.h What likelihood.c and tests need of the sampler beyond its public
   interface.
*/

#include <rollsmith/likelihood.h>

#define rs_gibbs_anneal RS_FLAVOURED(rs_gibbs_anneal)
#define rs_gibbs_draws_whole RS_FLAVOURED(rs_gibbs_draws_whole)

/**
   Run seeded chains along an annealed path on the row-adding kernel, or with the visible units of a
   Gaussian machine summed out; as rs_ais_run(), which see.

   @return false, with nothing done, where the sampler works on dense products.
*/
bool rs_gibbs_anneal(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                     double *log_w);

/** Whether the weights let units be drawn in whole numbers: gibbs_whole.h. */
bool rs_gibbs_draws_whole(const RsGibbs *gibbs);

#endif /* RS_RBM_GIBBS_INTERNAL_H */
