/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/jacobian.h>
#include <rollsmith/loss.h>
#include <rollsmith/optimiser.h>

#include <string.h>

static uint64_t seed;
static const double tolerance = sizeof(rs_real) == sizeof(float) ? 1e-5 : 1e-13;

static double apart(rs_scalar a, rs_scalar b) {
  return cabs((double complex)(a - b));
}

/* Two steps of each rule on two numbers, by hand. */
static void each_rule_is_what_it_is_by_hand(void **state) {
  const RsOptimiserSpec spec[3] = {
      {RS_SGD, (rs_real)0.5, 0, 0, 0},
      {RS_MOMENTUM, (rs_real)0.5, (rs_real)0.75, 0, 0},
      {RS_ADAM, (rs_real)0.5, (rs_real)0.75, (rs_real)0.5, (rs_real)0.25}};
  const rs_scalar g[2][2] = {{2, -4}, {1, 3}};
  double expected[3][2];
  for (size_t i = 0; i < 2; ++i) {
    const double a = creal((double complex)g[0][i]), b = creal((double complex)g[1][i]);
    expected[0][i] = 1 - 0.5 * a - 0.5 * b;
    expected[1][i] = 1 - 0.5 * a - 0.5 * (0.75 * a + b);
    const double m2 = (0.75 * 0.25 * a + 0.25 * b) / (1 - 0.75 * 0.75);
    const double q2 = (0.5 * 0.5 * a * a + 0.5 * b * b) / (1 - 0.5 * 0.5);
    expected[2][i] = 1 - 0.5 * a / (fabs(a) + 0.25) - 0.5 * m2 / (sqrt(q2) + 0.25);
  }
  for (size_t rule = 0; rule < 3; ++rule) {
    RsOptimiser *o = NULL;
    rs_scalar w[2] = {1, 1};
    assert_ok(rs_optimiser_new(&spec[rule], 2, &o, NULL));
    assert_ok(rs_optimiser_step(o, g[0], w));
    assert_ok(rs_optimiser_step(o, g[1], w));
    assert_close(apart(w[0], (rs_scalar)expected[rule][0]), 0, 10 * tolerance);
    assert_close(apart(w[1], (rs_scalar)expected[rule][1]), 0, 10 * tolerance);
    assert_int_equal(rs_optimiser_steps(o), 2);
    rs_optimiser_free(o);
  }
}

#if defined RS_SCALAR_COMPLEX
/* A gradient turned in the plane turns the step. */
static void a_complex_step_turns_with_its_gradient(void **state) {
  const RsOptimiserSpec spec = {RS_ADAM, 0.1, 0.9, 0.99, 1e-8};
  const rs_scalar turn = cexp(1.1 * _Complex_I);
  RsOptimiser *o[2] = {NULL, NULL};
  rs_scalar w[2] = {0, 0};
  Dice dice = dice_new(seed, 1);
  for (size_t i = 0; i < 2; ++i) {
    assert_ok(rs_optimiser_new(&spec, 1, &o[i], NULL));
  }
  for (size_t step = 0; step < 5; ++step) {
    rs_scalar g;
    roll_scalars(&dice, 1, 1, &g);
    assert_ok(rs_optimiser_step(o[0], &g, &w[0]));
    g *= turn;
    assert_ok(rs_optimiser_step(o[1], &g, &w[1]));
  }
  assert_close(apart(w[0] * turn, w[1]), 0, 1e-14);
  rs_optimiser_free(o[0]);
  rs_optimiser_free(o[1]);
}
#endif

static void a_restored_state_goes_on_as_if_nothing_had_been(void **state) {
  for (RsOptimiserKind kind = RS_SGD; kind <= RS_ADAM; ++kind) {
    const RsOptimiserSpec spec = {kind, (rs_real)0.1, (rs_real)0.9, (rs_real)0.99, (rs_real)1e-8};
    RsOptimiser *first = NULL, *second = NULL;
    rs_scalar g[3] = {1, 2, 3}, w[3] = {0}, other[3];
    assert_ok(rs_optimiser_new(&spec, 3, &first, NULL));
    assert_ok(rs_optimiser_new(&spec, 3, &second, NULL));
    assert_int_equal(rs_optimiser_state_size(first), 3 * (size_t)kind);
    assert_ok(rs_optimiser_step(first, g, w));
    memcpy(other, w, sizeof w);
    memcpy(rs_optimiser_state(second), rs_optimiser_state(first),
           rs_optimiser_state_size(first) * sizeof *g);
    rs_optimiser_set_steps(second, rs_optimiser_steps(first));
    g[1] = -5;
    assert_ok(rs_optimiser_step(first, g, w));
    assert_ok(rs_optimiser_step(second, g, other));
    assert_memory_equal(w, other, sizeof w);
    rs_optimiser_set_rate(first, (rs_real)0.2);
    assert_ok(rs_optimiser_step(first, g, w));
    assert_ok(rs_optimiser_step(second, g, other));
    assert_memory_not_equal(w, other, sizeof w);
    rs_optimiser_free(first);
    rs_optimiser_free(second);
  }
}

