/* SPDX-License-Identifier: ISC */

/* Log Z by annealed importance sampling, doc/math.md, equations A1 to A8. */

#include <rollsmith/likelihood.h>

#include "base/memory.h"
#include "rbm/counts.h"
#include "rbm/sampler.h"
#include "rbm/scaled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct RsAis {
  RsGibbsChains *chains;
};

/* log(1 + e^x) in double, for sums that are taken once a machine. */
static double softplus(double x) {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* Of the field of hidden unit j of a Gaussian machine: what W adds where it is on alone, G13. */
static double field_alone(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases, size_t j) {
  const rs_scalar *z = biases + rbm->visible + rbm->hidden;
  double sum = 0;
  for (size_t i = 0; i < rbm->visible; ++i) {
    const double weight = (double)w[j * rbm->visible + i];
    sum += weight * ((double)biases[i] * rs_inverse_deviation(z[i]) + 0.5 * weight);
  }
  return sum;
}

/* log of the sum over the states of the visible units, given their fields `a + field`. */
static double counted_part(const RsRbm *rbm, const rs_scalar *biases, const double *field) {
  const rs_scalar *potentials = biases + rs_rbm_potentials(rbm);
  const size_t units = rs_counts_units(rbm);
  double sum = 0;
  for (size_t k = 0; k < rbm->planes; ++k) {
    RsCountSum plane = RS_COUNT_SUM;
    for (size_t i = k * units; i < (k + 1) * units; ++i) {
      rs_count_sum_add(&plane, (double)biases[i] + (field ? field[i] : 0));
    }
    sum += rs_count_sum_log(&plane, potentials + k * RS_COUNT_CLASSES);
  }
  return sum;
}

/* log of the sum over the states of a visible unit with this field. */
static double unit_part(double field, unsigned states) {
  const unsigned both = states & (RS_STATE_OFF | RS_STATE_ON);
  return both == RS_STATE_OFF ? 0 : both == RS_STATE_ON ? field : softplus(field);
}

/* The sum over the states of the visible units of a Bernoulli machine, given their fields `a +
 * field`. */
static double binary_part(const RsRbm *rbm, const rs_scalar *biases, const double *field,
                          const unsigned char *states) {
  if (rbm->planes) {
    return states ? rs_state_sum(rbm, biases, field, states) : counted_part(rbm, biases, field);
  }
  double sum = 0;
  for (size_t i = 0; i < rbm->visible; ++i) {
    sum += unit_part((double)biases[i] + (field ? field[i] : 0),
                     states ? states[i] : RS_STATE_OFF | RS_STATE_ON);
  }
  return sum;
}

double rs_log_z_uncoupled_within(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases,
                                 const unsigned char *states) {
  const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
  const rs_scalar *b = biases + rbm->visible;
  const rs_scalar *z = b + rbm->hidden;
  double sum = gaussian ? 0 : binary_part(rbm, biases, NULL, states);
  for (size_t i = 0; gaussian && i < rbm->visible; ++i) {
    sum += 0.5 * (log(2 * M_PI) + (double)z[i]);
  }
  for (size_t j = 0; j < rbm->hidden; ++j) {
    sum += softplus((double)b[j] + (gaussian ? field_alone(rbm, w, biases, j) : 0));
  }
  return sum;
}

double rs_log_z_uncoupled(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases) {
  return rs_log_z_uncoupled_within(rbm, w, biases, NULL);
}

double rs_log_mean_exp(size_t count, double sign, const double *x) {
  double highest = sign * x[0];
  for (size_t i = 1; i < count; ++i) {
    highest = fmax(highest, sign * x[i]);
  }
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    sum += exp(sign * x[i] - highest);
  }
  return highest + log(sum / (double)count);
}

/* log of the sum over all v of e^-E(v, h), for one h with field = W'h. */
static double log_weight_of_hidden(const RsRbm *rbm, const rs_scalar *biases, const double *field,
                                   const unsigned char *states) {
  if (rbm->kind == RS_RBM_BERNOULLI) {
    return binary_part(rbm, biases, field, states);
  }
  const rs_scalar *z = biases + rbm->visible + rbm->hidden;
  double sum = 0;
  for (size_t i = 0; i < rbm->visible; ++i) {
    sum += 0.5 * field[i] * field[i] + (double)biases[i] * rs_inverse_deviation(z[i]) * field[i];
    sum += 0.5 * (log(2 * M_PI) + (double)z[i]);
  }
  return sum;
}

RsStatus rs_log_z_exact_within(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases,
                               const unsigned char *states, double *scratch, double *log_z) {
  double *field = scratch; /* W'h */
  double bias = 0;         /* b'h */
  if (rbm->hidden > RS_EXACT_HIDDEN_MAX) {
    return RS_ERR_ARGUMENT;
  }
  memset(field, 0, rbm->visible * sizeof *field);
  double highest = log_weight_of_hidden(rbm, biases, field, states);
  double sum = 1; /* in units of e^highest */
  for (size_t state = 1; state < (size_t)1 << rbm->hidden; ++state) {
    /* In Gray-code order one unit flips a step: the one at the lowest set bit of the counter. */
    const size_t j = (size_t)__builtin_ctzl(state);
    const double flip = (state ^ state >> 1) >> j & 1 ? 1 : -1;
    bias += flip * (double)biases[rbm->visible + j];
    for (size_t i = 0; i < rbm->visible; ++i) {
      field[i] += flip * (double)w[j * rbm->visible + i];
    }
    const double term = bias + log_weight_of_hidden(rbm, biases, field, states);
    if (term > highest) {
      sum = sum * exp(highest - term) + 1;
      highest = term;
    } else {
      sum += exp(term - highest);
    }
  }
  *log_z = highest + log(sum);
  return RS_OK;
}

RsStatus rs_log_z_exact(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases,
                        double *log_z) {
  double *scratch = rs_alloc(rbm->visible, sizeof *scratch);
  const RsStatus status =
      scratch ? rs_log_z_exact_within(rbm, w, biases, NULL, scratch, log_z) : RS_ERR_MEMORY;
  free(scratch);
  return status;
}

RsStatus rs_ais_new(const RsGibbs *gibbs, size_t count, RsAis **out) {
  RsAis *ais = rs_alloc(1, sizeof *ais);
  if (!ais) {
    return RS_ERR_MEMORY;
  }
  const RsStatus status = rs_gibbs_chains_new(gibbs, count, &ais->chains);
  if (status) {
    free(ais);
    return status;
  }
  *out = ais;
  return RS_OK;
}

void rs_ais_free(RsAis *ais) {
  if (ais) {
    rs_gibbs_chains_free(ais->chains);
    free(ais);
  }
}

void rs_ais_run(const RsGibbs *gibbs, RsAis *ais, const RsAisRun *run, double *log_w) {
  rs_gibbs_seed(ais->chains, run->count, run->rng, run->first);
  if (!run->reverse) {
    rs_gibbs_run(gibbs, ais->chains,
                 &(RsGibbsRun){run->count, run->biases, run->stride, 0, 1, run->v, run->states});
  }
  gibbs->sampler->anneal(gibbs, ais->chains, run, log_w);
}
