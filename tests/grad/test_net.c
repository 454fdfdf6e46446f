/* SPDX-License-Identifier: ISC */

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

/* S1 to S7: any depth, any activation, any skip, any weights, real and complex, to w and to x. */
static void gradients_are_central_differences(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    trial_differences(&t);
    assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy, t.g, t.dx, NULL));
    assert_scalars_agree("dJ/dw", turn, t.parameters, t.g, t.g_expected, DERIVATIVE_TOLERANCE,
                         DERIVATIVE_FLOOR);
    assert_scalars_agree("dJ/dx", turn, t.batch * t.inputs, t.dx, t.dx_expected,
                         DERIVATIVE_TOLERANCE, DERIVATIVE_FLOOR);
    trial_free(&t);
  }
}

/* The check has to see what it is there to see: a flipped sign, and a skip that is left out. */
static void the_gradient_check_sees_a_flipped_sign(void **state) {
  for (uint64_t turn = 0; turn < 20; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    trial_differences(&t);
    assert_ok(rs_net_backward(t.net, t.w, t.work, t.dy, t.g, NULL, NULL));
    for (size_t i = 0; i < t.parameters; ++i) {
      const bool counts = (double)cabs((double complex)t.g[i]) > 0.01;
      t.g[i] = -t.g[i];
      if (counts) {
        assert_false(
            scalars_agree(t.parameters, t.g, t.g_expected, DERIVATIVE_TOLERANCE, DERIVATIVE_FLOOR));
      }
      t.g[i] = -t.g[i];
    }
    trial_free(&t);
  }
}

/* Whether the library's gradient without the skip of layer k would pass for the one with it. */
static bool passes_without_skip(Trial *t, size_t k) {
  RsLayerSpec spec[MOST_LAYERS];
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  memcpy(spec, t->definition.spec, sizeof spec);
  spec[k - 1].skip = RS_SKIP_NONE;
  assert_ok(rs_net_new(t->inputs, t->definition.layers, spec, &net, NULL));
  assert_ok(rs_net_work_new(net, t->batch, &work, NULL));
  memset(t->g, 0, t->parameters * sizeof *t->g);
  assert_ok(rs_net_forward(net, t->w, t->batch, t->x, work, NULL));
  assert_ok(rs_net_backward(net, t->w, work, t->dy, t->g, NULL, NULL));
  rs_net_work_free(work);
  rs_net_free(net);
  return scalars_agree(t->parameters, t->g, t->g_expected, DERIVATIVE_TOLERANCE, DERIVATIVE_FLOOR);
}

static bool learns(const Trial *t) {
  size_t i = 0;
  while (i < t->parameters && cabs((double complex)t->g_expected[i]) < 0.01) {
    ++i;
  }
  return i < t->parameters;
}

static void the_gradient_check_sees_a_dropped_skip(void **state) {
  size_t skips = 0, missed = 0;
  for (uint64_t turn = 0; turn < NETS || skips <= 10; ++turn) {
    Dice dice = dice_new(seed, turn);
    Trial t;
    trial_new(&dice, &t);
    trial_differences(&t);
    const RsLayerSpec *last = &t.definition.spec[t.definition.layers - 1];
    const bool counts =
        learns(&t) && last->activation != RS_SOFTMAX && last->activation != RS_IDENTITY;
    if (last->skip && counts) { /* it moves the last field, on which all slopes depend */
      ++skips;
      missed += passes_without_skip(&t, t.definition.layers);
    }
    trial_free(&t);
  }
  assert_true(missed <= skips / 4); /* a dead or piecewise linear unit hides it */
}

