#include <rollsmith/gibbs.h>

#include "base/elementwise.h"
#include "base/kernels.h"
#include "base/memory.h"
#include "rbm/gibbs_internal.h"
#include "rbm/gibbs_kernel.h"

#include <math.h>
#include <stdlib.h>

/* Whether the row-adding kernel can take this flavour at all. */
#if defined RS_SCALAR_DOUBLE
enum { KERNEL_FITS = 0 };
#else
enum { KERNEL_FITS = 1 };
#endif

/* A unit with this bias is off whatever the rest. */
#define OFF (-1e9f)

struct RsGibbs {
  RsRbm rbm;
  const RsGibbsKernel *kernel; /* NULL: dense products */
  RsGibbsWeights weights;      /* for the kernel */
  rs_scalar *w;                /* for dense products */
};

struct RsGibbsChains {
  size_t count;
  RsRng rng;          /* dense products: where the chains' numbers come from */
  uint64_t first;     /* dense products: number of chain 0 */
  uint64_t sweeps;    /* dense products: sweeps since the seeding */
  uint32_t *state;    /* kernel: count x RS_GIBBS_RNG_WORDS */
  RsGibbsScratch one; /* kernel: the chain at work */
  rs_scalar *hidden;  /* dense products: count x H */
  rs_scalar *scaled;  /* dense products: count x V */
  uint32_t *words;    /* dense products: the larger of H and V */
  double *normal;     /* dense products: V */
};

