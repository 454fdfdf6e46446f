/* SPDX-License-Identifier: ISC */

/**
   @file policy.c A policy climbs a value that is known: Q(x, a) = -(a - x / 2)^2, largest at a = x
   / 2.

       cc policy.c $(pkg-config --cflags --libs rollsmith) -lm -o policy && ./policy

   States are centred and scaled before the policy sees them, and its output is scaled to actions:
   the linear maps of doc/math.md, equation Q1.
*/

#define RS_SCALAR_DOUBLE
#include <rollsmith/net.h>
#include <rollsmith/optimiser.h>
#include <rollsmith/policy.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BATCH = 32, HIDDEN = 8, PARAMETERS = 2 * HIDDEN + HIDDEN + 1, STEPS = 1000 };

/* Q as a net with no parameters: v = a - x / 2, squared, times -1. */
static RsStatus known_value(RsNet **net, RsError *error) {
  static const double difference[2] = {-0.5, 1}, minus = -1;
  const RsLayerSpec layers[2] = {
      {.outputs = 1, .activation = RS_SQUARE, .weights = RS_WEIGHTS_GIVEN, .given = difference},
      {.outputs = 1, .weights = RS_WEIGHTS_GIVEN, .given = &minus},
  };
  return rs_net_new(2, 2, layers, net, error);
}

static RsStatus new_policy(const RsNet *mu, const RsNet *q, RsPolicy **policy, RsError *error) {
  static const double centre = -1, scale = 0.5, stretch = 3;
  const RsPolicySpec spec = {
      .policy = mu,
      .value = q,
      .states = 1,
      .before_policy = {1, 1, &scale, &centre},
      .after_policy = {1, 1, &stretch, NULL},
  };
  return rs_policy_new(&spec, BATCH, policy, error);
}

/* Gradient ascent; gives back the mean value. */
static RsStatus climb(RsPolicy *policy, RsOptimiser *adam, double *w, double *mean,
                      RsError *error) {
  double x[BATCH], q[BATCH], g[PARAMETERS];
  RsStatus status = RS_OK;
  for (int i = 0; i < BATCH; ++i) {
    x[i] = 4.0 * i / (BATCH - 1); /* 0 .. 4 */
  }
  for (int step = 0; !status && step < STEPS; ++step) {
    memset(g, 0, sizeof g);
    status = rs_policy_gradient(policy, w, w, BATCH, x, q, g, error); /* Q reads no parameters */
    *mean = 0;
    for (int i = 0; i < BATCH; ++i) {
      *mean += q[i] / BATCH;
    }
    for (int i = 0; i < PARAMETERS; ++i) {
      g[i] = -g[i] / BATCH; /* optimisers descend */
    }
    status = status ? status : rs_optimiser_step(adam, g, w);
    if (step % 200 == 0) {
      printf("step %4d  mean Q %9.6f\n", step, *mean);
    }
  }
  return status;
}

int main(void) {
  const RsLayerSpec layers[2] = {
      {.outputs = HIDDEN, .activation = RS_TANH, .bias = RS_BIAS_OWN},
      {.outputs = 1, .activation = RS_TANH, .bias = RS_BIAS_OWN},
  };
  const RsOptimiserSpec rule = {RS_ADAM, 0.01, 0.9, 0.999, 1e-8};
  RsNet *mu = NULL, *q = NULL;
  RsPolicy *policy = NULL;
  RsOptimiser *adam = NULL;
  RsError error = {RS_OK, ""};
  double w[PARAMETERS], mean = -INFINITY;
  RsStatus status = rs_net_new(1, 2, layers, &mu, &error);
  status = status ? status : known_value(&q, &error);
  status = status ? status : new_policy(mu, q, &policy, &error);
  status = status ? status : rs_optimiser_new(&rule, PARAMETERS, &adam, &error);
  if (!status) {
    rs_net_initialise(mu, (RsRng){1, RS_STREAM_WEIGHTS}, 1, w);
    status = climb(policy, adam, w, &mean, &error);
  }
  if (status) {
    fprintf(stderr, "%s: %s\n", rs_status_text(status), error.message);
  }
  printf("in the end mean Q %9.6f\n", mean);
  rs_optimiser_free(adam);
  rs_policy_free(policy);
  rs_net_free(mu);
  rs_net_free(q);
  return status || mean < -0.001;
}
