/* SPDX-License-Identifier: ISC */

/* Samplers against exact distributions, in the flavour that this is compiled for. */

#include "chains.h"

static void chains_visit_states_by_their_probability(void **state) {
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, 4, 11, 0}, 1, 0.5, 10);
  assert_true(chi_square(&m, false, false) < chi_square_limit(&m.shape, NULL));
  assert_true(chi_square(&m, false, true) < chi_square_limit(&m.shape, NULL));
  assert_true(chi_square(&m, true, false) < chi_square_limit(&m.shape, NULL));
  machine_free(&m);
}

/* Counts have potentials, in two planes, and in one with more units than there are classes. */
static void chains_visit_states_with_potentials_on_counts(void **state) {
  const RsRbm shapes[] = {{RS_RBM_BERNOULLI, 4, 11, 2}, {RS_RBM_BERNOULLI, 9, 5, 1}};
  for (size_t k = 0; k < 2; ++k) {
    Machine m = machine_new(shapes[k], 1, 0.4, 10);
    const double most = chi_square_limit(&m.shape, NULL);
    assert_true(chi_square(&m, false, false) < most);
    assert_true(chi_square(&m, false, true) < most);
    assert_true(chi_square(&m, true, false) < most);
    machine_free(&m);
  }
}

/* So many that their odds have no product in double. */
static void units_that_are_surely_on_are_on_however_many(void **state) {
  enum { V = 88 };
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, V, 5, 1}, 1, 0.1, 12);
  rs_scalar v[V] = {0}, all[V];
  for (size_t i = 0; i < V; ++i) {
    m.biases[i] = 60;
    all[i] = 1;
  }
  RsGibbs *gibbs = sampler(&m, false);
  RsGibbsChains *chains = NULL;
  assert_ok(rs_gibbs_chains_new(gibbs, 1, &chains));
  rs_gibbs_seed(chains, 1, test_rng(12), 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){1, m.biases, 0, 1, 10, v, NULL});
  assert_memory_equal(v, all, sizeof v);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  machine_free(&m);
}

static void a_coupling_scales_the_weights(void **state) {
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, 4, 6, 0}, 1, 1.0, 11);
  Machine half = machine_new(m.shape, 1, 1.0, 11);
  for (size_t i = 0; i < 24; ++i) {
    half.w[i] /= 2;
  }
  for (int plain = 0; plain < 2; ++plain) {
    RsGibbs *whole = sampler(&m, plain);
    RsGibbs *halved = sampler(&half, plain);
    RsGibbsChains *chains = NULL;
    rs_scalar one[7 * 4] = {0}, two[7 * 4] = {0};
    assert_ok(rs_gibbs_chains_new(whole, 7, &chains));
    rs_gibbs_seed(chains, 7, test_rng(12), 0);
    rs_gibbs_run(whole, chains, &(RsGibbsRun){7, m.biases, 0, (rs_scalar)0.5, 9, one, NULL});
    rs_gibbs_seed(chains, 7, test_rng(12), 0);
    rs_gibbs_run(halved, chains, &(RsGibbsRun){7, m.biases, 0, 1, 9, two, NULL});
    assert_memory_equal(one, two, sizeof one);
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(whole);
    rs_gibbs_free(halved);
  }
  machine_free(&m);
  machine_free(&half);
}

/* Wide and odd sizes, so that every tile of the kernel and its padding are used. Chains run so far
 * that they come to the end of what they share, and over the border of two pools. */
static void check_batch(bool share) {
  const size_t visible[] = {1, 15, 36, 88, 97, 120};
  for (size_t k = 0; k < 6; ++k) {
    const RsRbm shape = {RS_RBM_BERNOULLI, visible[k], 150 - visible[k] / 3, 0};
    Machine m = machine_new(shape, 9, 0.3, 13 + k);
    RsGibbs *gibbs = sampler(&m, false);
    RsGibbsChains *chains = NULL;
    rs_scalar together[9 * 120] = {0};
    assert_ok(rs_gibbs_chains_new(gibbs, 9, &chains));
    rs_gibbs_share(chains, share);
    rs_gibbs_seed(chains, 9, test_rng(14), 508);
    const size_t stride = rs_rbm_biases(&shape);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){9, m.biases, stride, 1, 75, together, NULL});
    for (size_t n = 0; n < 9; ++n) {
      rs_scalar alone[120] = {0};
      rs_gibbs_seed(chains, 1, test_rng(14), 508 + n);
      rs_gibbs_run(gibbs, chains, &(RsGibbsRun){1, m.biases + n * stride, 0, 1, 12, alone, NULL});
      rs_gibbs_run(gibbs, chains, &(RsGibbsRun){1, m.biases + n * stride, 0, 1, 63, alone, NULL});
      assert_memory_equal(alone, together + n * visible[k], visible[k] * sizeof *alone);
    }
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
    machine_free(&m);
  }
}

static void a_chain_does_not_depend_on_its_batch(void **state) {
  check_batch(false);
  check_batch(true);
}

/* Chains that share a pool are not copies of each other: of pairs of one machine's chains, no more
 * agree than of those with numbers of their own. */
static double share_of_equal_pairs(bool share) {
  enum { N = 512, V = 12 };
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, V, 20, 0}, 1, 0.5, 19);
  RsGibbs *gibbs = sampler(&m, false);
  RsGibbsChains *chains = NULL;
  static rs_scalar v[N * V];
  size_t equal = 0;
  memset(v, 0, sizeof v);
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_share(chains, share);
  rs_gibbs_seed(chains, N, test_rng(18), 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 10, v, NULL});
  for (size_t a = 0; a < N; ++a) {
    for (size_t b = 0; b < a; ++b) {
      equal += !memcmp(v + a * V, v + b * V, V * sizeof *v);
    }
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  machine_free(&m);
  return (double)equal / (N * (N - 1) / 2);
}