static void a_gradient_that_is_not_finite_moves_nothing(void **state) {
  const RsOptimiserSpec spec = {RS_ADAM, (rs_real)0.1, (rs_real)0.9, (rs_real)0.99, (rs_real)1e-8};
  RsOptimiser *o = NULL;
  rs_scalar g[2] = {1, NAN}, w[2] = {3, 4};
  assert_ok(rs_optimiser_new(&spec, 2, &o, NULL));
  assert_int_equal(rs_optimiser_step(o, g, w), RS_ERR_NONFINITE);
  assert_true(w[0] == 3 && w[1] == 4 && rs_optimiser_steps(o) == 0);
  rs_optimiser_free(o);
}

static void constants_out_of_range_are_refused(void **state) {
  const RsOptimiserSpec bad[] = {
      {(RsOptimiserKind)9, 1, 0, 0, 0}, {RS_SGD, 0, 0, 0, 0},      {RS_SGD, -1, 0, 0, 0},
      {RS_SGD, NAN, 0, 0, 0},           {RS_MOMENTUM, 1, 1, 0, 0}, {RS_MOMENTUM, 1, -1, 0, 0},
      {RS_ADAM, 1, (rs_real)0.9, 1, 1}, {RS_ADAM, 1, 0, 0, 0},     {RS_ADAM, 1, 0, 0, NAN},
      {RS_ADAM, INFINITY, 0, 0, 1},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    RsOptimiser *o = NULL;
    assert_int_equal(rs_optimiser_new(&bad[i], 1, &o, NULL), RS_ERR_ARGUMENT);
    assert_null(o);
  }
}

static void a_long_gradient_is_shortened_and_a_short_one_is_not(void **state) {
  rs_scalar g[2] = {3, 4};
  assert_close(rs_clip_norm(2, 10, g), 5, tolerance);
  assert_true(g[0] == 3 && g[1] == 4);
  assert_close(rs_clip_norm(2, 1, g), 5, tolerance);
  assert_close(apart(g[0], (rs_scalar)0.6), 0, tolerance);
  assert_close(apart(g[1], (rs_scalar)0.8), 0, tolerance);
  g[0] = INFINITY;
  g[1] = 4;
  assert_true(!isfinite(rs_clip_norm(2, 1, g)));
  assert_true(g[1] == 4);
}

/* A second moment that has overflowed once would hold its parameter for ever. */
static void adam_refuses_what_it_cannot_square(void **state) {
  const RsOptimiserSpec spec = {RS_ADAM, (rs_real)0.1, (rs_real)0.9, (rs_real)0.99, (rs_real)1e-8};
  RsOptimiser *o = NULL;
  rs_scalar g[2] = {1, (rs_real)(sizeof(rs_real) == sizeof(float) ? 1e20 : 1e160)}, w[2] = {3, 4};
  assert_ok(rs_optimiser_new(&spec, 2, &o, NULL));
  assert_int_equal(rs_optimiser_step(o, g, w), RS_ERR_NONFINITE);
  assert_true(w[0] == 3 && w[1] == 4 && rs_optimiser_steps(o) == 0);
  g[1] = 1;
  assert_ok(rs_optimiser_step(o, g, w));
  assert_true(w[0] != 3 && w[1] != 4);
  rs_optimiser_free(o);
}

static void constants_that_a_rule_does_not_name_may_be_anything(void **state) {
  const RsOptimiserSpec plain = {RS_SGD, 1, NAN, NAN, NAN}, momentum = {RS_MOMENTUM, 1, 0, NAN, 0};
  RsOptimiser *o = NULL;
  assert_ok(rs_optimiser_new(&plain, 1, &o, NULL));
  rs_optimiser_free(o);
  assert_ok(rs_optimiser_new(&momentum, 1, &o, NULL));
  rs_optimiser_free(o);
}

