/* SPDX-License-Identifier: ISC */

/* Linked with --wrap: every allocation of the library passes through here. */

#include "allocations.h"
#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/jacobian.h>
#include <rollsmith/loss.h>
#include <rollsmith/objective.h>
#include <rollsmith/optimiser.h>
#include <rollsmith/policy.h>
#include <rollsmith/rnn.h>

#include <string.h>

enum { IN = 4, STATE = 2, OUT = 3, ROWS = 3, FRAMES = 4, STREAMS = 2 };

/* What everything else is made of; given matrices, frozen ones, a skip, softplus for its kept
 * field. */
static const rs_scalar given[OUT * OUT] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const RsLayerSpec layers[4] = {
    {.outputs = OUT, .activation = RS_TANH, .bias = RS_BIAS_OWN},
    {.outputs = OUT, .activation = RS_SOFTPLUS, .weights = RS_WEIGHTS_GIVEN, .given = given},
    {.outputs = OUT, .bias = RS_BIAS_FROZEN, .skip = RS_SKIP_ADD, .skip_from = 1},
    {.outputs = OUT, .activation = RS_SIGMOID, .weights = RS_WEIGHTS_SHARED, .weights_of = 3},
};

static RsNet *net;
static RsRnn *rnn;

static RsStatus build_net(RsError *error) {
  RsNet *made = NULL;
  const RsStatus status = rs_net_new(IN, 4, layers, &made, error);
  rs_net_free(made);
  return status;
}

static RsStatus build_residual(RsError *error) {
  RsNet *made = NULL;
  const RsStatus status = rs_net_new_residual(RS_RESIDUAL_EVERY_LAYER, IN, 4, layers, &made, error);
  rs_net_free(made);
  return status;
}

static RsStatus build_work(RsError *error) {
  RsNetWork *made = NULL;
  const RsStatus status = rs_net_work_new(net, ROWS, &made, error);
  rs_net_work_free(made);
  return status;
}

static RsStatus build_rnn(RsError *error) {
  const RsRnnSpec spec = {net, 1, 1, STATE, true};
  RsRnn *made = NULL;
  const RsStatus status = rs_rnn_new(&spec, &made, error);
  rs_rnn_free(made);
  return status;
}

static RsStatus build_learner(RsRnnEngine engine, RsError *error) {
  RsRnnLearner *made = NULL;
  const RsStatus status = rs_rnn_learner_new(rnn, engine, FRAMES, STREAMS, &made, error);
  rs_rnn_learner_free(made);
  return status;
}

static RsStatus build_bptt(RsError *error) {
  return build_learner(RS_ENGINE_BPTT, error);
}

static RsStatus build_block(RsError *error) {
  return build_learner(RS_ENGINE_BLOCK, error);
}

static RsStatus build_rtrl(RsError *error) {
  return build_learner(RS_ENGINE_RTRL, error);
}

static RsStatus build_step(RsError *error) {
  RsRnnStep *made = NULL;
  const RsStatus status = rs_rnn_step_new(rnn, &made);
  rs_rnn_step_free(made);
  return status ? rs_error(error, status, "no memory") : RS_OK;
}

static RsStatus build_optimiser(RsError *error) {
  const RsOptimiserSpec spec = {RS_ADAM, 1, 0, 0, 1};
  RsOptimiser *made = NULL;
  const RsStatus status = rs_optimiser_new(&spec, 5, &made, error);
  rs_optimiser_free(made);
  return status;
}

/* States of 1; the policy takes them as IN numbers, the value net takes state and actions. */
static RsStatus new_policy(RsPolicy **policy, RsError *error) {
  const RsPolicySpec spec = {.policy = net,
                             .value = net,
                             .states = 1,
                             .before_policy = {IN, 1, given, given},
                             .after_policy = {OUT, OUT, given, given}};
  return rs_policy_new(&spec, ROWS, policy, error);
}

static RsStatus build_policy(RsError *error) {
  RsPolicy *made = NULL;
  const RsStatus status = new_policy(&made, error);
  rs_policy_free(made);
  return status;
}

static RsStatus build_objective(RsError *error) {
  RsNet *made = NULL;
  const RsStatus status = rs_objective_topographic(OUT, OUT, given, 1, &made, error);
  rs_net_free(made);
  return status;
}

typedef RsStatus (*Builder)(RsError *error);

static const Builder builders[] = {build_net,       build_residual, build_work,     build_rnn,
                                   build_bptt,      build_block,    build_rtrl,     build_step,
                                   build_optimiser, build_policy,   build_objective};

#define BEGINNING "no memory"

static void a_failing_allocation_is_an_error_and_leaks_nothing(void **state) {
  for (size_t i = 0; i < sizeof builders / sizeof *builders; ++i) {
    const size_t before = living;
    RsStatus status = RS_ERR_MEMORY;
    size_t tried = 0;
    while (status) {
      RsError error = {RS_OK, ""};
      failing = ++tried;
      allocations = 0;
      status = builders[i](&error);
      assert_true(status || allocations < failing); /* none fails unnoticed */
      failing = 0;
      assert_int_equal(living, before);
      if (status) {
        assert_int_equal(status, RS_ERR_MEMORY);
        assert_int_equal(error.status, RS_ERR_MEMORY);
        error.message[strlen(BEGINNING)] = '\0';
        assert_string_equal(error.message, BEGINNING);
      }
    }
    assert_true(tried > 1);
  }
}

/* Buffers for whatever a call may want. */
static rs_scalar w[64], x[64], y[64], g[64], jacobian[64 * OUT];

