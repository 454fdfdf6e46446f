/* SPDX-License-Identifier: ISC */

/* Parallel tempering, doc/math.md, equations A9 to A14, in the flavour that this is compiled for.
 */

#include "chains.h"

#include "rbm/bennett.h"
#include "rbm/tempered_path.h"

#include <rollsmith/tempered.h>

static RsTempered *tempered_new(const Machine *m, const RsGibbs *gibbs, size_t rungs) {
  RsTempered *tempered = NULL;
  assert_ok(rs_tempered_new(gibbs, rungs, &tempered));
  rs_tempered_set_weights(tempered, m->w);
  return tempered;
}

/* Some rounds of a machine's only row of biases, from v. */
static RsTemperedRun run_of(const Machine *m, const unsigned char *states, rs_scalar *v) {
  return (RsTemperedRun){.biases = m->biases,
                         .coupling = 1,
                         .states = states,
                         .sweeps = 2,
                         .pilot = 40,
                         .burn_in = 20,
                         .v = v,
                         .rng = test_rng(60)};
}

static const unsigned char some_states[] = {OFF | BEGUN, OFF | ON | BEGUN, OFF | BEGUN, ON | BEGUN,
                                            OFF | BEGUN, OFF | BEGUN,      OFF,         OFF | ON};

static void check_log_z(const Machine *m, const unsigned char *states, RsRng rng, bool from_v,
                        size_t rounds) {
  RsGibbs *gibbs = sampler(m, false);
  RsTempered *tempered = tempered_new(m, gibbs, 5);
  rs_scalar v[64] = {0};
  RsTemperedRun run = run_of(m, states, v);
  double exact = 0, found = 0, scratch[64];
  run.rng = rng;
  run.from_v = from_v;
  run.rounds = rounds;
  assert_ok(rs_log_z_exact_within(&m->shape, m->w, m->biases, states, scratch, &exact));
  assert_ok(rs_tempered_run(gibbs, tempered, &run, &found));
  print_message("log Z %.5f, tempered %.5f\n", exact, found);
  assert_close(found, exact, 0.03);
  rs_tempered_free(tempered);
  rs_gibbs_free(gibbs);
}

static void replicas_find_the_exact_partition_function(void **state) {
  const RsRbm shapes[] = {
      {RS_RBM_BERNOULLI, 36, 12, 0}, {RS_RBM_BERNOULLI, 16, 8, 2}, {RS_RBM_BERNOULLI, 9, 4, 1}};
  for (size_t k = 0; k < 3; ++k) {
    Machine m = machine_new(shapes[k], 1, 0.6, 42 + k);
    check_log_z(&m, NULL, test_rng(60), false, 8000);
    if (shapes[k].planes == 2) {
      check_log_z(&m, some_states, test_rng(60), true, 8000);
    }
    machine_free(&m);
  }
}

enum { PATTERNS = 4, TRAINED_VISIBLE = 16, TRAINED_HIDDEN = 20, UPDATES = 1500 };

/* A machine that has learned some patterns by contrastive divergence with persistent chains. */
static Machine trained_machine(void) {
  static const unsigned patterns[PATTERNS] = {0x0F0F, 0x1111, 0xE006, 0x8421};
  const RsRbm shape = {RS_RBM_BERNOULLI, TRAINED_VISIBLE, TRAINED_HIDDEN, 0};
  Machine m = machine_new(shape, 1, 0.1, 7);
  enum { ROW = TRAINED_VISIBLE + TRAINED_HIDDEN, WEIGHTS = TRAINED_VISIBLE * TRAINED_HIDDEN };
  rs_scalar v[PATTERNS * TRAINED_VISIBLE], sample[PATTERNS * TRAINED_VISIBLE] = {0};
  rs_scalar biases[PATTERNS * ROW], slopes[PATTERNS * ROW];
  RsGibbs *gibbs = sampler(&m, false);
  RsGibbsChains *chains = NULL;
  RsRbmWork *work = NULL;
  assert_ok(rs_gibbs_chains_new(gibbs, PATTERNS, &chains));
  assert_ok(rs_rbm_work_new(&shape, PATTERNS, &work));
  rs_gibbs_seed(chains, PATTERNS, (RsRng){8, RS_STREAM_TEST}, 0);
  for (size_t n = 0; n < PATTERNS; ++n) {
    bits_to_units(patterns[n], TRAINED_VISIBLE, v + n * TRAINED_VISIBLE);
  }
  for (size_t update = 0; update < UPDATES; ++update) {
    rs_scalar dw[WEIGHTS] = {0};
    for (size_t n = 0; n < PATTERNS; ++n) {
      memcpy(biases + n * ROW, m.biases, ROW * sizeof *biases);
    }
    rs_gibbs_set_weights(gibbs, m.w);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){PATTERNS, biases, ROW, 1, 5, sample, NULL});
    rs_rbm_contrast(&shape, m.w, PATTERNS, biases, v, sample, (rs_real)0.05, work, dw, slopes);
    for (size_t i = 0; i < WEIGHTS; ++i) {
      m.w[i] -= dw[i];
    }
    for (size_t i = 0; i < PATTERNS * ROW; ++i) {
      m.biases[i % ROW] -= slopes[i];
    }
  }
  rs_rbm_work_free(work);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  return m;
}