static void chains_that_share_numbers_are_not_copies(void **state) {
  const double own = share_of_equal_pairs(false), shared = share_of_equal_pairs(true);
  print_message("equal pairs: %.5f with own numbers, %.5f with shared ones\n", own, shared);
  assert_close(shared, own, 0.5 * own);
}

/* Of a machine without weights, whose visible units are on with probability 0.047: the mean of some
 * chains that are told to share before they are seeded, or after. */
static double mean_on(size_t hidden, bool before, bool after) {
  enum { N = 40, V = 40 };
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, V, hidden, 0}, 1, 0, 23);
  RsGibbs *gibbs = sampler(&m, false);
  RsGibbsChains *chains = NULL;
  rs_scalar v[N * V] = {0};
  double mean = 0;
  for (size_t i = 0; i < V; ++i) {
    m.biases[i] = -3;
  }
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_share(chains, before);
  rs_gibbs_seed(chains, N, test_rng(24), 0);
  rs_gibbs_share(chains, after);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 2, v, NULL});
  for (size_t i = 0; i < N * V; ++i) {
    mean += (double)v[i] / (N * V);
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  machine_free(&m);
  return mean;
}

/* Six standard deviations. A machine of 4,000 hidden units finds no room in a pool. */
static void sharing_begins_with_a_seeding(void **state) {
  const size_t hidden[] = {20, 4000};
  for (size_t k = 0; k < 2; ++k) {
    for (int order = 0; order < 4; ++order) {
      assert_close(mean_on(hidden[k], order & 1, order & 2), 0.0474, 0.033);
    }
  }
}

/* Where `n` chains of a machine come to. */
static void run_for_long(const Machine *m, size_t n, rs_scalar *v) {
  RsGibbs *gibbs = sampler(m, false);
  RsGibbsChains *chains = NULL;
  assert_ok(rs_gibbs_chains_new(gibbs, n, &chains));
  rs_gibbs_seed(chains, n, test_rng(15), 0);
  const size_t stride = rs_rbm_biases(&m->shape);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){n, m->biases, stride, 1, 20, v, NULL});
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
}

/*
  A hidden unit that is never on: where all of its weight leads to one visible unit, it keeps the
  sampler from its table of rounded sums, and nothing else. One, two and more tiles of the table,
  groups of all lengths at its end.
*/
static void rounded_sums_draw_what_exact_ones_do(void **state) {
  enum { N = 200, WIDEST = 210 };
  const size_t visible[] = {3, 33, 88, 97, 150, WIDEST};
  for (size_t k = 0; k < 6; ++k) {
    const RsRbm shape = {RS_RBM_BERNOULLI, visible[k], 146 + k, 0};
    Machine m = machine_new(shape, N, 0.3, 50 + k);
    rs_scalar *rounded = rs_alloc(2 * N, WIDEST * sizeof *rounded);
    rs_scalar *exact = rounded + N * WIDEST, *never = m.w + (shape.hidden - 1) * shape.visible;
    for (size_t n = 0; n < N; ++n) {
      m.biases[(n + 1) * rs_rbm_biases(&shape) - 1] = -1e9f;
    }
    for (size_t i = 0; i < shape.visible; ++i) {
      never[i] = 300 / (rs_scalar)shape.visible;
    }
    run_for_long(&m, N, rounded);
    memset(never, 0, shape.visible * sizeof *never);
    never[0] = 300;
    run_for_long(&m, N, exact);
    assert_memory_equal(rounded, exact, N * shape.visible * sizeof *exact);
    free(rounded);
    machine_free(&m);
  }
}

/* Two samplers that share no code must give the same means on a machine too large to enumerate. */
static void kernel_and_dense_products_have_the_same_means(void **state) {
  const RsRbm shape = {RS_RBM_BERNOULLI, 88, 150, 0};
  Machine m = machine_new(shape, 1, 0.15, 20);
  double mean[2][88] = {{0}};
  enum { N = 2000 };
  rs_scalar *v = rs_alloc(N, 88 * sizeof *v);
  for (int plain = 0; plain < 2; ++plain) {
    RsGibbs *gibbs = sampler(&m, plain);
    RsGibbsChains *chains = NULL;
    assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
    rs_gibbs_seed(chains, N, test_rng(21), 0);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 30, v, NULL});
    for (size_t i = 0; i < N * 88; ++i) {
      mean[plain][i % 88] += (double)v[i] / N;
    }
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
  }
  for (size_t i = 0; i < 88; ++i) {
    const double p = 0.5 * (mean[0][i] + mean[1][i]);
    assert_close(mean[0][i], mean[1][i], 6 * sqrt(2 * p * (1 - p) / N) + 1e-9);
  }
  free(v);
  machine_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chains_visit_states_by_their_probability),
      cmocka_unit_test(chains_visit_states_with_potentials_on_counts),
      cmocka_unit_test(units_that_are_surely_on_are_on_however_many),
      cmocka_unit_test(a_coupling_scales_the_weights),
      cmocka_unit_test(a_chain_does_not_depend_on_its_batch),
      cmocka_unit_test(chains_that_share_numbers_are_not_copies),
      cmocka_unit_test(sharing_begins_with_a_seeding),
      cmocka_unit_test(rounded_sums_draw_what_exact_ones_do),
      cmocka_unit_test(kernel_and_dense_products_have_the_same_means),
  };
  return run_in_this_flavour(tests);
}