/* Two values a parameter, as Adam has them, fit into the memory of a process. */
static void as_many_parameters_as_can_be_addressed_are_taken(void **state) {
  const RsOptimiserSpec plain = {.kind = RS_SGD, .rate = 1};
  const size_t most = PTRDIFF_MAX / sizeof(rs_scalar) / 2;
  RsOptimiser *o = NULL;
  assert_int_equal(rs_optimiser_new(&plain, most + 1, &o, NULL), RS_ERR_OVERFLOW);
  assert_int_equal(rs_optimiser_new(&plain, SIZE_MAX, &o, NULL), RS_ERR_OVERFLOW);
  assert_null(o);
  assert_ok(rs_optimiser_new(&plain, most, &o, NULL));
  rs_optimiser_free(o);
}

/* S17: s(M) = -2 F'(n(M)) (y - a(M)), s(m) = F'(n(m)) W(m+1)^T s(m+1), w - alpha s a^T. */
static void sensitivities_are_those_of_the_notes(void **state) {
  const RsLayerSpec spec[2] = {{.outputs = 3, .activation = RS_TANH, .bias = RS_BIAS_OWN},
                               {.outputs = 2, .activation = RS_TANH, .bias = RS_BIAS_OWN}};
  enum { IN = 2, COUNT = 3 * IN + 3 + 2 * 3 + 2 };
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  rs_scalar w[COUNT], x[IN], target[2], dy[2], s2[2], s1[3], expected[COUNT], g[COUNT] = {0};
  Dice dice = dice_new(seed, 2);
  roll_scalars(&dice, COUNT, 0.5, w);
  roll_scalars(&dice, IN, 0.5, x);
  roll_scalars(&dice, 2, 0.5, target);
  assert_ok(rs_net_new(IN, 2, spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_ok(rs_net_forward(net, w, 1, x, work, NULL));
  const rs_scalar *a1 = rs_net_layer_output(work, 1), *a2 = rs_net_output(work);
  for (size_t i = 0; i < 2; ++i) {
    dy[i] = 2 * (a2[i] - target[i]);
#if defined RS_SCALAR_COMPLEX
    s2[i] = -2 * (1 - a2[i] * a2[i]) * conj(target[i] - a2[i]);
#else
    s2[i] = -2 * (1 - a2[i] * a2[i]) * (target[i] - a2[i]);
#endif
  }
  for (size_t j = 0; j < 3; ++j) {
    s1[j] = (1 - a1[j] * a1[j]) * (w[9 + j] * s2[0] + w[9 + 3 + j] * s2[1]);
  }
  memcpy(expected, w, sizeof w);
  assert_ok(rs_net_backward(net, w, work, dy, NULL, NULL, NULL));
  assert_scalars_agree("s(2)", 0, 2, rs_net_layer_delta(work, 2), s2, 10 * tolerance, 1);
  assert_scalars_agree("s(1)", 0, 3, rs_net_layer_delta(work, 1), s1, 10 * tolerance, 1);
  assert_ok(rs_net_backward(net, w, work, dy, g, NULL, NULL));
  for (size_t i = 0; i < COUNT; ++i) {
    expected[i] -= (rs_real)0.25 * g[i];
  }
  assert_ok(rs_net_descend(net, (rs_real)0.25, work, w, NULL));
  assert_scalars_agree("descent", 0, COUNT, w, expected, 10 * tolerance, 1);
  assert_int_equal(rs_net_descend(net, (rs_real)0.25, work, w, NULL), RS_ERR_ARGUMENT);
  rs_net_work_free(work);
  rs_net_free(net);
}

/* Several rows, and a step taken twice or after anything but a backward is none. */
static void a_descent_uses_up_the_sensitivities_of_all_rows(void **state) {
  enum { ROWS = 3 };
  const RsLayerSpec spec = {.outputs = 1, .bias = RS_BIAS_OWN};
  const rs_scalar x[ROWS] = {1, 2, 3}, dy[ROWS] = {10, 100, 1000}, bad[ROWS] = {1, NAN, 1};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  RsError error = {RS_OK, ""};
  rs_scalar w[2] = {0, 0}, y[ROWS];
  assert_ok(rs_net_new(1, 1, &spec, &net, NULL));
  assert_ok(rs_net_work_new(net, ROWS, &work, NULL));
  assert_ok(rs_net_forward(net, w, ROWS, x, work, NULL));
  assert_ok(rs_net_backward(net, w, work, dy, NULL, NULL, NULL));
  const rs_real rates[] = {0, -1, NAN, INFINITY};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; ++i) {
    assert_int_equal(rs_net_descend(net, rates[i], work, w, &error), RS_ERR_ARGUMENT);
    char message[64];
    snprintf(message, sizeof message, "a learning rate of %g, it has to be above 0",
             (double)rates[i]);
    assert_string_equal(error.message, message);
  }
  assert_ok(rs_net_descend(net, (rs_real)0.5, work, w, NULL));
  assert_true(w[0] == -1605 && w[1] == -555);
  for (size_t i = 0; i < 3; ++i) {
    assert_ok(rs_net_backward(net, w, work, dy, NULL, NULL, NULL));
    if (i == 0) {
      assert_ok(rs_net_forward(net, w, ROWS, x, work, NULL));
    } else if (i == 1) {
      assert_ok(rs_net_tangent(net, w, work, w, NULL, y, NULL));
    } else {
      assert_int_equal(rs_net_backward(net, w, work, bad, NULL, NULL, NULL), RS_ERR_NONFINITE);
    }
    assert_int_equal(rs_net_descend(net, 1, work, w, &error), RS_ERR_ARGUMENT);
    assert_string_equal(error.message, "no backward came before: there are no sensitivities");
    assert_true(w[0] == -1605 && w[1] == -555);
  }
  rs_net_work_free(work);
  rs_net_free(net);
}

/* Rows and layers of more units than one, so that the sensitivities are many. */
static void a_descent_is_a_step_along_the_gradient_of_all_layers(void **state) {
  enum { ROWS = 7, INPUTS = 3, OUTPUTS = 4, MOST = 64 };
  const RsLayerSpec layers[] = {{.outputs = 5, .activation = RS_TANH, .bias = RS_BIAS_OWN},
                                {.outputs = OUTPUTS, .bias = RS_BIAS_OWN}};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  rs_scalar w[MOST], g[MOST] = {0}, x[ROWS * INPUTS], dy[ROWS * OUTPUTS];
  assert_ok(rs_net_new(INPUTS, 2, layers, &net, NULL));
  assert_ok(rs_net_work_new(net, ROWS, &work, NULL));
  const size_t count = rs_net_parameters(net);
  assert_in_range(count, 1, MOST);
  for (size_t i = 0; i < MOST; ++i) {
    w[i] = (rs_real)0.3 * (rs_real)cos(7.0 * (double)i);
  }
  for (size_t i = 0; i < ROWS * INPUTS; ++i) {
    x[i] = (rs_real)cos(1 + 3.0 * (double)i);
  }
  for (size_t i = 0; i < ROWS * OUTPUTS; ++i) {
    dy[i] = (rs_real)cos(2 + 5.0 * (double)i);
  }
  assert_ok(rs_net_forward(net, w, ROWS, x, work, NULL));
  assert_ok(rs_net_backward(net, w, work, dy, g, NULL, NULL));
  for (size_t i = 0; i < count; ++i) {
    g[i] = w[i] - (rs_real)0.25 * g[i];
  }
  assert_ok(rs_net_descend(net, (rs_real)0.25, work, w, NULL));
  assert_scalars_agree("descent", 0, count, w, g, 10 * tolerance, 1);
  rs_net_work_free(work);
  rs_net_free(net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_rule_is_what_it_is_by_hand),
#if defined RS_SCALAR_COMPLEX
    cmocka_unit_test(a_complex_step_turns_with_its_gradient),
#endif
    cmocka_unit_test(a_restored_state_goes_on_as_if_nothing_had_been),
    cmocka_unit_test(a_gradient_that_is_not_finite_moves_nothing),
    cmocka_unit_test(constants_out_of_range_are_refused),
    cmocka_unit_test(a_long_gradient_is_shortened_and_a_short_one_is_not),
    cmocka_unit_test(adam_refuses_what_it_cannot_square),
    cmocka_unit_test(constants_that_a_rule_does_not_name_may_be_anything),
    cmocka_unit_test(as_many_parameters_as_can_be_addressed_are_taken),
    cmocka_unit_test(sensitivities_are_those_of_the_notes),
    cmocka_unit_test(a_descent_uses_up_the_sensitivities_of_all_rows),
    cmocka_unit_test(a_descent_is_a_step_along_the_gradient_of_all_layers),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
