#include <rollsmith/gibbs.h>

#include "base/clones.h"
#include "base/elementwise.h"
#include "base/kernels.h"
#include "base/memory.h"
#include "rbm/collapsed.h"
#include "rbm/gibbs_internal.h"
#include "rbm/gibbs_kernel.h"
#include "rbm/scaled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether the row-adding kernel can take this flavour at all. */
#if defined RS_SCALAR_DOUBLE
enum { KERNEL_FITS = 0 };
#else
enum { KERNEL_FITS = 1 };
#endif

/* The largest table of sums of rows, in numbers: beyond, it does not stay near the processor. */
enum { LARGEST_TABLE = 131072 };

/* A unit with this bias is off whatever the rest. */
#define OFF (-1e9f)

struct RsGibbs {
  RsRbm rbm;
  const RsGibbsKernel *kernel; /* NULL: dense products */
  RsGibbsWeights weights;      /* for the kernel */
  rs_scalar *w;                /* for dense products */
  rs_scalar *gram;             /* W W', H x H, of Gaussian machines; else NULL */
  bool collapsed;              /* v is summed out while h moves */
};

struct RsGibbsChains {
  size_t count;
  RsRng rng;         /* dense products: where the chains' numbers come from */
  uint64_t first;    /* dense products: number of chain 0 */
  uint64_t sweeps;   /* dense products: sweeps since the seeding */
  uint32_t *state;   /* kernel: count x RS_GIBBS_RNG_WORDS */
  RsGibbsChain one;  /* kernel: the chain at work */
  rs_scalar *hidden; /* dense products: count x H */
  rs_scalar *scaled; /* dense products: count x V */
  uint32_t *words;   /* dense products: the larger of H and V */
  double *normal;    /* dense products: V */
  rs_scalar *given;  /* v summed out: count x H, fields of the hidden units without each other */
  rs_scalar *sum;    /* v summed out: H, what they send to each other */
};

static size_t padded(size_t units) {
  return (units + RS_GIBBS_PAD - 1) / RS_GIBBS_PAD * RS_GIBBS_PAD;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* The memory of the sums of rows of groups of hidden units, where they are few enough. */
static bool new_table(RsGibbsWeights *weights) {
  const size_t groups = (weights->hidden + 2 * RS_GIBBS_GROUP - 1) / (2 * RS_GIBBS_GROUP) * 2;
  const size_t row = RS_GIBBS_SUBSETS * weights->visible_pad;
  if (row > LARGEST_TABLE || groups > LARGEST_TABLE / row) {
    return true;
  }
  weights->groups = groups;
  weights->table = rs_alloc(groups * row, sizeof *weights->table);
  return weights->table;
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
    gibbs->weights.rows = rs_alloc((rbm->hidden + 1) * gibbs->weights.visible_pad, sizeof(float));
    gibbs->weights.columns =
        rs_alloc((rbm->visible + 1) * gibbs->weights.hidden_pad, sizeof(float));
    complete = gibbs->weights.rows && gibbs->weights.columns && new_table(&gibbs->weights);
  } else {
    const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
    gibbs->collapsed = gaussian && !plain;
    gibbs->w = rs_alloc(size, sizeof *gibbs->w);
    gibbs->gram = gaussian ? rs_alloc(rbm->hidden, rbm->hidden * sizeof *gibbs->gram) : NULL;
    complete = gibbs->w && (gibbs->gram || !gaussian);
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
    free(gibbs->weights.table);
    free(gibbs->w);
    free(gibbs->gram);
    free(gibbs);
  }
}

/* The sums of the rows of each group's units: of a subset, those of it without its lowest unit, and
 * this unit's. */
