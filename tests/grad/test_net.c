#include "exact.h"
#include "kit.h"
#include "trial.h"

#include "base/memory.h"

#include <string.h>

enum { NETS = 240 };

static uint64_t seed;

static void outputs_are_those_of_the_definition(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    for (size_t r = 0; r < t.batch; ++r) {
      Exact y[MOST_LAYERS * MOST_UNITS];
      rs_scalar expected[MOST_UNITS];
      double nearest = 1;
      const size_t at =
          exact_forward(&t.definition, t.exact_w, t.exact_x + r * t.inputs, y, &nearest);
      for (size_t i = 0; i < t.outputs; ++i) {
        expected[i] = (rs_scalar)y[at + i];
      }
      assert_scalars_agree("output", turn, t.outputs, rs_net_output(t.work) + r * t.outputs,
                           expected, sizeof(rs_real) == sizeof(float) ? 1e-5 : 1e-13, 1);
    }
    trial_free(&t);
  }
}

#define FLOOR (sizeof(rs_real) == sizeof(float) ? 0.1 : 1e-6)

/* S1 to S7: any depth, any activation, any skip, any weights, real and complex, to w and to x. */
static void gradients_are_central_differences(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    trial_differences(&t);
    assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy, t.g, t.dx, NULL));
    assert_scalars_agree("dJ/dw", turn, t.parameters, t.g, t.g_expected, DERIVATIVE_TOLERANCE,
                         FLOOR);
    assert_scalars_agree("dJ/dx", turn, t.batch * t.inputs, t.dx, t.dx_expected,
                         DERIVATIVE_TOLERANCE, FLOOR);
    trial_free(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_are_those_of_the_definition),
      cmocka_unit_test(gradients_are_central_differences),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
