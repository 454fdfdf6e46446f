/* SPDX-License-Identifier: ISC */

/* Kernels against each other: all draw the same bytes. */

#include "kernels.h"
#include "machines.h"

#include <rollsmith/gibbs.h>

#include "rbm/exact_sums.h"

#include <string.h>

/* A machine, and how its chains run. */
typedef struct {
  size_t visible, hidden;
  double spread, visible_bias;
  float coupling;
  bool share;
  size_t planes;
} Case;

static const Case cases[] = {
    {88, 150, 0.3, -3, 1, false, 0},   {88, 150, 0.3, -3, 0.7f, false, 0},
    {88, 150, 0.3, -3, 1.3f, true, 0}, {88, 150, 2.0, -20, 1, false, 0}, /* too large for 16 bits */
    {88, 150, 60.0, 0, 1, false, 0},                                     /* no exact sums */
    {1, 1, 1, 0, 1, false, 0},         {130, 149, 0.2, -3, 1, true, 0},  /* too wide for 16 bits */
    {210, 64, 0.2, -3, 1, false, 0},   {88, 2000, 0.1, -3, 1, false, 0}, /* too many for a table */
    {72, 200, 0.3, -3, 1, true, 2},    {176, 150, 0.3, -3, 0.7f, false, 2},
    {88, 150, 60.0, 0, 1, false, 1},   {30, 30, 0.5, 0, 1, false, 15},
    {90, 2000, 0.1, -2, 1, false, 3},
};

enum { CHAINS = 40, STEPS = 60, MOST = 210, V = 96, H = 160 };

/* Where chains come to. */
static void draw(const Case *c, uint64_t seed, rs_scalar *v) {
  const RsRbm shape = {RS_RBM_BERNOULLI, c->visible, c->hidden, c->planes};
  Machine m = machine_new(shape, 1, c->spread, seed);
  RsGibbs *gibbs = NULL;
  RsGibbsChains *chains = NULL;
  for (size_t i = 0; i < c->visible; ++i) {
    m.biases[i] += (rs_scalar)c->visible_bias;
  }
  memset(v, 0, CHAINS * c->visible * sizeof *v);
  assert_ok(rs_gibbs_new(&shape, false, &gibbs));
  rs_gibbs_set_weights(gibbs, m.w);
  assert_ok(rs_gibbs_chains_new(gibbs, CHAINS, &chains));
  rs_gibbs_share(chains, c->share);
  rs_gibbs_seed(chains, CHAINS, test_rng(seed), 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){CHAINS, m.biases, 0, c->coupling, STEPS, v, NULL});
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  machine_free(&m);
}

static void all_kernels_draw_the_same_bytes(void **state) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    static rs_scalar expected[CHAINS * MOST], v[CHAINS * MOST];
    const RsGibbsKernel *kernel = &rs_gibbs_kernel_plain;
    choose_kernel(kernel);
    draw(cases + k, 80 + k, expected);
    for (size_t i = 0; (kernel = rs_gibbs_kernel_at(i)); ++i) {
      choose_kernel(kernel);
      draw(cases + k, 80 + k, v);
      if (memcmp(v, expected, CHAINS * cases[k].visible * sizeof *v) != 0) {
        fail_msg("case %zu: %s draws other samples than plain", k, kernel->name);
      }
    }
  }
}

/* So many numbers that each of the 65,536 there are is among them. */
static void all_kernels_have_the_same_logistic_numbers(void **state) {
  enum { COUNT = 1 << 20, UNIT = 2048 };
  float *noise = rs_alloc(2 * COUNT, sizeof *noise);
  int16_t *fixed = rs_alloc(2 * COUNT, sizeof *fixed);
  uint32_t words[2][RS_GIBBS_RNG_WORDS];
  const RsGibbsKernel *kernel = NULL;
  rs_rng_words(test_rng(16), 0, RS_GIBBS_RNG_WORDS, words[0]);
  rs_gibbs_kernel_plain.draw_noise(words[0], COUNT, UNIT, noise, fixed);
  for (size_t i = 0; (kernel = rs_gibbs_kernel_at(i)); ++i) {
    rs_rng_words(test_rng(16), 0, RS_GIBBS_RNG_WORDS, words[1]);
    kernel->draw_noise(words[1], COUNT, UNIT, noise + COUNT, fixed + COUNT);
    assert_memory_equal(words[0], words[1], sizeof *words);
    assert_memory_equal(noise, noise + COUNT, COUNT * sizeof *noise);
    assert_memory_equal(fixed, fixed + COUNT, COUNT * sizeof *fixed);
  }
  free(noise);
  free(fixed);
}

