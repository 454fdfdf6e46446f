/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "base/elementwise.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <float.h>
#include <stdbool.h>

typedef void (*Function)(size_t n, const rs_scalar *x, rs_scalar *y);

enum { COUNT = 40003 }; /* not a multiple of any vector's length */

#if !defined RS_SCALAR_COMPLEX

#define EPSILON (sizeof(rs_scalar) == sizeof(double) ? DBL_EPSILON : (double)FLT_EPSILON)

static double sigmoid(double x) {
  return 1 / (1 + exp(-x));
}

static double softplus(double x) {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* Numbers dense in [-range, range], with some that are tiny. */
static void spread(double range, rs_scalar *x) {
  for (size_t i = 0; i < COUNT; ++i) {
    const double u = 2.0 * (double)i / (COUNT - 1) - 1;
    x[i] = (rs_scalar)(i % 4 ? range * u : range * u * pow(1e-3, (double)(i % 16)));
  }
}

static void assert_follows(Function function, double (*reference)(double), double range) {
  rs_scalar *x = rs_alloc(COUNT, sizeof *x), *y = rs_alloc(COUNT, sizeof *y);
  spread(range, x);
  function(COUNT, x, y);
  for (size_t i = 0; i < COUNT; ++i) {
    const double expected = reference((double)x[i]);
    assert_close(y[i], expected, 4 * EPSILON * fabs(expected));
  }
  function(COUNT, x, x);
  assert_memory_equal(x, y, COUNT * sizeof *x);
  free(x);
  free(y);
}

static void the_functions_are_within_four_units_of_the_library(void **state) {
  assert_follows(rs_exp, exp, 80);
  assert_follows(rs_tanh, tanh, 25);
  assert_follows(rs_tanh, tanh, 0.5);
  assert_follows(rs_sigmoid, sigmoid, 80);
  assert_follows(rs_sigmoid, sigmoid, 2);
  assert_follows(rs_softplus, softplus, 80);
  assert_follows(rs_softplus, softplus, 2);
}

/* FNV-1a. */
static uint64_t hash_of(Function function) {
  rs_scalar *x = rs_alloc(COUNT, sizeof *x);
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < COUNT; ++i) {
    x[i] = (rs_scalar)(((int)i - COUNT / 2) * 0x1p-10);
  }
  function(COUNT, x, x);
  const unsigned char *bytes = (const unsigned char *)x;
  for (size_t i = 0; i < COUNT * sizeof *x; ++i) {
    hash = (hash ^ bytes[i]) * 0x100000001b3;
  }
  free(x);
  return hash;
}

/* A fused multiply-add, or another order, changes last bits of some. */
static void every_processor_computes_the_same_bits(void **state) {
  const bool is_double = sizeof(rs_scalar) == sizeof(double);
  const uint64_t expected[4][2] = {{0xead2a9bc50d16dce, 0x1f464c8214425a96},
                                   {0x6b7754e453ae5185, 0x6f48ded1d39d5b29},
                                   {0x526054cf008fa96e, 0x41dd1bd4b9a800a4},
                                   {0xe849ed13cf69d21a, 0x8cde4585e0e58f7a}};
  const Function functions[4] = {rs_exp, rs_tanh, rs_sigmoid, rs_softplus};
  for (size_t i = 0; i < 4; ++i) {
    const uint64_t hash = hash_of(functions[i]);
    if (hash != expected[i][is_double]) {
      fail_msg("function %zu: 0x%016llx", i, (unsigned long long)hash);
    }
  }
}

static void their_ends_are_the_limits(void **state) {
  const rs_scalar x[4] = {-INFINITY, -800, 800, INFINITY};
  rs_scalar y[4];
  rs_exp(4, x, y);
  assert_true(y[0] == 0 && y[1] == 0 && isinf(y[2]) && isinf(y[3]));
  rs_tanh(4, x, y);
  assert_true(y[0] == -1 && y[1] == -1 && y[2] == 1 && y[3] == 1);
  rs_sigmoid(4, x, y);
  assert_true(y[0] == 0 && y[1] == 0 && y[2] == 1 && y[3] == 1);
  rs_softplus(4, x, y);
  assert_true(y[0] == 0 && y[1] == 0 && y[2] == 800 && isinf(y[3]));
}