/* The patterns are those of the seeds: S4 skips into layers 2, 3, 4, ..., S5 into 3, 5, 7, ... */
static void residual_patterns_are_explicit_skips(void **state) {
  RsLayerSpec plain[6] = {{0}}, skips[6];
  for (size_t k = 0; k < 6; ++k) {
    plain[k] = (RsLayerSpec){.outputs = k == 5 ? 2 : 3, .activation = RS_TANH, .bias = RS_BIAS_OWN};
  }
  for (RsResidual pattern = RS_RESIDUAL_EVERY_LAYER; pattern <= RS_RESIDUAL_EVERY_SECOND;
       ++pattern) {
    RsNet *pair[2] = {NULL, NULL};
    RsNetWork *work[2] = {NULL, NULL};
    rs_scalar w[80], x[3], y[2][2];
    memcpy(skips, plain, sizeof plain);
    for (size_t k = 2; k <= 5; ++k) {
      if (pattern == RS_RESIDUAL_EVERY_LAYER || k == 3 || k == 5) {
        skips[k - 1].skip = RS_SKIP_ADD;
        skips[k - 1].skip_from = k - 2;
      }
    }
    assert_ok(rs_net_new_residual(pattern, 3, 6, plain, &pair[0], NULL));
    assert_ok(rs_net_new(3, 6, skips, &pair[1], NULL));
    Dice dice = dice_new(seed, 3);
    roll_scalars(&dice, 80, 0.5, w);
    roll_scalars(&dice, 3, 1, x);
    for (size_t i = 0; i < 2; ++i) {
      assert_int_equal(rs_net_parameters(pair[i]), 68);
      assert_ok(rs_net_work_new(pair[i], 1, &work[i], NULL));
      assert_ok(rs_net_forward(pair[i], w, 1, x, work[i], NULL));
      memcpy(y[i], rs_net_output(work[i]), sizeof y[i]);
    }
    assert_memory_equal(y[0], y[1], sizeof y[0]);
    for (size_t i = 0; i < 2; ++i) {
      rs_net_work_free(work[i]);
      rs_net_free(pair[i]);
    }
  }
}

