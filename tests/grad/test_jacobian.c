/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"
#include "trial.h"

#include "base/memory.h"

#include <rollsmith/jacobian.h>

#include <string.h>

enum { NETS = 240 };

static uint64_t seed;

static const double equal = sizeof(rs_real) == sizeof(float) ? 1e-4 : 1e-12;
static const double floor_of_equal = sizeof(rs_real) == sizeof(float) ? 0.1 : 1e-2;

/* A workspace for one input and as many rows as the Jacobian needs. */
static RsNetWork *wide_work(const Trial *t) {
  RsNetWork *work = NULL;
  const size_t rows = t->outputs > t->batch ? t->outputs : t->batch;
  assert_ok(rs_net_work_new(t->net, rows, &work, NULL));
  return work;
}

/* S1, S2, S7: row o of the Jacobian is what the cotangent e_o gives; conjugates by section C. */
static void rows_are_what_backpropagation_gives(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    RsNetWork *work = wide_work(&t);
    rs_scalar *jw = rs_alloc(t.outputs * t.parameters, sizeof *jw);
    rs_scalar *jx = rs_alloc(t.outputs * t.inputs, sizeof *jx);
    memset(jw, 0x55, t.outputs * t.parameters * sizeof *jw); /* overwritten, whatever it held */
    assert_ok(rs_net_jacobian(t.net, t.w, t.x, work, jw, jx, NULL));
    assert_ok(
        rs_net_jacobian(t.net, t.w, t.x, work, jw, jx, NULL)); /* nothing is left of the first */
    assert_ok(rs_net_forward(t.net, t.w, 1, t.x, work, NULL));
    for (size_t o = 0; o < t.outputs; ++o) {
      rs_scalar unit[MOST_UNITS] = {0};
      unit[o] = 1;
      memset(t.g, 0, t.parameters * sizeof *t.g);
      assert_ok(rs_net_backward(t.net, t.w, work, unit, t.g, t.dx, NULL));
      conjugate(t.parameters, t.g);
      conjugate(t.inputs, t.dx);
      assert_scalars_agree("dy/dw", turn, t.parameters, jw + o * t.parameters, t.g, equal,
                           floor_of_equal);
      assert_scalars_agree("dy/dx", turn, t.inputs, jx + o * t.inputs, t.dx, equal, floor_of_equal);
    }
    rs_net_work_free(work);
    free(jw);
    free(jx);
    trial_free(&t);
  }
}

/* S2: dMSE/dw = (y - t)^T dy/dw, the Jacobian conjugated and the error not (S6). */
static void the_squared_error_is_the_error_times_the_jacobian(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    RsNetWork *work = wide_work(&t);
    rs_scalar *jw = rs_alloc(t.outputs * t.parameters, sizeof *jw);
    rs_scalar *expected = rs_alloc(t.parameters, sizeof *expected), error[MOST_UNITS];
    assert_ok(rs_net_jacobian(t.net, t.w, t.x, work, jw, NULL, NULL));
    for (size_t o = 0; o < t.outputs; ++o) {
      error[o] = rs_net_output(work)[o] - t.dy[o];
      for (size_t i = 0; i < t.parameters; ++i) {
        conjugate(1, jw + o * t.parameters + i);
        expected[i] += error[o] * jw[o * t.parameters + i];
      }
    }
    assert_ok(rs_net_forward(t.net, t.w, 1, t.x, work, NULL));
    assert_ok(rs_net_backward(t.net, t.w, work, error, t.g, NULL, NULL));
    assert_scalars_agree("MSE", turn, t.parameters, t.g, expected, equal, floor_of_equal);
    rs_net_work_free(work);
    free(jw);
    free(expected);
    trial_free(&t);
  }
}

