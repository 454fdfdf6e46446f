/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/rnn.h>

#include <string.h>

enum { FRAMES = 12, STREAMS = 2 };

static uint64_t seed;

static const double equal = sizeof(rs_real) == sizeof(float) ? 1e-4 : 1e-12;

/* A recurrent net with a series for each stream, without borders. */
typedef struct {
  RsRnn *rnn;
  size_t parameters;
  rs_scalar *w, *x, *dy;
} Series;

static void series_new(Series *t, const RsLayerSpec *layers, size_t count, RsRnnSpec spec,
                       size_t inputs) {
  Dice dice = dice_new(seed, inputs + count);
  RsNet *net = NULL;
  assert_ok(rs_net_new(inputs + spec.state_size, count, layers, &net, NULL));
  spec.net = net;
  assert_ok(rs_rnn_new(&spec, &t->rnn, NULL));
  rs_net_free(net);
  const size_t rows = FRAMES * STREAMS, outputs = rs_rnn_outputs(t->rnn);
  t->parameters = rs_rnn_parameters(t->rnn);
  t->w = rs_alloc(t->parameters, sizeof *t->w);
  t->x = rs_alloc(rows * inputs, sizeof *t->x);
  t->dy = rs_alloc(rows * outputs, sizeof *t->dy);
  roll_scalars(&dice, t->parameters, SPREAD(0.2, 0.05), t->w);
  roll_scalars(&dice, rows * inputs, 0.5, t->x);
  roll_scalars(&dice, rows * outputs, 1, t->dy);
}

static void series_free(Series *t) {
  rs_rnn_free(t->rnn);
  free(t->w);
  free(t->x);
  free(t->dy);
}

/* g += the gradient of the whole series, by blocks of `length` frames. */
static void add_gradient(const Series *t, RsRnnEngine engine, size_t length, rs_scalar *g) {
  const size_t inputs = rs_rnn_inputs(t->rnn), outputs = rs_rnn_outputs(t->rnn);
  RsRnnLearner *l = NULL;
  assert_ok(rs_rnn_learner_new(t->rnn, engine, length, STREAMS, &l, NULL));
  for (size_t n = 0; n < FRAMES; n += length) {
    const size_t row = n * STREAMS;
    assert_ok(rs_rnn_learner_forward(l, t->w, length, t->x + row * inputs, NULL));
    assert_ok(rs_rnn_learner_backward(l, t->w, t->dy + row * outputs, g));
  }
  rs_rnn_learner_free(l);
}

static void assert_engines_agree(const char *what, const Series *t) {
  rs_scalar *whole = rs_alloc(t->parameters, sizeof *whole);
  add_gradient(t, RS_ENGINE_BPTT, FRAMES, whole);
  for (RsRnnEngine engine = RS_ENGINE_BLOCK; engine <= RS_ENGINE_RTRL; ++engine) {
    for (size_t length = 1; length <= FRAMES; length *= 2) {
      if (FRAMES % length == 0) {
        rs_scalar *g = rs_alloc(t->parameters, sizeof *g);
        add_gradient(t, engine, length, g);
        assert_scalars_agree(what, length, t->parameters, g, whole, equal, 0.1);
        free(g);
      }
    }
  }
  free(whole);
}

/* Rows of a matrix that an earlier layer owns, stored as they are or transposed. */
static void a_state_may_be_part_of_a_layer_that_shares_its_weights(void **state) {
  for (RsWeights weights = RS_WEIGHTS_SHARED; weights <= RS_WEIGHTS_TIED; ++weights) {
    const RsLayerSpec layers[3] = {{.outputs = 4, .activation = RS_TANH, .bias = RS_BIAS_OWN},
                                   {.outputs = 4,
                                    .activation = RS_TANH,
                                    .bias = RS_BIAS_OWN,
                                    .weights = weights,
                                    .weights_of = 1,
                                    .skip = RS_SKIP_SUBTRACT,
                                    .skip_from = 0},
                                   {.outputs = 2}};
    Series t;
    series_new(&t, layers, 3, (RsRnnSpec){NULL, 2, 1, 2, true}, 2);
    assert_engines_agree(weights == RS_WEIGHTS_TIED ? "tied" : "shared", &t);
    series_free(&t);
  }
}

/* More weights a layer than dr/dw is multiplied by at a time. */
static void a_wide_layer_is_carried_in_pieces(void **state) {
  const RsLayerSpec layers[2] = {{.outputs = 11, .activation = RS_TANH, .bias = RS_BIAS_OWN},
                                 {.outputs = 2}};
  Series t;
  series_new(&t, layers, 2, (RsRnnSpec){NULL, 1, 0, 11, false}, 40);
  assert_engines_agree("wide", &t);
  series_free(&t);
}

static void small(Series *t) {
  const RsLayerSpec layers[2] = {{.outputs = 3, .activation = RS_TANH, .bias = RS_BIAS_OWN},
                                 {.outputs = 2, .bias = RS_BIAS_OWN}};
  series_new(t, layers, 2, (RsRnnSpec){NULL, 1, 0, 3, true}, 2);
}

