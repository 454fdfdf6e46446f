/* SPDX-License-Identifier: ISC */

/* Samplers of Gaussian machines against exact distributions, in the flavour that this is compiled
 * for. */

#include "chains.h"

#include "rbm/collapsed.h"

/* Mean and variance of a Gaussian machine's visible unit, by sums over h in closed form. */
static void check_moments(bool plain) {
  const RsRbm shape = {RS_RBM_GAUSSIAN, 1, 3, 0};
  Machine m = machine_new(shape, 1, 0.7, 30);
  double weight = 0, mean = 0, square = 0;
  const double sigma = exp(0.5 * (double)m.biases[4]);
  for (size_t h = 0; h < 8; ++h) {
    double field = 0, bias = 0;
    for (size_t j = 0; j < 3; ++j) {
      field += h >> j & 1 ? (double)m.w[j] : 0;
      bias += h >> j & 1 ? (double)m.biases[1 + j] : 0;
    }
    const double p = exp(bias + 0.5 * field * field + (double)m.biases[0] / sigma * field);
    const double centre = (double)m.biases[0] + sigma * field;
    weight += p;
    mean += p * centre;
    square += p * (centre * centre + sigma * sigma);
  }
  mean /= weight;
  const double variance = square / weight - mean * mean;
  enum { N = 10000 };
  RsGibbs *gibbs = sampler(&m, plain);
  RsGibbsChains *chains = NULL;
  rs_scalar *v = rs_alloc(N, sizeof *v);
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_seed(chains, N, test_rng(31), 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 40, v, NULL});
  double seen_mean = 0, seen_square = 0;
  for (size_t n = 0; n < N; ++n) {
    seen_mean += (double)v[n] / N;
    seen_square += (double)v[n] * (double)v[n] / N;
  }
  assert_close(seen_mean, mean, 6 * sqrt(variance / N));
  assert_close(seen_square - seen_mean * seen_mean, variance, 0.08 * variance);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  free(v);
  machine_free(&m);
}

static void gaussian_chains_have_their_moments(void **state) {
  check_moments(false);
  check_moments(true);
}

/* log of the unnormalised p(h), equation G10, of a machine whose rows of biases are all one. */
static double log_hidden(const Machine *m, double coupling, size_t h) {
  const RsRbm *shape = &m->shape;
  const rs_scalar *b = m->biases + shape->visible, *z = b + shape->hidden;
  double sum = 0;
  for (size_t j = 0; j < shape->hidden; ++j) {
    sum += h >> j & 1 ? (double)b[j] : 0;
  }
  for (size_t i = 0; i < shape->visible; ++i) {
    double q = 0;
    for (size_t j = 0; j < shape->hidden; ++j) {
      q += h >> j & 1 ? coupling * (double)m->w[j * shape->visible + i] : 0;
    }
    sum += q * q / 2 + (double)m->biases[i] * exp(-0.5 * (double)z[i]) * q;
  }
  return sum;
}

/* Chi-square of the hidden units from which the last frames were drawn. */
static void gaussian_hidden_units_have_their_probability(void **state) {
  enum { HIDDEN = 4, N = 20000, V = 3 };
  Machine m = machine_new((RsRbm){RS_RBM_GAUSSIAN, V, HIDDEN, 0}, 1, 0.7, 33);
  for (int k = 0; k < 2; ++k) {
    const double coupling = k ? 0.6 : 1;
    RsGibbs *gibbs = sampler(&m, false);
    RsGibbsChains *chains = NULL;
    rs_scalar *v = rs_alloc(N, V * sizeof *v);
    double seen[HIDDEN_STATES] = {0}, total = 0, chi = 0;
    assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
    rs_gibbs_seed(chains, N, test_rng(34), 0);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, (rs_scalar)coupling, 20, v, NULL});
    for (size_t n = 0; n < N; ++n) {
      size_t h = 0;
      for (size_t j = 0; j < HIDDEN; ++j) {
        h |= (size_t)(rs_gibbs_hidden(chains)[n * HIDDEN + j] > 0) << j;
      }
      ++seen[h];
    }
    for (size_t h = 0; h < HIDDEN_STATES; ++h) {
      total += exp(log_hidden(&m, coupling, h));
    }
    for (size_t h = 0; h < HIDDEN_STATES; ++h) {
      const double expected = N * exp(log_hidden(&m, coupling, h)) / total;
      chi += (seen[h] - expected) * (seen[h] - expected) / expected;
    }
    assert_true(chi < chi_square_above(HIDDEN_STATES - 1));
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
    free(v);
  }
  machine_free(&m);
}

