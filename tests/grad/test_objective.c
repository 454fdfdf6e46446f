/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/loss.h>
#include <rollsmith/objective.h>

#include <string.h>

enum { SIZE = 4, FEATURES = 3, MOST = 32 };

static uint64_t seed;

typedef struct {
  Exact w[MOST], in[MOST];
  rs_scalar v[SIZE * FEATURES];
} Case;

/* |A s - x|^2, with -x behind A. */
static long double sparse_coding(void *context) {
  const Case *c = context;
  Exact sum = 0;
  for (size_t i = 0; i < SIZE; ++i) {
    Exact e = c->w[SIZE * FEATURES + i];
    for (size_t j = 0; j < FEATURES; ++j) {
      e += c->w[i * FEATURES + j] * c->in[j];
    }
    sum += e * e;
  }
  return creall(sum);
}

static long double topographic(void *context) {
  const Case *c = context;
  Exact sum = 0;
  for (size_t i = 0; i < SIZE; ++i) {
    Exact group = 9;
    for (size_t j = 0; j < FEATURES; ++j) {
      group += c->v[i * FEATURES + j] * c->in[j] * c->in[j];
    }
    sum += csqrtl(group);
  }
  return creall(sum);
}

/* |W^T W x - x|^2. */
static long double ica(void *context) {
  const Case *c = context;
  Exact h[FEATURES] = {0}, sum = 0;
  for (size_t i = 0; i < FEATURES * SIZE; ++i) {
    h[i / SIZE] += c->w[i] * c->in[i % SIZE];
  }
  for (size_t j = 0; j < SIZE; ++j) {
    Exact e = -c->in[j];
    for (size_t i = 0; i < FEATURES; ++i) {
      e += c->w[i * SIZE + j] * h[i];
    }
    sum += e * e;
  }
  return creall(sum);
}

/* The net's cost is the function, and its gradients are differences of the function. */
static void assert_is(RsNet *net, ExactCost function, Case *c, size_t learned, uint64_t turn) {
  const size_t inputs = rs_net_inputs(net), outputs = rs_net_outputs(net);
  rs_scalar w[MOST], x[MOST], g[MOST] = {0}, dx[MOST], dy[MOST], expected[MOST];
  RsNetWork *work = NULL;
  double cost = 0;
  for (size_t i = 0; i < MOST; ++i) {
    w[i] = (rs_scalar)c->w[i];
    x[i] = (rs_scalar)c->in[i];
  }
  assert_ok(rs_net_work_new(net, 1, &work, NULL));
  assert_ok(rs_net_forward(net, w, 1, x, work, NULL));
  assert_ok(rs_loss(RS_LOSS_SUM, 1, outputs, rs_net_output(work), NULL, &cost, dy, NULL));
  assert_close(cost, (double)function(c), DERIVATIVE_TOLERANCE * (1 + fabs(cost)));
  assert_ok(rs_net_backward(net, w, work, dy, g, dx, NULL));
  for (size_t i = 0; i < rs_net_parameters(net); ++i) {
    expected[i] = i < learned ? (rs_scalar)exact_difference(function, c, c->w, i) : 0;
  }
  assert_scalars_agree("dF/dw", turn, rs_net_parameters(net), g, expected, DERIVATIVE_TOLERANCE,
                       0.1);
  for (size_t i = 0; i < inputs; ++i) {
    expected[i] = (rs_scalar)exact_difference(function, c, c->in, i);
  }
  assert_scalars_agree("dF/dx", turn, inputs, dx, expected, DERIVATIVE_TOLERANCE, 0.1);
  rs_net_work_free(work);
  rs_net_free(net);
}

/* Sum |A|^2. */
static long double squares(void *context) {
  const Case *c = context;
  long double sum = 0;
  for (size_t i = 0; i < SIZE * FEATURES; ++i) {
    sum += creall(c->w[i] * conjl(c->w[i]));
  }
  return sum;
}

static void a_penalty_is_added_to_cost_and_gradient(void **state) {
  enum { N = SIZE * FEATURES };
  for (uint64_t turn = 0; turn < 10; ++turn) {
    Dice dice = dice_new(seed, 100 + turn);
    Case c;
    rs_scalar w[N], g[N], expected[N];
    roll_scalars(&dice, N, 0.5, w);
    roll_scalars(&dice, N, 0.5, g);
    for (size_t i = 0; i < N; ++i) {
      c.w[i] = w[i];
    }
    for (size_t i = 0; i < N; ++i) {
      expected[i] = g[i] + (rs_scalar)(0.25L * exact_difference(squares, &c, c.w, i));
    }
    const double cost = rs_objective_penalty(N, w, (rs_real)0.25, g);
    assert_close(cost, 0.25 * (double)squares(&c), DERIVATIVE_TOLERANCE * (1 + cost));
    assert_close(rs_objective_penalty(N, w, (rs_real)0.25, NULL), cost, 0);
    assert_scalars_agree("2 gamma A", turn, N, g, expected, DERIVATIVE_TOLERANCE, 0.1);
  }
}

/* S16: the three objectives of the seed, by the definitions of their functions. */
static void objectives_are_their_functions(void **state) {
  for (uint64_t turn = 0; turn < 30; ++turn) {
    Dice dice = dice_new(seed, turn);
    Case c;
    RsNet *net = NULL;
    rs_scalar w[MOST], in[MOST];
    roll_scalars(&dice, MOST, 0.5, w);
    roll_scalars(&dice, MOST, 0.5, in);
    roll_scalars(&dice, SIZE * FEATURES, 0.5, c.v);
    for (size_t i = 0; i < MOST; ++i) {
      c.w[i] = w[i];
      c.in[i] = in[i];
    }
    assert_ok(rs_objective_sparse_coding(FEATURES, SIZE, &net, NULL));
    assert_is(net, sparse_coding, &c, SIZE * FEATURES, turn);
    assert_ok(rs_objective_topographic(FEATURES, SIZE, c.v, 9, &net, NULL));
    assert_is(net, topographic, &c, 0, turn);
    assert_ok(rs_objective_ica(SIZE, FEATURES, &net, NULL));
    assert_is(net, ica, &c, SIZE * FEATURES, turn);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(objectives_are_their_functions),
      cmocka_unit_test(a_penalty_is_added_to_cost_and_gradient),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