static void gradients_are_added_to_what_was_there(void **state) {
  for (RsRnnEngine engine = RS_ENGINE_BPTT; engine <= RS_ENGINE_RTRL; ++engine) {
    Series t;
    Dice dice = dice_new(seed, 99);
    small(&t);
    rs_scalar *g = rs_alloc(2 * t.parameters, sizeof *g), *sum = g + t.parameters;
    roll_scalars(&dice, t.parameters, 1, sum);
    add_gradient(&t, engine, FRAMES, g);
    for (size_t i = 0; i < t.parameters; ++i) {
      g[i] += sum[i];
    }
    add_gradient(&t, engine, FRAMES, sum);
    assert_scalars_agree("sum", engine, t.parameters, sum, g, equal, 0.1);
    free(g);
    series_free(&t);
  }
}

/* Whatever the block before has left. */
static void no_cotangents_are_cotangents_of_zero(void **state) {
  for (RsRnnEngine engine = RS_ENGINE_BPTT; engine <= RS_ENGINE_RTRL; ++engine) {
    Series t;
    RsRnnLearner *l = NULL;
    small(&t);
    rs_scalar *g = rs_alloc(t.parameters, sizeof *g);
    assert_ok(rs_rnn_learner_new(t.rnn, engine, FRAMES, STREAMS, &l, NULL));
    assert_ok(rs_rnn_learner_forward(l, t.w, FRAMES, t.x, NULL));
    assert_ok(rs_rnn_learner_backward(l, t.w, t.dy, NULL));
    assert_ok(rs_rnn_learner_forward(l, t.w, FRAMES, t.x, NULL));
    assert_ok(rs_rnn_learner_backward(l, t.w, NULL, g));
    for (size_t i = 0; i < t.parameters; ++i) {
      assert_true(g[i] == 0);
    }
    rs_rnn_learner_free(l);
    free(g);
    series_free(&t);
  }
}

/* A state that overflows behind units that hide it, and a gradient that does. */
static void what_overflows_is_told(void **state) {
  const rs_real huge = sizeof(rs_real) == sizeof(float) ? (rs_real)1e30 : (rs_real)1e300;
  const RsLayerSpec layers[2] = {{.outputs = 1}, {.outputs = 1, .activation = RS_TANH}};
  for (RsRnnEngine engine = RS_ENGINE_BPTT; engine <= RS_ENGINE_RTRL; ++engine) {
    rs_scalar w[3] = {huge, 0, 1}, x[2] = {huge, huge}, g[3] = {0}, r = 5, y = 7;
    const rs_scalar dy[2] = {huge, huge};
    RsNet *net = NULL;
    RsRnn *rnn = NULL;
    RsRnnLearner *l = NULL;
    RsRnnStep *step = NULL;
    assert_ok(rs_net_new(2, 2, layers, &net, NULL));
    assert_ok(rs_rnn_new(&(RsRnnSpec){net, 1, 0, 1, false}, &rnn, NULL));
    assert_ok(rs_rnn_learner_new(rnn, engine, 2, 1, &l, NULL));
    assert_int_equal(rs_rnn_learner_forward(l, w, 2, x, NULL), RS_ERR_NONFINITE);
    assert_string_equal(rs_rnn_learner_error(l)->message,
                        "the state of frame 0, stream 0, holds a NaN or an infinity");
    assert_ok(rs_rnn_step_new(rnn, &step));
    assert_int_equal(rs_rnn_step(rnn, w, x, &r, &y, step), RS_ERR_NONFINITE);
    assert_true(r == 5 && y == 7);
    rs_rnn_learner_reset(l);
    w[0] = 1 / huge;
    w[2] = huge;
    x[0] = x[1] = 0;
    assert_ok(rs_rnn_learner_forward(l, w, 2, x, NULL));
    w[0] = huge;
    assert_int_equal(rs_rnn_learner_backward(l, w, dy, g), RS_ERR_NONFINITE);
    assert_string_equal(rs_rnn_learner_error(l)->message,
                        "the gradient overflows, or was not finite before");
    rs_rnn_step_free(step);
    rs_rnn_learner_free(l);
    rs_rnn_free(rnn);
    rs_net_free(net);
  }
}

static void a_state_begins_inside_its_layer(void **state) {
  const RsLayerSpec layer = {.outputs = 3};
  RsNet *net = NULL;
  RsRnn *rnn = NULL;
  assert_ok(rs_net_new(4, 1, &layer, &net, NULL));
  for (size_t first = 3; first <= 5; ++first) {
    assert_int_equal(rs_rnn_new(&(RsRnnSpec){net, 1, first, 1, false}, &rnn, NULL),
                     RS_ERR_ARGUMENT);
  }
  assert_null(rnn);
  rs_net_free(net);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_state_may_be_part_of_a_layer_that_shares_its_weights),
      cmocka_unit_test(a_wide_layer_is_carried_in_pieces),
      cmocka_unit_test(gradients_are_added_to_what_was_there),
      cmocka_unit_test(no_cotangents_are_cotangents_of_zero),
      cmocka_unit_test(what_overflows_is_told),
      cmocka_unit_test(a_state_begins_inside_its_layer),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
