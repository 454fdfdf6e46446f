/* SPDX-License-Identifier: ISC */

/* Draws in fixed point of 16 bits, against exact ones. */

#include "kernels.h"
#include "machines.h"

#include <rollsmith/gibbs.h>

#include "rbm/sampler.h"
#include "rbm/noise_pool.h"
#include "rbm/fixed16.h"

#include <string.h>

/* sigmoid(x) of each must be the middle of one of 2^16 shares, and all bins be hit alike: 63
 * degrees of freedom, above 140 once in ten million. */
static void logistic_numbers_are_those_of_their_words(void **state) {
  enum { COUNT = 64000, BINS = 64, UNIT = 2048 };
  const RsGibbsKernel *kernel = rs_gibbs_kernel();
  uint32_t words[RS_GIBBS_RNG_WORDS];
  float *noise = rs_alloc(COUNT, sizeof *noise);
  int16_t *fixed = rs_alloc(COUNT, sizeof *fixed);
  double seen[BINS] = {0}, chi = 0;
  rs_rng_words(test_rng(16), 0, RS_GIBBS_RNG_WORDS, words);
  kernel->draw_noise(words, COUNT, UNIT, noise, fixed);
  for (size_t i = 0; i < COUNT; ++i) {
    const double share = 65536 / (1 + exp(-(double)noise[i])) - 0.5;
    assert_true(fabs(share - rint(share)) < 0.1);
    assert_true(fabs(fixed[i] - UNIT * (double)noise[i]) <= 0.5001);
    assert_true(abs(fixed[i]) <= RS_GIBBS_LARGEST_NOISE);
    ++seen[(size_t)rint(share) * BINS / 65536];
  }
  for (size_t i = 0; i < BINS; ++i) {
    chi += (seen[i] - COUNT / BINS) * (seen[i] - COUNT / BINS) / (COUNT / BINS);
  }
  assert_true(chi < 140);
  free(noise);
  free(fixed);
}

/* The first numbers of a chain that shares a pool. */
static const void *numbers_of(RsNoisePool *numbers, const RsGibbsWeights *weights, uint64_t chain) {
  RsGibbsChain one = {0};
  rs_noise_pool_seed(numbers, 1, test_rng(18), chain);
  assert_int_equal(rs_noise_pool_next(numbers, weights, 0, 0, 3, &one), 3);
  return one.noise;
}

/* Chains 0 to 511 read one place in memory, and there stands something else for the next 512. */
static void a_pool_is_for_512_chains(void **state) {
  const RsGibbsWeights weights = {.hidden_pad = 32, .coarse_pad = 32};
  RsNoisePool *numbers = rs_noise_pool_new(rs_gibbs_kernel(), &weights, 1);
  unsigned char before[64];
  assert_non_null(numbers);
  rs_noise_pool_share(numbers, true);
  const void *place = numbers_of(numbers, &weights, 3);
  memcpy(before, place, sizeof before);
  assert_ptr_not_equal(numbers_of(numbers, &weights, 511), place);
  assert_memory_equal(before, place, sizeof before);
  numbers_of(numbers, &weights, 512);
  assert_memory_not_equal(before, place, sizeof before);
  assert_ptr_equal(numbers_of(numbers, &weights, 3), place);
  assert_memory_equal(before, place, sizeof before);
  rs_noise_pool_free(numbers);
}

/* Weights and biases of this spread, and what is added to them. */
typedef struct {
  size_t visible, hidden;
  double spread, weight, visible_bias, hidden_bias;
  bool large; /* does not fit into fixed point */
} Case;

static Machine machine_of(const Case *c, size_t rows, uint64_t seed) {
  const RsRbm shape = {RS_RBM_BERNOULLI, c->visible, c->hidden, 0};
  Machine m = machine_new(shape, rows, c->spread, seed);
  for (size_t i = 0; i < c->visible * c->hidden; ++i) {
    m.w[i] += (rs_scalar)c->weight;
  }
  for (size_t i = 0; i < rows * rs_rbm_biases(&shape); ++i) {
    const bool visible = i % rs_rbm_biases(&shape) < c->visible;
    m.biases[i] += (rs_scalar)(visible ? c->visible_bias : c->hidden_bias);
  }
  return m;
}

