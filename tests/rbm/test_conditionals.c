/* SPDX-License-Identifier: ISC */

/* Frames of which some notes are given: the total variation of a million samples from their exact
 * distribution, doc/math.md, equations T34, H7 and G10, in the flavour that this is compiled for.
 */

#include "chains.h"

#include <rollsmith/tempered.h>

enum { SAMPLES = 1000000, CELLS = STATES };

#define PI 3.14159265358979323846

/* Half the sum of differences between shares of samples and probabilities, and what it is by chance
 * in the mean and, six standard deviations above it, at most. */
static void expect_near(const char *name, size_t cells, const double *p, const double *seen) {
  double distance = 0, mean = 0, square = 0, total = 0;
  for (size_t i = 0; i < cells; ++i) {
    total += seen[i];
  }
  for (size_t i = 0; i < cells; ++i) {
    const double variance = p[i] * (1 - p[i]) / total;
    distance += 0.5 * fabs(seen[i] / total - p[i]);
    mean += 0.5 * sqrt(2 / PI * variance);
    square += 0.25 * (1 - 2 / PI) * variance;
  }
  const double most = mean + 6 * sqrt(square);
  print_message("%s: %.0f samples, total variation %.6f, by chance %.6f, at most %.6f\n", name,
                total, distance, mean, most);
  assert_true(total >= SAMPLES && distance <= most);
}

/* ---- Notes that are on or off ---- */

typedef struct {
  const char *name;
  RsRbm shape;
  unsigned char states[MOST_VISIBLE];
} Case;

static const Case cases[] = {
    {"notes",
     {RS_RBM_BERNOULLI, 9, 4, 0},
     {OFF, OFF | ON, ON, OFF | ON, OFF | ON, OFF | ON, ON, OFF | ON, OFF}},
    {"counts",
     {RS_RBM_BERNOULLI, 9, 5, 1},
     {OFF | ON, ON, OFF | ON, OFF | ON, OFF, OFF | ON, ON, OFF | ON, OFF | ON}},
    {"onsets",
     {RS_RBM_BERNOULLI, 8, 7, 0},
     {OFF | ON, ON, OFF, OFF | ON, OFF | ON, ON, OFF, OFF | ON}},
    {"joint onsets",
     {RS_RBM_BERNOULLI, 8, 7, 2},
     {BEGUN, OFF | ON | BEGUN, OFF | BEGUN, OFF | ON | BEGUN}},
    {"a held note", {RS_RBM_BERNOULLI, 8, 6, 2}, {OFF | BEGUN, ON, OFF | ON | BEGUN, OFF | BEGUN}},
};

/* The probability of each frame. */
static void enumerate(const Machine *m, const unsigned char *states, double *p) {
  const double log_z = log_z_within(m, states);
  for (size_t bits = 0; bits < (size_t)1 << m->shape.visible; ++bits) {
    rs_scalar v[MOST_VISIBLE];
    bits_to_units(bits, m->shape.visible, v);
    p[bits] = is_possible(&m->shape, states, bits) ? exp(-machine_free_energy(m, 0, v) - log_z) : 0;
  }
}

static void check_chains(const Case *c, const Machine *m, bool plain, const double *p) {
  RsGibbs *gibbs = sampler(m, plain);
  RsGibbsChains *chains = NULL;
  double seen[CELLS] = {0};
  assert_ok(rs_gibbs_chains_new(gibbs, CHAINS, &chains));
  for (uint64_t n = 0; n * CHAINS * (SWEEPS - BURN_IN) / 5 < SAMPLES; ++n) {
    count_visits(m, gibbs, chains, CHAINS, n * CHAINS, c->states, seen);
  }
  expect_near(c->name, (size_t)1 << m->shape.visible, p, seen);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
}

static void chains_have_the_conditional_distribution(void **state) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    Machine m = machine_new(cases[k].shape, 1, 0.5, 90 + k);
    double p[CELLS];
    enumerate(&m, cases[k].states, p);
    check_chains(&cases[k], &m, false, p);
#if !defined RS_SCALAR_DOUBLE /* which has one sampler of these */
    check_chains(&cases[k], &m, true, p);
#endif
    machine_free(&m);
  }
}

/* Two replicas, as generate.replicas has them. */
static void replicas_have_the_conditional_distribution(void **state) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    Machine m = machine_new(cases[k].shape, 1, 0.5, 90 + k);
    RsGibbs *gibbs = sampler(&m, false);
    RsTempered *tempered = NULL;
    double p[CELLS], seen[CELLS] = {0};
    enumerate(&m, cases[k].states, p);
    assert_ok(rs_tempered_new(gibbs, 2, &tempered));
    rs_tempered_set_weights(tempered, m.w);
    for (uint64_t n = 0; n < SAMPLES; ++n) {
      rs_scalar v[MOST_VISIBLE] = {0};
      size_t bits = 0;
      const RsTemperedRun run = {.biases = m.biases,
                                 .coupling = 1,
                                 .states = cases[k].states,
                                 .sweeps = 1,
                                 .burn_in = 12,
                                 .v = v,
                                 .rng = test_rng(91),
                                 .first = 2 * n};
      assert_ok(rs_tempered_run(gibbs, tempered, &run, NULL));
      for (size_t i = 0; i < m.shape.visible; ++i) {
        bits |= (size_t)(v[i] > 0) << i;
      }
      ++seen[bits];
    }
    expect_near(cases[k].name, (size_t)1 << m.shape.visible, p, seen);
    rs_tempered_free(tempered);
    rs_gibbs_free(gibbs);
    machine_free(&m);
  }
}

