#ifndef RS_RBM_GIBBS_INTERNAL_H
#define RS_RBM_GIBBS_INTERNAL_H

/**
   @file gibbs_internal.h What likelihood.c needs of the sampler beyond its public interface.
*/

#include <rollsmith/likelihood.h>

#define rs_gibbs_anneal RS_FLAVOURED(rs_gibbs_anneal)

/**
   Run seeded chains along an annealed path on the row-adding kernel, or with the visible units of a
   Gaussian machine summed out; as rs_ais_run(), which see.

   @return false, with nothing done, where the sampler works on dense products.
*/
bool rs_gibbs_anneal(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                     double *log_w);

#endif /* RS_RBM_GIBBS_INTERNAL_H */
