#include <rollsmith/gibbs.h>

#include "base/clones.h"
#include "base/elementwise.h"
#include "base/kernels.h"
#include "base/memory.h"
#include "base/ordered.h"
#include "base/sparse.h"
#include "rbm/collapsed.h"
#include "rbm/counts.h"
#include "rbm/gibbs_grid.h"
#include "rbm/gibbs_internal.h"
#include "rbm/gibbs_kernel.h"
#include "rbm/gibbs_numbers.h"
#include "rbm/gibbs_whole.h"
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
enum { LARGEST_TABLE = 262144 };

/* The largest error of a sum of rows of the table: beyond, too many units would have to be summed
 * exactly. */
#define LARGEST_ERROR 0.1f

struct RsGibbs {
  RsRbm rbm;
  const RsGibbsKernel *kernel; /* NULL: dense products */
  const RsGibbsKernel *runs;   /* the same; the plain one where sums of weights are not exact */
  float *bounds;               /* of the sums of weights */
  RsGibbsWeights weights;      /* for the kernel */
  rs_scalar *w;                /* for dense products */
  rs_scalar *transposed;       /* the same as V x H */
  rs_scalar *gram;             /* W W', H x H, of Gaussian machines; else NULL */
  bool collapsed;              /* v is summed out while h moves */
};

struct RsGibbsChains {
  size_t count;
  RsRng rng;               /* where the chains' numbers come from */
  uint64_t first;          /* number of chain 0 */
  uint64_t sweeps;         /* sweeps since the seeding */
  RsGibbsChain one;        /* kernel: the chain at work */
  RsGibbsNumbers *numbers; /* kernel: what units are compared with */
  double *scratch;         /* dense products with counts: rs_counts_scratch() */
  rs_scalar *uniform;      /* the same: V + planes */
  rs_scalar *hidden;       /* dense products: count x H */
  rs_scalar *scaled;       /* dense products: count x V */
  uint32_t *words;         /* dense products: the larger of H and V */
  double *normal;          /* dense products: V */
  rs_scalar *given; /* v summed out: count x H, fields of the hidden units without each other */
  rs_scalar *sum;   /* v summed out: H, what they send to each other */
};

static size_t padded(size_t units, size_t to) {
  return (units + to - 1) / to * to;
}

