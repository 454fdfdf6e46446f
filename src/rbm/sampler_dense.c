/* SPDX-License-Identifier: ISC */

/* Chains by products of matrices, doc/math.md, equations E4, G4 and H4. */

#include "rbm/sampler_dense.h"

#include "base/elementwise.h"
#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/gemm_exact.h"
#include "base/sparse.h"
#include "rbm/annealed_path.h"
#include "rbm/counts.h"
#include "rbm/scaled.h"

#include <stdlib.h>
#include <string.h>

/* ---- Memory ---- */

bool rs_dense_init(RsDense *dense, const RsRbm *rbm) {
  const size_t size = rbm->hidden * rbm->visible;
  dense->base.rbm = *rbm;
  dense->w = rs_alloc(size, sizeof *dense->w);
  dense->transposed = rs_alloc(size, sizeof *dense->transposed);
  return dense->w && dense->transposed;
}

void rs_dense_clear(RsDense *dense) {
  free(dense->w);
  free(dense->transposed);
}

static void weights_free(RsGibbs *gibbs) {
  rs_dense_clear((RsDense *)gibbs);
  free(gibbs);
}

static RsGibbs *weights_new(const RsRbm *rbm) {
  RsDense *dense = rs_alloc(1, sizeof *dense);
  if (dense && !rs_dense_init(dense, rbm)) {
    weights_free(&dense->base);
    return NULL;
  }
  return &dense->base;
}

void rs_dense_set_weights(RsDense *dense, const rs_scalar *w) {
  const size_t visible = dense->base.rbm.visible, hidden = dense->base.rbm.hidden;
  memcpy(dense->w, w, hidden * visible * sizeof *w);
  rs_transpose(hidden, visible, w, visible, 0, dense->transposed, hidden);
}

static void set_weights(RsGibbs *gibbs, const rs_scalar *w) {
  rs_dense_set_weights((RsDense *)gibbs, w);
}

bool rs_dense_chains_init(RsDenseChains *chains, const RsRbm *rbm, size_t count) {
  const size_t visible = rbm->visible, hidden = rbm->hidden, numbers = visible + rbm->planes;
  const bool binary = rbm->kind == RS_RBM_BERNOULLI;
  chains->hidden = rs_alloc(count, hidden * sizeof *chains->hidden);
  chains->field = rs_alloc(binary ? count : 0, hidden * sizeof *chains->field);
  chains->soft = rs_alloc(hidden, sizeof *chains->soft);
  chains->scaled = rs_alloc(count, visible * sizeof *chains->scaled);
  chains->uniform = rs_alloc(numbers, sizeof *chains->uniform);
  chains->words = rs_alloc(numbers > hidden ? numbers : hidden, sizeof *chains->words);
  chains->normal = rs_alloc(visible, sizeof *chains->normal);
  chains->scratch = rs_alloc(rs_counts_scratch(rbm), sizeof *chains->scratch);
  chains->held = rs_alloc(binary ? 0 : count, visible * sizeof *chains->held);
  return chains->hidden && chains->field && chains->soft && chains->scaled && chains->uniform &&
         chains->words && chains->normal && chains->scratch && chains->held;
}

void rs_dense_chains_clear(RsDenseChains *chains) {
  free(chains->hidden);
  free(chains->field);
  free(chains->soft);
  free(chains->scaled);
  free(chains->uniform);
  free(chains->words);
  free(chains->normal);
  free(chains->scratch);
  free(chains->held);
}

static void chains_free(RsGibbsChains *chains) {
  rs_dense_chains_clear((RsDenseChains *)chains);
  free(chains);
}

static RsGibbsChains *chains_new(const RsGibbs *gibbs, size_t count) {
  RsDenseChains *chains = rs_alloc(1, sizeof *chains);
  if (chains && !rs_dense_chains_init(chains, &gibbs->rbm, count)) {
    chains_free(&chains->base);
    return NULL;
  }
  return &chains->base;
}

const rs_scalar *rs_dense_hidden(const RsGibbsChains *chains) {
  return ((const RsDenseChains *)chains)->hidden;
}

/* ---- A sweep ---- */

