/* SPDX-License-Identifier: ISC */

/* Bernoulli machines in float: sums of rows of W, one chain at a time, on a kernel (kernel.h). */

#include "base/memory.h"
#include "rbm/fixed16.h"
#include "rbm/noise_pool.h"
#include "rbm/sampler.h"
#include "rbm/sparse_weights.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  RsGibbs base;
  const RsGibbsKernel *kernel;
  const RsGibbsKernel *runs; /* the same; the plain one where sums of weights are not exact */
  RsGibbsWeights *weights;
} Sparse;

typedef struct {
  RsGibbsChains base;
  RsGibbsChain chain; /* the current one */
  RsNoisePool *noise; /* what units are compared with */
} Chains;

static void weights_free(RsGibbs *gibbs) {
  rs_sparse_weights_free(((Sparse *)gibbs)->weights);
  free(gibbs);
}

static RsGibbs *weights_new(const RsRbm *rbm) {
  Sparse *sparse = rs_alloc(1, sizeof *sparse);
  if (!sparse) {
    return NULL;
  }
  sparse->base.rbm = *rbm;
  sparse->runs = sparse->kernel = rs_gibbs_kernel();
  sparse->weights = rs_sparse_weights_new(sparse->kernel, rbm);
  if (!sparse->weights) {
    weights_free(&sparse->base);
    return NULL;
  }
  return &sparse->base;
}

static void set_weights(RsGibbs *gibbs, const rs_scalar *w) {
  Sparse *sparse = (Sparse *)gibbs;
  const bool exact = rs_sparse_weights_set(sparse->weights, w);
  sparse->runs = exact ? sparse->kernel : &rs_gibbs_kernel_plain;
}

/* The memory of a layer's bits, at least as many as kernel_fixed16.h looks at. */
static bool layer_memory(size_t units, RsGibbsLayer *layer) {
  const size_t words = rs_gibbs_words(units > RS_FIXED16_VISIBLE ? units : RS_FIXED16_VISIBLE);
  layer->on = rs_alloc(words, sizeof *layer->on);
  layer->summed = rs_alloc(words, sizeof *layer->summed);
  return layer->on && layer->summed;
}

/* The memory of draws with potentials on counts. */
static bool counts_memory(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  RsGibbsCounts *counts = chain->counts = rs_alloc(1, sizeof *counts);
  if (!counts) {
    return false;
  }
  size_t rows = 1;
  while (rows <= weights->count_units) {
    counts->step = rows;
    rows *= 2;
  }
  counts->stride = rows * RS_GIBBS_CLASSES;
  counts->odds = rs_alloc(weights->visible_pad, sizeof *counts->odds);
  counts->factors = rs_alloc(weights->planes, 2 * RS_GIBBS_CLASSES * sizeof *counts->factors);
  counts->table = rs_alloc(weights->planes, counts->stride * sizeof *counts->table);
  for (size_t i = 0; counts->table && i < weights->planes * counts->stride; ++i) {
    counts->table[i] = HUGE_VAL;
  }
  return counts->odds && counts->factors && counts->table;
}

/* The memory of notes with given states. */
static bool states_memory(const RsGibbsWeights *weights, RsGibbsStates *given) {
  const size_t notes = weights->count_units, words = rs_gibbs_words(weights->visible_pad);
  given->plain = rs_alloc(notes, sizeof *given->plain);
  given->tied = rs_alloc(notes, sizeof *given->tied);
  given->weights = rs_alloc(notes, sizeof *given->weights);
  given->rows = rs_alloc(notes + 1, RS_STATE_CELLS * sizeof *given->rows);
  given->fixed = rs_alloc(words, sizeof *given->fixed);
  given->free = rs_alloc(words, sizeof *given->free);
  return given->plain && given->tied && given->weights && given->rows && given->fixed &&
         given->free;
}

static bool chain_memory(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  const size_t visible = weights->visible_pad;
  const size_t hidden = weights->hidden_pad;
  chain->visible_bias = rs_alloc(visible, sizeof *chain->visible_bias);
  chain->hidden_bias = rs_alloc(hidden, sizeof *chain->hidden_bias);
  chain->visible_sum = rs_alloc(visible, sizeof *chain->visible_sum);
  chain->hidden_sum = rs_alloc(hidden, sizeof *chain->hidden_sum);
  chain->coarse_sum = rs_alloc(weights->coarse_pad, sizeof *chain->coarse_sum);
  chain->ambiguous = rs_alloc(rs_gibbs_words(visible), sizeof *chain->ambiguous);
  chain->fixed_visible_bias = rs_alloc(weights->coarse_pad, sizeof *chain->fixed_visible_bias);
  chain->fixed_ratio = rs_alloc(weights->coarse_pad, sizeof *chain->fixed_ratio);
  chain->fixed_hidden_bias = rs_alloc(hidden, sizeof *chain->fixed_hidden_bias);
  chain->fixed_sum = rs_alloc(hidden, sizeof *chain->fixed_sum);
  for (size_t i = 0; chain->fixed_visible_bias && i < weights->coarse_pad; ++i) {
    chain->fixed_visible_bias[i] = INT16_MIN; /* padding beyond visible_pad is off */
  }
  return (!weights->planes || counts_memory(weights, chain)) &&
         states_memory(weights, &chain->given) && layer_memory(visible, &chain->visible) &&
         layer_memory(hidden, &chain->hidden) && chain->visible_bias && chain->hidden_bias &&
         chain->visible_sum && chain->hidden_sum && chain->coarse_sum && chain->ambiguous &&
         chain->fixed_ratio && chain->fixed_visible_bias && chain->fixed_hidden_bias &&
         chain->fixed_sum;
}