/* Sum of a_i b_i, nothing conjugated. */
static rs_scalar inner(size_t n, const rs_scalar *a, const rs_scalar *b) {
  rs_scalar sum = 0;
  for (size_t i = 0; i < n; ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

/* lambda (J d) of forward mode is (lambda J) d of backward mode, w and x moving together. */
static void forward_mode_and_backward_mode_agree(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    const size_t inputs = t.batch * t.inputs, outputs = t.batch * t.outputs;
    rs_scalar *dw = rs_alloc(t.parameters, sizeof *dw), *dx = rs_alloc(inputs, sizeof *dx);
    rs_scalar *dy = rs_alloc(outputs, sizeof *dy);
    bool *frozen = rs_alloc(t.parameters, sizeof *frozen);
    definition_frozen(&t.definition, frozen);
    roll_scalars(&dice, t.parameters, 1, dw);
    roll_scalars(&dice, inputs, 1, dx);
    for (size_t i = 0; i < t.parameters; ++i) {
      dw[i] = frozen[i] ? 0 : dw[i];
    }
    assert_ok(rs_net_tangent(t.net, t.w, t.work, dw, dx, dy, NULL));
    assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy, t.g, t.dx, NULL));
    conjugate(t.parameters, t.g);
    conjugate(inputs, t.dx);
    conjugate(outputs, t.dy);
    const rs_scalar forward = inner(outputs, t.dy, dy);
    const rs_scalar backward = inner(t.parameters, t.g, dw) + inner(inputs, t.dx, dx);
    assert_scalars_agree("tangent", turn, 1, &forward, &backward, 10 * equal, 1);
    free(dw);
    free(dx);
    free(dy);
    free(frozen);
    trial_free(&t);
  }
}