/* x becomes 1 with probability sigmoid(x), else 0. */
static void draw_bits(RsDenseChains *chains, size_t n, unsigned half, size_t units, rs_scalar *x) {
  rs_rng_words(chains->base.rng, rs_dense_step(chains, n, half), units, chains->words);
  rs_sigmoid(units, x, x);
  for (size_t i = 0; i < units; ++i) {
    x[i] = chains->words[i] * 0x1p-32 < (double)x[i] ? 1 : 0;
  }
}

void rs_dense_fields(const RsDense *dense, RsDenseChains *chains, const RsGibbsRun *run,
                     const rs_scalar *x, size_t x_stride, rs_scalar *field) {
  const RsRbm *rbm = &dense->base.rbm;
  rs_rbm_scaled(rbm, run->count, run->biases, run->stride, x, x_stride, run->coupling,
                chains->scaled);
  for (size_t n = 0; n < run->count; ++n) {
    memcpy(field + n * rbm->hidden, run->biases + n * run->stride + rbm->visible,
           rbm->hidden * sizeof *field);
  }
  rs_gemm_exact(run->count, rbm->hidden, rbm->visible, chains->scaled, rbm->visible,
                dense->transposed, rbm->hidden, field, rbm->hidden);
}

void rs_dense_draw_hidden(const RsDense *dense, RsDenseChains *chains, const RsGibbsRun *run) {
  const RsRbm *rbm = &dense->base.rbm;
  rs_dense_fields(dense, chains, run, run->v, rbm->visible, chains->hidden);
  for (size_t n = 0; n < run->count; ++n) {
    draw_bits(chains, n, 0, rbm->hidden, chains->hidden + n * rbm->hidden);
  }
}

/* v = a + e^{z/2} (coupling W'h + noise), the noise normal: equation G4. */
static void draw_gaussian(const RsRbm *rbm, RsDenseChains *chains, size_t n, rs_scalar coupling,
                          const rs_scalar *biases, rs_scalar *v) {
  rs_scalar *deviation = chains->scaled;
  rs_scaled_copy(rbm->visible, (rs_scalar)0.5, biases + rbm->visible + rbm->hidden, deviation);
  rs_exp(rbm->visible, deviation, deviation);
  rs_rng_normal(chains->base.rng, rs_dense_step(chains, n, 1), rbm->visible, chains->normal);
  for (size_t i = 0; i < rbm->visible; ++i) {
    const double scaled = (double)(coupling * v[i]) + chains->normal[i];
    v[i] = biases[i] + (rs_scalar)((double)deviation[i] * scaled);
  }
}

/* v, which holds fields, given potentials on counts and maybe states: equations H4 and H8. */
static void draw_counted(const RsRbm *rbm, RsDenseChains *chains, size_t n, const rs_scalar *biases,
                         const unsigned char *states, rs_scalar *v) {
  const rs_scalar *potentials = biases + rs_rbm_potentials(rbm);
  const size_t numbers = rbm->visible + rbm->planes;
  rs_rng_words(chains->base.rng, rs_dense_step(chains, n, 1), numbers, chains->words);
  for (size_t i = 0; i < numbers; ++i) {
    chains->uniform[i] = (rs_scalar)((chains->words[i] + 0.5) * 0x1p-32);
  }
  memcpy(chains->scaled, v, rbm->visible * sizeof *v);
  if (states) {
    rs_states_draw(rbm, chains->scaled, potentials, states, chains->uniform, chains->scratch, v);
  } else {
    rs_counts_draw(rbm, chains->scaled, potentials, chains->uniform, chains->scratch, v);
  }
}

/* Units of one state are in it. */
static void restrict_units(size_t units, const unsigned char *states, rs_scalar *v) {
  for (size_t i = 0; i < units; ++i) {
    const unsigned both = states[i] & (RS_STATE_OFF | RS_STATE_ON);
    v[i] = both == RS_STATE_OFF ? 0 : both == RS_STATE_ON ? 1 : v[i];
  }
}

/* v, which holds W'h, of a Bernoulli machine. */
static void draw_binary(const RsRbm *rbm, RsDenseChains *chains, size_t n, const RsGibbsRun *run,
                        rs_scalar *v) {
  const rs_scalar *biases = run->biases + n * run->stride;
  const unsigned char *states = run->states ? run->states + n * rs_rbm_notes(rbm) : NULL;
  for (size_t i = 0; i < rbm->visible; ++i) {
    v[i] = biases[i] + run->coupling * v[i];
  }
  if (rbm->planes) {
    draw_counted(rbm, chains, n, biases, states, v);
    return;
  }
  draw_bits(chains, n, 1, rbm->visible, v);
  if (states) {
    restrict_units(rbm->visible, states, v);
  }
}

