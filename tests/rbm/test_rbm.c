/* SPDX-License-Identifier: ISC */

/* Energies, free energies and their gradients, in double, against enumeration and differences. */

#include "machines.h"
#include "seed.h"

#include <rollsmith/likelihood.h>

#include <string.h>

static const RsRbm BERNOULLI = {RS_RBM_BERNOULLI, 5, 4, 0};
static const RsRbm COUNTED = {RS_RBM_BERNOULLI, 4, 4, 2};
static const RsRbm MANY = {RS_RBM_BERNOULLI, 10, 2, 1}; /* more units than classes of counts */
static const RsRbm GAUSSIAN = {RS_RBM_GAUSSIAN, 5, 4, 0};
enum { ROWS = 3 };

static void fill_visible(const RsRbm *shape, size_t rows, uint64_t its_seed, double *v) {
  rs_rng_normal(test_rng(its_seed), 77, rows * shape->visible, v);
  for (size_t i = 0; shape->kind == RS_RBM_BERNOULLI && i < rows * shape->visible; ++i) {
    v[i] = v[i] > 0;
  }
}

static void check_free_energy(RsRbm shape) {
  Machine m = machine_new(shape, ROWS, 0.8, seed_of(1));
  RsRbmWork *work = NULL;
  double v[ROWS * 10], f[ROWS];
  fill_visible(&shape, ROWS, 2, v);
  for (size_t i = 0; shape.planes && i < 9 && i < shape.visible; ++i) {
    v[i] = 1;
  }
  assert_ok(rs_rbm_work_new(&shape, ROWS, &work));
  rs_rbm_free_energy(&shape, m.w, ROWS, m.biases, v, work, f);
  for (size_t n = 0; n < ROWS; ++n) {
    assert_close(f[n], machine_free_energy(&m, n, v + n * shape.visible), 1e-12);
  }
  rs_rbm_work_free(work);
  machine_free(&m);
}

static void free_energy_is_the_sum_over_hidden_states(void **state) {
  check_free_energy(BERNOULLI);
  check_free_energy(COUNTED);
  check_free_energy(MANY);
  check_free_energy(GAUSSIAN);
}

static void hidden_probability_is_the_ratio_of_sums(void **state) {
  const RsRbm shapes[] = {BERNOULLI, GAUSSIAN};
  for (size_t k = 0; k < 2; ++k) {
    Machine m = machine_new(shapes[k], 1, 0.8, seed_of(3));
    RsRbmWork *work = NULL;
    double v[5], s[4];
    fill_visible(&shapes[k], 1, 4, v);
    assert_ok(rs_rbm_work_new(&shapes[k], 1, &work));
    rs_rbm_hidden(&shapes[k], m.w, 1, m.biases, v, work, s);
    for (size_t j = 0; j < 4; ++j) {
      double on = 0, all = 0;
      for (size_t h = 0; h < 16; ++h) {
        const double p = exp(-machine_energy(&m, 0, v, h));
        all += p;
        on += h >> j & 1 ? p : 0;
      }
      assert_close(s[j], on / all, 1e-13);
    }
    rs_rbm_work_free(work);
    machine_free(&m);
  }
}

static double total(const Machine *m, const double *v) {
  double sum = 0;
  for (size_t n = 0; n < ROWS; ++n) {
    sum += machine_free_energy(m, n, v + n * m->shape.visible);
  }
  return sum;
}

/* Central difference of the total free energy along one number. */
static double slope(const Machine *m, const double *v, double *number) {
  const double step = 1e-5;
  const double kept = *number;
  *number = kept + step;
  const double above = total(m, v);
  *number = kept - step;
  const double below = total(m, v);
  *number = kept;
  return (above - below) / (2 * step);
}