static void the_largest_exponential_is_finite(void **state) {
  const rs_scalar x = (rs_scalar)(log(EPSILON == DBL_EPSILON ? DBL_MAX : (double)FLT_MAX) - 1e-3);
  rs_scalar y;
  rs_exp(1, &x, &y);
  assert_true(isfinite(y));
  assert_close(y / exp(x), 1, 4 * EPSILON);
}

#else

static void assert_solves(Function function, rs_scalar (*residual)(rs_scalar x, rs_scalar y)) {
  for (int i = -40; i <= 40; ++i) {
    const rs_scalar x = 0.3 * i + 0.07 * i * _Complex_I;
    rs_scalar y;
    function(1, &x, &y);
    assert_close(cabs(residual(x, y)), 0, 1e-13);
  }
}

static rs_scalar tanh_residual(rs_scalar x, rs_scalar y) {
  return y - csinh(x) / ccosh(x);
}

static rs_scalar exp_residual(rs_scalar x, rs_scalar y) {
  return y * cexp(-x) - 1;
}

static rs_scalar sigmoid_residual(rs_scalar x, rs_scalar y) {
  return y * (1 + cexp(-x)) - 1;
}

static rs_scalar softplus_residual(rs_scalar x, rs_scalar y) {
  return cexp(y) / (1 + cexp(x)) - 1;
}

static void the_functions_solve_their_equations(void **state) {
  assert_solves(rs_exp, exp_residual);
  assert_solves(rs_tanh, tanh_residual);
  assert_solves(rs_sigmoid, sigmoid_residual);
  assert_solves(rs_softplus, softplus_residual);
}

static void large_arguments_do_not_overflow(void **state) {
  const rs_scalar x[2] = {-900 + 1 * _Complex_I, 900 + 1 * _Complex_I};
  rs_scalar y[2];
  rs_sigmoid(2, x, y);
  assert_close(cabs(y[0]), 0, 1e-300);
  assert_close(cabs(y[1] - 1), 0, 1e-300);
  rs_softplus(2, x, y);
  assert_close(cabs(y[0]), 0, 1e-300);
  assert_close(cabs(y[1] - x[1]), 0, 1e-300);
}

#endif

static void a_nan_stays_one(void **state) {
  const Function functions[] = {rs_exp, rs_tanh, rs_sigmoid, rs_softplus};
  for (size_t i = 0; i < 4; ++i) {
    rs_scalar x[9] = {0};
    x[5] = NAN;
    functions[i](9, x, x);
    assert_true(x[5] != x[5]);
    assert_true(x[4] == x[4] && x[6] == x[6]);
  }
}

static void one_number_that_is_not_finite_is_found_anywhere(void **state) {
  rs_scalar x[37] = {0};
  assert_true(rs_all_finite(37, x));
  for (size_t i = 0; i < 37; ++i) {
    const rs_scalar bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t j = 0; j < 3; ++j) {
      x[i] = bad[j];
      assert_false(rs_all_finite(37, x));
    }
    x[i] = (rs_scalar)FLT_MAX;
    assert_true(rs_all_finite(37, x));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
#if defined RS_SCALAR_COMPLEX
    cmocka_unit_test(the_functions_solve_their_equations),
    cmocka_unit_test(large_arguments_do_not_overflow),
#else
    cmocka_unit_test(the_functions_are_within_four_units_of_the_library),
    cmocka_unit_test(every_processor_computes_the_same_bits),
    cmocka_unit_test(their_ends_are_the_limits),
    cmocka_unit_test(the_largest_exponential_is_finite),
#endif
    cmocka_unit_test(a_nan_stays_one),
    cmocka_unit_test(one_number_that_is_not_finite_is_found_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