/* S5 with one unit a layer, by hand: y = d(W5 e + f), f = f(W3 g + x), all sine. */
static void the_five_layer_example_is_what_it_is_by_hand(void **state) {
  RsLayerSpec spec[5];
  for (size_t k = 0; k < 5; ++k) {
    spec[k] = (RsLayerSpec){.outputs = 1, .activation = RS_SINE};
  }
  spec[2].skip = spec[4].skip = RS_SKIP_ADD;
  spec[4].skip_from = 3;
  const rs_scalar w[5] = {(rs_scalar)0.5, (rs_scalar)-1.25, (rs_scalar)0.75, 2, (rs_scalar)1.5};
  const rs_scalar x = (rs_scalar)0.625, one = 1;
  const double h = sin(0.3125), g = sin(-1.25 * h), f = sin(0.75 * g + 0.625), e = sin(2 * f);
  const double d5 = cos(1.5 * e + f), d4 = cos(2 * f), d3 = cos(0.75 * g + 0.625);
  const double d2 = cos(-1.25 * h), d1 = cos(0.3125);
  const double outer = d5 * (1.5 * d4 * 2 + 1) * d3;
  const double tolerance = sizeof(rs_real) == sizeof(float) ? 1e-6 : 1e-14;
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  rs_scalar dw[5] = {0}, dx = 0;
  assert_ok(rs_net_new(1, 5, spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_ok(rs_net_forward(net, w, 1, &x, work, NULL));
  assert_ok(rs_net_backward(net, w, work, &one, dw, &dx, NULL));
  assert_close(creal((double complex)rs_net_output(work)[0]), sin(1.5 * e + f), tolerance);
  assert_close(creal((double complex)dw[4]), d5 * e, tolerance);
  assert_close(creal((double complex)dw[2]), outer * g, tolerance);
  assert_close(creal((double complex)dw[0]), outer * 0.75 * d2 * -1.25 * d1 * 0.625, 2 * tolerance);
  assert_close(creal((double complex)dx), outer * (0.75 * d2 * -1.25 * d1 * 0.5 + 1),
               2 * tolerance);
  rs_net_work_free(work);
  rs_net_free(net);
}

/* S5 with one unit a layer, by hand: y = f(W3 g + h), equation N8; and S4, where g is skipped into
   too, equation J7, in which the last skip brings h and not x. */
static void the_three_layer_examples_are_what_they_are_by_hand(void **state) {
  for (size_t every = 0; every < 2; ++every) {
    RsLayerSpec spec[3];
    for (size_t k = 0; k < 3; ++k) {
      spec[k] = (RsLayerSpec){.outputs = 1, .activation = RS_SINE};
    }
    spec[2].skip = RS_SKIP_ADD;
    spec[2].skip_from = 1;
    spec[1].skip = every ? RS_SKIP_ADD : RS_SKIP_NONE;
    const rs_scalar w[3] = {(rs_scalar)0.5, (rs_scalar)-1.25, (rs_scalar)0.75};
    const rs_scalar x = (rs_scalar)0.625, one = 1;
    const double skipped = every ? 0.625 : 0, h = sin(0.3125), g = sin(-1.25 * h + skipped);
    const double d1 = cos(0.3125), d2 = cos(-1.25 * h + skipped), d3 = cos(0.75 * g + h);
    const double tolerance = sizeof(rs_real) == sizeof(float) ? 1e-6 : 1e-14;
    const double delta = d3 * (0.75 * d2 * -1.25 + 1) * d1;
    RsNet *net = NULL;
    RsNetWork *work = NULL;
    rs_scalar dw[3] = {0}, dx = 0;
    assert_ok(rs_net_new(1, 3, spec, &net, NULL));
    assert_ok(rs_net_work_new(net, 1, &work, NULL));
    assert_ok(rs_net_forward(net, w, 1, &x, work, NULL));
    assert_ok(rs_net_backward(net, w, work, &one, dw, &dx, NULL));
    assert_close(creal((double complex)rs_net_output(work)[0]), sin(0.75 * g + h), tolerance);
    assert_close(creal((double complex)dw[0]), delta * 0.625, tolerance);
    assert_close(creal((double complex)dw[1]), d3 * 0.75 * d2 * h, tolerance);
    assert_close(creal((double complex)dw[2]), d3 * g, tolerance);
    assert_close(creal((double complex)dx), delta * 0.5 + (every ? d3 * 0.75 * d2 : 0), tolerance);
    rs_scalar again = 0;
    assert_ok(rs_net_backward(net, w, work, &one, NULL, &again, NULL));
    assert_true(again == dx);
    rs_net_work_free(work);
    rs_net_free(net);
  }
}

/* A specification that cannot be, what comes of it, and the message. */
typedef struct {
  size_t inputs, layers;
  RsLayerSpec spec[3];
  RsStatus status;
  const char *message;
} Mistake;

#define THREE(...)                                                                                 \
  {                                                                                                \
    {.outputs = 4}, {__VA_ARGS__}, {                                                               \
      .outputs = 2                                                                                 \
    }                                                                                              \
  }

static const rs_scalar nan_matrix[16] = {NAN};

static const Mistake mistakes[] = {
    {0, 1, {{.outputs = 1}}, RS_ERR_ARGUMENT, "a net has 0 inputs, expected 1 to 2147483647"},
    {3, 0, {{.outputs = 1}}, RS_ERR_ARGUMENT, "a net needs at least one layer"},
    {SIZE_MAX,
     1,
     {{.outputs = 1}},
     RS_ERR_OVERFLOW,
     "a net has 18446744073709551615 inputs, expected 1 to 2147483647"},
    {3, 3, THREE(.outputs = 0), RS_ERR_ARGUMENT, "layer 2 has no outputs, it needs at least 1"},
    {3, 3, THREE(.outputs = SIZE_MAX / 2), RS_ERR_OVERFLOW,
     "layer 2: its 9223372036854775807 outputs are too many to count"},
    {3, 3, THREE(.outputs = (size_t)1 << 61), RS_ERR_OVERFLOW,
     "layer 2: its 2305843009213693952 outputs are too many to count"},
    {3, 3, THREE(.outputs = (size_t)1 << 32), RS_ERR_OVERFLOW,
     "layer 2: 4294967296 outputs of 4 inputs are too many to count"},
    {3, 3, THREE(.outputs = 4, .skip = RS_SKIP_ADD, .skip_from = 0), RS_ERR_ARGUMENT,
     "layer 2 has 4 outputs, its skip from layer 0 3: the two have to be equal"},
    {3, 3, THREE(.outputs = 3, .skip = RS_SKIP_ADD, .skip_from = 2), RS_ERR_ARGUMENT,
     "layer 2: its skip comes from layer 2, it has to be earlier"},
    {3, 3, THREE(.outputs = 3, .skip = (RsSkip)9), RS_ERR_ARGUMENT,
     "layer 2: unknown kind of skip 9"},
    {3, 3, THREE(.outputs = 3, .activation = RS_SOFTMAX), RS_ERR_ARGUMENT,
     "layer 2 of 3: softmax is for the last layer only"},
    {3, 3, THREE(.outputs = 3, .activation = (RsActivation)99), RS_ERR_ARGUMENT,
     "layer 2: unknown activation 99"},
    {3, 3, THREE(.outputs = 3, .activation = RS_SMOOTH_SQRT), RS_ERR_ARGUMENT,
     "layer 2: the parameter of smoothed square root is 0, it has to be above 0"},
    {3, 3, THREE(.outputs = 3, .parameter = NAN), RS_ERR_NONFINITE,
     "layer 2: the parameter of identity is not finite"},
    {3, 3, THREE(.outputs = 3, .weights = RS_WEIGHTS_IDENTITY), RS_ERR_ARGUMENT,
     "layer 2: the identity of 4 inputs gives 4 outputs, not 3"},
    {3, 3, THREE(.outputs = 3, .weights = RS_WEIGHTS_GIVEN), RS_ERR_ARGUMENT,
     "layer 2: its given matrix, 3 x 4, is missing"},
    {3, 3, THREE(.outputs = 4, .weights = RS_WEIGHTS_GIVEN, .given = nan_matrix), RS_ERR_NONFINITE,
     "layer 2: what it is given holds a NaN or an infinity"},
    {3, 3, THREE(.outputs = 4, .bias = RS_BIAS_GIVEN), RS_ERR_ARGUMENT,
     "layer 2: its given bias of 4 values is missing"},
    {3, 3, THREE(.outputs = 4, .bias = RS_BIAS_GIVEN, .given_bias = nan_matrix), RS_ERR_NONFINITE,
     "layer 2: what it is given holds a NaN or an infinity"},
    {3, 3, THREE(.outputs = 4, .bias = (RsBias)7), RS_ERR_ARGUMENT,
     "layer 2: unknown kind of weights 0 or of bias 7"},
    {3, 3, THREE(.outputs = 4, .weights = RS_WEIGHTS_SHARED, .weights_of = 1), RS_ERR_ARGUMENT,
     "layer 2 needs weights of 4 x 4, those of layer 1 are 4 x 3"},
    {3, 3, THREE(.outputs = 4, .weights = RS_WEIGHTS_TIED, .weights_of = 1), RS_ERR_ARGUMENT,
     "layer 2 needs weights of 4 x 4, those of layer 1 are 4 x 3 before they are transposed"},
    {3, 3, THREE(.outputs = 4, .weights = RS_WEIGHTS_TIED, .weights_of = 2), RS_ERR_ARGUMENT,
     "layer 2: it uses the weights of layer 2, not an earlier one"},
    {3, 3, THREE(.outputs = 4, .weights = RS_WEIGHTS_SHARED, .weights_of = 0), RS_ERR_ARGUMENT,
     "layer 2: it uses the weights of layer 0, not an earlier one"},
};

static void a_net_that_cannot_be_is_told_by_its_layer(void **state) {
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; ++i) {
    const Mistake *m = &mistakes[i];
    RsNet *net = NULL;
    RsError error = {RS_OK, ""};
    assert_int_equal(rs_net_new(m->inputs, m->layers, m->spec, &net, &error), m->status);
    assert_int_equal(error.status, m->status);
    assert_int_equal(rs_net_new(m->inputs, m->layers, m->spec, &net, NULL), m->status);
    assert_null(net);
    assert_string_equal(error.message, m->message);
  }
}

#if defined RS_SCALAR_COMPLEX
static void a_complex_net_refuses_what_is_not_holomorphic(void **state) {
  const RsActivation refused[2] = {RS_RELU, RS_LEAKY_RELU};
  const char *const messages[2] = {
      "layer 1: relu is not holomorphic, a complex net cannot use it",
      "layer 1: leaky relu is not holomorphic, a complex net cannot use it"};
  for (size_t i = 0; i < 2; ++i) {
    const RsLayerSpec spec = {.outputs = 2, .activation = refused[i]};
    RsNet *net = NULL;
    RsError error = {RS_OK, ""};
    assert_int_equal(rs_net_new(2, 1, &spec, &net, &error), RS_ERR_ARGUMENT);
    assert_string_equal(error.message, messages[i]);
  }
}
#endif

/* Two layers, and room for a batch of three. */
static RsNetWork *small_net(RsActivation activation, RsNet **net) {
  const RsLayerSpec spec[2] = {{.outputs = 3, .activation = activation, .bias = RS_BIAS_OWN},
                               {.outputs = 2}};
  RsNetWork *work = NULL;
  assert_ok(rs_net_new(2, 2, spec, net, NULL));
  assert_ok(rs_net_work_new(*net, 3, &work, NULL));
  return work;
}

static void assert_says(RsStatus status, RsStatus expected, const RsError *error,
                        const char *message) {
  assert_int_equal(status, expected);
  assert_string_equal(error->message, message);
}

static void what_is_not_finite_is_told_by_its_place(void **state) {
  const rs_scalar bad[] = {NAN, INFINITY, -INFINITY};
  RsNet *net = NULL;
  RsNetWork *work = small_net(RS_TANH, &net);
  rs_scalar w[15] = {0}, x[6] = {0}, dy[6] = {0}, g[15] = {0};
  RsError error = {RS_OK, ""};
  for (size_t i = 0; i < 3; ++i) {
    w[7] = bad[i];
    assert_says(rs_net_forward(net, w, 3, x, work, &error), RS_ERR_NONFINITE, &error,
                "the parameters b1 of layer 1 hold a NaN or an infinity");
    w[7] = 0;
    w[14] = bad[i];
    assert_says(rs_net_forward(net, w, 3, x, work, &error), RS_ERR_NONFINITE, &error,
                "the parameters W2 of layer 2 hold a NaN or an infinity");
    w[14] = 0;
    x[5] = bad[i];
    assert_says(rs_net_forward(net, w, 3, x, work, &error), RS_ERR_NONFINITE, &error,
                "row 2 of the input holds a NaN or an infinity");
    x[5] = 0;
    assert_ok(rs_net_forward(net, w, 3, x, work, &error));
    dy[2] = bad[i];
    assert_says(rs_net_backward(net, w, work, dy, g, NULL, &error), RS_ERR_NONFINITE, &error,
                "row 1 of the cotangents holds a NaN or an infinity");
    dy[2] = 0;
    assert_ok(rs_net_backward(net, w, work, dy, g, NULL, &error));
  }
  rs_net_work_free(work);
  rs_net_free(net);
}

static void an_overflow_on_the_way_is_no_silent_nan(void **state) {
  const rs_real huge = sizeof(rs_real) == sizeof(float) ? (rs_real)1e30 : (rs_real)1e300;
  RsNet *net = NULL;
  RsNetWork *work = small_net(RS_SQUARE, &net);
  rs_scalar w[15] = {0}, x[2] = {1, 1};
  RsError error = {RS_OK, ""};
  w[0] = huge;
  w[9] = 1;
  assert_says(rs_net_forward(net, w, 1, x, work, &error), RS_ERR_NONFINITE, &error,
              "the output of layer 1, row 0, is not finite: its field is out of range");
  rs_net_work_free(work);
  rs_net_free(net);
}

static void calls_out_of_turn_are_refused(void **state) {
  RsNet *net = NULL, *other = NULL;
  RsNetWork *work = small_net(RS_TANH, &net), *none = NULL;
  RsNetWork *foreign = small_net(RS_TANH, &other);
  rs_scalar w[15] = {0}, x[8] = {0}, dy[8] = {0};
  RsError error = {RS_OK, ""};
  assert_says(rs_net_backward(net, w, work, dy, NULL, NULL, &error), RS_ERR_ARGUMENT, &error,
              "no forward came before: nothing to go back");
  assert_says(rs_net_forward(net, w, 0, x, work, &error), RS_ERR_ARGUMENT, &error,
              "a batch of 0 rows, the workspace is for 1 to 3");
  assert_says(rs_net_forward(net, w, 4, x, work, &error), RS_ERR_ARGUMENT, &error,
              "a batch of 4 rows, the workspace is for 1 to 3");
  assert_says(rs_net_forward(net, w, 1, x, foreign, &error), RS_ERR_ARGUMENT, &error,
              "the workspace belongs to another net");
  assert_says(rs_net_backward(net, w, foreign, x, NULL, NULL, &error), RS_ERR_ARGUMENT, &error,
              "the workspace belongs to another net");
  assert_says(rs_net_work_new(net, 0, &none, &error), RS_ERR_ARGUMENT, &error,
              "a workspace for batches of 0 rows, expected at least 1");
  assert_says(rs_net_work_new(net, SIZE_MAX, &none, &error), RS_ERR_OVERFLOW, &error,
              "a workspace for batches of 18446744073709551615 rows is too large");
  assert_null(none);
  assert_null(rs_net_layer_output(work, 3));
  assert_null(rs_net_layer_delta(work, 0));
  assert_null(rs_net_tensor(net, 3));
  assert_int_equal(rs_net_layer_size(net, 3), 0);
  rs_net_work_free(work);
  rs_net_work_free(foreign);
  rs_net_free(net);
  rs_net_free(other);
}

static void first_values_have_their_spread_and_frozen_ones_their_own(void **state) {
  enum { N = 100 };
  const rs_scalar given[2] = {5, 6};
  const RsLayerSpec spec[3] = {
      {.outputs = N, .bias = RS_BIAS_OWN},
      {.outputs = 2, .bias = RS_BIAS_FROZEN, .given_bias = given},
      {.outputs = 1, .weights = RS_WEIGHTS_FROZEN, .given = given},
  };
  RsNet *net = NULL;
  assert_ok(rs_net_new(N, 3, spec, &net, NULL));
  const size_t count = rs_net_parameters(net);
  rs_scalar *w = rs_alloc(count, sizeof *w), *other = rs_alloc(count, sizeof *w);
  memset(w, 0x55, count * sizeof *w);
  rs_net_initialise(net, (RsRng){seed, RS_STREAM_WEIGHTS}, 2, w);
  rs_net_initialise(net, (RsRng){seed + 1, RS_STREAM_WEIGHTS}, 2, other);
  double square = 0;
  for (size_t i = 0; i < N * N; ++i) {
    square += pow(cabs((double complex)w[i]), 2) / (N * N);
  }
  assert_close(square, 4.0 / N, 0.4 / N);
  assert_true(w[N * N] == 0 && w[N * N + N - 1] == 0);
  assert_true(w[0] != other[0] && w[0] != w[1]);
  assert_true(w[count - 1] == 6 && w[count - 2] == 5 && w[count - 3] == 6 && w[count - 4] == 5);
  assert_string_equal(rs_net_tensor(net, 4)->name, "W3");
  assert_true(rs_net_tensor(net, 4)->frozen && rs_net_tensor(net, 3)->frozen);
  assert_int_equal(rs_net_tensor(net, 4)->offset, count - 2);
  free(w);
  free(other);
  rs_net_free(net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(outputs_are_those_of_the_definition),
    cmocka_unit_test(gradients_are_central_differences),
    cmocka_unit_test(the_gradient_check_sees_a_flipped_sign),
    cmocka_unit_test(the_gradient_check_sees_a_dropped_skip),
    cmocka_unit_test(residual_patterns_are_explicit_skips),
    cmocka_unit_test(the_three_layer_examples_are_what_they_are_by_hand),
    cmocka_unit_test(the_five_layer_example_is_what_it_is_by_hand),
    cmocka_unit_test(a_net_that_cannot_be_is_told_by_its_layer),
#if defined RS_SCALAR_COMPLEX
    cmocka_unit_test(a_complex_net_refuses_what_is_not_holomorphic),
#endif
    cmocka_unit_test(what_is_not_finite_is_told_by_its_place),
    cmocka_unit_test(an_overflow_on_the_way_is_no_silent_nan),
    cmocka_unit_test(calls_out_of_turn_are_refused),
    cmocka_unit_test(first_values_have_their_spread_and_frozen_ones_their_own),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