static size_t groups_of(size_t hidden) {
  return (hidden + RS_GIBBS_GROUP - 1) / RS_GIBBS_GROUP;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* The memory of the sums of rows of groups of hidden units, where they are few enough. */
static bool new_table(const RsGibbsKernel *kernel, RsGibbsWeights *weights) {
  const size_t groups = groups_of(weights->hidden);
  const size_t tiles = weights->coarse_pad / RS_GIBBS_COARSE_TILE * RS_GIBBS_COARSE_TILE;
  const size_t columns = tiles + rs_gibbs_table_stride(weights->coarse_pad - tiles);
  const size_t row = RS_GIBBS_SUBSETS * columns;
  if (row > LARGEST_TABLE || groups > LARGEST_TABLE / row) {
    return true;
  }
  weights->scale = rs_alloc(weights->coarse_pad, sizeof *weights->scale);
  weights->error = rs_alloc(weights->coarse_pad, sizeof *weights->error);
  weights->table = rs_alloc(groups * row, sizeof *weights->table);
  return weights->table && weights->scale && weights->error &&
         (!kernel->takes_whole || rs_gibbs_whole_new(weights));
}

/* The memory of exact sums of rows, where they are few enough. */
static bool new_sums(RsGibbsWeights *weights) {
  const size_t groups = groups_of(weights->hidden);
  const size_t group = RS_GIBBS_SUBSETS * weights->visible_pad;
  if (group > LARGEST_TABLE || groups > LARGEST_TABLE / group) {
    return true;
  }
  weights->sums = rs_alloc(groups * group, sizeof *weights->sums);
  return weights->sums;
}

/* A bit for each unit that is none of padding. */
static void mark_units(RsGibbsWeights *weights) {
  for (size_t i = 0; i < weights->visible; ++i) {
    weights->visible_units[i / RS_GIBBS_WORD] |= (RsGibbsBits)1 << i % RS_GIBBS_WORD;
  }
  for (size_t j = 0; j < weights->hidden; ++j) {
    const size_t place = rs_gibbs_place(j);
    weights->hidden_units[place / RS_GIBBS_WORD] |= (RsGibbsBits)1 << place % RS_GIBBS_WORD;
  }
}

/* What the kernel samples from. */
static bool weights_memory(const RsGibbsKernel *kernel, RsGibbsWeights *weights) {
  const size_t visible = weights->visible_pad;
  const size_t hidden = weights->hidden_pad;
  weights->rows = rs_alloc(hidden * visible, sizeof *weights->rows);
  weights->columns = rs_alloc(weights->visible * hidden, sizeof *weights->columns);
  weights->visible_units = rs_alloc(rs_gibbs_words(visible), sizeof *weights->visible_units);
  weights->hidden_units = rs_alloc(rs_gibbs_words(hidden), sizeof *weights->hidden_units);
  if (!weights->rows || !weights->columns || !weights->visible_units || !weights->hidden_units) {
    return false;
  }
  mark_units(weights);
  return weights->planes ? new_sums(weights) : new_table(kernel, weights);
}

RsStatus rs_gibbs_new(const RsRbm *rbm, bool plain, RsGibbs **out) {
  if (!rbm->visible || !rbm->hidden) {
    return RS_ERR_ARGUMENT;
  }
  size_t size = 0;
  if (!rs_multiply(padded(rbm->visible, RS_GIBBS_PAD), padded(rbm->hidden, RS_GIBBS_PAD), &size)) {
    return RS_ERR_OVERFLOW;
  }
  RsGibbs *gibbs = rs_alloc(1, sizeof *gibbs);
  if (!gibbs) {
    return RS_ERR_MEMORY;
  }
  gibbs->rbm = *rbm;
  gibbs->weights.visible = rbm->visible;
  gibbs->weights.hidden = rbm->hidden;
  gibbs->weights.planes = rbm->planes;
  gibbs->weights.count_units = rbm->planes ? rs_counts_units(rbm) : 0;
  gibbs->weights.coarse_pad = padded(rbm->visible + rbm->planes, RS_GIBBS_COARSE_PAD);
  gibbs->weights.visible_pad = padded(rbm->visible, RS_GIBBS_PAD);
  gibbs->weights.hidden_pad =
      padded(rs_gibbs_place(groups_of(rbm->hidden) * RS_GIBBS_GROUP - 1) + 1, 2 * RS_GIBBS_PAD);
  bool complete = true;
  if (KERNEL_FITS && !plain && rbm->kind == RS_RBM_BERNOULLI) {
    gibbs->kernel = rs_gibbs_kernel();
    if (!gibbs->kernel) {
      free(gibbs);
      return RS_ERR_SETTING;
    }
    gibbs->runs = gibbs->kernel;
    gibbs->bounds = rs_alloc(larger(gibbs->weights.visible_pad, gibbs->weights.hidden_pad),
                             2 * sizeof *gibbs->bounds);
    complete = weights_memory(gibbs->kernel, &gibbs->weights) && gibbs->bounds;
  } else {
    const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
    gibbs->collapsed = gaussian && !plain;
    gibbs->w = rs_alloc(size, sizeof *gibbs->w);
    gibbs->transposed = rs_alloc(size, sizeof *gibbs->transposed);
    gibbs->gram = gaussian ? rs_alloc(rbm->hidden, rbm->hidden * sizeof *gibbs->gram) : NULL;
    complete = gibbs->w && gibbs->transposed && (gibbs->gram || !gaussian);
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
    free(gibbs->weights.sums);
    free(gibbs->weights.scale);
    free(gibbs->weights.error);
    free(gibbs->weights.visible_units);
    free(gibbs->weights.hidden_units);
    rs_gibbs_whole_free(gibbs->weights.whole);
    free(gibbs->bounds);
    free(gibbs->w);
    free(gibbs->transposed);
    free(gibbs->gram);
    free(gibbs);
  }
}

/* The sums of the rows of a group's units, over RS_GIBBS_PAD columns: of a subset, those of it
 * without its lowest unit, and this unit's. */
RS_INLINED void sum_subsets(const float *rows, size_t stride, const float *factor, float *sums) {
  memset(sums, 0, RS_GIBBS_PAD * sizeof *sums);
  for (unsigned subset = 1; subset < RS_GIBBS_SUBSETS; ++subset) {
    const float *row = rows + (size_t)__builtin_ctz(subset) * stride;
    const float *rest = sums + (subset & (subset - 1)) * RS_GIBBS_PAD;
    float sum[RS_GIBBS_PAD]; /* apart from the others, for the sake of vectors */
    for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
      sum[i] = rest[i] + row[i] * factor[i];
    }
    memcpy(sums + subset * RS_GIBBS_PAD, sum, sizeof sum);
  }
}

