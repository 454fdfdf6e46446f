#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <string.h>

enum { NETS = 240, MOST_BATCH = 4 };

/* A random net with all that is asked of it, in the library and in the reference. */
typedef struct {
  Definition definition;
  RsNet *net;
  RsNetWork *work;
  size_t batch, inputs, outputs, parameters;
  rs_scalar *w, *x, *dy;
  rs_scalar *g, *dx;                   /* the library's */
  rs_scalar *g_expected, *dx_expected; /* by differences */
  Exact *exact_w, *exact_x;
} Trial;

static void trial_values(Trial *t, Dice *dice) {
  t->w = rs_alloc(t->parameters, sizeof *t->w);
  t->x = rs_alloc(t->batch * t->inputs, sizeof *t->x);
  t->dy = rs_alloc(t->batch * t->outputs, sizeof *t->dy);
  roll_scalars(dice, t->parameters, 0.5, t->w);
  roll_scalars(dice, t->batch * t->inputs, 0.7, t->x);
  roll_scalars(dice, t->batch * t->outputs, 1, t->dy);
  t->exact_w = exact_copy(t->parameters, t->w);
  t->exact_x = exact_copy(t->batch * t->inputs, t->x);
  t->g = rs_alloc(t->parameters, sizeof *t->g);
  t->dx = rs_alloc(t->batch * t->inputs, sizeof *t->dx);
  t->g_expected = rs_alloc(t->parameters, sizeof *t->g);
  t->dx_expected = rs_alloc(t->batch * t->inputs, sizeof *t->dx);
}

static void trial_free(Trial *t) {
  rs_net_work_free(t->work);
  rs_net_free(t->net);
  free(t->w);
  free(t->x);
  free(t->dy);
  free(t->g);
  free(t->dx);
  free(t->g_expected);
  free(t->dx_expected);
  free(t->exact_w);
  free(t->exact_x);
}

/* Re sum conj(dy) y over the batch. */
static long double cost(void *context) {
  Trial *t = context;
  long double sum = 0;
  for (size_t r = 0; r < t->batch; ++r) {
    Exact y[MOST_LAYERS * MOST_UNITS];
    double nearest = 1;
    const size_t at =
        exact_forward(&t->definition, t->exact_w, t->exact_x + r * t->inputs, y, &nearest);
    sum += exact_product(t->outputs, t->dy + r * t->outputs, y + at);
  }
  return sum;
}

/* Whether all outputs are of a size that numbers can be compared at, and no kink is within the
 * steps. */
static bool tame(Trial *t) {
  double nearest = 1;
  for (size_t r = 0; r < t->batch; ++r) {
    Exact y[MOST_LAYERS * MOST_UNITS] = {0};
    exact_forward(&t->definition, t->exact_w, t->exact_x + r * t->inputs, y, &nearest);
    for (size_t i = 0; i < MOST_LAYERS * MOST_UNITS; ++i) {
      if (!(cabsl(y[i]) < 4)) {
        return false;
      }
    }
  }
  return nearest > 0.03;
}

static bool trial_try(Trial *t, Dice *dice) {
  memset(t, 0, sizeof *t);
  roll_definition(dice, 1 + roll(dice, MOST_UNITS), &t->definition);
  t->inputs = t->definition.inputs;
  t->outputs = t->definition.spec[t->definition.layers - 1].outputs;
  t->parameters = definition_parameters(&t->definition);
  t->batch = 1 + roll(dice, MOST_BATCH);
  trial_values(t, dice);
  return tame(t);
}

/* The next random net whose numbers are tame, run forward. */
static void trial_new(Dice *dice, Trial *t) {
  RsError error = {RS_OK, ""};
  while (!trial_try(t, dice)) {
    trial_free(t);
  }
  if (rs_net_new(t->inputs, t->definition.layers, t->definition.spec, &t->net, &error)) {
    fail_msg("%s", error.message);
  }
  assert_int_equal(rs_net_parameters(t->net), t->parameters);
  assert_ok(rs_net_work_new(t->net, t->batch, &t->work, NULL));
  assert_ok(rs_net_forward(t->net, t->w, t->batch, t->x, t->work, NULL));
}

static void differences(Trial *t) {
  bool *frozen = rs_alloc(t->parameters, sizeof *frozen);
  definition_frozen(&t->definition, frozen);
  for (size_t i = 0; i < t->parameters; ++i) {
    t->g_expected[i] = frozen[i] ? 0 : (rs_scalar)exact_difference(cost, t, t->exact_w, i);
  }
  for (size_t i = 0; i < t->batch * t->inputs; ++i) {
    t->dx_expected[i] = (rs_scalar)exact_difference(cost, t, t->exact_x, i);
  }
  free(frozen);
}

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
    differences(&t);
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
