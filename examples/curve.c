/* SPDX-License-Identifier: ISC */

/**
   @file curve.c Fits a curve with a small net: y = sin(3 x) on [-1, 1].

       cc curve.c $(pkg-config --cflags --libs rollsmith) -lm -o curve && ./curve
*/

#define RS_SCALAR_DOUBLE
#include <rollsmith/loss.h>
#include <rollsmith/net.h>
#include <rollsmith/optimiser.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POINTS = 64, HIDDEN = 16, PARAMETERS = 2 * HIDDEN + HIDDEN + 1, STEPS = 2000 };

static RsStatus fit(const RsNet *net, RsNetWork *work, RsOptimiser *adam, double *cost,
                    RsError *error) {
  double x[POINTS], t[POINTS], dy[POINTS], w[PARAMETERS], g[PARAMETERS];
  RsStatus status = RS_OK;
  for (int i = 0; i < POINTS; ++i) {
    x[i] = 2.0 * i / (POINTS - 1) - 1;
    t[i] = sin(3 * x[i]);
  }
  rs_net_initialise(net, (RsRng){1, RS_STREAM_WEIGHTS}, 1, w);
  for (int step = 0; !status && step < STEPS; ++step) {
    memset(g, 0, sizeof g);
    status = rs_net_forward(net, w, POINTS, x, work, error);
    status = status ? status
                    : rs_loss(RS_LOSS_SQUARED, POINTS, 1, rs_net_output(work), t, cost, dy, error);
    status = status ? status : rs_net_backward(net, w, work, dy, g, NULL, error);
    status = status ? status : rs_optimiser_step(adam, g, w);
    if (step % 400 == 0) {
      printf("step %4d  cost %.6f\n", step, *cost);
    }
  }
  return status;
}

int main(void) {
  const RsLayerSpec layers[2] = {
      {.outputs = HIDDEN, .activation = RS_TANH, .bias = RS_BIAS_OWN},
      {.outputs = 1, .bias = RS_BIAS_OWN},
  };
  const RsOptimiserSpec rule = {RS_ADAM, 0.01, 0.9, 0.999, 1e-8};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  RsOptimiser *adam = NULL;
  RsError error = {RS_OK, ""};
  double cost = INFINITY;
  RsStatus status = rs_net_new(1, 2, layers, &net, &error);
  status = status ? status : rs_net_work_new(net, POINTS, &work, &error);
  status = status ? status : rs_optimiser_new(&rule, PARAMETERS, &adam, &error);
  status = status ? status : fit(net, work, adam, &cost, &error);
  if (status) {
    fprintf(stderr, "%s: %s\n", rs_status_text(status), error.message);
  }
  printf("in the end  cost %.6f\n", cost);
  rs_optimiser_free(adam);
  rs_net_work_free(work);
  rs_net_free(net);
  return status || cost > 0.01;
}
