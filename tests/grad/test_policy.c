/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/policy.h>

#include <string.h>

enum {
  STATES = 3,
  ACTIONS = 2,
  BATCH = 3,
  MU_IN = 2,
  MU_OUT = 3,
  Q_IN = 4,
  Q_OUT = 2,
  RESULTS = 2
};

static uint64_t seed;

/* mu and Q, each between two maps, as definitions too. */
typedef struct {
  Definition mu, q;
  RsNet *policy, *value;
  rs_scalar maps[4][32], offsets[4][8]; /* before and after mu, before and after Q */
  rs_scalar w_mu[64], w_q[64], x[BATCH * STATES];
  Exact exact_w[64];
  bool maps_in_use;
} Fixture;

static void map(const Fixture *f, size_t i, size_t rows, size_t columns, const Exact *in,
                Exact *out) {
  for (size_t r = 0; r < rows; ++r) {
    out[r] = f->maps_in_use ? (Exact)f->offsets[i][r] : in[r];
    for (size_t c = 0; f->maps_in_use && c < columns; ++c) {
      out[r] += f->maps[i][r * columns + c] * in[c];
    }
  }
}

/* Value of row r by equation Q1. */
static long double value(const Fixture *f, size_t r) {
  Exact in[8], y[32], z[8], out[8], w[64], x[STATES];
  double nearest = 1;
  const size_t mu_in = f->mu.inputs, mu_out = f->mu.spec[1].outputs;
  const size_t actions = f->maps_in_use ? ACTIONS : mu_out, q_in = f->q.inputs;
  for (size_t i = 0; i < STATES; ++i) {
    x[i] = z[i] = f->x[r * STATES + i];
  }
  map(f, 0, mu_in, STATES, x, in);
  size_t at = exact_forward(&f->mu, f->exact_w, in, y, &nearest);
  map(f, 1, actions, mu_out, y + at, z + STATES);
  map(f, 2, q_in, STATES + actions, z, in);
  for (size_t i = 0; i < 64; ++i) {
    w[i] = f->w_q[i];
  }
  at = exact_forward(&f->q, w, in, y, &nearest);
  map(f, 3, f->maps_in_use ? RESULTS : Q_OUT, Q_OUT, y + at, out);
  return creall(out[0] + out[1]);
}

static long double cost(void *context) {
  long double sum = 0;
  for (size_t r = 0; r < BATCH; ++r) {
    sum += value(context, r);
  }
  return sum;
}

static void two_layers(Definition *d, size_t inputs, size_t hidden, size_t outputs) {
  *d = (Definition){.inputs = inputs, .layers = 2};
  d->spec[0] = (RsLayerSpec){.outputs = hidden, .activation = RS_TANH, .bias = RS_BIAS_OWN};
  d->spec[1] = (RsLayerSpec){.outputs = outputs, .activation = RS_SINE, .bias = RS_BIAS_OWN};
}

static RsPolicy *fixture(Fixture *f, bool maps_in_use, uint64_t turn) {
  Dice dice = dice_new(seed, turn);
  const double size = sizeof(rs_scalar) > sizeof(rs_real) ? 0.4 : 1; /* complex tanh has poles */
  memset(f, 0, sizeof *f);
  f->maps_in_use = maps_in_use;
  two_layers(&f->mu, maps_in_use ? MU_IN : STATES, 4, MU_OUT);
  two_layers(&f->q, maps_in_use ? Q_IN : STATES + MU_OUT, 4, Q_OUT);
  assert_ok(rs_net_new(f->mu.inputs, 2, f->mu.spec, &f->policy, NULL));
  assert_ok(rs_net_new(f->q.inputs, 2, f->q.spec, &f->value, NULL));
  roll_scalars(&dice, 4 * 32, 0.3 * size, f->maps[0]);
  roll_scalars(&dice, 4 * 8, 0.3, f->offsets[0]);
  roll_scalars(&dice, 64, 0.25 * size, f->w_mu);
  roll_scalars(&dice, 64, 0.25 * size, f->w_q);
  roll_scalars(&dice, BATCH * STATES, 0.5, f->x);
  for (size_t i = 0; i < 64; ++i) {
    f->exact_w[i] = f->w_mu[i];
  }
  RsPolicySpec spec = {.policy = f->policy, .value = f->value, .states = STATES};
  if (maps_in_use) {
    spec.before_policy = (RsAffine){MU_IN, STATES, f->maps[0], f->offsets[0]};
    spec.after_policy = (RsAffine){ACTIONS, MU_OUT, f->maps[1], f->offsets[1]};
    spec.before_value = (RsAffine){Q_IN, STATES + ACTIONS, f->maps[2], f->offsets[2]};
    spec.after_value = (RsAffine){RESULTS, Q_OUT, f->maps[3], f->offsets[3]};
  }
  RsPolicy *policy = NULL;
  RsError error;
  if (rs_policy_new(&spec, BATCH, &policy, &error)) {
    fail_msg("%s", error.message);
  }
  return policy;
}