/* With one run's random numbers: of 16 other runs, 7 stayed in one pattern for long enough to be
   off by 0.03 or more, one of them by 7.3. */
static void replicas_find_the_partition_function_of_a_trained_machine(void **state) {
  const RsRng rng = {60, RS_STREAM_TEST};
  Machine m = trained_machine();
  check_log_z(&m, NULL, rng, false, 6000);
  check_log_z(&m, NULL, rng, true, 6000);
  machine_free(&m);
}

/* Chi-square of the frames that the last rung ends with, of `count` runs. */
static double chi_square_of_last(const Machine *m, const unsigned char *states, size_t count) {
  RsGibbs *gibbs = sampler(m, false);
  RsTempered *tempered = tempered_new(m, gibbs, 4);
  double seen[STATES] = {0}, chi = 0;
  for (size_t n = 0; n < count; ++n) {
    rs_scalar v[MOST_VISIBLE] = {0};
    RsTemperedRun run = run_of(m, states, v);
    run.pilot = 5;
    run.burn_in = 10;
    run.first = n * 4;
    assert_ok(rs_tempered_run(gibbs, tempered, &run, NULL));
    size_t bits = 0;
    for (size_t i = 0; i < m->shape.visible; ++i) {
      bits |= (size_t)(v[i] > 0) << i;
    }
    ++seen[bits];
  }
  const double log_z = log_z_within(m, states);
  for (size_t bits = 0; bits < (size_t)1 << m->shape.visible; ++bits) {
    rs_scalar one[MOST_VISIBLE];
    bits_to_units(bits, m->shape.visible, one);
    if (is_possible(&m->shape, states, bits)) {
      const double expected = (double)count * exp(-machine_free_energy(m, 0, one) - log_z);
      chi += (seen[bits] - expected) * (seen[bits] - expected) / expected;
    } else {
      assert_close(seen[bits], 0, 0);
    }
  }
  rs_tempered_free(tempered);
  rs_gibbs_free(gibbs);
  return chi;
}

static void the_last_rung_has_the_distribution_of_the_machine(void **state) {
  static const struct {
    RsRbm shape;
    bool restricted;
  } cases[] = {{{RS_RBM_BERNOULLI, 5, 4, 0}, false},
               {{RS_RBM_BERNOULLI, 6, 4, 2}, false},
               {{RS_RBM_BERNOULLI, 6, 4, 2}, true}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    Machine m = machine_new(cases[k].shape, 1, 1.0, 90 + k);
    const unsigned char *states = cases[k].restricted ? some_states : NULL;
    const double chi = chi_square_of_last(&m, states, 4000);
    print_message("chi-square %.1f\n", chi);
    assert_true(chi < chi_square_limit(&m.shape, states));
    machine_free(&m);
  }
}

/* A machine of two modes that a chain does not leave: all of `units` units are on, or none. */
static Machine two_modes(size_t units, rs_scalar depth) {
  const RsRbm shape = {RS_RBM_BERNOULLI, units, 2, 0};
  Machine m = machine_new(shape, 1, 0, 1);
  for (size_t i = 0; i < units; ++i) {
    m.w[i] = m.w[units + i] = depth;
    m.biases[i] = -depth;
  }
  m.biases[units] = m.biases[units + 1] = -depth * (rs_scalar)units / 2;
  return m;
}