static void values(void) {
  for (size_t i = 0; i < 64; ++i) {
    w[i] = (rs_scalar)(0.01 * (double)i - 0.2);
    x[i] = (rs_scalar)(0.3 - 0.01 * (double)i);
    y[i] = (rs_scalar)0.1;
  }
}

static void nets_allocate_nothing_once_made(void **state) {
  const RsOptimiserSpec spec = {RS_ADAM, (rs_real)0.01, (rs_real)0.9, (rs_real)0.99, (rs_real)1e-8};
  RsNetWork *work = NULL;
  RsOptimiser *optimiser = NULL;
  RsPolicy *policy = NULL;
  double cost = 0;
  values();
  assert_ok(rs_net_work_new(net, ROWS, &work, NULL));
  assert_ok(rs_optimiser_new(&spec, rs_net_parameters(net), &optimiser, NULL));
  assert_ok(new_policy(&policy, NULL));
  allocations = 0;
  assert_ok(rs_net_forward(net, w, ROWS, x, work, NULL));
  assert_ok(rs_net_tangent(net, w, work, w, x, g, NULL));
  assert_ok(rs_loss(RS_LOSS_SQUARED, ROWS, OUT, rs_net_output(work), y, &cost, y, NULL));
  assert_ok(rs_net_backward(net, w, work, y, g, x, NULL));
  assert_ok(rs_net_backward_delta(net, w, work, y, g, x, NULL));
  assert_ok(rs_net_descend(net, (rs_real)0.1, work, w, NULL));
  assert_ok(rs_net_jacobian(net, w, x, work, jacobian, g, NULL));
  assert_ok(rs_optimiser_step(optimiser, g, w));
  assert_true(rs_clip_norm(8, 1, g) >= 0);
  assert_ok(rs_policy_gradient(policy, w, w, ROWS, x, y, g, NULL));
  assert_int_equal(allocations, 0);
  rs_net_work_free(work);
  rs_optimiser_free(optimiser);
  rs_policy_free(policy);
}

static void learners_allocate_nothing_once_made(void **state) {
  for (RsRnnEngine engine = RS_ENGINE_BPTT; engine <= RS_ENGINE_RTRL; ++engine) {
    RsRnnLearner *learner = NULL;
    RsRnnStep *step = NULL;
    rs_scalar r[STATE];
    values();
    assert_ok(rs_rnn_learner_new(rnn, engine, FRAMES, STREAMS, &learner, NULL));
    assert_ok(rs_rnn_step_new(rnn, &step));
    allocations = 0;
    for (size_t block = 0; block < 3; ++block) {
      assert_ok(rs_rnn_learner_forward(learner, w, FRAMES, x, NULL));
      assert_ok(rs_rnn_learner_backward(learner, w, y, g));
    }
    rs_rnn_start(rnn, w, r);
    assert_ok(rs_rnn_step(rnn, w, x, r, g, step));
    rs_rnn_learner_reset(learner);
    assert_int_equal(allocations, 0);
    rs_rnn_learner_free(learner);
    rs_rnn_step_free(step);
  }
}

/* A state of one linear unit that keeps all it has ever taken, in blocks of one frame. */
static RsRnn *lasting(void) {
  const RsLayerSpec spec = {.outputs = 1};
  RsRnn *made = NULL;
  RsNet *sum = NULL;
  assert_ok(rs_net_new(2, 1, &spec, &sum, NULL));
  const RsRnnSpec recurrent = {sum, 1, 0, 1, false};
  assert_ok(rs_rnn_new(&recurrent, &made, NULL));
  rs_net_free(sum);
  return made;
}

/* Blocks until something fails, or all of them. */
static RsStatus run_blocks(RsRnnLearner *learner, size_t blocks) {
  const rs_scalar ones[2] = {1, 1};
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < blocks; ++i) {
    assert_ok(rs_rnn_learner_forward(learner, ones, 1, ones, NULL));
    status = rs_rnn_learner_backward(learner, ones, ones, g);
  }
  return status;
}

static void a_memory_that_lasts_allocates_once_and_tells_where_it_cannot(void **state) {
  RsRnn *sum = lasting();
  RsRnnLearner *learner = NULL;
  assert_ok(rs_rnn_learner_new(sum, RS_ENGINE_BLOCK, 1, 1, &learner, NULL));
  allocations = 0;
  failing = 1;
  assert_int_equal(run_blocks(learner, 1000), RS_ERR_MEMORY);
  failing = 0;
  assert_int_equal(rs_rnn_learner_error(learner)->status, RS_ERR_MEMORY);
  rs_rnn_learner_reset(learner);
  allocations = 0;
  assert_ok(run_blocks(learner, 1000));
  assert_int_equal(allocations, 1);
  rs_rnn_learner_free(learner);
  rs_rnn_free(sum);
}

static int set_up(void **state) {
  const RsRnnSpec spec = {NULL, 1, 1, STATE, true};
  RsRnnSpec of = spec;
  if (rs_net_new(IN, 4, layers, &net, NULL)) {
    return 1;
  }
  of.net = net;
  return rs_rnn_new(&of, &rnn, NULL) != RS_OK;
}

static int tear_down(void **state) {
  rs_rnn_free(rnn);
  rs_net_free(net);
  return living != 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_failing_allocation_is_an_error_and_leaks_nothing),
      cmocka_unit_test(nets_allocate_nothing_once_made),
      cmocka_unit_test(learners_allocate_nothing_once_made),
      cmocka_unit_test(a_memory_that_lasts_allocates_once_and_tells_where_it_cannot),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
