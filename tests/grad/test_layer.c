/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"
#include "grad/net_internal.h"

#include <string.h>

enum { ROWS = 61, INPUTS = 37, OUTPUTS = 70, PARAMETERS = OUTPUTS * (INPUTS + 1) };

static const double equal = sizeof(rs_real) == sizeof(float) ? 1e-4 : 1e-11;

static uint64_t seed;

/* A layer of each kind of matrix with its parameters, gradients, and rows of what goes in and out.
 */
typedef struct {
  RsNet *net;
  RsPackedLayer packed;
  rs_scalar *w, *g, *expected_g;
  rs_scalar *in, *delta, *c, *expected_c;
} Bench;

/* A layer of OUTPUTS as the second of two, so that it may take the first one's matrix. */
static void bench_new(Bench *b, RsWeights weights, RsBias bias) {
  const bool tied = weights == RS_WEIGHTS_TIED;
  const size_t first = tied ? OUTPUTS : INPUTS;
  rs_scalar *given = rs_alloc(PARAMETERS, sizeof *given);
  Dice dice = dice_new(seed, weights);
  roll_scalars(&dice, PARAMETERS, 1, given);
  const RsLayerSpec layers[2] = {
      {.outputs = INPUTS},
      {.outputs = OUTPUTS, .weights = weights, .weights_of = 1, .given = given, .bias = bias}};
  assert_ok(rs_net_new(first, 2, layers, &b->net, NULL));
  free(given);
  const size_t parameters = rs_net_parameters(b->net);
  rs_scalar **const buffers[] = {&b->w,     &b->g, &b->expected_g, &b->in,
                                 &b->delta, &b->c, &b->expected_c};
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; ++i) {
    const size_t size = i < 3 ? parameters : ROWS * (size_t)OUTPUTS;
    *buffers[i] = rs_alloc(size, sizeof **buffers[i]);
    roll_scalars(&dice, size, 1, *buffers[i]);
  }
  memcpy(b->expected_g, b->g, parameters * sizeof *b->g);
  memcpy(b->expected_c, b->c, ROWS * (size_t)INPUTS * sizeof *b->c);
  assert_ok(rs_packed_layer_new(&b->net->layer[1], true, &b->packed));
  rs_layer_pack(&b->net->layer[1], b->w, false, true, &b->packed);
}

static void bench_free(Bench *b) {
  rs_scalar *const buffers[] = {b->w, b->g, b->expected_g, b->in, b->delta, b->c, b->expected_c};
  for (size_t i = 0; i < sizeof buffers / sizeof *buffers; ++i) {
    free(buffers[i]);
  }
  rs_packed_layer_free(&b->packed);
  rs_net_free(b->net);
}

/* Of the first `sparse` outputs one cotangent in eleven stays. */
static void thin_out(size_t sparse, rs_scalar *delta) {
  for (size_t i = 0; i < ROWS * (size_t)OUTPUTS; ++i) {
    delta[i] = i % OUTPUTS < sparse && i % 11 ? 0 : delta[i];
  }
}

static void compare(RsWeights weights, RsBias bias, size_t sparse, rs_real beta) {
  Bench b = {NULL};
  bench_new(&b, weights, bias);
  thin_out(sparse, b.delta);
  const RsLayer *layer = &b.net->layer[1];
  rs_layer_pull(layer, b.w, ROWS, b.delta, beta, b.expected_c, INPUTS);
  rs_layer_gradient(layer, ROWS, b.delta, b.in, INPUTS, b.expected_g);
  rs_layer_backward(layer, &b.packed, b.w, ROWS, b.delta, b.in, beta, b.c, b.g);
  assert_scalars_agree("cotangents", sparse, ROWS * INPUTS, b.c, b.expected_c, equal, 1);
  assert_scalars_agree("gradient", sparse, rs_net_parameters(b.net), b.g, b.expected_g, equal, 1);
  bench_free(&b);
}

static void cotangents_that_are_mostly_zero_give_what_dense_ones_do(void **state) {
  const size_t sparse[] = {0, 1, 15, 16, 33, OUTPUTS - 1, OUTPUTS};
  for (RsWeights weights = RS_WEIGHTS_OWN; weights <= RS_WEIGHTS_TIED; ++weights) {
    for (size_t i = 0; weights != RS_WEIGHTS_IDENTITY && i < sizeof sparse / sizeof *sparse; ++i) {
      if (weights != RS_WEIGHTS_SHARED) {
        compare(weights, i % 2 ? RS_BIAS_OWN : RS_BIAS_NONE, sparse[i], i % 3 != 0);
      }
    }
  }
}

/* More rows than are packed at a time. */
static void the_gradient_of_many_rows_is_that_of_all_of_them(void **state) {
  enum { MANY = 2 * RS_NEAR_ROWS + 37 };
  Bench b = {NULL};
  bench_new(&b, RS_WEIGHTS_OWN, RS_BIAS_OWN);
  Dice dice = dice_new(seed, 50);
  rs_scalar *in = rs_alloc(MANY * INPUTS, sizeof *in);
  rs_scalar *delta = rs_alloc((size_t)MANY * OUTPUTS, sizeof *delta);
  roll_scalars(&dice, MANY * INPUTS, 1, in);
  roll_scalars(&dice, (size_t)MANY * OUTPUTS, 1, delta);
  const RsLayer *layer = &b.net->layer[1];
  for (size_t rows = RS_NEAR_ROWS - 1; rows <= MANY; rows += 19) {
    rs_layer_gradient(layer, rows, delta, in, INPUTS, b.expected_g);
    rs_layer_gradient_of_packed(layer, &b.packed, rows, delta, in, INPUTS, b.g);
    assert_scalars_agree("gradient", rows, rs_net_parameters(b.net), b.g, b.expected_g, equal, 1);
  }
  free(in);
  free(delta);
  bench_free(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_gradient_of_many_rows_is_that_of_all_of_them),
      cmocka_unit_test(cotangents_that_are_mostly_zero_give_what_dense_ones_do),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
