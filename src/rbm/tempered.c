/* SPDX-License-Identifier: ISC */

/* Parallel tempering, doc/math.md, equations A9 to A14. */

#include <rollsmith/tempered.h>

#include "base/elementwise.h"
#include "base/linear_algebra.h"
#include "base/memory.h"
#include "base/portable_math.h"
#include "rbm/bennett.h"
#include "rbm/sampler.h"
#include "rbm/tempered_path.h"

#include <stdlib.h>
#include <string.h>

/* What neighbours have to do with each other. */
typedef struct {
  double tried, accepted; /* swaps since the ladder was last spaced; accepted: probabilities */
  rs_scalar *low, *high;  /* log f_high - log f_low of the lower and of the higher replica */
  size_t count;           /* values in them */
} Pair;

struct RsTempered {
  RsTemperedPath path;
  size_t rungs;
  double beta[RS_TEMPERED_RUNGS_MAX];
  RsGibbsChains *chains[RS_TEMPERED_RUNGS_MAX];
  rs_scalar *biases; /* rungs x biases */
  rs_scalar *v;      /* rungs x V: frames of the replicas */
  rs_scalar *field;  /* rungs x H: what hidden units get from v, beyond the reference */
  double product[RS_TEMPERED_RUNGS_MAX]; /* of that with the reference's hidden units */
  rs_scalar *sum; /* V + H: sums of frames and mean hidden units of the last rung */
  Pair pair[RS_TEMPERED_RUNGS_MAX];
  size_t most;       /* values that pairs have room for */
  rs_scalar *values; /* room of all pairs */
  uint64_t rounds;   /* since the frame began */
};

/* ---- Memory ---- */

void rs_tempered_free(RsTempered *tempered) {
  if (tempered) {
    for (size_t k = 0; k < tempered->rungs; ++k) {
      rs_gibbs_chains_free(tempered->chains[k]);
    }
    rs_tempered_path_clear(&tempered->path);
    free(tempered->biases);
    free(tempered->v);
    free(tempered->field);
    free(tempered->sum);
    free(tempered->values);
    free(tempered);
  }
}

RsStatus rs_tempered_new(const RsGibbs *gibbs, size_t rungs, RsTempered **out) {
  const RsRbm *rbm = &gibbs->rbm;
  if (rbm->kind != RS_RBM_BERNOULLI || rungs < RS_TEMPERED_RUNGS_MIN ||
      rungs > RS_TEMPERED_RUNGS_MAX) {
    return RS_ERR_ARGUMENT;
  }
  RsTempered *tempered = rs_alloc(1, sizeof *tempered);
  if (!tempered) {
    return RS_ERR_MEMORY;
  }
  tempered->rungs = rungs;
  tempered->biases = rs_alloc(rungs, rs_rbm_biases(rbm) * sizeof *tempered->biases);
  tempered->v = rs_alloc(rungs, rbm->visible * sizeof *tempered->v);
  tempered->field = rs_alloc(rungs, rbm->hidden * sizeof *tempered->field);
  tempered->sum = rs_alloc(rbm->visible + rbm->hidden, sizeof *tempered->sum);
  const bool path = rs_tempered_path_init(&tempered->path, rbm);
  RsStatus status = path && tempered->biases && tempered->v && tempered->field && tempered->sum
                        ? RS_OK
                        : RS_ERR_MEMORY;
  for (size_t k = 0; k < rungs; ++k) {
    const double left = 1 - (double)k / (double)(rungs - 1);
    tempered->beta[k] = 1 - left * left; /* modes part where the coupling is strong */
    status = status ? status : rs_gibbs_chains_new(gibbs, 1, &tempered->chains[k]);
  }
  if (status) {
    rs_tempered_free(tempered);
    return status;
  }
  *out = tempered;
  return RS_OK;
}

void rs_tempered_set_weights(RsTempered *tempered, const rs_scalar *w) {
  rs_tempered_path_set_weights(&tempered->path, w);
}

/* Room for what pairs exchange in so many rounds. */
static RsStatus make_room(RsTempered *tempered, size_t rounds) {
  const size_t most = rounds, pairs = tempered->rungs - 1;
  if (most > tempered->most) {
    rs_scalar *values = rs_alloc(most, (2 * pairs + 1) * sizeof *values);
    if (!values) {
      return RS_ERR_MEMORY;
    }
    free(tempered->values);
    tempered->values = values;
    tempered->most = most;
  }
  for (size_t k = 0; k < pairs; ++k) {
    Pair *pair = tempered->pair + k;
    pair->low = tempered->values + 2 * k * tempered->most;
    pair->high = pair->low + tempered->most;
    pair->count = 0;
  }
  return RS_OK;
}

/* ---- A round ---- */

static rs_scalar *frame_of(const RsTempered *tempered, size_t k) {
  return tempered->v + k * tempered->path.rbm.visible;
}