/* Exact sums of rows for each subset of each group. */
RS_CLONED static void fill_sums(const RsGibbsWeights *weights) {
  const size_t stride = weights->visible_pad;
  float sums[RS_GIBBS_SUBSETS * RS_GIBBS_PAD], factor[RS_GIBBS_PAD];
  for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
    factor[i] = 1;
  }
  for (size_t g = 0; g < groups_of(weights->hidden); ++g) {
    const float *rows = weights->rows + rs_gibbs_place(g * RS_GIBBS_GROUP) * stride;
    for (size_t base = 0; base < stride; base += RS_GIBBS_PAD) {
      sum_subsets(rows + base, stride, factor, sums);
      for (size_t subset = 0; subset < RS_GIBBS_SUBSETS; ++subset) {
        memcpy(weights->sums + (g * RS_GIBBS_SUBSETS + subset) * stride + base,
               sums + subset * RS_GIBBS_PAD, RS_GIBBS_PAD * sizeof *sums);
      }
    }
  }
}

/* RS_GIBBS_PAD numbers rounded to whole ones. */
RS_INLINED void round_off(const float *x, int16_t *out) {
  for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
    out[i] = rs_gibbs_rounded(x[i]);
  }
}

/* A row of the table for each subset of each group. */
RS_CLONED static void fill_table(const RsGibbsWeights *weights) {
  float sums[RS_GIBBS_SUBSETS * RS_GIBBS_PAD];
  for (size_t base = 0; base < weights->visible_pad; base += RS_GIBBS_PAD) {
    const size_t tile = base / RS_GIBBS_COARSE_TILE * RS_GIBBS_COARSE_TILE;
    const size_t left = weights->coarse_pad - tile;
    const size_t stride =
        rs_gibbs_table_stride(left < RS_GIBBS_COARSE_TILE ? left : RS_GIBBS_COARSE_TILE);
    int16_t *table = weights->table + tile * weights->groups * RS_GIBBS_SUBSETS + base - tile;
    float factor[RS_GIBBS_PAD];
    for (size_t i = 0; i < RS_GIBBS_PAD; ++i) {
      factor[i] = 1 / weights->scale[base + i];
    }
    for (size_t g = 0; g < weights->groups; ++g) {
      const float *rows = weights->rows + rs_gibbs_place(g * RS_GIBBS_GROUP) * weights->visible_pad;
      int16_t *out = table + g * RS_GIBBS_SUBSETS * stride;
      sum_subsets(rows + base, weights->visible_pad, factor, sums);
      for (size_t subset = 0; subset < RS_GIBBS_SUBSETS; ++subset) {
        round_off(sums + subset * RS_GIBBS_PAD, out + subset * stride);
      }
    }
  }
}

