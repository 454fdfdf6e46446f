/* SPDX-License-Identifier: ISC */

/* Gaussian machines: equations G4, G13 and A8. */

#include "base/memory.h"
#include "base/gemm_exact.h"
#include "rbm/annealed_path.h"
#include "rbm/collapsed.h"
#include "rbm/sampler_dense.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  RsDense dense;
  rs_scalar *gram; /* W W', H x H */
} Collapsed;

typedef struct {
  RsDenseChains dense;
  rs_scalar *given; /* count x H: fields of the hidden units without each other */
  rs_scalar *sum;   /* H: what they send to each other */
  rs_scalar *gram;  /* H x H: W W' of the units that are free, where some are held */
} Chains;

static void weights_free(RsGibbs *gibbs) {
  Collapsed *collapsed = (Collapsed *)gibbs;
  free(collapsed->gram);
  rs_dense_clear(&collapsed->dense);
  free(collapsed);
}

static RsGibbs *weights_new(const RsRbm *rbm) {
  Collapsed *collapsed = rs_alloc(1, sizeof *collapsed);
  if (!collapsed) {
    return NULL;
  }
  collapsed->gram = rs_alloc(rbm->hidden, rbm->hidden * sizeof *collapsed->gram);
  if (!rs_dense_init(&collapsed->dense, rbm) || !collapsed->gram) {
    weights_free(&collapsed->dense.base);
    return NULL;
  }
  return &collapsed->dense.base;
}

static void set_weights(RsGibbs *gibbs, const rs_scalar *w) {
  Collapsed *collapsed = (Collapsed *)gibbs;
  const RsDense *dense = &collapsed->dense;
  const size_t visible = gibbs->rbm.visible, hidden = gibbs->rbm.hidden;
  rs_dense_set_weights(&collapsed->dense, w);
  memset(collapsed->gram, 0, hidden * hidden * sizeof *collapsed->gram);
  rs_gemm_exact(hidden, hidden, visible, dense->w, visible, dense->transposed, hidden,
                collapsed->gram, hidden);
}

static void chains_free(RsGibbsChains *base) {
  Chains *chains = (Chains *)base;
  free(chains->given);
  free(chains->sum);
  free(chains->gram);
  rs_dense_chains_clear(&chains->dense);
  free(chains);
}

static RsGibbsChains *chains_new(const RsGibbs *gibbs, size_t count) {
  const size_t hidden = gibbs->rbm.hidden;
  Chains *chains = rs_alloc(1, sizeof *chains);
  if (!chains) {
    return NULL;
  }
  chains->given = rs_alloc(count, hidden * sizeof *chains->given);
  chains->sum = rs_alloc(hidden, sizeof *chains->sum);
  chains->gram = rs_alloc(hidden, hidden * sizeof *chains->gram);
  if (!rs_dense_chains_init(&chains->dense, &gibbs->rbm, count) || !chains->given || !chains->sum ||
      !chains->gram) {
    chains_free(&chains->dense.base);
    return NULL;
  }
  return &chains->dense.base;
}

/* Where visible units are, as far as the hidden ones alone move: held ones at their value, all
 * others at their bias. */
static const rs_scalar *centres(const RsGibbs *gibbs, Chains *chains, const RsGibbsRun *run) {
  const size_t visible = gibbs->rbm.visible;
  rs_scalar *centre = chains->dense.held;
  for (size_t n = 0; n < run->count; ++n) {
    for (size_t i = 0; i < visible; ++i) {
      const size_t at = n * visible + i;
      centre[at] = run->states[at] ? run->biases[n * run->stride + i] : run->v[at];
    }
  }
  return centre;
}

/* Draw the hidden units of all chains, and have their fields without each other. */
static void open_run(const RsGibbs *gibbs, Chains *chains, const RsGibbsRun *run) {
  const RsDense *dense = (const RsDense *)gibbs;
  rs_dense_draw_hidden(dense, &chains->dense, run);
  if (run->states) {
    rs_dense_fields(dense, &chains->dense, run, centres(gibbs, chains, run), gibbs->rbm.visible,
                    chains->given);
  } else {
    rs_dense_fields(dense, &chains->dense, run, run->biases, run->stride, chains->given);
  }
}