/* S8, with all four maps and with none. */
static void the_policy_gradient_is_a_central_difference(void **state) {
  for (uint64_t turn = 0; turn < 40; ++turn) {
    Fixture f;
    RsPolicy *policy = fixture(&f, turn % 2, turn);
    const size_t count = rs_net_parameters(f.policy);
    rs_scalar g[64] = {0}, expected[64], q[BATCH];
    assert_ok(rs_policy_gradient(policy, f.w_mu, f.w_q, BATCH, f.x, q, g, NULL));
    for (size_t r = 0; r < BATCH; ++r) {
      assert_close(creal((double complex)q[r]), (double)value(&f, r), DERIVATIVE_TOLERANCE);
    }
    for (size_t i = 0; i < count; ++i) {
      expected[i] = (rs_scalar)exact_difference(cost, &f, f.exact_w, i);
    }
    assert_scalars_agree("dQ/dw", turn, count, g, expected, DERIVATIVE_TOLERANCE, 0.1);
    rs_policy_free(policy);
    rs_net_free(f.policy);
    rs_net_free(f.value);
  }
}

static void sizes_that_do_not_fit_are_told(void **state) {
  Fixture f;
  RsPolicy *policy = fixture(&f, false, 0), *none = NULL;
  RsError error = {RS_OK, ""};
  RsPolicySpec spec = {.policy = f.policy, .value = f.value, .states = STATES + 1};
  assert_int_equal(rs_policy_new(&spec, BATCH, &none, &error), RS_ERR_ARGUMENT);
  assert_string_equal(error.message, "the policy net has 3 inputs and is given 4");
  spec.states = STATES;
  spec.before_value = (RsAffine){Q_IN, 2, f.maps[2], NULL};
  assert_int_equal(rs_policy_new(&spec, BATCH, &none, &error), RS_ERR_ARGUMENT);
  assert_string_equal(error.message,
                      "the map before the value is 4 x 2, expected 6 columns and some rows");
  spec.before_value = (RsAffine){Q_IN, STATES + MU_OUT, f.maps[2], NULL};
  assert_int_equal(rs_policy_new(&spec, BATCH, &none, &error), RS_ERR_ARGUMENT);
  assert_string_equal(error.message, "the value net has 6 inputs and is given 4");
  spec.before_value = (RsAffine){0, STATES + MU_OUT, f.maps[2], NULL};
  assert_int_equal(rs_policy_new(&spec, BATCH, &none, &error), RS_ERR_ARGUMENT);
  assert_string_equal(error.message,
                      "the map before the value is 0 x 6, expected 6 columns and some rows");
  spec.before_value = (RsAffine){STATES + MU_OUT, STATES + MU_OUT, f.maps[2], f.offsets[2]};
  f.offsets[2][1] = INFINITY;
  assert_int_equal(rs_policy_new(&spec, BATCH, &none, &error), RS_ERR_NONFINITE);
  f.offsets[2][1] = 0;
  f.maps[2][0] = NAN;
  assert_int_equal(rs_policy_new(&spec, BATCH, &none, &error), RS_ERR_NONFINITE);
  for (size_t batch = 0; batch <= BATCH + 1; batch += BATCH + 1) {
    assert_int_equal(rs_policy_gradient(policy, f.w_mu, f.w_q, batch, f.x, NULL, NULL, &error),
                     RS_ERR_ARGUMENT);
    assert_string_equal(error.message, batch ? "a batch of 4 states, the policy takes 1 to 3"
                                             : "a batch of 0 states, the policy takes 1 to 3");
  }
  assert_null(none);
  rs_policy_free(policy);
  rs_net_free(f.policy);
  rs_net_free(f.value);
}

static void actions_are_what_the_policy_net_answers(void **state) {
  Fixture f;
  RsPolicy *policy = fixture(&f, false, 1);
  RsNetWork *work = NULL;
  assert_ok(rs_net_work_new(f.policy, BATCH, &work, NULL));
  assert_ok(rs_net_forward(f.policy, f.w_mu, BATCH, f.x, work, NULL));
  assert_ok(rs_policy_gradient(policy, f.w_mu, f.w_q, BATCH, f.x, NULL, NULL, NULL));
  assert_memory_equal(rs_policy_actions(policy), rs_net_output(work), BATCH * MU_OUT * sizeof *f.x);
  rs_net_work_free(work);
  rs_policy_free(policy);
  rs_net_free(f.policy);
  rs_net_free(f.value);
}

static void a_value_that_overflows_is_told(void **state) {
  const rs_scalar huge = (rs_real)(sizeof(rs_real) == sizeof(float) ? 1e38 : 1e308);
  const RsLayerSpec one = {.outputs = 1};
  const rs_scalar w_mu = 1, w_q[2] = {4, 4}, x = 1;
  RsNet *mu = NULL, *value = NULL;
  RsPolicy *policy = NULL;
  RsError error = {RS_OK, ""};
  rs_scalar q = 0;
  assert_ok(rs_net_new(1, 1, &one, &mu, NULL));
  assert_ok(rs_net_new(2, 1, &one, &value, NULL));
  const RsPolicySpec spec = {
      .policy = mu, .value = value, .states = 1, .after_value = {1, 1, &huge, NULL}};
  assert_ok(rs_policy_new(&spec, 1, &policy, NULL));
  assert_int_equal(rs_policy_gradient(policy, &w_mu, w_q, 1, &x, &q, NULL, &error),
                   RS_ERR_NONFINITE);
  assert_string_equal(error.message, "a value overflows in the map after the value");
  rs_policy_free(policy);
  rs_net_free(mu);
  rs_net_free(value);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_policy_gradient_is_a_central_difference),
      cmocka_unit_test(sizes_that_do_not_fit_are_told),
      cmocka_unit_test(actions_are_what_the_policy_net_answers),
      cmocka_unit_test(a_value_that_overflows_is_told),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