/*
  Scales with which no sum leaves 16 bits, and what can be told in spite of them. A sum is off by
  half a whole number a group, and by what floats lose.
*/
static void choose_scales(RsGibbsWeights *weights) {
  const size_t groups = groups_of(weights->hidden);
  const float most = (float)(INT16_MAX - (int)groups);
  weights->groups = groups;
  rs_gibbs_find_bounds(weights->hidden_pad, weights->visible_pad, weights->rows, weights->scale,
                       weights->error);
  for (size_t i = 0; i < weights->coarse_pad; ++i) {
    const float bound = fmaxf(weights->scale[i], weights->error[i]);
    const float largest = i < weights->visible_pad ? bound : 0;
    weights->scale[i] = largest / most + 1e-30f; /* not to divide by zero */
    weights->error[i] = 1.01f * weights->scale[i] * (0.5f * (float)groups + 1) + 1e-5f;
    weights->groups = weights->error[i] < LARGEST_ERROR ? weights->groups : 0;
  }
}

/* W in both orders, hidden units in their places. */
RS_CLONED static void place_weights(const RsGibbsWeights *weights, const rs_scalar *w) {
  for (size_t j = 0; j < weights->hidden; ++j) {
    float *row = weights->rows + rs_gibbs_place(j) * weights->visible_pad;
    for (size_t i = 0; i < weights->visible; ++i) {
      row[i] = (float)w[j * weights->visible + i];
    }
  }
  for (size_t base = 0; base < weights->hidden_pad; base += RS_GIBBS_PAD) {
    for (size_t i = 0; i < weights->visible; ++i) {
      for (size_t j = base; j < base + RS_GIBBS_PAD; ++j) {
        weights->columns[i * weights->hidden_pad + j] = weights->rows[j * weights->visible_pad + i];
      }
    }
  }
}

void rs_gibbs_set_weights(RsGibbs *gibbs, const rs_scalar *w) {
  RsGibbsWeights *weights = &gibbs->weights;
  if (gibbs->kernel) {
    place_weights(weights, w);
    gibbs->runs =
        rs_gibbs_round_weights(weights, gibbs->bounds) ? gibbs->kernel : &rs_gibbs_kernel_plain;
  } else {
    memcpy(gibbs->w, w, weights->hidden * weights->visible * sizeof *w);
    rs_transpose(weights->hidden, weights->visible, w, weights->visible, 0, gibbs->transposed,
                 weights->hidden);
  }
  if (weights->sums) {
    fill_sums(weights);
  }
  if (weights->table) {
    choose_scales(weights);
  }
  if (weights->groups) {
    fill_table(weights);
  }
  if (weights->whole) {
    rs_gibbs_whole_set(weights);
  }
  if (gibbs->gram) {
    memset(gibbs->gram, 0, weights->hidden * weights->hidden * sizeof *gibbs->gram);
    rs_gemm_ordered(weights->hidden, weights->hidden, weights->visible, gibbs->w, weights->visible,
                    gibbs->transposed, weights->hidden, gibbs->gram, weights->hidden);
  }
}

/* The memory of a layer's bits, at least as many as gibbs_kernel_whole.h looks at. */
static bool layer_memory(size_t units, RsGibbsLayer *layer) {
  const size_t words = larger(rs_gibbs_words(units), rs_gibbs_words(RS_GIBBS_WHOLE_VISIBLE));
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
  counts->factors = rs_alloc(weights->planes, RS_GIBBS_CLASSES * sizeof *counts->factors);
  counts->table = rs_alloc(weights->planes, counts->stride * sizeof *counts->table);
  for (size_t i = 0; counts->table && i < weights->planes * counts->stride; ++i) {
    counts->table[i] = HUGE_VAL;
  }
  return counts->odds && counts->factors && counts->table;
}