static void the_last_rung_crosses_between_modes_that_a_chain_does_not_leave(void **state) {
  enum { UNITS = 12, RUNS = 1000, SWEEPS_OF_CHAIN = 400 };
  Machine m = two_modes(UNITS, 4);
  RsGibbs *gibbs = sampler(&m, false);
  RsTempered *tempered = tempered_new(&m, gibbs, 8);
  RsGibbsChains *chains = NULL;
  assert_ok(rs_gibbs_chains_new(gibbs, 1, &chains));
  size_t stayed = 0, off = 0;
  rs_scalar means[UNITS + 2];
  for (size_t i = 0; i < UNITS + 2; ++i) {
    means[i] = 0.5;
  }
  for (size_t n = 0; n < RUNS; ++n) {
    rs_scalar v[UNITS] = {0}, chain[UNITS] = {0};
    RsTemperedRun run = run_of(&m, NULL, v);
    run.means = means;
    run.pilot = 0;
    run.first = n * 8;
    run.from_v = true;
    run.burn_in = 200;
    assert_ok(rs_tempered_run(gibbs, tempered, &run, NULL));
    off += v[0] + v[1] + v[2] < 1.5;
    rs_gibbs_seed(chains, 1, run.rng, RUNS * 8 + n);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){1, m.biases, 0, 1, SWEEPS_OF_CHAIN, chain, NULL});
    stayed += chain[0] + chain[1] + chain[2] < 1.5;
  }
  print_message("of %d runs in the mode where they began: tempered %zu, chains %zu\n", RUNS, off,
                stayed);
  assert_true(stayed > RUNS * 9 / 10);
  assert_true(off > RUNS * 4 / 10 && off < RUNS * 6 / 10);
  rs_gibbs_chains_free(chains);
  rs_tempered_free(tempered);
  rs_gibbs_free(gibbs);
  machine_free(&m);
}

/* log f at a coupling, without what all couplings have in common: A9 and A10 by enumeration of h.
 */
static double log_f(const Machine *m, const RsTemperedPath *path, double beta, const rs_scalar *v) {
  Machine between = machine_new(m->shape, 1, 0, 1);
  double constant = 0;
  for (size_t i = 0; i < m->shape.hidden * m->shape.visible; ++i) {
    const size_t j = i / m->shape.visible, at = i % m->shape.visible;
    between.w[i] = (rs_scalar)beta * m->w[i];
    constant += (1 - beta) * (double)(path->h[j] * m->w[i] * path->v[at]);
  }
  rs_tempered_path_biases(path, beta, between.biases);
  const double found = -machine_free_energy(&between, 0, v) - constant;
  machine_free(&between);
  return found;
}

/* Swaps are accepted by min(1, r), which leaves the joint distribution as it is if r is the ratio
 * of the probabilities of both states. */
static void swaps_are_accepted_by_the_ratio_of_probabilities(void **state) {
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, 4, 5, 2}, 1, 0.9, seed_of(31));
  RsTemperedPath path;
  rs_scalar x[5], y[5];
  assert_true(rs_tempered_path_init(&path, &m.shape));
  rs_tempered_path_set_weights(&path, m.w);
  for (size_t i = 0; i < 5; ++i) {
    path.h[i] = (rs_scalar)(0.3 + 0.1 * (double)i);
    path.v[i % 4] = (rs_scalar)(0.6 - 0.1 * (double)i);
  }
  rs_tempered_path_open(&path, m.biases, 1);
  for (size_t pair = 0; pair < 256; ++pair) {
    rs_scalar low[4], high[4];
    bits_to_units(pair % 16, 4, low);
    bits_to_units(pair / 16, 4, high);
    const double of_x = rs_tempered_path_field(&path, low, x);
    const double of_y = rs_tempered_path_field(&path, high, y);
    const double ratio = rs_tempered_path_gap(&path, 0.3, 0.8, x, of_x) -
                         rs_tempered_path_gap(&path, 0.3, 0.8, y, of_y);
    const double wanted = log_f(&m, &path, 0.3, high) + log_f(&m, &path, 0.8, low) -
                          log_f(&m, &path, 0.3, low) - log_f(&m, &path, 0.8, high);
    assert_close(ratio, wanted, 1e-4);
  }
  rs_scalar none[4] = {0};
  const double of_x = rs_tempered_path_field(&path, none, x);
  assert_close(rs_tempered_path_gap(&path, 0.3, 0.8, x, of_x),
               log_f(&m, &path, 0.8, none) - log_f(&m, &path, 0.3, none), 1e-4);
  rs_tempered_path_clear(&path);
  machine_free(&m);
}