/* v, which holds W'h, of a Gaussian machine; units without a state stay at `held`. */
static void draw_real(const RsRbm *rbm, RsDenseChains *chains, size_t n, const RsGibbsRun *run,
                      const rs_scalar *held, rs_scalar *v) {
  draw_gaussian(rbm, chains, n, run->coupling, run->biases + n * run->stride, v);
  for (size_t i = 0; run->states && i < rbm->visible; ++i) {
    v[i] = run->states[n * rbm->visible + i] ? v[i] : held[n * rbm->visible + i];
  }
}

void rs_dense_draw_visible(const RsDense *dense, RsDenseChains *chains, const RsGibbsRun *run) {
  const RsRbm *rbm = &dense->base.rbm;
  const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
  if (gaussian && run->states) {
    memcpy(chains->held, run->v, run->count * rbm->visible * sizeof *run->v);
  }
  memset(run->v, 0, run->count * rbm->visible * sizeof *run->v);
  rs_gemm_exact(run->count, rbm->visible, rbm->hidden, chains->hidden, rbm->hidden, dense->w,
                rbm->visible, run->v, rbm->visible);
  for (size_t n = 0; n < run->count; ++n) {
    if (gaussian) {
      draw_real(rbm, chains, n, run, chains->held, run->v + n * rbm->visible);
    } else {
      draw_binary(rbm, chains, n, run, run->v + n * rbm->visible);
    }
  }
}

void rs_dense_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  for (size_t step = 0; step < run->steps; ++step) {
    rs_dense_draw_hidden((const RsDense *)gibbs, (RsDenseChains *)chains, run);
    rs_dense_draw_visible((const RsDense *)gibbs, (RsDenseChains *)chains, run);
    ++chains->sweeps;
  }
}

/* ---- The annealed path of Bernoulli machines ---- */

/* Sum over hidden units of softplus(b + beta field): what remains of the hidden units in -F. */
static double hidden_part(const RsRbm *rbm, RsDenseChains *chains, const rs_scalar *b,
                          rs_scalar beta, const rs_scalar *field) {
  for (size_t j = 0; j < rbm->hidden; ++j) {
    chains->soft[j] = b[j] + beta * field[j];
  }
  rs_softplus(rbm->hidden, chains->soft, chains->soft);
  double sum = 0;
  for (size_t j = 0; j < rbm->hidden; ++j) {
    sum += (double)chains->soft[j];
  }
  return sum;
}

static void anneal(const RsGibbs *gibbs, RsGibbsChains *base, const RsAisRun *run, double *log_w) {
  const RsRbm *rbm = &gibbs->rbm;
  const RsDense *dense = (const RsDense *)gibbs;
  RsDenseChains *chains = (RsDenseChains *)base;
  RsGibbsRun sweep = {run->count, run->biases, run->stride, 0, 1, run->v, run->states};
  memset(log_w, 0, run->count * sizeof *log_w);
  for (size_t k = 0; k < run->betas; ++k) {
    const RsAnnealedStep step = rs_annealed_step(run->betas, run->reverse, k);
    rs_gemm(RS_PLAIN, RS_TRANSPOSED, run->count, rbm->hidden, rbm->visible, run->v, rbm->visible,
            dense->w, rbm->visible, 0, chains->field, rbm->hidden);
    for (size_t n = 0; n < run->count; ++n) {
      const rs_scalar *b = run->biases + n * run->stride + rbm->visible;
      const rs_scalar *field = chains->field + n * rbm->hidden;
      log_w[n] += hidden_part(rbm, chains, b, (rs_scalar)step.high, field) -
                  hidden_part(rbm, chains, b, (rs_scalar)step.low, field);
    }
    sweep.coupling = (rs_scalar)step.next;
    rs_dense_run(gibbs, base, &sweep);
  }
}

const RsSampler rs_sampler_dense = {
    .weights_new = weights_new,
    .weights_free = weights_free,
    .set_weights = set_weights,
    .chains_new = chains_new,
    .chains_free = chains_free,
    .run = rs_dense_run,
    .anneal = anneal,
    .hidden = rs_dense_hidden,
};