static size_t padded(size_t units) {
  return (units + RS_GIBBS_PAD - 1) / RS_GIBBS_PAD * RS_GIBBS_PAD;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

RsStatus rs_gibbs_new(const RsRbm *rbm, bool plain, RsGibbs **out) {
  if (!rbm->visible || !rbm->hidden) {
    return RS_ERR_ARGUMENT;
  }
  size_t size = 0;
  if (!rs_multiply(padded(rbm->visible), padded(rbm->hidden), &size)) {
    return RS_ERR_OVERFLOW;
  }
  RsGibbs *gibbs = rs_alloc(1, sizeof *gibbs);
  if (!gibbs) {
    return RS_ERR_MEMORY;
  }
  gibbs->rbm = *rbm;
  gibbs->weights.visible = rbm->visible;
  gibbs->weights.hidden = rbm->hidden;
  gibbs->weights.visible_pad = padded(rbm->visible);
  gibbs->weights.hidden_pad = padded(rbm->hidden);
  bool complete = true;
  if (KERNEL_FITS && !plain && rbm->kind == RS_RBM_BERNOULLI) {
    gibbs->kernel = rs_gibbs_kernel();
    gibbs->weights.rows = rs_alloc(rbm->hidden * gibbs->weights.visible_pad, sizeof(float));
    gibbs->weights.columns = rs_alloc(rbm->visible * gibbs->weights.hidden_pad, sizeof(float));
    complete = gibbs->weights.rows && gibbs->weights.columns;
  } else {
    gibbs->w = rs_alloc(size, sizeof *gibbs->w);
    complete = gibbs->w;
  }
  if (!complete) {
    rs_gibbs_free(gibbs);
    return RS_ERR_MEMORY;
  }
  *out = gibbs;
  return RS_OK;
}

void rs_gibbs_free(RsGibbs *gibbs) {
  if (gibbs) {
    free(gibbs->weights.rows);
    free(gibbs->weights.columns);
    free(gibbs->w);
    free(gibbs);
  }
}

void rs_gibbs_set_weights(RsGibbs *gibbs, const rs_scalar *w) {
  const RsGibbsWeights *weights = &gibbs->weights;
  for (size_t j = 0; j < weights->hidden; ++j) {
    for (size_t i = 0; i < weights->visible; ++i) {
      const rs_scalar value = w[j * weights->visible + i];
      if (gibbs->kernel) {
        weights->rows[j * weights->visible_pad + i] = (float)value;
        weights->columns[i * weights->hidden_pad + j] = (float)value;
      } else {
        gibbs->w[j * weights->visible + i] = value;
      }
    }
  }
}

/* The memory of the kernel, which works on one chain at a time. */
static bool kernel_memory(const RsGibbs *gibbs, size_t count, RsGibbsChains *chains) {
  const size_t visible = gibbs->weights.visible_pad;
  const size_t hidden = gibbs->weights.hidden_pad;
  RsGibbsScratch *one = &chains->one;
  chains->state = rs_alloc(count, RS_GIBBS_RNG_WORDS * sizeof *chains->state);
  one->visible_bias = rs_alloc(visible, sizeof *one->visible_bias);
  one->hidden_bias = rs_alloc(hidden, sizeof *one->hidden_bias);
  one->field = rs_alloc(larger(visible, hidden), sizeof *one->field);
  one->sum = rs_alloc(hidden, sizeof *one->sum);
  one->zero = rs_alloc(hidden, sizeof *one->zero);
  one->visible = rs_alloc(visible + RS_GIBBS_PAD, sizeof *one->visible);
  one->hidden = rs_alloc(hidden + RS_GIBBS_PAD, sizeof *one->hidden);
  return chains->state && one->visible_bias && one->hidden_bias && one->field && one->sum &&
         one->zero && one->visible && one->hidden;
}

/* The memory of dense products, which work on all chains at once. */
static bool dense_memory(const RsGibbs *gibbs, size_t count, RsGibbsChains *chains) {
  const size_t visible = gibbs->rbm.visible;
  const size_t hidden = gibbs->rbm.hidden;
  chains->hidden = rs_alloc(count, hidden * sizeof *chains->hidden);
  chains->scaled = rs_alloc(count, visible * sizeof *chains->scaled);
  chains->words = rs_alloc(larger(visible, hidden), sizeof *chains->words);
  chains->normal = rs_alloc(visible, sizeof *chains->normal);
  return chains->hidden && chains->scaled && chains->words && chains->normal;
}

RsStatus rs_gibbs_chains_new(const RsGibbs *gibbs, size_t count, RsGibbsChains **out) {
  RsGibbsChains *chains = rs_alloc(1, sizeof *chains);
  if (!chains) {
    return RS_ERR_MEMORY;
  }
  chains->count = count;
  if (!(gibbs->kernel ? kernel_memory : dense_memory)(gibbs, count, chains)) {
    rs_gibbs_chains_free(chains);
    return RS_ERR_MEMORY;
  }
  *out = chains;
  return RS_OK;
}

void rs_gibbs_chains_free(RsGibbsChains *chains) {
  if (chains) {
    free(chains->state);
    free(chains->one.visible_bias);
    free(chains->one.hidden_bias);
    free(chains->one.field);
    free(chains->one.sum);
    free(chains->one.zero);
    free(chains->one.visible);
    free(chains->one.hidden);
    free(chains->hidden);
    free(chains->scaled);
    free(chains->words);
    free(chains->normal);
    free(chains);
  }
}

/* The finaliser of MurmurHash3: a bijection of 32 bits in which every bit of x reaches every other.
 */
static uint32_t mix(uint32_t x) {
  x = (x ^ x >> 16) * 0x85EBCA6Bu;
  x = (x ^ x >> 13) * 0xC2B2AE35u;
  return x ^ x >> 16;
}

void rs_gibbs_seed(RsGibbsChains *chains, size_t count, RsRng rng, uint64_t first) {
  chains->rng = rng;
  chains->first = first;
  chains->sweeps = 0;
  for (size_t n = 0; chains->state && n < count; ++n) {
    /* Four words of the counter-based generator, spread over the lanes of the chain's own. */
    uint32_t words[4];
    rs_rng_words(rng, first + n, 4, words);
    uint32_t *state = chains->state + n * RS_GIBBS_RNG_WORDS;
    for (uint32_t i = 0; i < RS_GIBBS_RNG_WORDS; ++i) {
      state[i] = mix(words[i / RS_GIBBS_PAD] + i * 0x9E3779B9u);
    }
  }
}

/* ---- Bernoulli, float: the kernel ---- */

static void pad_bias(size_t units, size_t units_pad, const rs_scalar *bias, float *out) {
  for (size_t i = 0; i < units_pad; ++i) {
    out[i] = i < units ? (float)bias[i] : OFF;
  }
}

/* Make ready to run chain n: its biases, and the units that are on, which are taken out of v. */
static RsGibbsChain open_chain(const RsGibbs *gibbs, RsGibbsChains *chains, size_t n,
                               const rs_scalar *biases, rs_scalar *v) {
  const RsGibbsWeights *weights = &gibbs->weights;
  RsGibbsScratch *one = &chains->one;
  pad_bias(weights->visible, weights->visible_pad, biases, one->visible_bias);
  pad_bias(weights->hidden, weights->hidden_pad, biases + weights->visible, one->hidden_bias);
  size_t on = 0;
  for (size_t i = 0; i < weights->visible; ++i) {
    one->visible[on] = (uint32_t)i;
    on += v[i] > (rs_scalar)0.5;
    v[i] = 0;
  }
  return (RsGibbsChain){weights, chains->state + n * RS_GIBBS_RNG_WORDS, one, on};
}

static void close_chain(const RsGibbsChain *chain, rs_scalar *v) {
  for (size_t m = 0; m < chain->on; ++m) {
    v[chain->scratch->visible[m]] = 1;
  }
}

static void run_kernel(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  for (size_t n = 0; n < run->count; ++n) {
    rs_scalar *v = run->v + n * gibbs->rbm.visible;
    RsGibbsChain chain = open_chain(gibbs, chains, n, run->biases + n * run->stride, v);
    gibbs->kernel->run(&chain, (float)run->coupling, run->steps);
    close_chain(&chain, v);
  }
}

bool rs_gibbs_anneal(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                     double *log_w) {
  for (size_t n = 0; gibbs->kernel && n < run->count; ++n) {
    rs_scalar *v = run->v + n * gibbs->rbm.visible;
    RsGibbsChain chain = open_chain(gibbs, chains, n, run->biases + n * run->stride, v);
    log_w[n] = gibbs->kernel->anneal(&chain, run->betas, run->reverse);
    close_chain(&chain, v);
  }
  return gibbs->kernel;
}

/* ---- Everything else: dense products ---- */

/* Number of the random numbers of chain n in this half sweep. */
static uint64_t step_of(const RsGibbsChains *chains, size_t n, unsigned half) {
  return (chains->first + n) << 24 | (chains->sweeps & 0x7FFFFF) << 1 | half;
}

/* x becomes 1 with probability sigmoid(x), else 0. */
static void draw_bits(const RsGibbsChains *chains, size_t n, unsigned half, size_t units,
                      rs_scalar *x) {
  rs_rng_words(chains->rng, step_of(chains, n, half), units, chains->words);
  rs_sigmoid(units, x, x);
  for (size_t i = 0; i < units; ++i) {
    x[i] = chains->words[i] * 0x1p-32 < (double)x[i] ? 1 : 0;
  }
}

static void draw_hidden(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  const RsRbm *rbm = &gibbs->rbm;
  const size_t cells = run->count * rbm->visible;
  for (size_t at = 0; at < cells; ++at) {
    const rs_scalar *z = run->biases + at / rbm->visible * run->stride + rbm->visible + rbm->hidden;
    const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
    const double scale = gaussian ? exp(-0.5 * (double)z[at % rbm->visible]) : 1.0;
    chains->scaled[at] = run->coupling * run->v[at] * (rs_scalar)scale;
  }
  rs_gemm(RS_PLAIN, RS_TRANSPOSED, run->count, rbm->hidden, rbm->visible, chains->scaled,
          rbm->visible, gibbs->w, rbm->visible, 0, chains->hidden, rbm->hidden);
  for (size_t n = 0; n < run->count; ++n) {
    rs_scalar *h = chains->hidden + n * rbm->hidden;
    rs_axpy(rbm->hidden, 1, run->biases + n * run->stride + rbm->visible, h);
    draw_bits(chains, n, 0, rbm->hidden, h);
  }
}

/* v = a + e^{z/2} (coupling W'h + noise), the noise normal: equation G4. */
static void draw_gaussian(const RsRbm *rbm, RsGibbsChains *chains, size_t n, rs_scalar coupling,
                          const rs_scalar *biases, rs_scalar *v) {
  const rs_scalar *z = biases + rbm->visible + rbm->hidden;
  rs_rng_normal(chains->rng, step_of(chains, n, 1), rbm->visible, chains->normal);
  for (size_t i = 0; i < rbm->visible; ++i) {
    const double scaled = (double)(coupling * v[i]) + chains->normal[i];
    v[i] = biases[i] + (rs_scalar)(exp(0.5 * (double)z[i]) * scaled);
  }
}

static void draw_visible(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  const RsRbm *rbm = &gibbs->rbm;
  rs_gemm(RS_PLAIN, RS_PLAIN, run->count, rbm->visible, rbm->hidden, chains->hidden, rbm->hidden,
          gibbs->w, rbm->visible, 0, run->v, rbm->visible);
  for (size_t n = 0; n < run->count; ++n) {
    const rs_scalar *biases = run->biases + n * run->stride;
    rs_scalar *v = run->v + n * rbm->visible;
    if (rbm->kind == RS_RBM_GAUSSIAN) {
      draw_gaussian(rbm, chains, n, run->coupling, biases, v);
      continue;
    }
    for (size_t i = 0; i < rbm->visible; ++i) {
      v[i] = biases[i] + run->coupling * v[i];
    }
    draw_bits(chains, n, 1, rbm->visible, v);
  }
}

void rs_gibbs_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  if (!run->steps) {
    return;
  }
  if (gibbs->kernel) {
    run_kernel(gibbs, chains, run);
    return;
  }
  for (size_t step = 0; step < run->steps; ++step) {
    draw_hidden(gibbs, chains, run);
    draw_visible(gibbs, chains, run);
    ++chains->sweeps;
  }
}