static bool chain_memory(const RsGibbsWeights *weights, RsGibbsChain *chain) {
  const size_t visible = weights->visible_pad;
  const size_t hidden = weights->hidden_pad;
  chain->visible_bias = rs_alloc(visible, sizeof *chain->visible_bias);
  chain->hidden_bias = rs_alloc(hidden, sizeof *chain->hidden_bias);
  chain->visible_sum = rs_alloc(visible, sizeof *chain->visible_sum);
  chain->hidden_sum = rs_alloc(hidden, sizeof *chain->hidden_sum);
  chain->coarse_sum = rs_alloc(weights->coarse_pad, sizeof *chain->coarse_sum);
  chain->doubtful = rs_alloc(rs_gibbs_words(visible), sizeof *chain->doubtful);
  chain->whole_visible_bias = rs_alloc(weights->coarse_pad, sizeof *chain->whole_visible_bias);
  chain->whole_ratio = rs_alloc(weights->coarse_pad, sizeof *chain->whole_ratio);
  chain->whole_hidden_bias = rs_alloc(hidden, sizeof *chain->whole_hidden_bias);
  chain->whole_sum = rs_alloc(hidden, sizeof *chain->whole_sum);
  for (size_t i = 0; chain->whole_visible_bias && i < weights->coarse_pad; ++i) {
    chain->whole_visible_bias[i] = INT16_MIN; /* padding beyond visible_pad is off */
  }
  return (!weights->planes || counts_memory(weights, chain)) &&
         layer_memory(visible, &chain->visible) && layer_memory(hidden, &chain->hidden) &&
         chain->visible_bias && chain->hidden_bias && chain->visible_sum && chain->hidden_sum &&
         chain->coarse_sum && chain->doubtful && chain->whole_ratio && chain->whole_visible_bias &&
         chain->whole_hidden_bias && chain->whole_sum;
}

static void free_chain(RsGibbsChain *chain) {
  if (chain->counts) {
    free(chain->counts->odds);
    free(chain->counts->factors);
    free(chain->counts->table);
    free(chain->counts);
  }
  free(chain->visible_bias);
  free(chain->hidden_bias);
  free(chain->visible_sum);
  free(chain->hidden_sum);
  free(chain->visible.on);
  free(chain->visible.summed);
  free(chain->hidden.on);
  free(chain->hidden.summed);
  free(chain->coarse_sum);
  free(chain->doubtful);
  free(chain->whole_visible_bias);
  free(chain->whole_ratio);
  free(chain->whole_hidden_bias);
  free(chain->whole_sum);
}

/* The memory of the kernel, which works on one chain at a time. */
static bool kernel_memory(const RsGibbs *gibbs, size_t count, RsGibbsChains *chains) {
  chains->numbers = rs_gibbs_numbers_new(gibbs->kernel, &gibbs->weights, count);
  return chain_memory(&gibbs->weights, &chains->one) && chains->numbers;
}