static void the_environment_chooses_a_kernel(void **state) {
  const RsGibbsKernel *kernel = NULL;
  const RsRbm shape = {RS_RBM_BERNOULLI, 4, 3, 0};
  RsGibbs *gibbs = NULL;
  for (size_t i = 0; (kernel = rs_gibbs_kernel_at(i)); ++i) {
    choose_kernel(kernel);
    assert_ptr_equal(rs_gibbs_kernel(), kernel);
    print_message("kernel: %s\n", kernel->name);
  }
  setenv("ROLLSMITH_KERNEL", "fastest", 1);
  assert_null(rs_gibbs_kernel());
  assert_int_equal(rs_gibbs_new(&shape, false, &gibbs), RS_ERR_SETTING);
  unsetenv("ROLLSMITH_KERNEL");
  assert_ptr_equal(rs_gibbs_kernel(), rs_gibbs_kernel_at(0));
}

/* Weights in both orders, of which those of the first row are larger. */
static bool round_some(double spread, double first, rs_scalar *rows, rs_scalar *columns) {
  const Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, V, H, 0}, 0, spread, 90);
  const RsGibbsWeights weights = {.visible = V,
                                  .hidden = H,
                                  .visible_pad = V,
                                  .hidden_pad = H,
                                  .rows = rows,
                                  .columns = columns};
  rs_scalar scratch[2 * H];
  for (size_t j = 0; j < H; ++j) {
    for (size_t i = 0; i < V; ++i) {
      rows[j * V + i] = columns[i * H + j] = m.w[j * V + i] * (rs_scalar)(j ? 1 : first);
    }
  }
  const bool rounded = rs_round_to_exact_sums(&weights, scratch);
  for (size_t n = 0; n < V * H; ++n) {
    const rs_scalar before = m.w[n] * (rs_scalar)(n < V ? first : 1);
    assert_close(rows[n], before, rounded ? 0x1p-13 * fmax(1, fabs((double)before) / 64) : 0);
    assert_true(rows[n] == columns[n % V * H + n / V]);
  }
  free(m.w);
  free(m.biases);
  return rounded;
}

/* Of all numbers, and of those above 0 or below. */
static void assert_exact(size_t n, const rs_scalar *x, size_t stride) {
  for (int sign = -1; sign <= 1; ++sign) {
    rs_scalar sum = 0;
    double exact = 0;
    for (size_t i = 0; i < n; ++i) {
      const rs_scalar value = sign * x[i * stride] < 0 ? 0 : x[i * stride];
      sum += value;
      exact += (double)value;
    }
    assert_true((double)sum == exact);
  }
}

static void sums_of_rounded_weights_are_exact(void **state) {
  static rs_scalar rows[V * H], columns[V * H];
  const double spreads[] = {1e-6, 0.01, 0.3, 3}, firsts[] = {1, 7};
  for (size_t k = 0; k < 8; ++k) {
    assert_true(round_some(spreads[k / 2], firsts[k % 2], rows, columns));
    for (size_t j = 0; j < H; ++j) {
      assert_exact(V, rows + j * V, 1);
    }
    for (size_t i = 0; i < V; ++i) {
      assert_exact(H, rows + i, V);
    }
  }
}

static void weights_of_too_large_sums_stay_as_they_are(void **state) {
  static rs_scalar rows[V * H], columns[V * H];
  assert_false(round_some(60, 1, rows, columns));
  assert_false(round_some(1, 100, rows, columns));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_environment_chooses_a_kernel),
      cmocka_unit_test(all_kernels_have_the_same_logistic_numbers),
      cmocka_unit_test(all_kernels_draw_the_same_bytes),
      cmocka_unit_test(sums_of_rounded_weights_are_exact),
      cmocka_unit_test(weights_of_too_large_sums_stay_as_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
