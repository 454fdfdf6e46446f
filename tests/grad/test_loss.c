/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/loss.h>
#include <rollsmith/net.h>

#include <float.h>
#include <string.h>

enum { ROWS = 3, N = 4, COUNT = ROWS * N };

static uint64_t seed;
static const double tolerance = sizeof(rs_real) == sizeof(float) ? 1e-4 : 1e-8;

typedef struct {
  RsLossKind kind;
  bool of_field; /* z are fields, whose activation belongs to the cost */
  Exact z[COUNT];
  rs_scalar t[COUNT];
} Case;

static long double unit_cost(RsLossKind kind, Exact y, Exact t) {
  switch (kind) {
  case RS_LOSS_SQUARED:
    return cabsl(y - t) * cabsl(y - t) / 2;
  case RS_LOSS_LOGISTIC:
    return -creall(t * clogl(y) + (1 - t) * clogl(1 - y));
  case RS_LOSS_SOFTMAX:
    return -creall(t * clogl(y));
  default:
    return creall(y);
  }
}

/* The cost by its definition, with the output's activation where it takes fields. */
static long double cost(void *context) {
  const Case *c = context;
  long double sum = 0;
  for (size_t r = 0; r < ROWS; ++r) {
    Exact total = 0;
    for (size_t i = 0; i < N; ++i) {
      total += cexpl(c->z[r * N + i]);
    }
    for (size_t i = 0; i < N; ++i) {
      const Exact z = c->z[r * N + i];
      const Exact y = !c->of_field                  ? z
                      : c->kind == RS_LOSS_LOGISTIC ? 1 / (1 + cexpl(-z))
                      : c->kind == RS_LOSS_SOFTMAX  ? cexpl(z) / total
                                                    : z;
      sum += unit_cost(c->kind, y, c->t[r * N + i]);
    }
  }
  return sum;
}

static void values(Case *c, Dice *dice, rs_scalar *z) {
  roll_scalars(dice, COUNT, 1, z);
  roll_scalars(dice, COUNT, 1, c->t);
  for (size_t i = 0; i < COUNT; ++i) {
#if !defined RS_SCALAR_COMPLEX
    const bool unit = !c->of_field && (c->kind == RS_LOSS_LOGISTIC || c->kind == RS_LOSS_SOFTMAX);
    z[i] = unit ? (rs_scalar)(0.5 + 0.4 * sin(z[i])) : z[i];
    c->t[i] = c->kind == RS_LOSS_SQUARED ? c->t[i] : (rs_scalar)(0.5 + 0.5 * sin(c->t[i]));
#endif
    c->z[i] = z[i];
  }
}

#if defined RS_SCALAR_COMPLEX
static const RsLossKind kinds[] = {RS_LOSS_SQUARED, RS_LOSS_SUM};
#else
static const RsLossKind kinds[] = {RS_LOSS_SQUARED, RS_LOSS_LOGISTIC, RS_LOSS_SOFTMAX, RS_LOSS_SUM};
#endif
enum { KINDS = sizeof kinds / sizeof *kinds };

/* S3 and section L: costs and slopes, of outputs and of fields. */
static void slopes_are_central_differences(void **state) {
  for (uint64_t turn = 0; turn < 20 * KINDS; ++turn) {
    for (size_t of_field = 0; of_field < 2; ++of_field) {
      Dice dice = dice_new(seed, turn);
      Case c = {.kind = kinds[turn % KINDS], .of_field = of_field};
      rs_scalar z[COUNT], slope[COUNT], expected[COUNT];
      double value = 0;
      values(&c, &dice, z);
      assert_ok((of_field ? rs_loss_delta : rs_loss)(c.kind, ROWS, N, z, c.t, &value, slope, NULL));
      assert_close(value, (double)cost(&c), tolerance * (1 + fabs(value)));
      for (size_t i = 0; i < COUNT; ++i) {
        expected[i] = (rs_scalar)exact_difference(cost, &c, c.z, i);
      }
      assert_scalars_agree("slope", turn, COUNT, slope, expected, tolerance, 0.1);
    }
  }
}

#if !defined RS_SCALAR_COMPLEX
/* The two roads of S3 to the same gradient: dJ/do through o', and both at once. */
static void output_and_field_give_the_same_gradient(void **state) {
  for (size_t i = 0; i < 2; ++i) {
    const RsLayerSpec spec[2] = {
        {.outputs = 5, .activation = RS_TANH, .bias = RS_BIAS_OWN},
        {.outputs = N, .activation = i ? RS_SOFTMAX : RS_SIGMOID, .bias = RS_BIAS_OWN}};
    const RsLossKind kind = i ? RS_LOSS_SOFTMAX : RS_LOSS_LOGISTIC;
    RsNet *net = NULL;
    RsNetWork *work = NULL;
    rs_scalar w[64], x[ROWS * 3], t[COUNT] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1}, d[COUNT];
    rs_scalar g[2][64] = {{0}};
    double costs[2];
    Dice dice = dice_new(seed, i);
    assert_ok(rs_net_new(3, 2, spec, &net, NULL));
    assert_ok(rs_net_work_new(net, ROWS, &work, NULL));
    roll_scalars(&dice, 64, 1, w);
    roll_scalars(&dice, ROWS * 3, 1, x);
    assert_ok(rs_net_forward(net, w, ROWS, x, work, NULL));
    assert_ok(rs_loss(kind, ROWS, N, rs_net_output(work), t, &costs[0], d, NULL));
    assert_ok(rs_net_backward(net, w, work, d, g[0], NULL, NULL));
    assert_ok(rs_loss_delta(kind, ROWS, N, rs_net_field(work), t, &costs[1], d, NULL));
    assert_ok(rs_net_backward_delta(net, w, work, d, g[1], NULL, NULL));
    assert_close(costs[0], costs[1], tolerance * costs[0]);
    assert_scalars_agree("two roads", i, rs_net_parameters(net), g[0], g[1], tolerance, 0.1);
    rs_net_work_free(work);
    rs_net_free(net);
  }
}