/* Where chains that begin with every tenth unit on come to. Gives back whether the weights fit into
 * fixed point. */
static bool run_chains(const Machine *m, size_t n, rs_scalar coupling, rs_scalar *v) {
  RsGibbs *gibbs = NULL;
  RsGibbsChains *chains = NULL;
  assert_ok(rs_gibbs_new(&m->shape, false, &gibbs));
  rs_gibbs_set_weights(gibbs, m->w);
  assert_ok(rs_gibbs_chains_new(gibbs, n, &chains));
  rs_gibbs_seed(chains, n, test_rng(17), 0);
  for (size_t i = 0; i < n * m->shape.visible; ++i) {
    v[i] = i % 10 ? 0 : 1;
  }
  rs_gibbs_run(gibbs, chains,
               &(RsGibbsRun){n, m->biases, rs_rbm_biases(&m->shape), coupling, 20, v, NULL});
  const bool fixed = rs_sparse_uses_fixed16(gibbs);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  return fixed;
}

/*
  With a coupling above 1 fields are taken in float: twice the coupling of half the weights is the
  same machine. Few units on, as in music, and many; one and two words of each layer; weights that
  need fine, coarser and coarse numbers, and more; biases that do not fit into 16 bits; a coupling
  of 1 and one below.
*/
static void fixed_point_draws_what_floats_do(void **state) {
  enum { N = 60, WIDEST = 130 };
  const Case cases[] = {
      {88, 150, 0.3, 0, -3, 0, false},
      {88, 150, 0.5, 0, -6, 0, false},
      {88, 150, 1.0, 0, -12, 0, false},
      {88, 150, 2.0, 0, -20, 0, true},
      {88, 150, 0.3, 0, 0, 0, false},
      {88, 150, 0.02, 0, 0, 0, false},
      {1, 1, 1, 0, 0, 0, false},
      {33, 64, 0.3, 0, -2, 1, false},
      {64, 120, 0.3, 0, -2, -1, false},
      {65, 31, 0.4, 0, -2, 0, false},
      {97, 200, 0.2, 0, -3, 0, false},
      {128, 151, 0.2, 0, -3, 0, false},
      {130, 149, 0.2, 0, -3, 0, true},
      {5, 40, 0.1, 2.9, 0, -17, false},
      {5, 40, 0.1, -2.9, 40, 17, false},
      {88, 150, 0.2, 0, -3, -30, false},
      {5, 40, 0.02, -3.15, 130, 22, false},
  };
  rs_scalar *fixed = rs_alloc(2 * N, WIDEST * sizeof *fixed);
  rs_scalar *exact = fixed + N * WIDEST;
  for (size_t k = 0; k < 2 * sizeof cases / sizeof *cases; ++k) {
    const rs_scalar coupling = k % 2 ? (rs_scalar)0.85 : 1;
    Machine m = machine_of(cases + k / 2, N, 70 + k / 2);
    const bool fits = run_chains(&m, N, coupling, fixed);
    assert_true(fits == (rs_gibbs_kernel()->has_fixed16 && !cases[k / 2].large));
    for (size_t i = 0; i < m.shape.visible * m.shape.hidden; ++i) {
      m.w[i] /= 2;
    }
    run_chains(&m, N, 2 * coupling, exact);
    assert_memory_equal(fixed, exact, N * m.shape.visible * sizeof *fixed);
    machine_free(&m);
  }
  free(fixed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(logistic_numbers_are_those_of_their_words),
      cmocka_unit_test(a_pool_is_for_512_chains),
      cmocka_unit_test(fixed_point_draws_what_floats_do),
  };
  return run_on_each_kernel(tests);
}