/* W W' without the units that are held: what they send does not depend on the hidden units. */
static const rs_scalar *free_gram(const RsGibbs *gibbs, Chains *chains,
                                  const unsigned char *states) {
  const Collapsed *collapsed = (const Collapsed *)gibbs;
  const size_t hidden = gibbs->rbm.hidden, visible = gibbs->rbm.visible;
  memcpy(chains->gram, collapsed->gram, hidden * hidden * sizeof *chains->gram);
  for (size_t i = 0; i < visible; ++i) {
    const rs_scalar *column = collapsed->dense.transposed + i * hidden;
    for (size_t j = 0; !states[i] && j < hidden; ++j) {
      for (size_t k = 0; k < hidden; ++k) {
        chains->gram[j * hidden + k] -= column[j] * column[k];
      }
    }
  }
  return chains->gram;
}

/* The machine of chain n. */
static RsCollapsed machine_of(const RsGibbs *gibbs, Chains *chains, const unsigned char *states,
                              size_t n) {
  const size_t hidden = gibbs->rbm.hidden;
  const rs_scalar *gram = states ? free_gram(gibbs, chains, states + n * gibbs->rbm.visible)
                                 : ((const Collapsed *)gibbs)->gram;
  return (RsCollapsed){hidden, gram, chains->given + n * hidden, 1, 1};
}

/* Fresh random words for a pass over the hidden units of chain n. */
static const uint32_t *words_of_pass(const RsGibbs *gibbs, Chains *chains, size_t n,
                                     uint64_t pass) {
  RsGibbsChains *base = &chains->dense.base;
  base->sweeps = pass;
  rs_rng_words(base->rng, rs_dense_step(&chains->dense, n, 0), gibbs->rbm.hidden,
               chains->dense.words);
  return chains->dense.words;
}

/*
  Where variances are small, v pins h and h pins v, and block Gibbs sampling hardly moves. With v
  summed out the hidden units move freely, and v is drawn at the end.
*/
static void run_collapsed(const RsGibbs *gibbs, RsGibbsChains *base, const RsGibbsRun *run) {
  Chains *chains = (Chains *)base;
  open_run(gibbs, chains, run);
  const uint64_t first = ++base->sweeps;
  for (size_t n = 0; n < run->count; ++n) {
    RsCollapsed machine = machine_of(gibbs, chains, run->states, n);
    machine.own = machine.others = (double)run->coupling * (double)run->coupling;
    rs_scalar *h = chains->dense.hidden + n * machine.hidden;
    rs_collapsed_exchange(&machine, h, chains->sum);
    for (size_t step = 0; step < run->steps; ++step) {
      const uint32_t *words = words_of_pass(gibbs, chains, n, first + step);
      rs_collapsed_pass(&machine, words, h, chains->sum);
    }
  }
  rs_dense_draw_visible((const RsDense *)gibbs, &chains->dense, run);
  ++base->sweeps;
}

/* One chain's weight along the path A8, from either side. */
static double anneal_chain(const RsGibbs *gibbs, Chains *chains, size_t n, const RsAisRun *run) {
  RsCollapsed machine = machine_of(gibbs, chains, NULL, n);
  rs_scalar *h = chains->dense.hidden + n * machine.hidden;
  double log_w = 0;
  rs_collapsed_exchange(&machine, h, chains->sum);
  if (!run->reverse) {
    rs_collapsed_draw(&machine, words_of_pass(gibbs, chains, n, 1), h, chains->sum);
  }
  for (size_t step = 0; step < run->betas; ++step) {
    log_w += rs_collapsed_bond(&machine, h, chains->sum) / (double)run->betas;
    machine.others = rs_annealed_step(run->betas, run->reverse, step).next;
    rs_collapsed_pass(&machine, words_of_pass(gibbs, chains, n, step + 2), h, chains->sum);
  }
  return log_w;
}

static void anneal(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                   double *log_w) {
  const RsGibbsRun start = {run->count, run->biases, run->stride, 1, 1, run->v, NULL};
  open_run(gibbs, (Chains *)chains, &start);
  for (size_t n = 0; n < run->count; ++n) {
    log_w[n] = anneal_chain(gibbs, (Chains *)chains, n, run);
  }
}

#define GAUSSIAN(how)                                                                              \
  {                                                                                                \
    .weights_new = weights_new, .weights_free = weights_free, .set_weights = set_weights,          \
    .chains_new = chains_new, .chains_free = chains_free, .run = (how), .anneal = anneal,          \
    .hidden = rs_dense_hidden,                                                                     \
  }

const RsSampler rs_sampler_gaussian = GAUSSIAN(rs_dense_run);
const RsSampler rs_sampler_collapsed = GAUSSIAN(run_collapsed);
