/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_SAMPLER_H
#define RS_RBM_SAMPLER_H

/**
   @file sampler.h A method of running Gibbs chains: the implementation of gibbs.h and likelihood.h.

   A sampler is a table of functions. Its weights and its chains begin with the structs below, which
   gibbs.c exposes to callers, followed by members of their own.
*/

#include <rollsmith/likelihood.h>

#define rs_sampler_dense RS_FLAVOURED(rs_sampler_dense)
#define rs_sampler_gaussian RS_FLAVOURED(rs_sampler_gaussian)
#define rs_sampler_collapsed RS_FLAVOURED(rs_sampler_collapsed)
#define rs_sampler_sparse RS_FLAVOURED(rs_sampler_sparse)

typedef struct RsSampler RsSampler;

/** What all samplers' weights begin with. */
struct RsGibbs {
  const RsSampler *sampler;
  RsRbm rbm;
};

/** What all samplers' chains begin with. */
struct RsGibbsChains {
  const RsSampler *sampler;
  RsRng rng;       /**< Where the chains' numbers come from */
  uint64_t first;  /**< Number of chain 0 */
  uint64_t sweeps; /**< Sweeps since the seeding */
};

/** The functions of a sampler; as those of gibbs.h, unless said otherwise. */
struct RsSampler {
  /** Weights of zero. @return NULL without memory. */
  RsGibbs *(*weights_new)(const RsRbm *rbm);
  void (*weights_free)(RsGibbs *gibbs);
  void (*set_weights)(RsGibbs *gibbs, const rs_scalar *w);

  /** @return NULL without memory. */
  RsGibbsChains *(*chains_new)(const RsGibbs *gibbs, size_t count);
  void (*chains_free)(RsGibbsChains *chains);

  /** NULL where chains have nothing to share. */
  void (*share)(RsGibbsChains *chains, bool share);

  /** Called when `rng`, `first` and `sweeps` are set. NULL where these are all. */
  void (*seed)(RsGibbsChains *chains, size_t count);

  /** `steps` is 1 at least. */
  void (*run)(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run);

  /** Run seeded chains along an annealed path, as rs_ais_run(); forward, v has been drawn from the
   * beginning of the path. */
  void (*anneal)(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run, double *log_w);

  /** NULL where none are kept. */
  const rs_scalar *(*hidden)(const RsGibbsChains *chains);
};

/** Products with W of all chains at once: Bernoulli machines of any flavour. */
extern const RsSampler rs_sampler_dense;

/** Gaussian machines: the same, annealed with the visible units summed out (equation A8). */
extern const RsSampler rs_sampler_gaussian;

/** Gaussian machines, the visible units summed out while the hidden ones move (equation G13). */
extern const RsSampler rs_sampler_collapsed;

/** Bernoulli machines in float: sums of rows of W, one chain at a time, by the kernel that
 * rs_gibbs_kernel() chooses, which there has to be. */
extern const RsSampler rs_sampler_sparse;

/** Whether the weights of a sparse sampler let units be drawn in fixed point: fixed16.h. */
bool rs_sparse_uses_fixed16(const RsGibbs *gibbs);

#endif /* RS_RBM_SAMPLER_H */