static void check_gradient(RsRbm shape, double sign, bool sparse) {
  Machine m = machine_new(shape, ROWS, 0.8, seed_of(5));
  const size_t row = rs_rbm_biases(&shape);
  RsRbmWork *work = NULL;
  double v[ROWS * 5], dw[20], dbiases[ROWS * 24];
  fill_visible(&shape, ROWS, 6, v);
  for (size_t at = 0; sparse && at < ROWS * shape.visible; ++at) {
    v[at] = at == 2 ? 1 : at == shape.visible ? 0.75 : 0; /* one unit a frame, none in the last */
  }
  for (size_t i = 0; i < 20; ++i) {
    dw[i] = 100; /* gradients add to what is there */
  }
  memset(dbiases, 0, sizeof dbiases);
  assert_ok(rs_rbm_work_new(&shape, ROWS, &work));
  rs_rbm_gradient(&shape, m.w, ROWS, m.biases, v, sign, work, dw, dbiases);
  for (size_t i = 0; i < shape.hidden * shape.visible; ++i) {
    assert_close(dw[i] - 100, sign * slope(&m, v, m.w + i), 1e-8);
  }
  for (size_t i = 0; i < ROWS * row; ++i) {
    assert_close(dbiases[i], sign * slope(&m, v, m.biases + i), 1e-8);
  }
  rs_rbm_work_free(work);
  machine_free(&m);
}

static void gradients_agree_with_differences(void **state) {
  check_gradient(BERNOULLI, 1, false);
  check_gradient(BERNOULLI, -1, false);
  check_gradient(BERNOULLI, -0.5, true); /* sums of rows in place of products */
  check_gradient(COUNTED, 1, false);
  check_gradient(COUNTED, -0.5, true);
  check_gradient(GAUSSIAN, 1, false);
  check_gradient(GAUSSIAN, -0.5, false);
}

/* Against its two halves, which are held against differences above. */
static void check_contrast(RsRbm shape, bool sparse) {
  Machine m = machine_new(shape, ROWS, 0.8, seed_of(8));
  RsRbmWork *work = NULL;
  double v[ROWS * 5], sample[ROWS * 5], dw[2][20], dbiases[2][ROWS * 24];
  fill_visible(&shape, ROWS, 6, v);
  fill_visible(&shape, ROWS, 7, sample);
  for (size_t at = 0; sparse && at < ROWS * shape.visible; ++at) {
    v[at] = at == shape.visible - 1 ? 1 : at == shape.visible ? 0.75 : 0;
    sample[at] = at == shape.visible - 1 || at == shape.visible + 1;
  }
  for (size_t i = 0; i < 20; ++i) {
    dw[0][i] = dw[1][i] = 100;
  }
  memset(dbiases[0], 0, sizeof dbiases[0]);
  memset(dbiases[1], 0xFF, sizeof dbiases[1]); /* the contrast drops what was there */
  assert_ok(rs_rbm_work_new(&shape, ROWS, &work));
  rs_rbm_gradient(&shape, m.w, ROWS, m.biases, v, 0.5, work, dw[0], dbiases[0]);
  rs_rbm_gradient(&shape, m.w, ROWS, m.biases, sample, -0.5, work, dw[0], dbiases[0]);
  rs_rbm_contrast(&shape, m.w, ROWS, m.biases, v, sample, 0.5, work, dw[1], dbiases[1]);
  for (size_t i = 0; i < shape.visible * shape.hidden; ++i) {
    assert_close(dw[1][i], dw[0][i], 1e-12);
  }
  for (size_t i = 0; i < ROWS * rs_rbm_biases(&shape); ++i) {
    assert_close(dbiases[1][i], dbiases[0][i], 1e-12);
  }
  rs_rbm_work_free(work);
  machine_free(&m);
}

static void a_contrast_is_the_difference_of_its_gradients(void **state) {
  check_contrast(BERNOULLI, false);
  check_contrast(BERNOULLI, true);
  check_contrast(COUNTED, false);
  check_contrast(COUNTED, true);
  check_contrast(GAUSSIAN, false);
}

static void log_z_is_the_sum_over_all_states(void **state) {
  const RsRbm shapes[] = {BERNOULLI, COUNTED, MANY};
  for (size_t k = 0; k < 3; ++k) {
    Machine m = machine_new(shapes[k], 1, 1.2, seed_of(7));
    double log_z = 0;
    assert_ok(rs_log_z_exact(&m.shape, m.w, m.biases, &log_z));
    assert_close(log_z, machine_log_z(&m, 0), 1e-12);
    memset(m.w, 0, m.shape.hidden * m.shape.visible * sizeof *m.w);
    assert_close(rs_log_z_uncoupled(&m.shape, m.w, m.biases), machine_log_z(&m, 0), 1e-12);
    machine_free(&m);
  }
}