RS_CLONED static void fill_table(const RsGibbsWeights *weights) {
  const size_t size = weights->visible_pad;
  for (size_t g = 0; g < weights->groups; ++g) {
    float *sums = weights->table + g * RS_GIBBS_SUBSETS * size;
    for (unsigned subset = 1; subset < RS_GIBBS_SUBSETS; ++subset) {
      const size_t unit = g * RS_GIBBS_GROUP + (size_t)__builtin_ctz(subset);
      const float *row = weights->rows + (unit < weights->hidden ? unit : weights->hidden) * size;
      const float *rest = sums + (subset & (subset - 1)) * size;
      for (size_t i = 0; i < size; ++i) {
        sums[subset * size + i] = rest[i] + row[i];
      }
    }
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
  if (weights->groups) {
    fill_table(weights);
  }
  if (gibbs->gram) {
    rs_gemm(RS_PLAIN, RS_TRANSPOSED, weights->hidden, weights->hidden, weights->visible, gibbs->w,
            weights->visible, gibbs->w, weights->visible, 0, gibbs->gram, weights->hidden);
  }
}

/* The memory of a layer's bits. */
static bool layer_memory(size_t units, RsGibbsLayer *layer) {
  const size_t words = units / RS_GIBBS_PAD + RS_GIBBS_WORDS;
  layer->on = rs_alloc(words, sizeof *layer->on);
  layer->summed = rs_alloc(words, sizeof *layer->summed);
  return layer->on && layer->summed;
}

static bool chain_memory(size_t visible, size_t hidden, RsGibbsChain *chain) {
  const size_t most = larger(visible, hidden);
  chain->visible_bias = rs_alloc(visible, sizeof *chain->visible_bias);
  chain->hidden_bias = rs_alloc(hidden, sizeof *chain->hidden_bias);
  chain->visible_sum = rs_alloc(visible, sizeof *chain->visible_sum);
  chain->hidden_sum = rs_alloc(hidden, sizeof *chain->hidden_sum);
  chain->change.one = rs_alloc(most + 2 * RS_GIBBS_PAD, sizeof *chain->change.one);
  chain->change.two = rs_alloc(most + 2 * RS_GIBBS_PAD, sizeof *chain->change.two);
  return layer_memory(visible, &chain->visible) && layer_memory(hidden, &chain->hidden) &&
         chain->visible_bias && chain->hidden_bias && chain->visible_sum && chain->hidden_sum &&
         chain->change.one && chain->change.two;
}

static void free_chain(RsGibbsChain *chain) {
  free(chain->visible_bias);
  free(chain->hidden_bias);
  free(chain->visible_sum);
  free(chain->hidden_sum);
  free(chain->visible.on);
  free(chain->visible.summed);
  free(chain->hidden.on);
  free(chain->hidden.summed);
  free(chain->change.one);
  free(chain->change.two);
}

/* The memory of the kernel, which works on one chain at a time. */
static bool kernel_memory(const RsGibbs *gibbs, size_t count, RsGibbsChains *chains) {
  chains->state = rs_alloc(count, RS_GIBBS_RNG_WORDS * sizeof *chains->state);
  return chain_memory(gibbs->weights.visible_pad, gibbs->weights.hidden_pad, &chains->one) &&
         chains->state;
}

/* The memory of dense products, which work on all chains at once. */
static bool dense_memory(const RsGibbs *gibbs, size_t count, RsGibbsChains *chains) {
  const size_t visible = gibbs->rbm.visible;
  const size_t hidden = gibbs->rbm.hidden;
  chains->hidden = rs_alloc(count, hidden * sizeof *chains->hidden);
  chains->scaled = rs_alloc(count, visible * sizeof *chains->scaled);
  chains->words = rs_alloc(larger(visible, hidden), sizeof *chains->words);
  chains->normal = rs_alloc(visible, sizeof *chains->normal);
  chains->given = rs_alloc(gibbs->gram ? count : 0, hidden * sizeof *chains->given);
  chains->sum = rs_alloc(hidden, sizeof *chains->sum);
  return chains->hidden && chains->scaled && chains->words && chains->normal && chains->given &&
         chains->sum;
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
    free_chain(&chains->one);
    free(chains->hidden);
    free(chains->scaled);
    free(chains->words);
    free(chains->normal);
    free(chains->given);
    free(chains->sum);
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

RS_CLONED static void pad_bias(size_t units, size_t units_pad, const rs_scalar *bias, float *out) {
  for (size_t i = 0; i < units; ++i) {
    out[i] = (float)bias[i];
  }
  for (size_t i = units; i < units_pad; ++i) {
    out[i] = OFF;
  }
}

/* Which units of v are on. */
RS_CLONED static void pack_bits(size_t units, const rs_scalar *v, RsGibbsBits *on) {
  size_t base = 0;
  for (; base + RS_GIBBS_PAD <= units; base += RS_GIBBS_PAD) {
    uint32_t bits = 0;
    for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
      bits |= (uint32_t)(v[base + i] > (rs_scalar)0.5) << i;
    }
    on[base / RS_GIBBS_PAD] = (RsGibbsBits)bits;
  }
  uint32_t bits = 0;
  for (size_t i = base; i < units; ++i) {
    bits |= (uint32_t)(v[i] > (rs_scalar)0.5) << (i - base);
  }
  on[base / RS_GIBBS_PAD] = (RsGibbsBits)bits;
}

/* v becomes 1 where a unit is on, else 0. */
RS_CLONED static void unpack_bits(size_t units, const RsGibbsBits *on, rs_scalar *v) {
  size_t base = 0;
  for (; base + RS_GIBBS_PAD <= units; base += RS_GIBBS_PAD) {
    const uint32_t bits = on[base / RS_GIBBS_PAD];
    for (uint32_t i = 0; i < RS_GIBBS_PAD; ++i) {
      v[base + i] = (rs_scalar)(bits >> i & 1);
    }
  }
  for (size_t i = base; i < units; ++i) {
    v[i] = (rs_scalar)(on[base / RS_GIBBS_PAD] >> (i - base) & 1);
  }
}

static void clear_sums(size_t other_pad, size_t units_pad, RsGibbsLayer *other, float *sum) {
  memset(other->summed, 0, other_pad / RS_GIBBS_PAD * sizeof *other->summed);
  memset(sum, 0, units_pad * sizeof *sum);
}

/* Make chain n ready to run from v. */
static void open_chain(const RsGibbs *gibbs, RsGibbsChains *chains, size_t n,
                       const rs_scalar *biases, const rs_scalar *v) {
  const RsGibbsWeights *weights = &gibbs->weights;
  const size_t visible = weights->visible_pad;
  const size_t hidden = weights->hidden_pad;
  RsGibbsChain *one = &chains->one;
  pad_bias(weights->visible, visible, biases, one->visible_bias);
  pad_bias(weights->hidden, hidden, biases + weights->visible, one->hidden_bias);
  pack_bits(weights->visible, v, one->visible.on);
  clear_sums(visible, hidden, &one->visible, one->hidden_sum);
  clear_sums(hidden, visible, &one->hidden, one->visible_sum);
  one->rng = chains->state + n * RS_GIBBS_RNG_WORDS;
}

static void run_kernel(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  for (size_t n = 0; n < run->count; ++n) {
    rs_scalar *v = run->v + n * gibbs->rbm.visible;
    open_chain(gibbs, chains, n, run->biases + n * run->stride, v);
    gibbs->kernel->run(&gibbs->weights, &chains->one, (float)run->coupling, run->steps);
    unpack_bits(gibbs->rbm.visible, chains->one.visible.on, v);
  }
}

static void anneal_kernel(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                          double *log_w) {
  for (size_t n = 0; n < run->count; ++n) {
    rs_scalar *v = run->v + n * gibbs->rbm.visible;
    open_chain(gibbs, chains, n, run->biases + n * run->stride, v);
    log_w[n] = gibbs->kernel->anneal(&gibbs->weights, &chains->one, run->betas, run->reverse);
    unpack_bits(gibbs->rbm.visible, chains->one.visible.on, v);
  }
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

/*
  Fields of the hidden units of all chains, count x H: b + coupling W (x o e^{-z/2}), the scaling
  for Gaussian machines only. Rows of x are x_stride apart.
*/
static void hidden_fields(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run,
                          const rs_scalar *x, size_t x_stride, rs_scalar *field) {
  const RsRbm *rbm = &gibbs->rbm;
  rs_rbm_scaled(rbm, run->count, run->biases, run->stride, x, x_stride, run->coupling,
                chains->scaled);
  rs_gemm(RS_PLAIN, RS_TRANSPOSED, run->count, rbm->hidden, rbm->visible, chains->scaled,
          rbm->visible, gibbs->w, rbm->visible, 0, field, rbm->hidden);
  for (size_t n = 0; n < run->count; ++n) {
    rs_axpy(rbm->hidden, 1, run->biases + n * run->stride + rbm->visible, field + n * rbm->hidden);
  }
}

static void draw_hidden(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  const RsRbm *rbm = &gibbs->rbm;
  hidden_fields(gibbs, chains, run, run->v, rbm->visible, chains->hidden);
  for (size_t n = 0; n < run->count; ++n) {
    draw_bits(chains, n, 0, rbm->hidden, chains->hidden + n * rbm->hidden);
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

/* ---- Gaussian: the visible units summed out ---- */

/* The collapsed machine of chain n, once chains->given is there. */
static RsCollapsed collapsed_of(const RsGibbs *gibbs, const RsGibbsChains *chains, size_t n) {
  const size_t hidden = gibbs->rbm.hidden;
  return (RsCollapsed){hidden, gibbs->gram, chains->given + n * hidden, 1, 1};
}

/* Fresh random words for a pass over the hidden units of chain n. */
static const uint32_t *words_of_pass(const RsGibbs *gibbs, RsGibbsChains *chains, size_t n,
                                     uint64_t pass) {
  chains->sweeps = pass;
  rs_rng_words(chains->rng, step_of(chains, n, 0), gibbs->rbm.hidden, chains->words);
  return chains->words;
}

/*
  Where variances are small, v pins h and h pins v, and block Gibbs sampling hardly moves. With v
  summed out the hidden units move freely, and v follows them in the end.
*/
static void run_collapsed(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  draw_hidden(gibbs, chains, run);
  hidden_fields(gibbs, chains, run, run->biases, run->stride, chains->given);
  const uint64_t first = ++chains->sweeps;
  for (size_t n = 0; n < run->count; ++n) {
    RsCollapsed machine = collapsed_of(gibbs, chains, n);
    machine.own = machine.others = (double)run->coupling * (double)run->coupling;
    rs_scalar *h = chains->hidden + n * machine.hidden;
    rs_collapsed_exchange(&machine, h, chains->sum);
    for (size_t step = 0; step < run->steps; ++step) {
      const uint32_t *words = words_of_pass(gibbs, chains, n, first + step);
      rs_collapsed_pass(&machine, words, h, chains->sum);
    }
  }
  draw_visible(gibbs, chains, run);
  ++chains->sweeps;
}

/* One chain's weight along the path A8, from either side. */
static double anneal_collapsed(const RsGibbs *gibbs, RsGibbsChains *chains, size_t n,
                               const RsAisRun *run) {
  RsCollapsed machine = collapsed_of(gibbs, chains, n);
  rs_scalar *h = chains->hidden + n * machine.hidden;
  const double betas = (double)run->betas;
  double log_w = 0;
  rs_collapsed_exchange(&machine, h, chains->sum);
  if (!run->reverse) {
    rs_collapsed_draw(&machine, words_of_pass(gibbs, chains, n, 1), h, chains->sum);
  }
  for (size_t step = 0; step < run->betas; ++step) {
    log_w += rs_collapsed_bond(&machine, h, chains->sum) / betas;
    machine.others = (double)(run->reverse ? run->betas - step - 1 : step + 1) / betas;
    rs_collapsed_pass(&machine, words_of_pass(gibbs, chains, n, step + 2), h, chains->sum);
  }
  return log_w;
}

static void anneal_gaussian(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                            double *log_w) {
  const RsGibbsRun start = {run->count, run->biases, run->stride, 1, 1, run->v};
  draw_hidden(gibbs, chains, &start);
  hidden_fields(gibbs, chains, &start, run->biases, run->stride, chains->given);
  for (size_t n = 0; n < run->count; ++n) {
    log_w[n] = anneal_collapsed(gibbs, chains, n, run);
  }
}

bool rs_gibbs_anneal(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                     double *log_w) {
  if (gibbs->kernel) {
    anneal_kernel(gibbs, chains, run, log_w);
  } else if (gibbs->gram) {
    anneal_gaussian(gibbs, chains, run, log_w);
  }
  return gibbs->kernel || gibbs->gram;
}

void rs_gibbs_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  if (!run->steps) {
    return;
  }
  if (gibbs->kernel) {
    run_kernel(gibbs, chains, run);
    return;
  }
  if (gibbs->collapsed) {
    run_collapsed(gibbs, chains, run);
    return;
  }
  for (size_t step = 0; step < run->steps; ++step) {
    draw_hidden(gibbs, chains, run);
    draw_visible(gibbs, chains, run);
    ++chains->sweeps;
  }
}

const rs_scalar *rs_gibbs_hidden(const RsGibbsChains *chains) {
  return chains->hidden;
}
