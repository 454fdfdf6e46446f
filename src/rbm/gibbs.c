/* SPDX-License-Identifier: ISC */

/* Gibbs chains, doc/math.md, equations E4, E11 and G4, by one of the samplers of sampler.h. */

#include <rollsmith/gibbs.h>

#include "base/memory.h"
#include "rbm/kernel.h"
#include "rbm/sampler.h"

/* The sampler of a machine; `plain`: the one that others are tested against. */
static const RsSampler *choose_sampler(const RsRbm *rbm, bool plain) {
  if (rbm->kind == RS_RBM_GAUSSIAN) {
    return plain ? &rs_sampler_gaussian : &rs_sampler_collapsed;
  }
#if defined RS_SCALAR_DOUBLE
  return &rs_sampler_dense;
#else
  return plain ? &rs_sampler_dense : &rs_sampler_sparse;
#endif
}

RsStatus rs_gibbs_new(const RsRbm *rbm, bool plain, RsGibbs **out) {
  size_t size = 0;
  if (!rbm->visible || !rbm->hidden) {
    return RS_ERR_ARGUMENT;
  }
  if (!rs_multiply_sizes(rbm->visible + RS_GIBBS_PAD, rbm->hidden + RS_GIBBS_PAD, &size)) {
    return RS_ERR_OVERFLOW;
  }
  const RsSampler *sampler = choose_sampler(rbm, plain);
#if !defined RS_SCALAR_DOUBLE
  if (sampler == &rs_sampler_sparse && !rs_gibbs_kernel()) {
    return RS_ERR_SETTING;
  }
#endif
  RsGibbs *gibbs = sampler->weights_new(rbm);
  if (!gibbs) {
    return RS_ERR_MEMORY;
  }
  gibbs->sampler = sampler;
  *out = gibbs;
  return RS_OK;
}

void rs_gibbs_free(RsGibbs *gibbs) {
  if (gibbs) {
    gibbs->sampler->weights_free(gibbs);
  }
}

void rs_gibbs_set_weights(RsGibbs *gibbs, const rs_scalar *w) {
  gibbs->sampler->set_weights(gibbs, w);
}

RsStatus rs_gibbs_chains_new(const RsGibbs *gibbs, size_t count, RsGibbsChains **out) {
  RsGibbsChains *chains = gibbs->sampler->chains_new(gibbs, count);
  if (!chains) {
    return RS_ERR_MEMORY;
  }
  chains->sampler = gibbs->sampler;
  *out = chains;
  return RS_OK;
}

void rs_gibbs_chains_free(RsGibbsChains *chains) {
  if (chains) {
    chains->sampler->chains_free(chains);
  }
}

void rs_gibbs_share(RsGibbsChains *chains, bool share) {
  if (chains->sampler->share) {
    chains->sampler->share(chains, share);
  }
}

void rs_gibbs_seed(RsGibbsChains *chains, size_t count, RsRng rng, uint64_t first) {
  chains->rng = rng;
  chains->first = first;
  chains->sweeps = 0;
  if (chains->sampler->seed) {
    chains->sampler->seed(chains, count);
  }
}

void rs_gibbs_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  if (run->steps) {
    gibbs->sampler->run(gibbs, chains, run);
  }
}

const rs_scalar *rs_gibbs_hidden(const RsGibbsChains *chains) {
  return chains->sampler->hidden ? chains->sampler->hidden(chains) : NULL;
}