/* The memory of dense products, which work on all chains at once. */
static bool dense_memory(const RsGibbs *gibbs, size_t count, RsGibbsChains *chains) {
  const size_t visible = gibbs->rbm.visible;
  const size_t hidden = gibbs->rbm.hidden;
  chains->hidden = rs_alloc(count, hidden * sizeof *chains->hidden);
  chains->scaled = rs_alloc(count, visible * sizeof *chains->scaled);
  chains->words = rs_alloc(larger(visible + gibbs->rbm.planes, hidden), sizeof *chains->words);
  chains->normal = rs_alloc(visible, sizeof *chains->normal);
  chains->given = rs_alloc(gibbs->gram ? count : 0, hidden * sizeof *chains->given);
  chains->sum = rs_alloc(hidden, sizeof *chains->sum);
  chains->scratch = rs_alloc(rs_counts_scratch(&gibbs->rbm), sizeof *chains->scratch);
  chains->uniform = rs_alloc(visible + gibbs->rbm.planes, sizeof *chains->uniform);
  return chains->hidden && chains->scaled && chains->words && chains->normal && chains->given &&
         chains->sum && chains->scratch && chains->uniform;
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
    rs_gibbs_numbers_free(chains->numbers);
    free(chains->scratch);
    free(chains->uniform);
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

void rs_gibbs_share(RsGibbsChains *chains, bool share) {
  if (chains->numbers) {
    rs_gibbs_numbers_share(chains->numbers, share);
  }
}

void rs_gibbs_seed(RsGibbsChains *chains, size_t count, RsRng rng, uint64_t first) {
  chains->rng = rng;
  chains->first = first;
  chains->sweeps = 0;
  if (chains->numbers) {
    rs_gibbs_numbers_seed(chains->numbers, count, rng, first);
  }
}

/* ---- Bernoulli, float: the kernel ---- */

/* The kernel's chain, about to run from v. */
static RsGibbsChain *open_chain(RsGibbsChains *chains, const rs_scalar *biases, rs_scalar *v) {
  chains->one.biases = (const void *)biases;
  chains->one.v = (void *)v;
  return &chains->one;
}

bool rs_gibbs_draws_whole(const RsGibbs *gibbs) {
  return gibbs->runs && gibbs->runs->takes_whole && rs_gibbs_whole_unit(gibbs->weights.whole) > 0;
}

static void run_kernel(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  for (size_t n = 0; n < run->count; ++n) {
    RsGibbsChain *chain =
        open_chain(chains, run->biases + n * run->stride, run->v + n * gibbs->rbm.visible);
    for (size_t step = 0, more = 0; step < run->steps; step += more) {
      more = rs_gibbs_numbers_next(chains->numbers, &gibbs->weights, n, chains->sweeps + step,
                                   run->steps - step, chain);
      gibbs->runs->run(&gibbs->weights, chain, (float)run->coupling, more);
    }
  }
  chains->sweeps += run->steps;
}

static void anneal_kernel(const RsGibbs *gibbs, RsGibbsChains *chains, const RsAisRun *run,
                          double *log_w) {
  for (size_t n = 0; n < run->count; ++n) {
    RsGibbsChain *chain =
        open_chain(chains, run->biases + n * run->stride, run->v + n * gibbs->rbm.visible);
    log_w[n] = 0;
    for (RsGibbsPath path = {run->betas, run->reverse, 0, 0}; path.to < run->betas;) {
      path.from = path.to;
      path.to += rs_gibbs_numbers_next(chains->numbers, &gibbs->weights, n,
                                       chains->sweeps + path.from, run->betas - path.from, chain);
      log_w[n] += gibbs->runs->anneal(&gibbs->weights, chain, &path);
    }
  }
  chains->sweeps += run->betas;
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
  for (size_t n = 0; n < run->count; ++n) {
    memcpy(field + n * rbm->hidden, run->biases + n * run->stride + rbm->visible,
           rbm->hidden * sizeof *field);
  }
  rs_gemm_ordered(run->count, rbm->hidden, rbm->visible, chains->scaled, rbm->visible,
                  gibbs->transposed, rbm->hidden, field, rbm->hidden);
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
  rs_scalar *deviation = chains->scaled;
  rs_scaled(rbm->visible, (rs_scalar)0.5, biases + rbm->visible + rbm->hidden, deviation);
  rs_exp(rbm->visible, deviation, deviation);
  rs_rng_normal(chains->rng, step_of(chains, n, 1), rbm->visible, chains->normal);
  for (size_t i = 0; i < rbm->visible; ++i) {
    const double scaled = (double)(coupling * v[i]) + chains->normal[i];
    v[i] = biases[i] + (rs_scalar)((double)deviation[i] * scaled);
  }
}

/* v, which holds fields, given potentials on counts: equation H4. */
static void draw_counted(const RsRbm *rbm, RsGibbsChains *chains, size_t n, const rs_scalar *biases,
                         rs_scalar *v) {
  const size_t numbers = rbm->visible + rbm->planes;
  rs_rng_words(chains->rng, step_of(chains, n, 1), numbers, chains->words);
  for (size_t i = 0; i < numbers; ++i) {
    chains->uniform[i] = (rs_scalar)((chains->words[i] + 0.5) * 0x1p-32);
  }
  memcpy(chains->scaled, v, rbm->visible * sizeof *v);
  rs_counts_draw(rbm, chains->scaled, biases + rs_rbm_potentials(rbm), chains->uniform,
                 chains->scratch, v);
}

static void draw_visible(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run) {
  const RsRbm *rbm = &gibbs->rbm;
  memset(run->v, 0, run->count * rbm->visible * sizeof *run->v);
  rs_gemm_ordered(run->count, rbm->visible, rbm->hidden, chains->hidden, rbm->hidden, gibbs->w,
                  rbm->visible, run->v, rbm->visible);
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
    if (rbm->planes) {
      draw_counted(rbm, chains, n, biases, v);
      continue;
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