/*
  Of one visible unit: the mean over v and h of the gradient, by G14 and p(h), against quadrature of
  the gradient over v.
*/
static void a_mean_given_hidden_units_is_that_over_all_frames(void **state) {
  enum { H = 2, BIASES = 2 + H };
  const RsRbm shape = {RS_RBM_GAUSSIAN, 1, H, 0};
  Machine m = machine_new(shape, 1, 0.8, seed_of(8));
  RsRbmWork *work = NULL;
  double log_z = 0, over_v[H + BIASES] = {0}, over_h[H + BIASES] = {0};
  assert_ok(rs_rbm_work_new(&shape, 1, &work));
  assert_ok(rs_log_z_exact(&shape, m.w, m.biases, &log_z));
  for (double v = -30; v <= 30; v += 0.01) {
    const double p = 0.01 * exp(-machine_free_energy(&m, 0, &v) - log_z);
    rs_rbm_gradient(&shape, m.w, 1, m.biases, &v, p, work, over_v, over_v + H);
  }
  const double sigma = exp(0.5 * m.biases[1 + H]);
  for (size_t bits = 0; bits < 1 << H; ++bits) {
    double h[H], q = 0, log_p = 0.5 * log(2 * M_PI) + log(sigma) - log_z;
    bits_to_units(bits, H, h);
    for (size_t j = 0; j < H; ++j) {
      q += h[j] * m.w[j];
      log_p += h[j] * m.biases[1 + j];
    }
    log_p += q * q / 2 + m.biases[0] / sigma * q;
    rs_rbm_gradient_of_hidden(&shape, m.w, 1, m.biases, h, exp(log_p), work, over_h, over_h + H);
  }
  for (size_t i = 0; i < H + BIASES; ++i) {
    assert_close(over_h[i], over_v[i], 1e-9);
  }
  rs_rbm_work_free(work);
  machine_free(&m);
}

/* A Gaussian machine of one visible unit: its Z by quadrature of e^-F. */
static void gaussian_log_z_is_the_integral(void **state) {
  const RsRbm shape = {RS_RBM_GAUSSIAN, 1, 4, 0};
  Machine m = machine_new(shape, 1, 0.8, seed_of(8));
  double integral = 0;
  for (double v = -40; v <= 40; v += 0.01) {
    integral += 0.01 * exp(-machine_free_energy(&m, 0, &v));
  }
  double log_z = 0;
  assert_ok(rs_log_z_exact(&shape, m.w, m.biases, &log_z));
  assert_close(log_z, log(integral), 1e-10);
  memset(m.w, 0, 4 * sizeof *m.w);
  assert_ok(rs_log_z_exact(&shape, m.w, m.biases, &log_z));
  assert_close(rs_log_z_uncoupled(&shape, m.w, m.biases), log_z, 1e-12);
  machine_free(&m);
}

static void what_cannot_be_is_refused(void **state) {
  const RsRbm none = {RS_RBM_BERNOULLI, 0, 3, 0};
  const RsRbm huge = {RS_RBM_BERNOULLI, SIZE_MAX / 2, 3, 0};
  const RsRbm deep = {RS_RBM_BERNOULLI, 1, RS_EXACT_HIDDEN_MAX + 1, 0};
  RsRbmWork *work = NULL;
  RsGibbs *gibbs = NULL;
  double log_z = 0;
  assert_int_equal(rs_rbm_work_new(&none, 1, &work), RS_ERR_ARGUMENT);
  assert_int_equal(rs_rbm_work_new(&huge, 3, &work), RS_ERR_OVERFLOW);
  assert_int_equal(rs_gibbs_new(&none, false, &gibbs), RS_ERR_ARGUMENT);
  assert_int_equal(rs_log_z_exact(&deep, NULL, NULL, &log_z), RS_ERR_ARGUMENT);
  rs_rbm_work_free(NULL);
  rs_gibbs_free(NULL);
  rs_gibbs_chains_free(NULL);
  rs_ais_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(free_energy_is_the_sum_over_hidden_states),
      cmocka_unit_test(hidden_probability_is_the_ratio_of_sums),
      cmocka_unit_test(gradients_agree_with_differences),
      cmocka_unit_test(a_contrast_is_the_difference_of_its_gradients),
      cmocka_unit_test(log_z_is_the_sum_over_all_states),
      cmocka_unit_test(a_mean_given_hidden_units_is_that_over_all_frames),
      cmocka_unit_test(gaussian_log_z_is_the_integral),
      cmocka_unit_test(what_cannot_be_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