static void a_spaced_ladder_has_even_swap_rates(void **state) {
  enum { RUNGS = 6 };
  Machine m = two_modes(10, 2);
  RsGibbs *gibbs = sampler(&m, false);
  RsTempered *tempered = tempered_new(&m, gibbs, RUNGS);
  double apart[2] = {0, 0};
  for (size_t pass = 0; pass < 8; ++pass) {
    rs_scalar v[10] = {0};
    RsTemperedRun run = run_of(&m, NULL, v);
    run.burn_in = 4000;
    run.first = pass * RUNGS;
    run.pilot = 0;
    assert_ok(rs_tempered_run(gibbs, tempered, &run, NULL));
    double least = 1, most = 0;
    for (size_t k = 0; k + 1 < RUNGS; ++k) {
      least = fmin(least, rs_tempered_swap_rate(tempered, k));
      most = fmax(most, rs_tempered_swap_rate(tempered, k));
    }
    apart[0] += pass ? 0 : most - least;
    apart[1] += pass < 4 ? 0 : (most - least) / 4;
    rs_tempered_space(tempered);
    assert_close(rs_tempered_swap_rate(tempered, 0), 1, 0);
  }
  print_message("swap rates apart by %.3f, spaced by %.3f\n", apart[0], apart[1]);
  assert_true(apart[0] > 0.2);
  assert_true(apart[1] < 0.15);
  assert_close(rs_tempered_coupling(tempered, 0), 0, 0);
  assert_close(rs_tempered_coupling(tempered, RUNGS - 1), 1, 0);
  rs_tempered_free(tempered);
  rs_gibbs_free(gibbs);
  machine_free(&m);
}

/* Of two normal distributions one unit apart, one three times the other: log f_high - log f_low
 * is x - 1/2 + log 3. */
static void bennett_finds_the_ratio_of_two_normal_distributions(void **state) {
  enum { COUNT = 20000 };
  double *normal = rs_alloc(2 * COUNT, sizeof *normal);
  rs_scalar *low = rs_alloc(3 * COUNT, sizeof *low), *high = low + COUNT;
  rs_rng_normal(test_rng(3), 0, 2 * COUNT, normal);
  for (size_t i = 0; i < COUNT; ++i) {
    low[i] = (rs_scalar)(normal[i] - 0.5 + log(3));
    high[i] = (rs_scalar)(normal[COUNT + i] + 1 - 0.5 + log(3));
  }
  assert_close(rs_bennett(COUNT, low, high, high + COUNT), log(3), 0.02);
  /* values that are all alike leave nothing to find */
  for (size_t i = 0; i < COUNT; ++i) {
    low[i] = high[i] = 2;
  }
  assert_close(rs_bennett(COUNT, low, high, high + COUNT), 2, 1e-6);
  free(low);
  free(normal);
}

static void ladders_of_no_use_are_refused(void **state) {
  Machine gaussian = machine_new((RsRbm){RS_RBM_GAUSSIAN, 4, 4, 0}, 1, 0.5, 1);
  Machine binary = machine_new((RsRbm){RS_RBM_BERNOULLI, 4, 4, 0}, 1, 0.5, 1);
  RsGibbs *gibbs[] = {sampler(&gaussian, false), sampler(&binary, false)};
  RsTempered *tempered = NULL;
  assert_int_equal(rs_tempered_new(gibbs[0], 4, &tempered), RS_ERR_ARGUMENT);
  assert_int_equal(rs_tempered_new(gibbs[1], RS_TEMPERED_RUNGS_MIN - 1, &tempered),
                   RS_ERR_ARGUMENT);
  assert_int_equal(rs_tempered_new(gibbs[1], RS_TEMPERED_RUNGS_MAX + 1, &tempered),
                   RS_ERR_ARGUMENT);
  rs_gibbs_free(gibbs[0]);
  rs_gibbs_free(gibbs[1]);
  machine_free(&gaussian);
  machine_free(&binary);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(replicas_find_the_exact_partition_function),
      cmocka_unit_test(replicas_find_the_partition_function_of_a_trained_machine),
      cmocka_unit_test(the_last_rung_has_the_distribution_of_the_machine),
      cmocka_unit_test(the_last_rung_crosses_between_modes_that_a_chain_does_not_leave),
      cmocka_unit_test(swaps_are_accepted_by_the_ratio_of_probabilities),
      cmocka_unit_test(a_spaced_ladder_has_even_swap_rates),
      cmocka_unit_test(bennett_finds_the_ratio_of_two_normal_distributions),
      cmocka_unit_test(ladders_of_no_use_are_refused),
  };
  return run_in_this_flavour(tests);
}
