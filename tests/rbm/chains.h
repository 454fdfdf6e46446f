/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_RBM_CHAINS_H
#define RS_TESTS_RBM_CHAINS_H

/**
   @file chains.h Chains of small machines against their exact distributions, of all frames or of
   those whose notes are in given states.
*/

#include "kernels.h"
#include "machines.h"

#include <rollsmith/likelihood.h>

#include <string.h>

enum { CHAINS = 2000, SWEEPS = 80 };

static inline RsGibbs *sampler(const Machine *m, bool plain) {
  RsGibbs *gibbs = NULL;
  assert_ok(rs_gibbs_new(&m->shape, plain, &gibbs));
  rs_gibbs_set_weights(gibbs, m->w);
  return gibbs;
}

enum { STATES = 512, HIDDEN_STATES = 16, MOST_VISIBLE = 9, BURN_IN = 20 };

/* Adds how often `count` chains, whose numbers begin with `first`, visit each v of a machine with
 * up to MOST_VISIBLE visible units. */
static inline void count_visits(const Machine *m, const RsGibbs *gibbs, RsGibbsChains *chains,
                                size_t count, uint64_t first, const unsigned char *states,
                                double *seen) {
  const size_t visible = m->shape.visible, notes = rs_rbm_notes(&m->shape);
  rs_scalar *v = rs_alloc(count, visible * sizeof *v);
  unsigned char *all = rs_alloc(count, notes);
  for (size_t n = 0; states && n < count; ++n) {
    memcpy(all + n * notes, states, notes);
  }
  rs_gibbs_seed(chains, count, test_rng(9), first);
  RsGibbsRun run = {count, m->biases, 0, 1, BURN_IN, v, states ? all : NULL};
  rs_gibbs_run(gibbs, chains, &run);
  run.steps = 5; /* enough to make visits independent: the machine is small and weak */
  for (size_t sweep = BURN_IN; sweep < SWEEPS; sweep += run.steps) {
    rs_gibbs_run(gibbs, chains, &run);
    for (size_t n = 0; n < count; ++n) {
      size_t bits = 0;
      for (size_t i = 0; i < visible; ++i) {
        bits |= (size_t)(v[n * visible + i] > 0) << i;
      }
      ++seen[bits];
    }
  }
  free(all);
  free(v);
}

/* Whether each note of a frame is in one of its states. */
static inline bool is_possible(const RsRbm *shape, const unsigned char *states, size_t bits) {
  const size_t notes = rs_rbm_notes(shape);
  for (size_t i = 0; i < notes && states; ++i) {
    const bool sounds = bits >> i & 1;
    const bool begins = shape->planes > 1 && bits >> (notes + i) & 1;
    const unsigned state = begins   ? sounds ? RS_STATE_BEGUN : 0
                           : sounds ? RS_STATE_ON
                                    : RS_STATE_OFF;
    if (!(states[i] & state)) {
      return false;
    }
  }
  return true;
}

/* log Z of the frames whose notes are in their states: the sum over every v and h. */
static inline double log_z_within(const Machine *m, const unsigned char *states) {
  rs_scalar v[MOST_VISIBLE];
  double sum = 0;
  for (size_t bits = 0; bits < (size_t)1 << m->shape.visible; ++bits) {
    bits_to_units(bits, m->shape.visible, v);
    sum += is_possible(&m->shape, states, bits) ? exp(-machine_free_energy(m, 0, v)) : 0;
  }
  return log(sum);
}

/* Chi-square of how often each v came up against e^-F / Z, pooled over sweeps after a burn-in.
 * Chains that share numbers have a pool each, or they would not be independent; after 64 sweeps
 * they have numbers of their own. */
static inline double chi_square_within(const Machine *m, bool plain, bool share,
                                       const unsigned char *states) {
  RsGibbs *gibbs = sampler(m, plain);
  RsGibbsChains *chains = NULL;
  double seen[STATES] = {0}, chi = 0;
  assert_ok(rs_gibbs_chains_new(gibbs, CHAINS, &chains));
  rs_gibbs_share(chains, share);
  for (uint64_t n = 0; n < (share ? CHAINS : 1); ++n) {
    count_visits(m, gibbs, chains, share ? 1 : CHAINS, 512 * n, states, seen);
  }
  const double visits = CHAINS * (SWEEPS - BURN_IN) / 5.0;
  const double log_z = log_z_within(m, states);
  for (size_t bits = 0; bits < (size_t)1 << m->shape.visible; ++bits) {
    rs_scalar one[MOST_VISIBLE];
    bits_to_units(bits, m->shape.visible, one);
    if (!is_possible(&m->shape, states, bits)) {
      assert_close(seen[bits], 0, 0);
      continue;
    }
    const double expected = visits * exp(-machine_free_energy(m, 0, one) - log_z);
    chi += (seen[bits] - expected) * (seen[bits] - expected) / expected;
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  return chi;
}

static inline double chi_square(const Machine *m, bool plain, bool share) {
  return chi_square_within(m, plain, share, NULL);
}

/* What a chi-square of so many degrees of freedom is above once in ten million, nearly (Wilson and
 * Hilferty). */
static inline double chi_square_above(double freedom) {
  const double part = 2 / (9 * freedom);
  return freedom * pow(1 - part + 5.2 * sqrt(part), 3);
}

/* The same, of all possible frames. */
static inline double chi_square_limit(const RsRbm *shape, const unsigned char *states) {
  double freedom = -1;
  for (size_t bits = 0; bits < (size_t)1 << shape->visible; ++bits) {
    freedom += is_possible(shape, states, bits);
  }
  return chi_square_above(freedom);
}

enum { OFF = RS_STATE_OFF, ON = RS_STATE_ON, BEGUN = RS_STATE_BEGUN };

/* The tests of a program, on each kernel where there are any. */
#if defined RS_SCALAR_DOUBLE
#define run_in_this_flavour(tests) cmocka_run_group_tests(tests, NULL, NULL)
#else
#define run_in_this_flavour(tests) run_on_each_kernel(tests)
#endif

#endif /* RS_TESTS_RBM_CHAINS_H */
