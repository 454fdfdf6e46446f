/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"
#include "trial.h"

#include "base/memory.h"

#include <rollsmith/optimiser.h>

#include <string.h>

static uint64_t seed;

static const double equal = sizeof(rs_real) == sizeof(float) ? 1e-4 : 1e-12;

static void gradients_are_added_to_what_was_there(void **state) {
  for (uint64_t turn = 0; turn < 40; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    rs_scalar *sum = rs_alloc(t.parameters, sizeof *sum);
    roll_scalars(&dice, t.parameters, 1, sum);
    assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy, t.g, NULL, NULL));
    for (size_t i = 0; i < t.parameters; ++i) {
      t.g[i] += sum[i];
    }
    assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy, sum, NULL, NULL));
    assert_scalars_agree("sum", turn, t.parameters, sum, t.g, equal, 0.1);
    free(sum);
    trial_free(&t);
  }
}

enum { ROWS = 300, IN = 2, HIDDEN = 3, OUT = 2 };

typedef struct {
  RsNet *net;
  RsNetWork *work;
  size_t parameters;
  rs_scalar w[32], x[ROWS * IN], dy[ROWS * OUT];
} Large;

static void large(Large *t, RsActivation f) {
  const rs_real p = f == RS_SMOOTH_SQRT ? 9 : (rs_real)0.2;
  const RsLayerSpec spec[2] = {{.outputs = HIDDEN, .activation = f, .parameter = p},
                               {.outputs = OUT, .activation = f, .parameter = p}};
  Dice dice = dice_new(seed, f);
  assert_ok(rs_net_new(IN, 2, spec, &t->net, NULL));
  assert_ok(rs_net_work_new(t->net, ROWS, &t->work, NULL));
  t->parameters = rs_net_parameters(t->net);
  roll_scalars(&dice, t->parameters, 0.3, t->w);
  roll_scalars(&dice, ROWS * IN, 0.4, t->x);
  roll_scalars(&dice, ROWS * OUT, 1, t->dy);
}

/* Activations are taken in pieces that are larger than the layers of most tests. */
static void a_large_batch_is_its_rows(void **state) {
  for (RsActivation f = RS_IDENTITY; f < RS_SOFTMAX; ++f) {
    if (sizeof(rs_scalar) > sizeof(double) && (f == RS_RELU || f == RS_LEAKY_RELU)) {
      continue;
    }
    Large t;
    rs_scalar g[32] = {0}, sum[32] = {0}, y[ROWS * OUT], dx[ROWS * IN], row[IN];
    large(&t, f);
    assert_ok(rs_net_forward(t.net, t.w, ROWS, t.x, t.work, NULL));
    memcpy(y, rs_net_output(t.work), sizeof y);
    assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy, g, dx, NULL));
    for (size_t r = 0; r < ROWS; ++r) {
      assert_ok(rs_net_forward(t.net, t.w, 1, t.x + r * IN, t.work, NULL));
      assert_scalars_agree("y", r, OUT, y + r * OUT, rs_net_output(t.work), equal, 0.1);
      assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy + r * OUT, sum, row, NULL));
      assert_scalars_agree("dx", r, IN, dx + r * IN, row, equal, 0.1);
    }
    assert_scalars_agree("g", f, t.parameters, g, sum, equal, 0.1);
    rs_net_work_free(t.work);
    rs_net_free(t.net);
  }
}

/* Behind a linear last layer output and field are the same, to the bit, and so is all below. */
static void a_cotangent_of_the_field_reaches_the_input(void **state) {
  const RsLayerSpec spec[2] = {{.outputs = 2, .activation = RS_TANH}, {.outputs = 2}};
  for (size_t layers = 1; layers <= 2; ++layers) {
    const rs_scalar w[8] = {1, 2, 3, 4, 5, 6, 7, 8}, x[2] = {(rs_scalar)0.25, (rs_scalar)-0.125};
    const rs_scalar dy[2] = {3, -2};
    rs_scalar g[2][8] = {{0}}, dx[2][2];
    RsNet *net = NULL;
    assert_ok(rs_net_new(2, layers, spec + 2 - layers, &net, NULL));
    for (size_t i = 0; i < 2; ++i) {
      RsNetWork *work = NULL;
      assert_ok(rs_net_work_new(net, 1, &work, NULL));
      assert_ok(rs_net_forward(net, w, 1, x, work, NULL));
      assert_ok((i ? rs_net_backward_delta : rs_net_backward)(net, w, work, dy, g[i], dx[i], NULL));
      rs_net_work_free(work);
    }
    assert_memory_equal(g[0], g[1], sizeof g[0]);
    assert_memory_equal(dx[0], dx[1], sizeof dx[0]);
    assert_true(dx[0][0] != 0);
    rs_net_free(net);
  }
}

/* Of what is asked for: g, dx, and where neither is, the sensitivities that are left. */
static void a_gradient_that_overflows_is_told(void **state) {
  const rs_real huge = sizeof(rs_real) == sizeof(float) ? (rs_real)1e30 : (rs_real)1e300;
  const RsLayerSpec spec[2] = {{.outputs = 1}, {.outputs = 1}};
  const rs_scalar w[2] = {huge, huge}, x[2] = {0}, one = 1, in_the_second_row[2] = {0, 1};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  RsError error = {RS_OK, ""};
  rs_scalar g[2] = {0}, dx[2] = {0};
  assert_ok(rs_net_new(1, 2, spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 2, &work, NULL));
  assert_ok(rs_net_forward(net, w, 2, x, work, NULL));
  assert_int_equal(rs_net_backward(net, w, work, in_the_second_row, NULL, dx, NULL),
                   RS_ERR_NONFINITE);
  assert_ok(rs_net_forward(net, w, 1, x, work, NULL));
  assert_ok(rs_net_backward(net, w, work, &one, g, NULL, NULL)); /* sensitivities huge and 1 */
  assert_int_equal(rs_net_backward(net, w, work, &one, NULL, dx, &error), RS_ERR_NONFINITE);
  assert_string_equal(error.message, "the gradient overflows, or was not finite before");
  const rs_scalar more = huge;
  assert_int_equal(rs_net_backward(net, w, work, &more, NULL, NULL, &error), RS_ERR_NONFINITE);
  assert_string_equal(error.message, "the sensitivities of layer 1 overflow");
  rs_scalar moved[2] = {1, 1};
  assert_int_equal(rs_net_descend(net, 1, work, moved, &error), RS_ERR_ARGUMENT);
  assert_true(moved[0] == 1 && moved[1] == 1);
  assert_int_equal(rs_net_backward(net, w, work, &more, g, NULL, &error), RS_ERR_NONFINITE);
  rs_net_work_free(work);
  rs_net_free(net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_are_added_to_what_was_there),
      cmocka_unit_test(a_large_batch_is_its_rows),
      cmocka_unit_test(a_cotangent_of_the_field_reaches_the_input),
      cmocka_unit_test(a_gradient_that_overflows_is_told),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