static void a_saturated_output_is_an_error_and_a_saturated_field_is_not(void **state) {
  const rs_scalar y[2] = {0, 1}, v[2] = {-800, 800}, t[2] = {1, 0};
  double value = 0;
  rs_scalar d[2];
  for (RsLossKind kind = RS_LOSS_LOGISTIC; kind <= RS_LOSS_SOFTMAX; ++kind) {
    assert_int_equal(rs_loss(kind, 1, 2, y, t, &value, d, NULL), RS_ERR_NONFINITE);
    assert_ok(rs_loss_delta(kind, 1, 2, v, t, &value, d, NULL));
    assert_close(value, 1600, 1e-9);
    assert_close(d[0], -1, 0);
    assert_close(d[1], 1, 0);
  }
}

static void a_target_of_zero_asks_nothing_of_its_output(void **state) {
  const rs_scalar y = 0, t = 0;
  for (RsLossKind kind = RS_LOSS_LOGISTIC; kind <= RS_LOSS_SOFTMAX; ++kind) {
    double value = 1;
    assert_ok(rs_loss(kind, 1, 1, &y, &t, &value, NULL, NULL));
    assert_close(value, 0, 0);
  }
  rs_scalar slope = 1;
  assert_ok(rs_loss(RS_LOSS_SOFTMAX, 1, 1, &y, &t, NULL, &slope, NULL));
  assert_true(slope == 0);
}

/* Of the smallest numbers there is still a logarithm, but no slope. */
static void a_slope_that_overflows_is_an_error_though_the_cost_is_finite(void **state) {
  const rs_scalar y = (sizeof y == sizeof(float) ? FLT_MIN : DBL_MIN) / 16, t = 1;
  double value = 0;
  rs_scalar slope;
  assert_ok(rs_loss(RS_LOSS_SOFTMAX, 1, 1, &y, &t, &value, NULL, NULL));
  assert_int_equal(rs_loss(RS_LOSS_SOFTMAX, 1, 1, &y, &t, &value, &slope, NULL), RS_ERR_NONFINITE);
}

static void a_cost_is_had_without_its_slopes_and_of_nothing(void **state) {
  const rs_scalar v[2] = {1, 2}, t[2] = {1, 0};
  for (RsLossKind kind = RS_LOSS_SQUARED; kind <= RS_LOSS_SOFTMAX; ++kind) {
    double with = 0, without = 1;
    rs_scalar slope[2];
    assert_ok(rs_loss_delta(kind, 1, 2, v, t, &with, slope, NULL));
    assert_ok(rs_loss_delta(kind, 1, 2, v, t, &without, NULL, NULL));
    assert_close(with, without, 0);
    assert_ok(rs_loss_delta(kind, 1, 0, v, t, &without, NULL, NULL));
    assert_close(without, 0, 0);
  }
}
#else
static void costs_of_probabilities_are_refused(void **state) {
  const rs_scalar y = 0.5, t = 1;
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_loss(RS_LOSS_LOGISTIC, 1, 1, &y, &t, NULL, NULL, &error), RS_ERR_ARGUMENT);
  assert_int_equal(rs_loss_delta(RS_LOSS_SOFTMAX, 1, 1, &y, &t, NULL, NULL, &error),
                   RS_ERR_ARGUMENT);
  assert_string_equal(error.message, "logistic and softmax costs are for real outputs");
}
#endif

static void bad_costs_are_refused(void **state) {
  const rs_scalar y = 1, nan = NAN;
  assert_int_equal(rs_loss((RsLossKind)9, 1, 1, &y, &y, NULL, NULL, NULL), RS_ERR_ARGUMENT);
  assert_int_equal(rs_loss(RS_LOSS_SQUARED, 1, 1, &y, NULL, NULL, NULL, NULL), RS_ERR_ARGUMENT);
  assert_int_equal(rs_loss_delta(RS_LOSS_LOGISTIC, 1, 1, &y, NULL, NULL, NULL, NULL),
                   RS_ERR_ARGUMENT);
  assert_int_equal(rs_loss(RS_LOSS_SQUARED, 1, 1, &nan, &y, NULL, NULL, NULL), RS_ERR_NONFINITE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(slopes_are_central_differences),
#if defined RS_SCALAR_COMPLEX
    cmocka_unit_test(costs_of_probabilities_are_refused),
#else
    cmocka_unit_test(output_and_field_give_the_same_gradient),
    cmocka_unit_test(a_saturated_output_is_an_error_and_a_saturated_field_is_not),
    cmocka_unit_test(a_target_of_zero_asks_nothing_of_its_output),
    cmocka_unit_test(a_slope_that_overflows_is_an_error_though_the_cost_is_finite),
    cmocka_unit_test(a_cost_is_had_without_its_slopes_and_of_nothing),
#endif
    cmocka_unit_test(bad_costs_are_refused),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
