/* SPDX-License-Identifier: ISC */

#include "trial.h"
#include "kit.h"

#include "base/memory.h"

#include <string.h>

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

void trial_free(Trial *t) {
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
long double trial_cost(void *context) {
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
void trial_new(Dice *dice, Trial *t) {
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

void trial_differences(Trial *t) {
  bool *frozen = rs_alloc(t->parameters, sizeof *frozen);
  definition_frozen(&t->definition, frozen);
  for (size_t i = 0; i < t->parameters; ++i) {
    t->g_expected[i] = frozen[i] ? 0 : (rs_scalar)exact_difference(trial_cost, t, t->exact_w, i);
  }
  for (size_t i = 0; i < t->batch * t->inputs; ++i) {
    t->dx_expected[i] = (rs_scalar)exact_difference(trial_cost, t, t->exact_x, i);
  }
  free(frozen);
}

void conjugate(size_t n, rs_scalar *x) {
#if defined RS_SCALAR_COMPLEX
  for (size_t i = 0; i < n; ++i) {
    x[i] = conj(x[i]);
  }
#endif
}
