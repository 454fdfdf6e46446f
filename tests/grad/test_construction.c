/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <limits.h>
#include <string.h>

static uint64_t seed;

/* The pattern adds to nothing that the caller has chosen. */
static void a_residual_pattern_leaves_the_skips_that_are_there(void **state) {
  const RsLayerSpec spec[3] = {
      {.outputs = 2}, {.outputs = 2, .skip = RS_SKIP_SUBTRACT, .skip_from = 1}, {.outputs = 2}};
  const rs_scalar w[12] = {1, 0, 0, 1, 2, 0, 0, 2, 3, 0, 0, 3}, x[2] = {1, 10};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  assert_ok(rs_net_new_residual(RS_RESIDUAL_EVERY_LAYER, 2, 3, spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_ok(rs_net_forward(net, w, 1, x, work, NULL));
  assert_true(rs_net_layer_output(work, 2)[1] == 2 * 10 - 10);
  assert_true(rs_net_output(work)[1] == 3 * 10 + 10);
  rs_net_work_free(work);
  rs_net_free(net);
}

static void first_values_of_two_layers_differ(void **state) {
  const RsLayerSpec spec[2] = {{.outputs = 3}, {.outputs = 3}};
  RsNet *net = NULL;
  rs_scalar w[18];
  assert_ok(rs_net_new(3, 2, spec, &net, NULL));
  rs_net_initialise(net, (RsRng){seed, RS_STREAM_WEIGHTS}, 1, w);
  for (size_t i = 0; i < 9; ++i) {
    for (size_t j = 9; j < 18; ++j) {
      assert_true(w[i] != w[j]);
    }
  }
  rs_net_free(net);
}

/* Layers without parameters of their own neither draw numbers nor write any. */
static void first_values_are_drawn_by_their_owner_alone(void **state) {
  const RsLayerSpec spec[3] = {{.outputs = 4},
                               {.outputs = 4, .weights = RS_WEIGHTS_IDENTITY},
                               {.outputs = 2, .weights = RS_WEIGHTS_TIED, .weights_of = 1}};
  RsNet *owner = NULL, *all = NULL;
  rs_scalar w[2][9] = {{0}};
  assert_ok(rs_net_new(2, 1, spec, &owner, NULL));
  assert_ok(rs_net_new(2, 3, spec, &all, NULL));
  assert_int_equal(rs_net_parameters(all), 8);
  rs_net_initialise(owner, (RsRng){seed, RS_STREAM_WEIGHTS}, 1, w[0]);
  rs_net_initialise(all, (RsRng){seed, RS_STREAM_WEIGHTS}, 1, w[1]);
  assert_memory_equal(w[0], w[1], sizeof w[0]);
  rs_net_free(owner);
  rs_net_free(all);
}

/* A matrix that is given to a layer with weights of its own is not read, let alone copied. */
static void what_is_given_without_need_is_ignored(void **state) {
  const rs_scalar given[4] = {NAN, NAN, NAN, NAN};
  const RsLayerSpec plain = {.outputs = 2, .bias = RS_BIAS_OWN};
  RsLayerSpec with = plain;
  RsNet *net[2] = {NULL, NULL};
  rs_scalar w[2][6];
  with.given = with.given_bias = given;
  assert_ok(rs_net_new(2, 1, &plain, &net[0], NULL));
  assert_ok(rs_net_new(2, 1, &with, &net[1], NULL));
  for (size_t i = 0; i < 2; ++i) {
    rs_net_initialise(net[i], (RsRng){seed, RS_STREAM_WEIGHTS}, 1, w[i]);
    rs_net_free(net[i]);
  }
  assert_memory_equal(w[0], w[1], sizeof w[0]);
}

/* Layers of 2^54 weights until fewer parameters are left to count than the last has outputs. */
static void parameters_beyond_counting_are_told_by_their_layer(void **state) {
  enum { WIDE = 1 << 27 };
  const size_t most = PTRDIFF_MAX / sizeof(rs_scalar), full = most / WIDE / WIDE;
  RsLayerSpec *spec = rs_alloc(full + 2, sizeof *spec);
  RsNet *net = NULL;
  RsError error = {RS_OK, ""};
  char expected[96];
  for (size_t k = 0; k < full; ++k) {
    spec[k].outputs = WIDE;
  }
  spec[full].outputs = WIDE - 1;
  spec[full + 1].outputs = INT_MAX;
  assert_ok(rs_net_new(WIDE, full + 1, spec, &net, NULL));
  assert_int_equal(most - rs_net_parameters(net), WIDE - 1);
  rs_net_free(net);
  net = NULL;
  assert_int_equal(rs_net_new(WIDE, full + 2, spec, &net, &error), RS_ERR_OVERFLOW);
  snprintf(expected, sizeof expected, "layer %zu: %d outputs of %d inputs are too many to count",
           full + 2, INT_MAX, WIDE - 1);
  assert_string_equal(error.message, expected);
  spec[full + 1] = (RsLayerSpec){.outputs = 1, .bias = RS_BIAS_OWN}; /* just one too many */
  assert_int_equal(rs_net_new(WIDE, full + 2, spec, &net, &error), RS_ERR_OVERFLOW);
  assert_null(net);
  free(spec);
}

static void a_layer_that_is_too_large_is_named_with_its_size(void **state) {
  const RsLayerSpec spec[2] = {{.outputs = 3}, {.outputs = SIZE_MAX / 4}};
  RsNet *net = NULL;
  RsError error = {RS_OK, ""};
  char expected[128];
  assert_int_equal(rs_net_new(2, 2, spec, &net, &error), RS_ERR_OVERFLOW);
  snprintf(expected, sizeof expected, "layer 2: its %zu outputs are too many to count",
           spec[1].outputs);
  assert_string_equal(error.message, expected);
}

static void sizes_that_are_asked_of_no_layer_are_nothing(void **state) {
  const RsLayerSpec spec = {.outputs = 3};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  assert_ok(rs_net_new(2, 1, &spec, &net, NULL));
  assert_int_equal(rs_net_layer_size(net, 0), 2);
  assert_int_equal(rs_net_layer_size(net, 1), 3);
  assert_int_equal(rs_net_layer_size(net, (size_t)1 << 40), 0);
  assert_int_equal(rs_net_work_new(net, (size_t)INT_MAX + 1, &work, NULL), RS_ERR_OVERFLOW);
  assert_null(work);
  rs_net_free(net);
}

static void softmax_of_large_fields_does_not_overflow(void **state) {
  const RsLayerSpec spec = {.outputs = 2, .activation = RS_SOFTMAX};
  const rs_scalar w[2] = {1000, -1000}, x = 1;
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  assert_ok(rs_net_new(1, 1, &spec, &net, NULL));
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_ok(rs_net_forward(net, w, 1, &x, work, NULL));
  assert_true(rs_net_output(work)[0] == 1 && rs_net_output(work)[1] == 0);
  rs_net_work_free(work);
  rs_net_free(net);
}

#if !defined RS_SCALAR_COMPLEX
/* At the kink both take the slope of the left side, as doc/math.md's table of activations says. */
static void a_field_of_zero_has_the_slope_of_the_left(void **state) {
  const RsActivation kinked[2] = {RS_RELU, RS_LEAKY_RELU};
  for (size_t i = 0; i < 2; ++i) {
    const RsLayerSpec spec = {.outputs = 1, .activation = kinked[i], .parameter = (rs_real)0.25};
    const rs_scalar w = 0, x = 8, one = 1;
    RsNet *net = NULL;
    RsNetWork *work = NULL;
    rs_scalar g = 0;
    assert_ok(rs_net_new(1, 1, &spec, &net, NULL));
    assert_ok(rs_net_work_new(net, 1, &work, NULL));
    assert_ok(rs_net_forward(net, &w, 1, &x, work, NULL));
    assert_ok(rs_net_backward(net, &w, work, &one, &g, NULL, NULL));
    assert_true(g == (i ? 2 : 0));
    rs_net_work_free(work);
    rs_net_free(net);
  }
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_residual_pattern_leaves_the_skips_that_are_there),
    cmocka_unit_test(first_values_of_two_layers_differ),
    cmocka_unit_test(first_values_are_drawn_by_their_owner_alone),
    cmocka_unit_test(what_is_given_without_need_is_ignored),
    cmocka_unit_test(parameters_beyond_counting_are_told_by_their_layer),
    cmocka_unit_test(a_layer_that_is_too_large_is_named_with_its_size),
    cmocka_unit_test(sizes_that_are_asked_of_no_layer_are_nothing),
    cmocka_unit_test(softmax_of_large_fields_does_not_overflow),
#if !defined RS_SCALAR_COMPLEX
    cmocka_unit_test(a_field_of_zero_has_the_slope_of_the_left),
#endif
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