/* A gate 14 standard deviations wide, on with probability 0.3: no block Gibbs chain ever gets over.
 */
static double share_beyond(bool plain) {
  enum { N = 4000 };
  Machine m = machine_new((RsRbm){RS_RBM_GAUSSIAN, 1, 1, 0}, 1, 0, 1);
  m.w[0] = 14;
  m.biases[1] = (rs_scalar)(log(0.3 / 0.7) - 98);
  m.biases[2] = (rs_scalar)(2 * log(0.05));
  RsGibbs *gibbs = sampler(&m, plain);
  RsGibbsChains *chains = NULL;
  rs_scalar *v = rs_alloc(N, sizeof *v);
  double share = 0;
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_seed(chains, N, test_rng(35), 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 3, v, NULL});
  for (size_t n = 0; n < N; ++n) {
    share += v[n] > (rs_scalar)0.35 ? 1.0 / N : 0;
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  free(v);
  machine_free(&m);
  return share;
}

static void small_variances_do_not_pin_a_chain(void **state) {
  assert_close(share_beyond(true), 0, 0);
  assert_close(share_beyond(false), 0.3, 6 * sqrt(0.21 / 4000));
}

/* ---- The hidden units of a Gaussian machine ---- */

/* Words that are spread evenly leave nothing to chance: the logarithm is as good as the words. */
static void a_unit_is_on_by_the_share_of_its_words(void **state) {
  enum { WORDS = 20000 };
  const rs_scalar gram[] = {(rs_scalar)0.5};
  for (int k = -5; k <= 5; ++k) {
    const rs_scalar given[] = {(rs_scalar)(0.7 * k)};
    const RsCollapsed machine = {1, gram, given, 1, 1};
    double on = 0;
    for (size_t n = 0; n < WORDS; ++n) {
      const uint32_t word = (uint32_t)((n + 0.5) / WORDS * 0x1p32);
      rs_scalar h = 0, sum = 0;
      rs_collapsed_pass(&machine, &word, &h, &sum);
      on += (double)h / WORDS;
    }
    assert_close(on, 1 / (1 + exp(-0.7 * k - 0.25)), 1.5 / WORDS);
  }
}

static void units_that_are_drawn_alone_do_not_hear_each_other(void **state) {
  const rs_scalar gram[] = {1, -50, -50, 1}, given[] = {2, 2};
  const RsCollapsed machine = {2, gram, given, 1, 1};
  const uint32_t words[] = {1u << 30, 1u << 30};
  rs_scalar h[] = {1, 1}, sum[] = {0, 0};
  rs_collapsed_draw(&machine, words, h, sum);
  assert_close(h[0] + h[1], 2, 0);
  assert_close(sum[0], -49, 0);
  rs_collapsed_pass(&machine, words, h, sum);
  assert_close(h[0], 0, 0);
  assert_close(h[1], 1, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gaussian_chains_have_their_moments),
      cmocka_unit_test(gaussian_hidden_units_have_their_probability),
      cmocka_unit_test(small_variances_do_not_pin_a_chain),
      cmocka_unit_test(a_unit_is_on_by_the_share_of_its_words),
      cmocka_unit_test(units_that_are_drawn_alone_do_not_hear_each_other),
  };
  return run_in_this_flavour(tests);
}