static void free_chain(RsGibbsChain *chain) {
  if (chain->counts) {
    free(chain->counts->odds);
    free(chain->counts->factors);
    free(chain->counts->table);
    free(chain->counts);
  }
  free(chain->given.plain);
  free(chain->given.tied);
  free(chain->given.weights);
  free(chain->given.rows);
  free(chain->given.fixed);
  free(chain->given.free);
  free(chain->visible_bias);
  free(chain->hidden_bias);
  free(chain->visible_sum);
  free(chain->hidden_sum);
  free(chain->visible.on);
  free(chain->visible.summed);
  free(chain->hidden.on);
  free(chain->hidden.summed);
  free(chain->coarse_sum);
  free(chain->ambiguous);
  free(chain->fixed_visible_bias);
  free(chain->fixed_ratio);
  free(chain->fixed_hidden_bias);
  free(chain->fixed_sum);
}

static void chains_free(RsGibbsChains *base) {
  Chains *chains = (Chains *)base;
  free_chain(&chains->chain);
  rs_noise_pool_free(chains->noise);
  free(chains);
}

static RsGibbsChains *chains_new(const RsGibbs *gibbs, size_t count) {
  const Sparse *sparse = (const Sparse *)gibbs;
  Chains *chains = rs_alloc(1, sizeof *chains);
  if (!chains) {
    return NULL;
  }
  chains->noise = rs_noise_pool_new(sparse->kernel, sparse->weights, count);
  if (!chain_memory(sparse->weights, &chains->chain) || !chains->noise) {
    chains_free(&chains->base);
    return NULL;
  }
  return &chains->base;
}

static void share(RsGibbsChains *chains, bool share) {
  rs_noise_pool_share(((Chains *)chains)->noise, share);
}

static void seed(RsGibbsChains *chains, size_t count) {
  rs_noise_pool_seed(((Chains *)chains)->noise, count, chains->rng, chains->first);
}

/* The current chain, about to run from v, with these biases and the states of chain n. */
static RsGibbsChain *open_chain(const RsGibbs *gibbs, Chains *chains, const rs_scalar *biases,
                                rs_scalar *v, const unsigned char *states, size_t n) {
  chains->chain.biases = biases;
  chains->chain.v = v;
  chains->chain.states = states ? states + n * rs_rbm_notes(&gibbs->rbm) : NULL;
  return &chains->chain;
}

static void run_chains(const RsGibbs *gibbs, RsGibbsChains *base, const RsGibbsRun *run) {
  const Sparse *sparse = (const Sparse *)gibbs;
  Chains *chains = (Chains *)base;
  for (size_t n = 0; n < run->count; ++n) {
    RsGibbsChain *chain = open_chain(gibbs, chains, run->biases + n * run->stride,
                                     run->v + n * gibbs->rbm.visible, run->states, n);
    for (size_t step = 0, more = 0; step < run->steps; step += more) {
      more = rs_noise_pool_next(chains->noise, sparse->weights, n, base->sweeps + step,
                                run->steps - step, chain);
      sparse->runs->run(sparse->weights, chain, run->coupling, more);
    }
  }
  base->sweeps += run->steps;
}

static void anneal(const RsGibbs *gibbs, RsGibbsChains *base, const RsAisRun *run, double *log_w) {
  const Sparse *sparse = (const Sparse *)gibbs;
  Chains *chains = (Chains *)base;
  for (size_t n = 0; n < run->count; ++n) {
    RsGibbsChain *chain = open_chain(gibbs, chains, run->biases + n * run->stride,
                                     run->v + n * gibbs->rbm.visible, run->states, n);
    log_w[n] = 0;
    for (RsGibbsPath path = {run->betas, run->reverse, 0, 0}; path.to < run->betas;) {
      path.from = path.to;
      path.to += rs_noise_pool_next(chains->noise, sparse->weights, n, base->sweeps + path.from,
                                    run->betas - path.from, chain);
      log_w[n] += sparse->runs->anneal(sparse->weights, chain, &path);
    }
  }
  base->sweeps += run->betas;
}

bool rs_sparse_uses_fixed16(const RsGibbs *gibbs) {
  const Sparse *sparse = (const Sparse *)gibbs;
  return sparse->runs->has_fixed16 && rs_fixed16_unit(sparse->weights->fixed16) > 0;
}

const RsSampler rs_sampler_sparse = {
    .weights_new = weights_new,
    .weights_free = weights_free,
    .set_weights = set_weights,
    .chains_new = chains_new,
    .chains_free = chains_free,
    .share = share,
    .seed = seed,
    .run = run_chains,
    .anneal = anneal,
};