/* ---- Velocities ---- */

/* Of V units two are free, and the others are given. A real number is one of BINS: below, between
 * and above the cuts. */
enum { V = 4, FREE = 2, HIDDEN = 4, BINS = 4, GAUSSIAN_CELLS = BINS * BINS };

static const double cuts[BINS - 1] = {-0.7, 0.1, 0.9}, values[V] = {1.7, -0.4, 0.8, -1.1};

typedef struct {
  const char *name;
  size_t free[FREE];
} GaussianCase;

static const GaussianCase gaussian_cases[] = {
    {"two of four velocities", {2, 3}},
    {"velocity and onset of one of two notes", {1, 3}}, /* 0 and 1 are velocities, 2 and 3 onsets */
};

static bool is_free(const GaussianCase *c, size_t i) {
  return i == c->free[0] || i == c->free[1];
}

static double normal_below(double x) {
  return 0.5 * erfc(-x * sqrt(0.5));
}

/* The share of a normal distribution in a bin. */
static double share_of_bin(double mean, double deviation, size_t bin) {
  const double to = bin < BINS - 1 ? normal_below((cuts[bin] - mean) / deviation) : 1;
  const double from = bin ? normal_below((cuts[bin - 1] - mean) / deviation) : 0;
  return to - from;
}

/* Each pair of bins of the free units, by sums over h. */
static void enumerate_bins(const GaussianCase *c, const Machine *m, double *p) {
  const rs_scalar *a = m->biases, *b = a + V, *z = b + HIDDEN;
  double total = 0;
  memset(p, 0, GAUSSIAN_CELLS * sizeof *p);
  for (size_t h = 0; h < HIDDEN_STATES; ++h) {
    double field[V] = {0}, log_p = 0;
    for (size_t j = 0; j < HIDDEN; ++j) {
      log_p += h >> j & 1 ? (double)b[j] : 0;
      for (size_t i = 0; i < V; ++i) {
        field[i] += h >> j & 1 ? (double)m->w[j * V + i] : 0;
      }
    }
    for (size_t i = 0; i < V; ++i) {
      const double deviation = exp(0.5 * (double)z[i]);
      log_p += is_free(c, i) ? field[i] * (0.5 * field[i] + (double)a[i] / deviation)
                             : values[i] / deviation * field[i];
    }
    for (size_t cell = 0; cell < GAUSSIAN_CELLS; ++cell) {
      double share = exp(log_p);
      for (size_t k = 0; k < FREE; ++k) {
        const size_t i = c->free[k], bin = k ? cell / BINS : cell % BINS;
        const double deviation = exp(0.5 * (double)z[i]);
        share *= share_of_bin((double)a[i] + deviation * field[i], deviation, bin);
      }
      p[cell] += share;
    }
    total += exp(log_p);
  }
  for (size_t cell = 0; cell < GAUSSIAN_CELLS; ++cell) {
    p[cell] /= total;
  }
}

static size_t bin_of(double x) {
  size_t bin = 0;
  while (bin < BINS - 1 && x >= cuts[bin]) {
    ++bin;
  }
  return bin;
}

static void check_gaussian(const GaussianCase *c, const Machine *m, bool plain) {
  RsGibbs *gibbs = sampler(m, plain);
  RsGibbsChains *chains = NULL;
  rs_scalar *v = rs_alloc(CHAINS, V * sizeof *v);
  unsigned char *states = rs_alloc(CHAINS, V);
  double p[GAUSSIAN_CELLS], seen[GAUSSIAN_CELLS] = {0};
  enumerate_bins(c, m, p);
  assert_ok(rs_gibbs_chains_new(gibbs, CHAINS, &chains));
  for (uint64_t first = 0; first < SAMPLES; first += CHAINS) {
    for (size_t i = 0; i < CHAINS * V; ++i) {
      const bool drawn = is_free(c, i % V);
      states[i] = drawn ? OFF | ON : 0;
      v[i] = drawn ? 0 : (rs_scalar)values[i % V];
    }
    rs_gibbs_seed(chains, CHAINS, test_rng(92), first);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){CHAINS, m->biases, 0, 1, 30, v, states});
    for (size_t n = 0; n < CHAINS; ++n) {
      const rs_scalar *one = v + n * V;
      ++seen[bin_of((double)one[c->free[0]]) + BINS * bin_of((double)one[c->free[1]])];
    }
  }
  print_message("%s: ", plain ? "dense" : "collapsed");
  expect_near(c->name, GAUSSIAN_CELLS, p, seen);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  free(states);
  free(v);
}

static void gaussian_chains_have_the_conditional_distribution(void **state) {
  Machine m = machine_new((RsRbm){RS_RBM_GAUSSIAN, V, HIDDEN, 0}, 1, 0.6, 96);
  for (size_t k = 0; k < sizeof gaussian_cases / sizeof *gaussian_cases; ++k) {
    check_gaussian(&gaussian_cases[k], &m, false);
    check_gaussian(&gaussian_cases[k], &m, true);
  }
  machine_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chains_have_the_conditional_distribution),
      cmocka_unit_test(replicas_have_the_conditional_distribution),
      cmocka_unit_test(gaussian_chains_have_the_conditional_distribution),
  };
  return run_in_this_flavour(tests);
}