/* A frozen parameter has no gradient, but forward mode moves it if it is told to. */
static void frozen_parameters_move_in_forward_mode_alone(void **state) {
  const rs_scalar given = 3, x = 2, w = 3, dw = 1;
  const RsLayerSpec spec = {.outputs = 1, .weights = RS_WEIGHTS_FROZEN, .given = &given};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  rs_scalar jw = 7, dy = 0;
  assert_ok(rs_net_new(1, 1, &spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_ok(rs_net_jacobian(net, &w, &x, work, &jw, NULL, NULL));
  assert_true(jw == 0);
  assert_ok(rs_net_tangent(net, &w, work, &dw, NULL, &dy, NULL));
  assert_true(dy == 2);
  rs_net_work_free(work);
  rs_net_free(net);
}

/* Without one of the two directions, whatever the call before has left. */
static void a_direction_that_is_not_given_is_zero(void **state) {
  const rs_scalar w[3] = {2, 3, 5}, x[2] = {7, 11}, one[3] = {1, 1, 1};
  const RsLayerSpec spec = {.outputs = 1, .bias = RS_BIAS_FROZEN};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  rs_scalar dy = 0;
  assert_ok(rs_net_new(2, 1, &spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_ok(rs_net_forward(net, w, 1, x, work, NULL));
  assert_ok(rs_net_tangent(net, w, work, one, one, &dy, NULL));
  assert_true(dy == 2 + 3 + 7 + 11 + 1);
  assert_ok(rs_net_tangent(net, w, work, one, NULL, &dy, NULL));
  assert_true(dy == 7 + 11 + 1); /* a frozen bias moves too */
  assert_ok(rs_net_tangent(net, w, work, NULL, one, &dy, NULL));
  assert_true(dy == 2 + 3);
  rs_net_work_free(work);
  rs_net_free(net);
}

static void derivatives_that_overflow_are_told(void **state) {
  const rs_real huge = sizeof(rs_real) == sizeof(float) ? (rs_real)1e30 : (rs_real)1e300;
  const RsLayerSpec spec[2] = {{.outputs = 1}, {.outputs = 2}};
  const rs_scalar w[3] = {huge, huge, 1}, x = 0, one = 1;
  RsNet *net = NULL;
  RsNetWork *work = NULL, *narrow = NULL;
  rs_scalar jw[6], jx[2], dy[2];
  RsError error = {RS_OK, ""};
  assert_ok(rs_net_new(1, 2, spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 2, &work, NULL));
  assert_ok(rs_net_jacobian(net, w, &x, work, jw, NULL, NULL)); /* all products with x = 0 */
  assert_int_equal(rs_net_jacobian(net, w, &x, work, NULL, jx, &error), RS_ERR_NONFINITE);
  assert_int_equal(rs_net_jacobian(net, w, &x, work, jw, jx, &error), RS_ERR_NONFINITE);
  assert_string_equal(error.message, "the Jacobian overflows");
  assert_int_equal(rs_net_tangent(net, w, work, NULL, &one, dy, &error), RS_ERR_NONFINITE);
  assert_string_equal(error.message, "a direction is not finite, or the tangent overflows");
  assert_ok(rs_net_work_new(net, 1, &narrow, NULL));
  assert_int_equal(rs_net_jacobian(net, w, &x, narrow, jw, NULL, &error), RS_ERR_ARGUMENT);
  assert_string_equal(error.message,
                      "the workspace is for 1 rows, the Jacobian of 2 outputs needs 2");
  rs_net_work_free(work);
  rs_net_work_free(narrow);
  rs_net_free(net);
}

/* y = (w x)^2 with the slope 2 w x^2 is finite where the slope is not. */
static void a_jacobian_of_parameters_that_overflows_is_told(void **state) {
  const bool single = sizeof(rs_real) == sizeof(float);
  const RsLayerSpec spec = {.outputs = 1, .activation = RS_SQUARE};
  const rs_scalar w = (rs_real)(single ? 1e-15 : 1e-80), x = (rs_real)(single ? 1e30 : 1e200);
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  rs_scalar jw = 0;
  assert_ok(rs_net_new(1, 1, &spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_int_equal(rs_net_jacobian(net, &w, &x, work, &jw, NULL, NULL), RS_ERR_NONFINITE);
  rs_net_work_free(work);
  rs_net_free(net);
}

/* With x = 0 where the first matrix is huge, or the first matrix 0 where x is, y is 0, and the last
   row of a Jacobian alone has numbers that overflow. */
static void an_overflow_in_the_last_row_alone_is_told(void **state) {
  enum { INPUTS = 4, HIDDEN = 3, OUTPUTS = 5, PARAMETERS = (INPUTS + OUTPUTS) * HIDDEN };
  const rs_real huge = sizeof(rs_real) == sizeof(float) ? (rs_real)1e30 : (rs_real)1e300;
  const RsLayerSpec spec[2] = {{.outputs = HIDDEN}, {.outputs = OUTPUTS}};
  rs_scalar w[PARAMETERS] = {0}, x[INPUTS] = {0};
  rs_scalar jw[OUTPUTS * PARAMETERS], jx[OUTPUTS * INPUTS];
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  assert_ok(rs_net_new(INPUTS, 2, spec, &net, NULL));
  assert_ok(rs_net_work_new(net, OUTPUTS, &work, NULL));
  assert_int_equal(rs_net_parameters(net), PARAMETERS);
  w[PARAMETERS - 1] = huge;
  assert_ok(rs_net_jacobian(net, w, x, work, jw, jx, NULL));
  w[INPUTS * HIDDEN - 1] = huge;
  assert_ok(rs_net_jacobian(net, w, x, work, jw, NULL, NULL));
  assert_int_equal(rs_net_jacobian(net, w, x, work, NULL, jx, NULL), RS_ERR_NONFINITE);
  w[INPUTS * HIDDEN - 1] = 0;
  x[INPUTS - 1] = huge;
  assert_ok(rs_net_jacobian(net, w, x, work, NULL, jx, NULL));
  assert_int_equal(rs_net_jacobian(net, w, x, work, jw, NULL, NULL), RS_ERR_NONFINITE);
  rs_net_work_free(work);
  rs_net_free(net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_what_backpropagation_gives),
      cmocka_unit_test(the_squared_error_is_the_error_times_the_jacobian),
      cmocka_unit_test(forward_mode_and_backward_mode_agree),
      cmocka_unit_test(frozen_parameters_move_in_forward_mode_alone),
      cmocka_unit_test(a_direction_that_is_not_given_is_zero),
      cmocka_unit_test(derivatives_that_overflow_are_told),
      cmocka_unit_test(a_jacobian_of_parameters_that_overflows_is_told),
      cmocka_unit_test(an_overflow_in_the_last_row_alone_is_told),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