static rs_scalar *field_of(const RsTempered *tempered, size_t k) {
  return tempered->field + k * tempered->path.rbm.hidden;
}

static void find_field(RsTempered *tempered, size_t k) {
  tempered->product[k] =
      rs_tempered_path_field(&tempered->path, frame_of(tempered, k), field_of(tempered, k));
}

static void sweep(const RsGibbs *gibbs, RsTempered *tempered, const RsTemperedRun *run, size_t k,
                  size_t sweeps) {
  const rs_scalar *biases = tempered->biases + k * rs_rbm_biases(&tempered->path.rbm);
  const rs_scalar coupling = (rs_scalar)(tempered->beta[k] * (double)run->coupling);
  rs_gibbs_run(gibbs, tempered->chains[k],
               &(RsGibbsRun){1, biases, 0, coupling, sweeps, frame_of(tempered, k), run->states});
}

static void swap_frames(const RsTempered *tempered, size_t k) {
  const size_t size = tempered->path.rbm.visible;
  rs_scalar *a = frame_of(tempered, k), *b = frame_of(tempered, k + 1);
  for (size_t i = 0; i < size; ++i) {
    const rs_scalar kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

/* log f at `high` less that at `low`, at the frame of a replica. */
static double gap_at(const RsTempered *tempered, size_t replica, double low, double high) {
  return rs_tempered_path_gap(&tempered->path, low, high, field_of(tempered, replica),
                              tempered->product[replica]);
}

/* Compare replicas k and k + 1. @return log of the ratio of A11. */
static double compare(RsTempered *tempered, size_t k, bool measured) {
  const double low = tempered->beta[k], high = tempered->beta[k + 1];
  Pair *pair = tempered->pair + k;
  const double at_low = gap_at(tempered, k, low, high);
  const double at_high = gap_at(tempered, k + 1, low, high);
  if (measured) {
    pair->low[pair->count] = (rs_scalar)at_low;
    pair->high[pair->count++] = (rs_scalar)at_high;
  }
  return at_low - at_high;
}

/* Swap replicas k and k + 1 with the probability min(1, e^ratio): A11. `word`: a random one. */
static void try_swap(RsTempered *tempered, size_t k, double ratio, uint32_t word) {
  Pair *pair = tempered->pair + k;
  rs_scalar chance = (rs_scalar)(ratio < 0 ? ratio : 0);
  rs_exp(1, &chance, &chance);
  pair->tried += 1;
  pair->accepted += (double)chance;
  if ((word + 0.5) * 0x1p-32 < (double)chance) {
    swap_frames(tempered, k);
  }
}

/* Steps of the generator beyond those of all chains, which are numbered below 2^40. */
static uint64_t swap_step(const RsTempered *tempered, const RsTemperedRun *run) {
  return UINT64_C(1) << 63 | tempered->rounds << 40 | run->first;
}

/* Sweeps of all replicas, then swaps of every second pair, of the others in the next round. */
static void play_round(const RsGibbs *gibbs, RsTempered *tempered, const RsTemperedRun *run,
                       bool measured) {
  uint32_t words[RS_TEMPERED_RUNGS_MAX];
  for (size_t k = 0; k < tempered->rungs; ++k) {
    sweep(gibbs, tempered, run, k, k ? run->sweeps : 1);
    find_field(tempered, k);
  }
  rs_rng_words(run->rng, swap_step(tempered, run), tempered->rungs, words);
  for (size_t k = 0; k + 1 < tempered->rungs; ++k) {
    const bool swaps = (k + tempered->rounds) % 2 == 0;
    const double ratio = swaps || measured ? compare(tempered, k, measured) : 0;
    if (swaps) {
      try_swap(tempered, k, ratio, words[k]);
    }
  }
  ++tempered->rounds;
}

/* ---- A frame ---- */

/* Build the ladder about the reference point of the path. */
static void build(RsTempered *tempered, const RsTemperedRun *run) {
  const size_t row = rs_rbm_biases(&tempered->path.rbm);
  rs_tempered_path_open(&tempered->path, run->biases, run->coupling);
  for (size_t k = 0; k < tempered->rungs; ++k) {
    rs_tempered_path_biases(&tempered->path, tempered->beta[k], tempered->biases + k * row);
  }
}

/* The reference point is `share` times V + H values; NULL: zero. */
static void set_reference(RsTempered *tempered, const rs_scalar *values, rs_scalar share) {
  const RsRbm *rbm = &tempered->path.rbm;
  memset(tempered->path.v, 0, rbm->visible * sizeof *tempered->path.v);
  memset(tempered->path.h, 0, rbm->hidden * sizeof *tempered->path.h);
  if (values) {
    rs_axpy(rbm->visible, share, values, tempered->path.v);
    rs_axpy(rbm->hidden, share, values + rbm->visible, tempered->path.h);
  }
}

/* Replicas begin at the given frame, or each at the one below it, which has been swept. */
static void begin(const RsGibbs *gibbs, RsTempered *tempered, const RsTemperedRun *run) {
  const size_t size = tempered->path.rbm.visible * sizeof *tempered->v;
  for (size_t k = 0; k < tempered->rungs; ++k) {
    rs_gibbs_seed(tempered->chains[k], 1, run->rng, run->first + k);
    const rs_scalar *from = run->from_v || !k ? run->v : frame_of(tempered, k - 1);
    memcpy(frame_of(tempered, k), from, size);
    if (!run->from_v) {
      sweep(gibbs, tempered, run, k, 1);
    }
  }
  tempered->rounds = 0;
}

/* Add the last rung's frame and mean hidden units. */
static void add_means(RsTempered *tempered) {
  const RsRbm *rbm = &tempered->path.rbm;
  const size_t last = tempered->rungs - 1;
  const rs_scalar *v = frame_of(tempered, last);
  for (size_t i = 0; i < rbm->visible; ++i) {
    tempered->sum[i] += v[i];
  }
  find_field(tempered, last); /* the frame may have been swapped */
  rs_tempered_path_mean(&tempered->path, field_of(tempered, last), tempered->sum + rbm->visible);
}

/* Find the means of the machine in some rounds, and build the ladder about them. */
static void play_pilot(const RsGibbs *gibbs, RsTempered *tempered, const RsTemperedRun *run) {
  const RsRbm *rbm = &tempered->path.rbm;
  memset(tempered->sum, 0, (rbm->visible + rbm->hidden) * sizeof *tempered->sum);
  for (size_t i = 0; i < run->pilot; ++i) {
    play_round(gibbs, tempered, run, false);
    add_means(tempered);
  }
  set_reference(tempered, tempered->sum, (rs_scalar)(1 / (double)run->pilot));
  build(tempered, run);
}

/* Equation A13. */
static double measured_log_z(const RsTempered *tempered, const RsTemperedRun *run) {
  double log_z = rs_tempered_path_base(&tempered->path, tempered->biases, run->states);
  rs_scalar *scratch = tempered->values + 2 * (tempered->rungs - 1) * tempered->most;
  for (size_t k = 0; k + 1 < tempered->rungs; ++k) {
    const Pair *pair = tempered->pair + k;
    log_z += rs_bennett(pair->count, pair->low, pair->high, scratch);
  }
  return log_z;
}

RsStatus rs_tempered_run(const RsGibbs *gibbs, RsTempered *tempered, const RsTemperedRun *run,
                         double *log_z) {
  const RsRbm *rbm = &tempered->path.rbm;
  const RsStatus status = make_room(tempered, log_z ? run->rounds : 0);
  if (status) {
    return status;
  }
  set_reference(tempered, run->means, 1);
  build(tempered, run);
  begin(gibbs, tempered, run);
  if (run->pilot) {
    play_pilot(gibbs, tempered, run);
  }
  for (size_t i = 0; i < run->burn_in + run->rounds; ++i) {
    play_round(gibbs, tempered, run, log_z && i >= run->burn_in);
  }
  memcpy(run->v, frame_of(tempered, tempered->rungs - 1), rbm->visible * sizeof *run->v);
  if (log_z) {
    *log_z = measured_log_z(tempered, run);
  }
  return RS_OK;
}

/* ---- The ladder ---- */

double rs_tempered_swap_rate(const RsTempered *tempered, size_t k) {
  const Pair *pair = tempered->pair + k;
  return pair->tried > 0 ? pair->accepted / pair->tried : 1;
}

double rs_tempered_coupling(const RsTempered *tempered, size_t k) {
  return tempered->beta[k];
}

void rs_tempered_space(RsTempered *tempered) {
  double length[RS_TEMPERED_RUNGS_MAX] = {0}, beta[RS_TEMPERED_RUNGS_MAX];
  const size_t last = tempered->rungs - 1;
  /* Every step is longer than nothing, or couplings would fall together. */
  for (size_t k = 0; k < last; ++k) {
    length[k + 1] = length[k] + 1e-3 + 1 - rs_tempered_swap_rate(tempered, k);
    tempered->pair[k].tried = tempered->pair[k].accepted = 0;
  }
  for (size_t k = 1, below = 0; k < last; ++k) {
    const double wanted = length[last] * (double)k / (double)last;
    while (length[below + 1] < wanted) {
      ++below;
    }
    const double share = (wanted - length[below]) / (length[below + 1] - length[below]);
    beta[k] = tempered->beta[below] + share * (tempered->beta[below + 1] - tempered->beta[below]);
  }
  memcpy(tempered->beta + 1, beta + 1, (last - 1) * sizeof *beta);
}
